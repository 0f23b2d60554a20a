//! What is due is marked, and its events are published. Each step may be the last: what was marked is told by the sweep of the
//! outbox, and what was not is still due.

use jiff::SignedDuration;
use rondo_domain::ids::ReminderId;
use rondo_ports::Platform;
use rondo_store::reminder_due::{self as store, Wakeup};

use crate::clock::told_time;
use crate::{Problem, Relay};

/// How many statements one call makes where very many are due at once. What is left then is taken along by other calls.
const BATCHES: u32 = 20;

/// Marks the reminder that is `named` and whatever else is due. Returns the named one if its time is still to come.
///
/// # Errors
/// The database is away: what was not marked is still due.
pub(super) async fn fire<P: Platform>(
    platform: &P,
    request_id: &str,
    named: Option<ReminderId>,
) -> Result<Option<Wakeup>, Problem> {
    let grace = grace(platform)?;
    let first = fire_batch(platform, request_id, named, grace).await?;
    let mut is_full = first.is_full;
    for _ in 1..BATCHES {
        if !is_full {
            break;
        }
        is_full = fire_batch(platform, request_id, None, grace).await?.is_full;
    }
    Ok(first.waits)
}

/// What is left of a batch whose events are published.
struct Batch {
    is_full: bool,
    waits: Option<Wakeup>,
}

async fn fire_batch<P: Platform>(
    platform: &P,
    request_id: &str,
    named: Option<ReminderId>,
    grace: SignedDuration,
) -> Result<Batch, Problem> {
    let fired = store::fire(platform, request_id, named, told_time(platform)?, grace).await?;
    for relay in fired.relays {
        Relay::new(relay.user, relay.batch).run(platform).await;
    }
    Ok(Batch { is_full: fired.is_full, waits: fired.waits })
}

/// How late a reminder is still of use.
fn grace<P: Platform>(platform: &P) -> Result<SignedDuration, Problem> {
    let text = platform.variable("reminder_grace")?;
    let grace: Option<SignedDuration> = text.parse().ok();
    grace.filter(|grace| !grace.is_negative()).ok_or_else(|| {
        Problem::internal(&format!("the variable reminder_grace is {text}: it must be a duration such as 24h"))
    })
}
