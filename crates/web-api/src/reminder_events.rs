//! `POST /events/reminders`, in notification-service: what becomes of reminders, and so what people are told.
//!
//! On `reminder.due` backend is asked what is to be told, which is composed and delivered with the claim of the event in one
//! statement. That looks again: where things have changed since backend was asked, it is asked again. However often an event
//! comes, and in whatever order, a reminder is told once for each time that it was given, or not at all.

use rondo_domain::ids::{NotificationId, ReminderId, UserId};
use rondo_domain::notification::Occasion;
use rondo_ports::{Invocation, Platform, SidecarError, SqlError};
use rondo_store::notification::{self, Delivery, DueReminder, ReminderToTell, Telling};
use rondo_store::processed_event::{self, ConsumedEvent};
use rondo_store::{RelayBatch, RequestContext};
use serde::Deserialize;

use crate::clock::told_time;
use crate::consumer::{CloudEvent, Verdict, only_the_sidecar};
use crate::internal::target_of_reminder;
use crate::problem::{log, note};
use crate::{Endpoint, Problem, Relay, Reply, Request, deliveries};

/// Who claims the events: the consumer group.
const CONSUMER: &str = "notification-service-reminders-v1";
/// Who knows what is to be told.
const ASKED: &str = "backend";
/// How often backend is asked about a reminder that somebody changes at the same moment.
const ATTEMPTS: u32 = 3;

/// `/events/reminders`.
pub struct ReminderEvents;

impl Endpoint for ReminderEvents {
    const BODY_LIMIT: usize = 1024 * 1024;

    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        only_the_sidecar(platform, request)?;
        match consume(platform, request).await {
            Ok(Dealt::Noted) => Ok(Verdict::Ack.into_reply()),
            Ok(Dealt::Told { user, relay }) => {
                let mut reply = Verdict::Ack.into_reply();
                reply.relay = relay.map(|batch| Relay::outside_backend(user, batch, request.id()));
                Ok(reply)
            }
            Err(Trouble::Hopeless(reason)) => Ok(Verdict::Drop(reason).into_reply()),
            Err(trouble) => {
                log(&format!("an event will be delivered again: {trouble}"));
                Ok(Verdict::Retry.into_reply())
            }
        }
    }
}

/// What was made of an event.
enum Dealt {
    /// It was taken note of.
    Noted,
    /// Somebody was told, or expressly not.
    Told { user: UserId, relay: Option<RelayBatch> },
}

/// Why an event can't be dealt with, now or at all.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Hopeless(String),
    #[error(transparent)]
    Database(#[from] SqlError),
    #[error("{ASKED} was not asked: {0}")]
    NotAsked(#[from] SidecarError),
    #[error("{ASKED} answered with {0}")]
    Unexpected(u16),
    #[error("the reminder changes faster than it can be told")]
    Restless,
    #[error("{}", .0.detail())]
    Setup(Problem),
}

/// What `reminder.due` says.
#[derive(Debug, Deserialize)]
struct Due {
    user_id: UserId,
    reminder_id: ReminderId,
    revision: i64,
    #[serde(default)]
    is_late: bool,
}

async fn consume<P: Platform>(platform: &P, request: &Request) -> Result<Dealt, Trouble> {
    let (event, data) = CloudEvent::read(request).map_err(Trouble::Hopeless)?;
    let consumed = ConsumedEvent {
        consumer: CONSUMER,
        event_id: &event.id,
        event_type: &event.event_type,
        occurred_at: &data.occurred_at,
    };
    match event.event_type.as_str() {
        "reminder.due" => tell(platform, request, consumed, &event.told().map_err(Trouble::Hopeless)?).await,
        "reminder.scheduled" | "reminder.cancelled" => {
            processed_event::claim(platform, consumed).await?;
            Ok(Dealt::Noted)
        }
        unknown => Err(Trouble::Hopeless(format!("nobody here knows the type {unknown}"))),
    }
}

/// Tells a person of a reminder, if it is still to be told.
async fn tell<P: Platform>(
    platform: &P,
    request: &Request,
    event: ConsumedEvent<'_>,
    due: &Due,
) -> Result<Dealt, Trouble> {
    let context = RequestContext { user: due.user_id, request_id: request.id() };
    let reminder = DueReminder { event, reminder: due.reminder_id, revision: due.revision };
    let now = told_time(platform).map_err(Trouble::Setup)?;
    for _ in 0..ATTEMPTS {
        let to_tell = ask(platform, request.id(), due).await?;
        let body = to_tell.as_ref().map(|facts| occasion(facts, due.is_late).body()).unwrap_or_default();
        let telling = to_tell.as_ref().map(|facts| Telling {
            id: NotificationId::new(platform.now(), platform.bytes()),
            title: &facts.title,
            body: &body,
            due_at: facts.due_at.as_deref(),
            is_late: due.is_late,
        });
        let (relay, what) = match notification::deliver(platform, context, reminder, telling.as_ref(), now).await? {
            Delivery::Delivered { relay, has_deliveries } => {
                if has_deliveries {
                    deliveries::wake(platform).await;
                }
                (relay, "told of")
            }
            Delivery::Suppressed { relay } => (relay, "not told of"),
            Delivery::Repeated => return Ok(Dealt::Noted),
            Delivery::Changed => continue,
        };
        note(&format!("{} is {what} the reminder {}", due.user_id, due.reminder_id));
        return Ok(Dealt::Told { user: due.user_id, relay });
    }
    Err(Trouble::Restless)
}

/// What backend says is to be told of the reminder; `None`: nothing.
async fn ask<P: Platform>(platform: &P, request_id: &str, due: &Due) -> Result<Option<ReminderToTell>, Trouble> {
    #[derive(Deserialize)]
    struct Answer {
        reminder: Option<ReminderToTell>,
    }
    let target = target_of_reminder(due.user_id, due.reminder_id, due.revision);
    let answer = platform.invoke(ASKED, &Invocation { target: &target, body: None, request_id }).await?;
    if answer.status != 200 {
        return Err(Trouble::Unexpected(answer.status));
    }
    let Answer { reminder } = serde_json::from_slice(&answer.body).map_err(SqlError::from)?;
    Ok(reminder)
}

fn occasion(facts: &ReminderToTell, is_late: bool) -> Occasion<'_> {
    Occasion { due: facts.due, scheduled_for: facts.scheduled_for, zone: &facts.zone, is_late }
}
