//! A series changed: read, computed anew by the domain, and saved if it still is what was read.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use jiff::Timestamp;
use jiff::civil::DateTime;
use rondo_domain::ValueError;
use rondo_domain::ids::TaskId;
use rondo_domain::reminder::MinutesBefore;
use rondo_domain::series::{
    End, Gap, NextOccurrence, OnMissed, Overlap, Plan, Revision, Schedule, SeriesStatus, WrittenRule,
};
use rondo_domain::task::TaskPatch;
use rondo_domain::user::ZoneName;
use rondo_ports::{Sql, SqlError};
use serde::Deserialize;
use serde::de::Error as _;

use crate::json::{nullable, parsed};
use crate::series::row_of;
use crate::task::columns;
use crate::{RawJson, RelayBatch, RequestContext};

/// The fields of [`StoredSchedule`] of a row of recurring_tasks, for `json_build_object`.
macro_rules! schedule_fields {
    () => {
        "'rrule', rrule,
            'timezone_iana', timezone_iana,
            'starts_at', civil_text(starts_at),
            'recurrence_max_count', recurrence_max_count,
            'recurrence_end_date', recurrence_end_date,
            'gap', gap,
            'exdates', array(select civil_text(civil) from unnest(exdates) as civil),
            'rdates', array(select civil_text(civil) from unnest(rdates) as civil)"
    };
}
pub(crate) use schedule_fields;

const READ: &str = concat!(
    "
    select coalesce((
        select json_build_object(
            'now', utc_text(coalesce($3::text::timestamptz, clock_timestamp())),
            'revision', revision,
            'task_version', tasks.version,
            ",
    schedule_fields!(),
    ",
            'on_missed', on_missed,
            'overlap', overlap,
            'reminder_minutes_before', reminder_minutes_before,
            'summary', summary,
            'status', recurring_tasks.status,
            'next_occurrence_at_utc', utc_text(next_occurrence_at_utc),
            'next_occurrence_local', civil_text(next_occurrence_local),
            'next_occurrence_number', next_occurrence_number
        )
        from recurring_tasks
        join tasks on tasks.id = recurring_tasks.task_id
        where recurring_tasks.task_id = $2::text::uuid and recurring_tasks.user_id = $1::text::uuid
    ), 'null')::text"
);

/// A series as it was read: what a change of it is computed from, and what must still stand when that is saved.
#[derive(Debug, Clone)]
pub struct Reading {
    /// When it was read, by the clock that decides what is due.
    pub now: Timestamp,
    /// The series.
    pub plan: Plan,
    /// The version of its template, which its owner's changes count.
    pub task_version: u64,
    revision: i64,
}

/// The series whose template is `task`, to be changed; `None` if there is none. `now` is empty in operation: then it is
/// the database's time.
///
/// # Errors
/// See [`SqlError`]; also if the row is none that this code could have written.
pub async fn read(
    sql: &impl Sql,
    context: RequestContext<'_>,
    task: TaskId,
    now: Option<Timestamp>,
) -> Result<Option<Reading>, SqlError> {
    let now = now.map(|now| now.to_string());
    let document = sql.call(READ, &[Some(&context.user.to_string()), Some(&task.to_string()), now.as_deref()]).await?;
    document.read::<Option<Row>>()?.map(Row::reading).transpose()
}

#[derive(Deserialize)]
struct Row {
    now: Timestamp,
    revision: i64,
    task_version: u64,
    #[serde(flatten)]
    schedule: StoredSchedule,
    #[serde(deserialize_with = "parsed")]
    on_missed: OnMissed,
    #[serde(deserialize_with = "parsed")]
    overlap: Overlap,
    reminder_minutes_before: Option<u64>,
    summary: String,
    #[serde(deserialize_with = "parsed")]
    status: SeriesStatus,
    next_occurrence_at_utc: Option<Timestamp>,
    next_occurrence_local: Option<DateTime>,
    next_occurrence_number: Option<u32>,
}

