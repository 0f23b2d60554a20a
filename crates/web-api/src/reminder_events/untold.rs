//! `POST /job/reminders-untold`: tells what no event told. It was lost, or came as often as the sidecar tries while backend or the
//! database was away.
//!
//! The readiness probe registers the job ([`crate::health`]).

use rondo_ports::Platform;
use rondo_store::notification;
use rondo_store::processed_event::ConsumedEvent;

use super::CONSUMER;
use super::telling::{Due, tell};
use crate::clock::told_time;
use crate::problem::log;
use crate::{Problem, Reply};

/// The job's name: it is called back at `/job/{name}`.
pub const JOB: &str = "reminders-untold";

/// How long an event has until its reminder counts as untold, in seconds: longer than the sidecar tries.
const WAIT_S: u32 = 30;

/// The job as the sidecar is told of it.
#[must_use]
pub fn job() -> serde_json::Value {
    serde_json::json!({ "schedule": "@every 30s", "dueTime": "1s", "data": { "tell": "reminders" } })
}

/// Tells what is untold; what still can't be told stays so until the next run.
///
/// # Errors
/// The database is away.
pub(super) async fn run<P: Platform>(platform: &P, request_id: &str) -> Result<Reply, Problem> {
    for untold in notification::untold(platform, told_time(platform)?, WAIT_S).await? {
        let notification::Untold { user_id, reminder_id, revision, is_late, fell_due_at } = untold;
        // In the place of the event's own id, which nobody knows here; the reminder is told once all the same.
        let id = format!("{reminder_id}:{revision}");
        let event =
            ConsumedEvent { consumer: CONSUMER, event_id: &id, event_type: "reminder.due", occurred_at: &fell_due_at };
        let due = Due { user_id, reminder_id, revision, is_late };
        match tell(platform, request_id, event, &due).await {
            Ok(Some(relay)) => relay.run(platform).await,
            Ok(None) => {}
            Err(trouble) => log(&format!("the reminder {reminder_id} stays untold for now: {trouble}")),
        }
    }
    Ok(Reply::no_content())
}
