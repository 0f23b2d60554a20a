//! Occurrences: which are due, and the one statement that makes them and moves their series on.
//!
//! A series keeps its next occurrence. Whoever makes it reads the series ([`due`]), computes what follows, and hands both
//! back ([`advance`]), which changes a series only while it is still what was read. So an occurrence is made once, however
//! many are at it: the others find the series moved on, and its idempotency key (`processed_event_logs`) claimed.
//!
//! Each statement takes the time: `None` in operation, where the database's own clock decides; a test that drives the
//! clock says what time it is.

use jiff::Timestamp;
use jiff::civil::DateTime;
use rondo_domain::ids::{RecurringTaskId, TaskId, TaskInstanceId, UserId};
use rondo_domain::series::{NextOccurrence, OnMissed};
use rondo_ports::{Sql, SqlError};
use serde::{Deserialize, Serialize};

use crate::RelayBatch;
use crate::json::parsed;
use crate::series_change::{StoredSchedule, schedule_fields};

/// How many series one statement takes at most.
pub const BATCH: usize = 100;
/// How many of them are others than the one that was asked for.
const OTHERS: usize = BATCH - 1;

/// A [`WaitingSeries`] of a row of recurring_tasks, `series`.
macro_rules! series_document {
    () => {
        concat!(
            "jsonb_build_object(
                'recurring_task_id', series.id,
                'task_id', series.task_id,
                'user_id', series.user_id,
                'revision', series.revision,
                ",
            schedule_fields!(),
            ",
                'on_missed', series.on_missed,
                'next', jsonb_build_object(
                    'local', civil_text(series.next_occurrence_local),
                    'at', utc_text(series.next_occurrence_at_utc),
                    'number', series.next_occurrence_number
                )
            )"
        )
    };
}

/// A series that is active, as it was read.
#[derive(Debug, Clone, Deserialize)]
pub struct WaitingSeries {
    /// Its record.
    pub recurring_task_id: RecurringTaskId,
    /// Its template.
    pub task_id: TaskId,
    /// Whose it is.
    pub user_id: UserId,
    /// Which version of its rule and policies this is.
    pub revision: i64,
    /// When it recurs.
    #[serde(flatten)]
    pub schedule: StoredSchedule,
    /// What becomes of occurrences that nothing ran for.
    #[serde(deserialize_with = "parsed")]
    pub on_missed: OnMissed,
    /// What it waits for.
    #[serde(with = "NextDocument")]
    pub next: NextOccurrence,
}

/// [`NextOccurrence`] as a document has it.
#[derive(Deserialize)]
#[serde(remote = "NextOccurrence")]
struct NextDocument {
    at: Timestamp,
    local: DateTime,
    number: u32,
}

/// What is due at one instant.
#[derive(Debug, Clone, Deserialize)]
pub struct Due {
    /// That instant.
    pub now: Timestamp,
    /// Series whose next occurrence is not later, and the one that was asked for; at most [`BATCH`], in the order of
    /// their tasks.
    pub series: Vec<WaitingSeries>,
}

impl Due {
    /// Whether others may be due as well. The one that was asked for may be among those that are here, or not.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.series.len() >= OTHERS
    }
}