impl Row {
    fn reading(self) -> Result<Reading, SqlError> {
        let next = self.next_occurrence_at_utc.zip(self.next_occurrence_local).zip(self.next_occurrence_number);
        let reminder = self.reminder_minutes_before.map(MinutesBefore::new).transpose().map_err(unreadable)?;
        let plan = Plan {
            schedule: self.schedule.schedule()?,
            on_missed: self.on_missed,
            overlap: self.overlap,
            reminder,
            summary: self.summary,
            status: self.status,
            next: next.map(|((at, local), number)| NextOccurrence { at, local, number }),
        };
        Ok(Reading { now: self.now, plan, task_version: self.task_version, revision: self.revision })
    }
}

fn unreadable(error: ValueError) -> serde_json::Error {
    serde_json::Error::custom(format!("a series as it is stored: {error}"))
}

/// The columns of `recurring_tasks` that make a [`Schedule`], as JSON has them (dates as `civil_text` writes them).
#[derive(Debug, Clone, Deserialize)]
pub struct StoredSchedule {
    rrule: String,
    timezone_iana: String,
    starts_at: DateTime,
    recurrence_max_count: Option<NonZeroU32>,
    recurrence_end_date: Option<Timestamp>,
    #[serde(deserialize_with = "parsed")]
    gap: Gap,
    exdates: BTreeSet<DateTime>,
    rdates: BTreeSet<DateTime>,
}

impl StoredSchedule {
    /// What they say.
    ///
    /// # Errors
    /// They are none that this code could have written: [`SqlError::Unreadable`].
    pub fn schedule(self) -> Result<Schedule, SqlError> {
        let end = match (self.recurrence_max_count, self.recurrence_end_date) {
            (Some(count), _) => End::Count(count),
            (None, Some(until)) => End::Until(until),
            (None, None) => End::Never,
        };
        Ok(Schedule {
            rule: WrittenRule::parse(&self.rrule).map_err(unreadable)?,
            zone: ZoneName::parse(&self.timezone_iana).map_err(unreadable)?,
            starts_at: self.starts_at,
            end,
            gap: self.gap,
            exdates: self.exdates,
            rdates: self.rdates,
        })
    }
}

// The template is locked first, as everywhere. The row must be the one that was read; else the caller reads again.
const CHANGE: &str = "
    with template as materialized (
        select tasks as task from tasks
        where id = $2::text::uuid and user_id = $1::text::uuid
        for update
    ),
    before as materialized (
        select task, recurring_tasks as series
        from template
        join recurring_tasks on recurring_tasks.task_id = (task).id
        for update of recurring_tasks
    ),
    wanted as materialized (
        select task, series from before
        where ($6::text is null or (task).version = $6::text::bigint)
            and (series).revision = $7::text::bigint
            and (series).next_occurrence_local is not distinct from $8::text::timestamp
    ),
    asked as materialized (
        select $4::text::jsonb as patch, string_to_array($5::text, ',') as tags, $9::text::jsonb as row
    ),
    changed_template as (
        update tasks set
            title = coalesce(patch ->> 'title', title),
            description = case when patch ? 'description' then patch ->> 'description' else description end,
            priority = coalesce(patch ->> 'priority', priority),
            updated_at = now(),
            version = version + 1
        from wanted, asked
        where tasks.id = (wanted.task).id
        returning tasks as task, asked.tags
    ),
    template_document as materialized (
        select task, task_document(task, set_task_tags((task).user_id, (task).id, tags)) as body from changed_template
    ),
    changed as (
        update recurring_tasks set
            rrule = made.rrule,
            timezone_iana = made.timezone_iana,
            starts_at = made.starts_at,
            recurrence_end_type = made.recurrence_end_type,
            recurrence_max_count = made.recurrence_max_count,
            recurrence_end_date = made.recurrence_end_date,
            gap = made.gap,
            on_missed = made.on_missed,
            overlap = made.overlap,
            reminder_minutes_before = made.reminder_minutes_before,
            exdates = made.exdates,
            rdates = made.rdates,
            summary = made.summary,
            status = made.status,
            next_occurrence_at_utc = made.next_occurrence_at_utc,
            next_occurrence_local = made.next_occurrence_local,
            next_occurrence_number = made.next_occurrence_number,
            updated_at = now()
        from wanted, asked, jsonb_populate_record(wanted.series, asked.row) as made
        where recurring_tasks.id = (wanted.series).id
        returning recurring_tasks as series
    ),
    document as materialized (
        select series, template_document.body as task, recurring_task_document(series, template_document.body) as body
        from changed cross join template_document
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $3::text,
            jsonb_build_array(jsonb_build_object(
                'task_id', (series).task_id, 'topic', 'task-events', 'type', 'task.updated',
                'data', jsonb_build_object('task', task)
            ))
            || case when $10::text::boolean then jsonb_build_array(recurring_scheduled_event(series)) else '[]' end
        ) as relay
        from document
    )
    select coalesce(
        (
            select json_build_object('outcome', 'changed', 'series', document.body, 'relay', recorded.relay)
            from document cross join recorded
        ),
        (
            select json_build_object('outcome', case
                when $6::text is null or (task).version = $6::text::bigint then 'moved' else 'stale'
            end)
            from before
        ),
        json_build_object('outcome', 'absent')
    )::text";

