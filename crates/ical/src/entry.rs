//! What goes out and what came in.

use jiff::Timestamp;
use jiff::civil::DateTime;
use rondo_domain::ids::TaskId;
use rondo_domain::series::{InstanceStatus, OnMissed, Overlap, Plan, Schedule, SeriesStatus};
use rondo_domain::task::{NewTask, Priority, Title};

/// A task that goes out.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: TaskId,
    /// What it says.
    pub task: NewTask,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// How often it was changed, and 1.
    pub version: u64,
    /// The series of which it is the template.
    pub series: Option<Series>,
}

/// A series that goes out.
#[derive(Debug, Clone)]
pub struct Series {
    /// When it recurs.
    pub schedule: Schedule,
    /// What is done with what fell due while nothing ran.
    pub on_missed: OnMissed,
    /// What is done while the instance before is pending.
    pub overlap: Overlap,
    /// Where it stands.
    pub status: SeriesStatus,
    /// What was made of it, in order.
    pub instances: Vec<Instance>,
}

/// An occurrence that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// What it is called.
    pub title: Title,
    /// How much it matters.
    pub priority: Priority,
    /// When it is.
    pub at: Timestamp,
    /// The civil time that names it, in the zone of its series.
    pub local: DateTime,
    /// Whether it is the second passage of a civil time that comes twice.
    pub is_second_passage: bool,
    /// Where it stands.
    pub status: InstanceStatus,
    /// When it was completed; if it is, it has one.
    pub completed_at: Option<Timestamp>,
}

/// A to-do that came in.
#[derive(Debug, Clone)]
pub struct Todo {
    /// What names it, if anything does: the same in each file that has it.
    pub uid: Option<String>,
    /// What it says.
    pub task: NewTask,
    /// When it was completed, if the file says so.
    pub completed_at: Option<Timestamp>,
    /// When it was made, if the file says so.
    pub created_at: Option<Timestamp>,
    /// What it is the template of, if it recurs.
    pub series: Option<TodoSeries>,
}

/// A series that came in.
#[derive(Debug, Clone)]
pub struct TodoSeries {
    /// The series; completed if nothing of it is still to come.
    pub plan: Plan,
    /// What became of its occurrences; none that is only still to come.
    pub instances: Vec<Instance>,
}
