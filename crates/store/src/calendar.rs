//! Tasks with their series and instances, as calendars need them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use rondo_domain::ids::{TaskId, UserId};
use rondo_domain::series::{InstanceStatus, OnMissed, Overlap, SeriesStatus};
use rondo_domain::task::{Priority, Status};
use rondo_ports::{Sql, SqlError};
use serde::Deserialize;

use crate::json::parsed;
use crate::series_change::StoredSchedule;
use crate::task::tags_of;

/// All tasks of the user `$user`, oldest first, as JSON that [`CalendarEntry`] reads.
macro_rules! entries_of {
    ($user:literal) => {
        concat!(
            "(
                select coalesce(json_agg(json_build_object(
                    'task', task_document(tasks, ",
            tags_of!("tasks.id"),
            "),
                    'series', (
                        select json_build_object(
                            ",
            $crate::series_change::schedule_fields!(),
            ",
                            'on_missed', on_missed,
                            'overlap', overlap,
                            'status', recurring_tasks.status,
                            'instances', (
                                select coalesce(json_agg(json_build_object(
                                    'title', made.title,
                                    'priority', made.priority,
                                    'at', utc_text(made.scheduled_for_utc),
                                    'local', civil_text(made.scheduled_for_local),
                                    'fold', made.scheduled_for_fold,
                                    'status', made.status,
                                    'completed_at', utc_text(made.completed_at)
                                ) order by made.scheduled_for_utc), '[]')
                                from (
                                    select * from task_instances
                                    where parent_task_id = recurring_tasks.id
                                    order by scheduled_for_utc desc
                                    limit 1000
                                ) as made
                            )
                        )
                        from recurring_tasks
                        where task_id = tasks.id
                    )
                ) order by tasks.created_at, tasks.id), '[]')
                from tasks
                where user_id = ",
            $user,
            ")"
        )
    };
}
pub(crate) use entries_of;

/// A task as a calendar needs it.
#[derive(Debug, Clone, Deserialize)]
pub struct CalendarEntry {
    /// The task.
    pub task: CalendarTask,
    /// The series of which it is the template.
    pub series: Option<CalendarSeries>,
}

/// A task, as far as a calendar says it.
#[derive(Debug, Clone, Deserialize)]
pub struct CalendarTask {
    /// Its id.
    pub id: TaskId,
    /// What it is called.
    pub title: String,
    /// What else there is to say of it.
    pub description: Option<String>,
    /// Where it stands.
    #[serde(deserialize_with = "parsed")]
    pub status: Status,
    /// How much it matters.
    #[serde(deserialize_with = "parsed")]
    pub priority: Priority,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// When it should be done.
    pub due_at: Option<Timestamp>,
    /// When it was.
    pub completed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// How often it was changed, and 1.
    pub version: u64,
}

/// A series with the latest 1 000 of its instances.
#[derive(Debug, Clone, Deserialize)]
pub struct CalendarSeries {
    /// When it recurs.
    #[serde(flatten)]
    pub schedule: StoredSchedule,
    /// What is done with what fell due while nothing ran.
    #[serde(deserialize_with = "parsed")]
    pub on_missed: OnMissed,
    /// What is done while the instance before is pending.
    #[serde(deserialize_with = "parsed")]
    pub overlap: Overlap,
    /// Where it stands.
    #[serde(deserialize_with = "parsed")]
    pub status: SeriesStatus,
    /// In order.
    pub instances: Vec<CalendarInstance>,
}

/// An instance of a series.
#[derive(Debug, Clone, Deserialize)]
pub struct CalendarInstance {
    /// What it is called.
    pub title: String,
    /// How much it matters.
    #[serde(deserialize_with = "parsed")]
    pub priority: Priority,
    /// When it is.
    pub at: Timestamp,
    /// The civil time that names it.
    pub local: DateTime,
    /// 1 for the second passage of a civil time that comes twice.
    pub fold: u8,
    /// Where it stands.
    #[serde(deserialize_with = "parsed")]
    pub status: InstanceStatus,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
}

const ENTRIES: &str = concat!("select ", entries_of!("$1::text::uuid"), "::text");

/// All tasks of the user, oldest first.
///
/// # Errors
/// See [`SqlError`].
pub async fn entries(sql: &impl Sql, user: UserId) -> Result<Vec<CalendarEntry>, SqlError> {
    sql.call(ENTRIES, &[Some(&user.to_string())]).await?.read()
}
