//! `/api/reminders`: reminders made, found, called off, put off; and what happens to them at their time.
//!
//! A reminder's job of the scheduler only wakes us: the database says what is due ([`due`]). Whoever publishes that a reminder
//! was given a time, or was called off, sets its alarm or takes it back ([`alarm`]), whichever change brought that about. What
//! is lost on the way (jobs, events, callbacks), [`reconcile`] finds.

mod alarm;
mod due;
mod fields;
mod jobs;
mod reconcile;

use http::{Method, StatusCode, header};
use rondo_domain::ids::{ReminderId, TaskId};
use rondo_domain::reminder::{NewReminder, ReminderStatus, ReminderSubject, ReminderTime, Snooze};
use rondo_ports::Platform;
use rondo_store::RawJson;
use rondo_store::reminder::{self as store, Cancellation, Making, Snoozing};
use serde::Deserialize;

pub(crate) use alarm::Alarms;
pub use jobs::ReminderJobs;
pub use reconcile::{JOB as RECONCILE_JOB, job as reconcile_job};

use crate::auth::identify;
use crate::clock::told_time;
use crate::idempotency::key_reused;
use crate::tasks::page;
use crate::{Endpoint, Problem, Reply, Request};

/// `/api/reminders`, `/api/reminders/{id}`, `/api/reminders/{id}/snooze`.
pub struct Reminders;

impl Endpoint for Reminders {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        let segments = request.segments_after("/api/reminders").unwrap_or_default();
        match (segments.as_slice(), &request.method) {
            ([], &Method::GET) => list(platform, request).await,
            ([], &Method::POST) => create(platform, request).await,
            ([], _) => Err(Problem::method_not_allowed("GET, POST")),
            ([id], &Method::GET) => show(platform, request, id).await,
            ([id], &Method::DELETE) => cancel(platform, request, id).await,
            ([_], _) => Err(Problem::method_not_allowed("GET, DELETE")),
            ([id, "snooze"], &Method::POST) => snooze(platform, request, id).await,
            ([_, "snooze"], _) => Err(Problem::method_not_allowed("POST")),
            _ => Err(Problem::not_found("path")),
        }
    }
}

fn no_reminder() -> Problem {
    Problem::not_found("reminder")
}

fn reminder_id(text: &str) -> Result<ReminderId, Problem> {
    ReminderId::parse(text).ok_or_else(no_reminder)
}

async fn list<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let mut query = request.query();
    let status: Vec<ReminderStatus> = query.many("status", str::parse);
    let task = query.one("task_id", |text| fields::id(TaskId::parse(text)));
    let page = page(&mut query);
    let (status, task, page) = query.finish((status, task, page))?;
    Ok(Reply::document(store::list(platform, identity.user, &status, task, page).await?))
}

async fn show<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    request.query().finish(())?;
    let reminder = store::get(platform, identity.user, reminder_id(id)?).await?.ok_or_else(no_reminder)?;
    Ok(Reply::raw(StatusCode::OK, reminder))
}

async fn create<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let key = request.idempotency_key()?;
    let reminder = fields::new_reminder(request.form()?)?;
    let id = ReminderId::new(platform.now(), platform.bytes());
    let context = identity.context(request);
    match store::make(platform, context, id, &reminder, told_time(platform)?, key.as_ref()).await? {
        Making::Made { reply, relay } => Ok(created(reply)?.with_relay(identity.user, relay)),
        Making::Replayed(reply) => created(reply),
        refused => Err(not_made(&reminder, &refused)),
    }
}

fn created(reminder: RawJson) -> Result<Reply, Problem> {
    #[derive(Deserialize)]
    struct Id<'a> {
        id: &'a str,
    }
    let location = format!("/api/reminders/{}", reminder.read::<Id<'_>>()?.id);
    Ok(Reply::raw(StatusCode::CREATED, reminder).with_header(header::LOCATION, &location))
}

/// Why a reminder was not made, and what to do.
fn not_made(reminder: &NewReminder, outcome: &Making) -> Problem {
    match (outcome, reminder.about, reminder.time) {
        (Making::NoSuchThing, ReminderSubject::Task(_), _) => Problem::not_found("task"),
        (Making::NoSuchThing, ReminderSubject::Instance(_), _) => Problem::not_found("instance"),
        (Making::Done, ReminderSubject::Task(_), _) => {
            Problem::conflict("The task is completed. Reopen it to be reminded of it.")
        }
        (Making::Done, ReminderSubject::Instance(_), _) => {
            Problem::conflict("Only an instance that is pending can have reminders.")
        }
        (Making::NoDueTime, ..) => Problem::invalid_value(
            "minutes_before",
            "needs a due time, and the task has none; give the task a due_at, or the reminder a scheduled_for instead",
        ),
        (Making::Past, _, ReminderTime::At(_)) => Problem::invalid_value("scheduled_for", "must be in the future"),
        (Making::Past, _, ReminderTime::Before(_)) => Problem::invalid_value(
            "minutes_before",
            "names a time before the due time that is past; take fewer minutes, or a scheduled_for instead",
        ),
        (Making::NoRoom, ..) => Problem::conflict(format!(
            "{} reminders about this wait already, which is the most. Cancel one first.",
            NewReminder::AT_MOST
        )),
        (Making::KeyReused | Making::Made { .. } | Making::Replayed(_), ..) => key_reused(),
    }
}

async fn cancel<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    match store::cancel(platform, identity.context(request), reminder_id(id)?).await? {
        Cancellation::Cancelled { relay } => Ok(Reply::no_content().with_relay(identity.user, relay)),
        Cancellation::Over(status) => {
            Err(Problem::conflict(format!("The reminder is {} already, so it can't be called off.", status.as_str())))
        }
        Cancellation::Absent => Err(no_reminder()),
    }
}

async fn snooze<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let id = reminder_id(id)?;
    let snooze = fields::snooze(request.form()?)?;
    match store::snooze(platform, identity.context(request), id, snooze, told_time(platform)?).await? {
        Snoozing::Snoozed { reminder, relay } => {
            Ok(Reply::raw(StatusCode::OK, reminder).with_relay(identity.user, relay))
        }
        Snoozing::Cancelled => Err(Problem::conflict("The reminder was called off. Make a new one instead.")),
        Snoozing::Done => Err(Problem::conflict("What it reminds of is done, so it can't be put off.")),
        Snoozing::Past => Err(Problem::invalid_value(snoozed_by(snooze), "must be in the future")),
        Snoozing::Absent => Err(no_reminder()),
    }
}

fn snoozed_by(snooze: Snooze) -> &'static str {
    match snooze {
        Snooze::Until(_) => "until",
        Snooze::For(_) => "minutes",
    }
}
