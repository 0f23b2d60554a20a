//! Reminders: made, found, called off, put off. What becomes of them at their time is in [`crate::reminder_due`].
//!
//! The functions are in `migrations/V14__reminders.sql`, and so are the triggers by which reminders follow due times and come
//! with the occurrences of a series.
//!
//! Statements that ask what is past take the time: `None` in operation, where the database's own clock decides; a test that
//! drives the clock says what time it is.

use jiff::Timestamp;
use rondo_domain::ids::{ReminderId, TaskId, UserId};
use rondo_domain::listing::Page;
use rondo_domain::reminder::{NewReminder, ReminderStatus, ReminderSubject, ReminderTime, Snooze};
use rondo_ports::{Document, Sql, SqlError};
use serde::Deserialize;

use crate::json::nullable;
use crate::{IdempotencyKey, RawJson, RelayBatch, RequestContext};

const MAKE: &str = "
    select make_reminder(
        $1::text::uuid, $2::text, $3::text, decode($4::text, 'hex'), $5::text::uuid, $6::text::uuid, $7::text::uuid,
        $8::text::timestamptz, $9::text::integer, $10::text, $11::text::timestamptz, $12::text::integer
    )::text";

/// What came of making a reminder. Only one that is made claims the key.
#[derive(Debug)]
pub enum Making {
    /// It waits.
    Made {
        /// The reminder.
        reply: RawJson,
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// The key had been used for the same request: its first reply.
    Replayed(RawJson),
    /// The key had been used for another request.
    KeyReused,
    /// There is nothing of that id that it could be about.
    NoSuchThing,
    /// What it would be about is done.
    Done,
    /// It was to come before a due time, and there is none.
    NoDueTime,
    /// Its time is past.
    Past,
    /// As many reminders about it wait as may.
    NoRoom,
}

#[derive(Deserialize)]
struct MakingDocument {
    outcome: MakingOutcome,
    reply: Option<RawJson>,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum MakingOutcome {
    Made,
    Replayed,
    KeyReused,
    NoSuchThing,
    Done,
    NoDueTime,
    Past,
    NoRoom,
}

impl From<MakingDocument> for Making {
    fn from(document: MakingDocument) -> Self {
        match (document.outcome, document.reply) {
            (MakingOutcome::Made, Some(reply)) => Self::Made { reply, relay: document.relay },
            (MakingOutcome::Replayed, Some(reply)) => Self::Replayed(reply),
            (MakingOutcome::NoSuchThing, _) => Self::NoSuchThing,
            (MakingOutcome::Done, _) => Self::Done,
            (MakingOutcome::NoDueTime, _) => Self::NoDueTime,
            (MakingOutcome::Past, _) => Self::Past,
            (MakingOutcome::NoRoom, _) => Self::NoRoom,
            (MakingOutcome::KeyReused, _) | (MakingOutcome::Made | MakingOutcome::Replayed, None) => Self::KeyReused,
        }
    }
}

/// Makes a reminder, if what it is about has room for one more ([`NewReminder::AT_MOST`]).
///
/// # Errors
/// See [`SqlError`].
pub async fn make(
    sql: &impl Sql,
    context: RequestContext<'_>,
    id: ReminderId,
    reminder: &NewReminder,
    now: Option<Timestamp>,
    key: Option<&IdempotencyKey>,
) -> Result<Making, SqlError> {
    let (task, instance) = match reminder.about {
        ReminderSubject::Task(task) => (Some(task.to_string()), None),
        ReminderSubject::Instance(instance) => (None, Some(instance.to_string())),
    };
    let (at, minutes) = match reminder.time {
        ReminderTime::At(at) => (Some(at.to_string()), None),
        ReminderTime::Before(minutes) => (None, Some(minutes.get().to_string())),
    };
    let document = sql
        .call(
            MAKE,
            &[
                Some(&context.user.to_string()),
                Some(context.request_id),
                key.map(|key| key.key.as_str()),
                key.map(|key| key.request_hash.as_str()),
                Some(&id.to_string()),
                task.as_deref(),
                instance.as_deref(),
                at.as_deref(),
                minutes.as_deref(),
                Some(reminder.kind.as_str()),
                now.map(|now| now.to_string()).as_deref(),
                Some(&NewReminder::AT_MOST.to_string()),
            ],
        )
        .await?;
    Ok(document.read::<MakingDocument>()?.into())
}

const GET: &str = "
    select coalesce((
        select reminder_document(reminders) from reminders where id = $2::text::uuid and user_id = $1::text::uuid
    ), 'null')::text";

/// A reminder of the user, as the API shows it; `None` if there is none of that id.
///
/// # Errors
/// See [`SqlError`].
pub async fn get(sql: &impl Sql, user: UserId, id: ReminderId) -> Result<Option<RawJson>, SqlError> {
    let document = sql.call(GET, &[Some(&user.to_string()), Some(&id.to_string())]).await?;
    document.read::<RawJson>().map(|reminder| (reminder.as_str() != "null").then_some(reminder))
}

// The reminders about a task are its own and, if it is a template, those about the instances of its series.
const LIST: &str = "
    with found as materialized (
        select reminders as reminder from reminders
        where user_id = $1::text::uuid
            and ($2::text is null or status = any (string_to_array($2::text, ',')))
            and ($3::text is null or subject_task_id = $3::text::uuid)
    ),
    page as (
        select reminder, row_number() over (order by (reminder).scheduled_for_utc, (reminder).id) as place
        from found
        order by place
        limit $5::text::bigint offset $6::text::bigint
    )
    select json_build_object(
        'reminders', coalesce((select json_agg(reminder_document(reminder) order by place) from page), '[]'),
        'total', (select count(*) from found),
        'page', $4::text::bigint,
        'page_size', $5::text::bigint
    )::text";

/// A page of the user's reminders in the order of their times, as the API answers: `{"reminders", "total", "page",
/// "page_size"}`. Any of `status`, all if that is empty; those about `task` and the instances of its series, if one is named.
///
/// # Errors
/// See [`SqlError`].
pub async fn list(
    sql: &impl Sql,
    user: UserId,
    status: &[ReminderStatus],
    task: Option<TaskId>,
    page: Page,
) -> Result<Document, SqlError> {
    let status = status.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(",");
    sql.call(
        LIST,
        &[
            Some(&user.to_string()),
            (!status.is_empty()).then_some(&status),
            task.map(|task| task.to_string()).as_deref(),
            Some(&page.number().to_string()),
            Some(&page.size().to_string()),
            Some(&page.offset().to_string()),
        ],
    )
    .await
}

const CANCEL: &str = "
    select coalesce(
        cancel_reminder($1::text::uuid, $2::text, $3::text::uuid), json_build_object('outcome', 'absent')
    )::text";

/// What came of calling a reminder off.
#[derive(Debug)]
pub enum Cancellation {
    /// It is called off, now or before.
    Cancelled {
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// Its time has been; it stands here.
    Over(ReminderStatus),
    /// There is no such reminder.
    Absent,
}

#[derive(Deserialize)]
struct CancellationDocument {
    outcome: CancellationOutcome,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CancellationOutcome {
    Cancelled,
    Already,
    Sent,
    Failed,
    Absent,
}

/// Calls a reminder off that waits.
///
/// # Errors
/// See [`SqlError`].
pub async fn cancel(sql: &impl Sql, context: RequestContext<'_>, id: ReminderId) -> Result<Cancellation, SqlError> {
    let (user, id) = (context.user.to_string(), id.to_string());
    let document = sql.call(CANCEL, &[Some(&user), Some(context.request_id), Some(&id)]).await?;
    let document: CancellationDocument = document.read()?;
    Ok(match document.outcome {
        CancellationOutcome::Cancelled | CancellationOutcome::Already => {
            Cancellation::Cancelled { relay: document.relay }
        }
        CancellationOutcome::Sent => Cancellation::Over(ReminderStatus::Sent),
        CancellationOutcome::Failed => Cancellation::Over(ReminderStatus::Failed),
        CancellationOutcome::Absent => Cancellation::Absent,
    })
}

const SNOOZE: &str = "
    select coalesce(
        snooze_reminder(
            $1::text::uuid, $2::text, $3::text::uuid, $4::text::timestamptz, $5::text::integer, $6::text::timestamptz
        ),
        json_build_object('outcome', 'absent')
    )::text";

/// What came of putting a reminder off.
#[derive(Debug)]
pub enum Snoozing {
    /// It waits again.
    Snoozed {
        /// The reminder.
        reminder: RawJson,
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// It was called off, and stays so.
    Cancelled,
    /// What it is about is done.
    Done,
    /// The time that was asked for is past.
    Past,
    /// There is no such reminder.
    Absent,
}

#[derive(Deserialize)]
struct SnoozingDocument {
    outcome: SnoozingOutcome,
    #[serde(default, deserialize_with = "nullable")]
    reply: Option<RawJson>,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SnoozingOutcome {
    Snoozed,
    Cancelled,
    Done,
    Past,
    Absent,
}

/// Has a reminder wait until another time, whether or not it was told already.
///
/// # Errors
/// See [`SqlError`].
pub async fn snooze(
    sql: &impl Sql,
    context: RequestContext<'_>,
    id: ReminderId,
    snooze: Snooze,
    now: Option<Timestamp>,
) -> Result<Snoozing, SqlError> {
    let (until, minutes) = match snooze {
        Snooze::Until(until) => (Some(until.to_string()), None),
        Snooze::For(minutes) => (None, Some(minutes.get().to_string())),
    };
    let document = sql
        .call(
            SNOOZE,
            &[
                Some(&context.user.to_string()),
                Some(context.request_id),
                Some(&id.to_string()),
                until.as_deref(),
                minutes.as_deref(),
                now.map(|now| now.to_string()).as_deref(),
            ],
        )
        .await?;
    let document: SnoozingDocument = document.read()?;
    Ok(match (document.outcome, document.reply) {
        (SnoozingOutcome::Snoozed, Some(reminder)) => Snoozing::Snoozed { reminder, relay: document.relay },
        (SnoozingOutcome::Cancelled, _) => Snoozing::Cancelled,
        (SnoozingOutcome::Done, _) => Snoozing::Done,
        (SnoozingOutcome::Past, _) => Snoozing::Past,
        (SnoozingOutcome::Snoozed, None) | (SnoozingOutcome::Absent, _) => Snoozing::Absent,
    })
}