// Of very many that are due, those of the tasks after `$2`: several who are at it at once so take different ones.
const DUE: &str = concat!(
    "
    with clock as materialized (
        select coalesce($1::text::timestamptz, clock_timestamp()) as now
    ),
    due as materialized (
        select id, task_id from recurring_tasks
        where status = 'active' and next_occurrence_at_utc <= (select now from clock)
        order by next_occurrence_at_utc
        limit 2000
    ),
    chosen as (
        (select id from due where $2::text::uuid is null or task_id > $2::text::uuid order by task_id
            limit $4::text::integer)
        union
        select id from recurring_tasks
        where task_id = $2::text::uuid and user_id = $3::text::uuid and status = 'active'
    )
    select jsonb_build_object(
        'now', utc_text((select now from clock)),
        'series', (
            select coalesce(jsonb_agg(",
    series_document!(),
    " order by series.task_id), '[]')
            from chosen join recurring_tasks as series on series.id = chosen.id
        )
    )::text"
);

/// The series that are due `now`: the first of them, or the first whose task comes after the task `after`.
///
/// # Errors
/// See [`SqlError`].
pub async fn due(sql: &impl Sql, now: Option<Timestamp>, after: Option<TaskId>) -> Result<Due, SqlError> {
    let (now, after) = (now.map(|now| now.to_string()), after.map(|task| task.to_string()));
    sql.call(DUE, &[now.as_deref(), after.as_deref(), None, Some(&OTHERS.to_string())]).await?.read()
}

/// The series of a task of `user`, due or not, if it is active; and others that are due, whose tasks come after it.
///
/// # Errors
/// See [`SqlError`].
pub async fn due_with(sql: &impl Sql, now: Option<Timestamp>, user: UserId, task: TaskId) -> Result<Due, SqlError> {
    let now = now.map(|now| now.to_string());
    let (user, task) = (user.to_string(), task.to_string());
    sql.call(DUE, &[now.as_deref(), Some(&task), Some(&user), Some(&OTHERS.to_string())]).await?.read()
}

const OUTDATED: &str = concat!(
    "
    select coalesce(jsonb_agg(",
    series_document!(),
    "), '[]')::text
    from recurring_tasks as series
    where series.id in (
        select id from recurring_tasks where status = 'active' and zone_data_version < $1::text
        limit $2::text::integer
    )"
);

/// Active series whose next occurrence was last held against zone data older than `zone_data`; at most [`BATCH`].
///
/// # Errors
/// See [`SqlError`].
pub async fn outdated(sql: &impl Sql, zone_data: &str) -> Result<Vec<WaitingSeries>, SqlError> {
    sql.call(OUTDATED, &[Some(zone_data), Some(&BATCH.to_string())]).await?.read()
}

/// What wakes a series: which, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Wakeup {
    /// Its template.
    pub task_id: TaskId,
    /// Whose it is.
    pub user_id: UserId,
    /// When its next occurrence is.
    pub at: Timestamp,
}

const SOON: &str = "
    select coalesce(json_agg(json_build_object(
        'task_id', task_id, 'user_id', user_id, 'at', utc_text(next_occurrence_at_utc)
    )), '[]')::text
    from (
        select * from recurring_tasks
        where status = 'active'
            and next_occurrence_at_utc <= (
                select coalesce($1::text::timestamptz, clock_timestamp()) + make_interval(secs => $2::text::float8)
            )
        order by next_occurrence_at_utc
        limit $3::text::integer
    ) as soon";

/// The next occurrences until `seconds` after `now`, what is overdue included; the [`BATCH`] earliest.
///
/// # Errors
/// See [`SqlError`].
pub async fn soon(sql: &impl Sql, now: Option<Timestamp>, seconds: u32) -> Result<Vec<Wakeup>, SqlError> {
    let now = now.map(|now| now.to_string());
    sql.call(SOON, &[now.as_deref(), Some(&seconds.to_string()), Some(&BATCH.to_string())]).await?.read()
}

/// How a series that was read is to be moved on.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    recurring_task_id: RecurringTaskId,
    user_id: UserId,
    revision: i64,
    due_local: DateTime,
    due_at: Timestamp,
    occurrences: Vec<Occurrence>,
    next_local: Option<DateTime>,
    next_at: Option<Timestamp>,
    next_number: Option<u32>,
}

impl Plan {
    /// Makes `occurrences` of `series` and has it wait for `next`; `None`: it has come to its end. Without occurrences
    /// it only waits for another instant than before.
    #[must_use]
    pub fn new(series: &WaitingSeries, occurrences: Vec<Occurrence>, next: Option<NextOccurrence>) -> Self {
        Self {
            recurring_task_id: series.recurring_task_id,
            user_id: series.user_id,
            revision: series.revision,
            due_local: series.next.local,
            due_at: series.next.at,
            occurrences,
            next_local: next.map(|next| next.local),
            next_at: next.map(|next| next.at),
            next_number: next.map(|next| next.number),
        }
    }

    /// The series.
    #[must_use]
    pub fn recurring_task_id(&self) -> RecurringTaskId {
        self.recurring_task_id
    }

    /// How many occurrences it makes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.occurrences.len()
    }

    /// Whether it makes none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.occurrences.is_empty()
    }

    /// When the series is due again; `None`: never.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.next_at
    }
}

/// An occurrence that fell due.
#[derive(Debug, Clone, Serialize)]
pub struct Occurrence {
    /// The id of the instance that it becomes.
    pub id: TaskInstanceId,
    /// Its idempotency key.
    pub key: String,
    /// When it was due.
    pub at: Timestamp,
    /// The civil time that names it.
    pub local: DateTime,
    /// 1 for the second passage of a civil time that comes twice, else 0.
    pub fold: u8,
    /// Whether it was missed: then it is recorded, and nobody is to do it.
    pub missed: bool,
}

/// What came of plans.
#[derive(Debug, Clone, Deserialize)]
pub struct Advanced {
    /// The series that were moved on. The others are not what was read any more, or somebody is changing them.
    pub advanced: Vec<RecurringTaskId>,
    /// How many rows were made.
    pub made: u32,
    /// The events that are to be published.
    pub relays: Vec<UserRelay>,
}

/// Events of a user that are to be published.
#[derive(Debug, Clone, Deserialize)]
pub struct UserRelay {
    /// Whose.
    pub user: UserId,
    /// What.
    pub batch: RelayBatch,
}

// What the triggers on series and instances tell of reminders (V14) takes the same locks as the events that are told here, so
// all of them are taken before, in the order of users; and where nothing else is told, it is published all the same.
const ADVANCE: &str = "
    with locked as materialized (
        select user_id from event_sequences
        where user_id in (select (plan ->> 'user_id')::uuid from jsonb_array_elements($3::text::jsonb) as plan)
        order by user_id
        for update
    ),
    users as materialized (
        select array_agg(user_id) as ids from locked
    ),
    advanced as materialized (
        select ids, advance_series($1::text, $2::text, $3::text::jsonb)::jsonb as outcome from users
    )
    select (outcome || jsonb_build_object('relays', relays_taken_here(ids)))::text from advanced";

/// Makes what fell due and moves the series on, each of them completely or not at all. `zone_data` is the version of the
/// zone data that the plans were made with.
///
/// # Errors
/// See [`SqlError`].
pub async fn advance(sql: &impl Sql, request_id: &str, zone_data: &str, plans: &[Plan]) -> Result<Advanced, SqlError> {
    let plans = serde_json::to_string(plans)?;
    sql.call(ADVANCE, &[Some(request_id), Some(zone_data), Some(&plans)]).await?.read()
}