/// What came of a change.
#[derive(Debug)]
pub enum SeriesChange {
    /// The series is as it was asked for.
    Changed {
        /// The recurring task.
        series: RawJson,
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// The series is no longer the one that was read: read it again.
    Moved,
    /// Someone was faster: the template is no longer of the version that was named.
    Stale,
    /// There is no such series.
    Absent,
}

#[derive(Deserialize)]
struct ChangeDocument {
    outcome: ChangeOutcome,
    #[serde(default, deserialize_with = "nullable")]
    series: Option<RawJson>,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangeOutcome {
    Changed,
    Moved,
    Stale,
    Absent,
}

impl From<ChangeDocument> for SeriesChange {
    fn from(document: ChangeDocument) -> Self {
        match (document.outcome, document.series) {
            (ChangeOutcome::Changed, Some(series)) => Self::Changed { series, relay: document.relay },
            (ChangeOutcome::Moved, _) => Self::Moved,
            (ChangeOutcome::Stale, _) => Self::Stale,
            (ChangeOutcome::Changed, None) | (ChangeOutcome::Absent, _) => Self::Absent,
        }
    }
}

/// Makes of the series that was `read` what `revision` says, and of its template what `template` names (status and due time
/// are passed over), if the template is still of `version` (or none is named). Each change counts as one of the
/// template.
///
/// # Errors
/// See [`SqlError`].
pub async fn change(
    sql: &impl Sql,
    context: RequestContext<'_>,
    task: TaskId,
    read: &Reading,
    template: &TaskPatch,
    revision: &Revision,
    version: Option<u64>,
) -> Result<SeriesChange, SqlError> {
    let tags = template.tags.as_ref().map(|tags| tags.iter().collect::<Vec<_>>().join(","));
    let document = sql
        .call(
            CHANGE,
            &[
                Some(&context.user.to_string()),
                Some(&task.to_string()),
                Some(context.request_id),
                Some(&columns(template)),
                tags.as_deref(),
                version.map(|version| version.to_string()).as_deref(),
                Some(&read.revision.to_string()),
                read.plan.next.map(|next| next.local.to_string()).as_deref(),
                Some(&row_of(&revision.plan).to_string()),
                Some(if revision.rescheduled { "true" } else { "false" }),
            ],
        )
        .await?;
    Ok(document.read::<ChangeDocument>()?.into())
}
