//! recurring-service: occurrences of series are made when they fall due.
//!
//! The database knows what each series waits for; a job of the scheduler, one per series, only wakes us at that time, and
//! each trigger arms the next. [`TaskEvents`] arms the first and disarms what was cancelled; [`Occurrences`] is what the jobs
//! call. It also has a job of its own, [`reconcile`], which makes what is due and arms what comes soon whatever was lost:
//! jobs, events or callbacks. A series may be woken too early, too late, twice or never: what is made does not depend on it.
//!
//! Read `due` for how an occurrence is made.

mod alarm;
mod callback;
mod due;
mod owed;
mod reconcile;
mod task_events;

pub use callback::Occurrences;
pub(crate) use owed::make_owed;
pub use reconcile::{JOB as RECONCILE_JOB, job as reconcile_job};
pub use task_events::TaskEvents;
