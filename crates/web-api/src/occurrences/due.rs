//! What is due is made: read, computed, saved where it still is what was read; then its series are armed for what follows
//! and the events are published.
//!
//! Each step may be the last: what was saved is told by the sweep of the outbox and armed by the reconcile, and what was not
//! saved is still due.

use jiff::Timestamp;
use rondo_domain::ids::{RecurringTaskId, TaskId, TaskInstanceId, UserId};
use rondo_domain::series::{DueOccurrence, NextOccurrence};
use rondo_domain::time::ZONE_DATA_VERSION;
use rondo_ports::Platform;
use rondo_store::occurrence::{self, Due, Occurrence, Plan, WaitingSeries, Wakeup};
use sha2::{Digest, Sha256};

use super::alarm::arm;
use crate::problem::log;
use crate::{Problem, Relay};

/// How many occurrences of a series one statement makes. Of a series with more, the next alarm is due at once.
pub(super) const OF_ONE_SERIES: usize = 500;
/// From how many on a statement takes no further series.
const AT_ONCE: usize = 1_000;

/// What was done of what was due.
pub(super) struct Done {
    /// The series that were moved on.
    pub advanced: Vec<RecurringTaskId>,
    /// Whether each of them is armed.
    pub all_armed: bool,
}

/// Makes what is due of `due`, as far as it fits into one statement.
///
/// # Errors
/// The database is away; nothing was made, or everything.
pub(super) async fn make<P: Platform>(platform: &P, request_id: &str, due: &Due) -> Result<Done, Problem> {
    let mut plans = Vec::new();
    let mut room = AT_ONCE;
    for series in due.series.iter().filter(|series| series.next.at <= due.now) {
        match plan(platform, series, due.now, room.min(OF_ONE_SERIES)) {
            Ok(plan) => {
                room = room.saturating_sub(plan.len());
                plans.push((series, plan));
            }
            Err(fault) => log(&format!("the series of task {} can't go on and stays due: {fault}", series.task_id)),
        }
        if room == 0 {
            break;
        }
    }
    save(platform, request_id, plans).await
}

/// Saves plans, arms the series that wait for another instant now, and publishes what is told of them.
///
/// # Errors
/// See [`make`].
pub(super) async fn save<P: Platform>(
    platform: &P,
    request_id: &str,
    plans: Vec<(&WaitingSeries, Plan)>,
) -> Result<Done, Problem> {
    if plans.is_empty() {
        return Ok(Done { advanced: Vec::new(), all_armed: true });
    }
    let (series, plans): (Vec<_>, Vec<_>) = plans.into_iter().unzip();
    let outcome = occurrence::advance(platform, request_id, ZONE_DATA_VERSION, &plans).await?;
    let pairs = series.into_iter().zip(&plans);
    let wakeups: Vec<Wakeup> = pairs
        .filter(|(_, plan)| outcome.advanced.contains(&plan.recurring_task_id()))
        .filter(|(series, plan)| plan.next_at() != Some(series.next.at))
        .filter_map(|(series, plan)| Some(wakeup(series, plan.next_at()?)))
        .collect();
    let all_armed = arm(platform, &wakeups).await;
    for relay in outcome.relays {
        Relay::outside_backend(relay.user, relay.batch, request_id).run(platform).await;
    }
    Ok(Done { advanced: outcome.advanced, all_armed })
}

pub(super) fn wakeup(series: &WaitingSeries, at: Timestamp) -> Wakeup {
    Wakeup { task_id: series.task_id, user_id: series.user_id, at }
}

/// How a series goes on that is due at `now`.
pub(super) fn plan<P: Platform>(
    platform: &P,
    series: &WaitingSeries,
    now: Timestamp,
    at_most: usize,
) -> Result<Plan, String> {
    let schedule = series.schedule.clone().schedule().map_err(|error| error.to_string())?;
    let fallen = schedule
        .fallen_due(series.on_missed, series.next, now, at_most)
        .map_err(|fault| format!("{} {}", fault.field, fault.error))?;
    let occurrences = fallen.occurrences.iter().map(|due| occurrence(platform, series, due, now)).collect();
    Ok(Plan::new(series, occurrences, fallen.next))
}

/// Has a series wait for its next occurrence at the instant that the zone data of this program give it.
pub(super) fn correction(series: &WaitingSeries) -> Result<Plan, String> {
    let schedule = series.schedule.clone().schedule().map_err(|error| error.to_string())?;
    let next: Option<NextOccurrence> =
        schedule.in_zone_data_of_now(series.next).map_err(|fault| format!("{} {}", fault.field, fault.error))?;
    Ok(Plan::new(series, Vec::new(), next))
}

fn occurrence<P: Platform>(platform: &P, series: &WaitingSeries, due: &DueOccurrence, now: Timestamp) -> Occurrence {
    Occurrence {
        id: TaskInstanceId::new(now, platform.bytes()),
        key: idempotency_key(series.user_id, series.task_id, due.at),
        at: due.at,
        local: due.local,
        fold: u8::from(due.is_second_passage),
        missed: due.is_missed,
    }
}

/// What tells an occurrence from all others: the first 16 hexadecimal digits of SHA-256 of "{user}:{task}:{time}".
fn idempotency_key(user: UserId, task: TaskId, at: Timestamp) -> String {
    let digest = Sha256::digest(format!("{user}:{task}:{at}"));
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occurrence_is_known_by_its_user_its_task_and_its_time_in_utc() {
        let user = UserId::parse("0199a0b0-0000-7000-8000-000000000001").expect("an id");
        let task = TaskId::parse("0199a0b0-0000-7000-8000-000000000002").expect("an id");
        let at = "2026-11-27T15:00:00+01:00".parse().expect("a time");
        // printf '0199a0b0-0000-7000-8000-000000000001:0199a0b0-0000-7000-8000-000000000002:2026-11-27T14:00:00Z' | sha256sum
        assert_eq!(idempotency_key(user, task, at), "179d92365f1379b6");
    }
}
