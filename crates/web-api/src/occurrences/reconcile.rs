//! `POST /job/occurrences-reconcile`: makes what is due, and arms what comes soon, whatever the scheduler has lost.
//!
//! The readiness probe registers the job ([`crate::health`]), and so does every event of a series.

use rondo_domain::time::ZONE_DATA_VERSION;
use rondo_ports::Platform;
use rondo_store::occurrence::{self, BATCH};

use super::alarm::arm;
use super::due::{correction, make, save};
use crate::Problem;
use crate::clock::told_time;
use crate::problem::log;

/// The job's name: it is called back at `/job/{name}`.
pub const JOB: &str = "occurrences-reconcile";

/// How far it looks ahead for what is to be armed, in seconds: beyond the next two runs.
const AHEAD_S: u32 = 90;
/// How many batches one run makes. What is left then is armed, and each alarm takes others along.
const BATCHES: u32 = 20;

/// The job as the sidecar is told of it: at once, and every half minute from then on.
#[must_use]
pub fn job() -> serde_json::Value {
    serde_json::json!({ "schedule": "@every 30s", "dueTime": "1s", "data": { "reconcile": "occurrences" } })
}

/// Corrects, makes, arms.
///
/// # Errors
/// The database is away.
pub(super) async fn run<P: Platform>(platform: &P, request_id: &str) -> Result<(), Problem> {
    follow_zone_data(platform, request_id).await?;
    make_all(platform, request_id).await?;
    let soon = occurrence::soon(platform, told_time(platform)?, AHEAD_S).await?;
    arm(platform, &soon).await;
    Ok(())
}

/// Holds next occurrences against the zone data of this program, once for each version.
async fn follow_zone_data<P: Platform>(platform: &P, request_id: &str) -> Result<(), Problem> {
    for _ in 0..BATCHES {
        let outdated = occurrence::outdated(platform, ZONE_DATA_VERSION).await?;
        let mut plans = Vec::new();
        for series in &outdated {
            match correction(series) {
                Ok(plan) => plans.push((series, plan)),
                Err(fault) => log(&format!("the series of task {} can't be corrected: {fault}", series.task_id)),
            }
        }
        let done = save(platform, request_id, plans).await?;
        if outdated.len() < BATCH || done.advanced.is_empty() {
            break;
        }
    }
    Ok(())
}

async fn make_all<P: Platform>(platform: &P, request_id: &str) -> Result<(), Problem> {
    let mut after = None;
    for _ in 0..BATCHES {
        let due = occurrence::due(platform, told_time(platform)?, after).await?;
        make(platform, request_id, &due).await?;
        after = due.series.last().map(|series| series.task_id);
        if !due.is_full() {
            break;
        }
    }
    Ok(())
}
