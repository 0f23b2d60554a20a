//! `POST /job/outbox-sweep`, in backend: publishes what a crash left in the outbox, and forgets what is old.
//!
//! The job is registered by the readiness probe ([`crate::health`]), so a scheduler that lost it gets it again.

use rondo_ports::Platform;
use rondo_store::{housekeeping, outbox};

use crate::consumer::only_the_sidecar;
use crate::{Endpoint, Problem, Relay, Reply, Request};

/// The job's name: it is called back at `/job/{name}`.
pub const JOB: &str = "outbox-sweep";

/// `/job/outbox-sweep`.
pub struct OutboxSweep;

impl Endpoint for OutboxSweep {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        only_the_sidecar(platform, request)?;
        for user in outbox::users_with_events_to_publish(platform).await? {
            if let Some(batch) = outbox::claim(platform, user).await? {
                Relay::new(user, batch).run(platform).await;
            }
        }
        housekeeping::forget(platform).await?;
        Ok(Reply::no_content())
    }
}

/// The job as the sidecar is told of it (<https://docs.dapr.io/reference/api/jobs_api/>). It needs data: without, it
/// would never be delivered.
pub(crate) fn job() -> serde_json::Value {
    serde_json::json!({ "schedule": "@every 15s", "data": { "sweep": "outbox" } })
}
