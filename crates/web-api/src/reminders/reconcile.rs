//! `POST /job/reminders-reconcile`: marks what is due, and arms what comes soon, whatever the scheduler has lost.
//!
//! The readiness probe registers the job ([`crate::health`]).

use rondo_ports::Platform;
use rondo_store::reminder_due as store;

use super::alarm::arm;
use super::due::fire;
use crate::Problem;
use crate::clock::told_time;

/// The job's name: it is called back at `/job/{name}`.
pub const JOB: &str = "reminders-reconcile";

/// How far it looks ahead for what is to be armed, in seconds: beyond the next two runs.
const AHEAD_S: u32 = 90;

/// The job as the sidecar is told of it: at once, and every half minute from then on.
#[must_use]
pub fn job() -> serde_json::Value {
    serde_json::json!({ "schedule": "@every 30s", "dueTime": "1s", "data": { "reconcile": "reminders" } })
}

/// Marks, arms.
///
/// # Errors
/// The database is away.
pub(super) async fn run<P: Platform>(platform: &P, request_id: &str) -> Result<(), Problem> {
    fire(platform, request_id, None).await?;
    let soon = store::soon(platform, told_time(platform)?, AHEAD_S).await?;
    arm(platform, &soon).await;
    Ok(())
}
