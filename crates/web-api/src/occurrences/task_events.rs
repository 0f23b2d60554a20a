//! `POST /events/task-events`, in recurring-service: series are armed, armed anew, and disarmed.
//!
//! Only `recurring.*` is looked at. What is done can be done twice, so it is done first and the event claimed after it; an
//! event that is older than what was seen of its task is done with.

use jiff::Timestamp;
use rondo_domain::ids::{TaskId, UserId};
use rondo_ports::{Platform, SidecarError, SqlError};
use rondo_store::occurrence::Wakeup;
use rondo_store::processed_event::{self, ConsumedEvent, Standing, StateEvent};
use serde::Deserialize;

use super::alarm::{arm, job_of};
use super::reconcile;
use crate::consumer::{CloudEvent, Verdict, only_the_sidecar};
use crate::problem::log;
use crate::{Endpoint, Problem, Reply, Request};

/// Who claims the events: the consumer group.
const CONSUMER: &str = "recurring-service-task-events-v1";

/// `/events/task-events`.
pub struct TaskEvents;

impl Endpoint for TaskEvents {
    const BODY_LIMIT: usize = 1024 * 1024;

    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        only_the_sidecar(platform, request)?;
        Ok(consume(platform, request).await.into_reply())
    }
}

/// What an event says of a series.
#[derive(Debug, Deserialize)]
struct SeriesNews {
    task_id: TaskId,
    user_id: UserId,
    sequence: i64,
    /// What it waits for, if it does.
    next_occurrence_at: Option<Timestamp>,
    /// Where it stands; active, if nothing is said.
    status: Option<String>,
}

impl SeriesNews {
    /// When the series is to be woken; `None`: never.
    fn wakeup(&self, event_type: &str) -> Option<Wakeup> {
        let is_active = self.status.as_deref().is_none_or(|status| status == "active");
        let at = self.next_occurrence_at.filter(|_| is_active && event_type == "recurring.scheduled")?;
        Some(Wakeup { task_id: self.task_id, user_id: self.user_id, at })
    }
}

async fn consume<P: Platform>(platform: &P, request: &Request) -> Verdict {
    let (event, data) = match CloudEvent::read(request) {
        Ok(read) => read,
        Err(reason) => return Verdict::Drop(reason),
    };
    if !matches!(event.event_type.as_str(), "recurring.scheduled" | "recurring.cancelled") {
        return Verdict::Ack;
    }
    let news: SeriesNews = match event.told() {
        Ok(news) => news,
        Err(reason) => return Verdict::Drop(reason),
    };
    let state = StateEvent {
        event: ConsumedEvent {
            consumer: CONSUMER,
            event_id: &event.id,
            event_type: &event.event_type,
            occurred_at: &data.occurred_at,
        },
        task: news.task_id,
        sequence: news.sequence,
    };
    match follow(platform, &news, state).await {
        Ok(()) => Verdict::Ack,
        Err(passing) => {
            log(&format!("an event will be delivered again: {passing}"));
            Verdict::Retry
        }
    }
}

/// Arms or disarms a series as the news say, unless they are none.
async fn follow<P: Platform>(platform: &P, news: &SeriesNews, state: StateEvent<'_>) -> Result<(), Passing> {
    if processed_event::standing(platform, state).await? != Standing::New {
        return Ok(());
    }
    match news.wakeup(state.event.event_type) {
        Some(wakeup) => {
            if !arm(platform, &[wakeup]).await {
                return Err(Passing::NotArmed);
            }
            platform.ensure_job(reconcile::JOB, &reconcile::job()).await?;
        }
        None => platform.delete_job(&job_of(news.task_id)).await?,
    }
    processed_event::claim_state(platform, state).await?;
    Ok(())
}

/// A trouble that passes.
#[derive(Debug, thiserror::Error)]
enum Passing {
    #[error(transparent)]
    Database(#[from] SqlError),
    #[error(transparent)]
    Sidecar(#[from] SidecarError),
    #[error("the series is not armed")]
    NotArmed,
}
