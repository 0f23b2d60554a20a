//! `/api/tasks/export` and `/api/tasks/import`: all tasks out, tasks in, as JSON, CSV or iCalendar. Each is a component of its own:
//! they share columns and little else.

mod csv;
mod export;
mod ical;
mod import;
mod imported;

pub use self::export::Export;
pub use self::import::Import;
