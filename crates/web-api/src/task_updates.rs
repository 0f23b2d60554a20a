//! `POST /events/task-updates`, in notification-service: what became of tasks.
//!
//! Each event is taken note of once, however often it is delivered. Nobody is told of it: what people are told comes from reminders
//! ([`crate::reminder_events`]), and pages see changes on their stream.

use rondo_ports::Platform;
use rondo_store::processed_event::{self, Claim, ConsumedEvent};

use crate::consumer::{CloudEvent, Verdict, only_the_sidecar};
use crate::problem::{log, note};
use crate::{Endpoint, Problem, Reply, Request};

/// Who claims the events: the consumer group.
const CONSUMER: &str = "notification-service-task-updates-v1";

/// `/events/task-updates`.
pub struct TaskUpdates;

impl Endpoint for TaskUpdates {
    const BODY_LIMIT: usize = 1024 * 1024;

    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        only_the_sidecar(platform, request)?;
        Ok(consume(platform, request).await.into_reply())
    }
}

async fn consume<P: Platform>(platform: &P, request: &Request) -> Verdict {
    let (event, data) = match CloudEvent::read(request) {
        Ok(read) => read,
        Err(reason) => return Verdict::Drop(reason),
    };
    if !matches!(event.event_type.as_str(), "task.status_changed" | "task.instance_created") {
        return Verdict::Drop(format!("nobody here knows the type {}", event.event_type));
    }
    let claimed = processed_event::claim(
        platform,
        ConsumedEvent {
            consumer: CONSUMER,
            event_id: &event.id,
            event_type: &event.event_type,
            occurred_at: &data.occurred_at,
        },
    );
    match claimed.await {
        Ok(Claim::First) => {
            note(&format!("took note of {} {}", event.event_type, event.id));
            Verdict::Ack
        }
        Ok(Claim::Repeated) => Verdict::Ack,
        Err(error) => {
            log(&format!("an event will be delivered again: {error}"));
            Verdict::Retry
        }
    }
}
