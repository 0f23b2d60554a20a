//! Tasks and series as iCalendar (RFC 5545): to-dos for programs that keep such, events for calendars that show nothing else.
//!
//! The crate `icalendar` knows the container: content lines, folding, parameters, components. What is here is what they mean
//! to Rondo. Read [`write()`] and [`read()`]; [`Entry`] and [`Todo`] are what goes out and what came in.
//!
//! How things correspond:
//!
//! | Rondo | iCalendar |
//! | --- | --- |
//! | id | `UID` (coming in, a `UID` may be any text) |
//! | status | `STATUS`: `NEEDS-ACTION`, `IN-PROCESS`, `COMPLETED` |
//! | priority | `PRIORITY` 1, 5, 9; coming in, 1–4, 5 or none, 6–9 |
//! | tags | `CATEGORIES` |
//! | due time | `DUE`, in UTC; coming in, a day ends with its last second |
//! | series | `DTSTART` in its zone, `RRULE`, `EXDATE`, `RDATE` |
//! | instance of a series | a to-do of the same `UID` with `RECURRENCE-ID`; one that was skipped or missed is `CANCELLED` |
//!
//! RFC 5545 takes `DTSTART` for the first occurrence; the start of a series need not be one. So `DTSTART` is the first
//! occurrence, from which the rule goes on just the same, and `X-RONDO-STARTS-AT` the start, where it is another time.
//! What else only Rondo has is in `X-RONDO-` properties, too.

mod entry;
mod place;
mod read;
mod text;
mod write;
mod zone;

pub use entry::{Entry, Instance, Series, Todo, TodoSeries};
pub use read::{Fault, Refusal, read};
pub use write::{Shape, write};

/// The media type of what [`write()`] makes.
pub const MEDIA_TYPE: &str = "text/calendar";

/// What only Rondo has.
mod own {
    /// The start of a series, where it is not its first occurrence.
    pub const STARTS_AT: &str = "X-RONDO-STARTS-AT";
    /// What becomes of civil times that do not exist.
    pub const GAP: &str = "X-RONDO-GAP";
    /// What is done with occurrences that fell due while nothing ran.
    pub const ON_MISSED: &str = "X-RONDO-ON-MISSED";
    /// What is done while the instance before is pending.
    pub const OVERLAP: &str = "X-RONDO-OVERLAP";
    /// Where a series or an instance stands, where `STATUS` can't say it.
    pub const STATE: &str = "X-RONDO-STATE";
}
