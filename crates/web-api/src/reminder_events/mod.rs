//! `POST /events/reminders`, in notification-service: what becomes of reminders, and so what people are told.
//!
//! On `reminder.due` backend is asked what is to be told, which is composed and delivered with the claim of the event in one
//! statement ([`telling`]). That looks again: where things have changed since backend was asked, it is asked again. However often an
//! event comes, and in whatever order, a reminder is told once for each time that it was given, or not at all. What no event
//! tells, since it was lost or came too often in vain, a job finds ([`untold`]).

mod telling;
mod untold;

use rondo_ports::Platform;
use rondo_store::processed_event::{self, ConsumedEvent};

use crate::consumer::{CloudEvent, Verdict, only_the_sidecar};
use crate::problem::log;
use crate::{Endpoint, Problem, Relay, Reply, Request};
use telling::{Due, Trouble, tell};
pub use untold::{JOB as UNTOLD_JOB, job as untold_job};

/// Who claims the events: the consumer group.
const CONSUMER: &str = "notification-service-reminders-v1";

/// `/events/reminders`, `/job/reminders-untold`.
pub struct ReminderEvents;

impl Endpoint for ReminderEvents {
    const BODY_LIMIT: usize = 1024 * 1024;

    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        only_the_sidecar(platform, request)?;
        if request.path.strip_prefix("/job/") == Some(untold::JOB) {
            return untold::run(platform, request.id()).await;
        }
        match consume(platform, request).await {
            Ok(relay) => {
                let mut reply = Verdict::Ack.into_reply();
                reply.relay = relay;
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

/// Deals with an event; what is to be published then.
async fn consume<P: Platform>(platform: &P, request: &Request) -> Result<Option<Relay>, Trouble> {
    let (event, data) = CloudEvent::read(request).map_err(Trouble::Hopeless)?;
    let consumed = ConsumedEvent {
        consumer: CONSUMER,
        event_id: &event.id,
        event_type: &event.event_type,
        occurred_at: &data.occurred_at,
    };
    match event.event_type.as_str() {
        "reminder.due" => {
            let due: Due = event.told().map_err(Trouble::Hopeless)?;
            tell(platform, request.id(), consumed, &due).await
        }
        "reminder.scheduled" | "reminder.cancelled" => {
            processed_event::claim(platform, consumed).await?;
            Ok(None)
        }
        unknown => Err(Trouble::Hopeless(format!("nobody here knows the type {unknown}"))),
    }
}
