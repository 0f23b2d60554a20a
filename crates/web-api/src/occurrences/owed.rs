//! What a series owes is made before its owner changes what it owes: else what fell due a moment ago, or while nothing ran,
//! would be lost without a row.

use rondo_domain::ids::{TaskId, UserId};
use rondo_domain::time::ZONE_DATA_VERSION;
use rondo_ports::Platform;
use rondo_store::occurrence;

use super::due::{OF_ONE_SERIES, plan};
use crate::clock::told_time;
use crate::{Problem, Relay};

/// How many statements that may take. A series owes more only if it is every few minutes and nothing ran for weeks.
const BATCHES: u32 = 20;

/// Makes what the series whose template is `task` owes. Nothing is armed: the alarms are recurring-service's, and the change
/// that follows tells it what to wait for.
///
/// # Errors
/// The database is away, or it owes more than a request can make: the next one goes on.
pub(crate) async fn make_owed<P: Platform>(
    platform: &P,
    request_id: &str,
    user: UserId,
    task: TaskId,
) -> Result<(), Problem> {
    for _ in 0..BATCHES {
        let due = occurrence::due_with(platform, told_time(platform)?, user, task).await?;
        let own = due.series.iter().find(|series| series.task_id == task && series.next.at <= due.now);
        let Some(series) = own else { return Ok(()) };
        let plan = plan(platform, series, due.now, OF_ONE_SERIES).map_err(|fault| Problem::internal(&fault))?;
        let made = occurrence::advance(platform, request_id, ZONE_DATA_VERSION, &[plan]).await?;
        for relay in made.relays {
            Relay::new(relay.user, relay.batch).run(platform).await;
        }
    }
    Err(Problem::unavailable())
}
