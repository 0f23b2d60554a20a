//! Reminders whose time has come, and those whose time comes soon.
//!
//! What is due is decided by one function (`fire_reminders` in `migrations/V18__reminders_due.sql`), under locks: whoever wakes a
//! reminder, however often and however late, it is marked once for each time that it was given.
//!
//! Each statement takes the time, as those of [`crate::reminder`] do.

use jiff::{SignedDuration, Timestamp};
use rondo_domain::ids::{ReminderId, UserId};
use rondo_ports::{Sql, SqlError};
use serde::{Deserialize, Serialize};

use crate::occurrence::UserRelay;

/// How many reminders one statement takes at most.
pub const BATCH: u32 = 100;

/// What wakes a reminder: which, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wakeup {
    /// Which.
    pub reminder_id: ReminderId,
    /// Whose it is.
    pub user_id: UserId,
    /// How often it has been given a time.
    pub revision: i64,
    /// Its time.
    pub at: Timestamp,
}

/// What came of reminders whose time had come.
#[derive(Debug, Clone, Deserialize)]
pub struct Fired {
    /// How many were marked: as sent, cancelled or failed.
    pub fired: u32,
    /// Whether there may be more.
    pub is_full: bool,
    /// The one that was named, if its time is still to come.
    pub waits: Option<Wakeup>,
    /// The events that are to be published.
    pub relays: Vec<UserRelay>,
}

const FIRE: &str = "
    select fire_reminders(
        $1::text, $2::text::uuid, $3::text::timestamptz, $4::text::interval, $5::text::integer
    )::text";

/// Marks reminders whose time has come: the one that is `named`, and others, of which another call may be taking care
/// already; at most [`BATCH`]. What is older than `grace` is not told any more.
///
/// # Errors
/// See [`SqlError`].
pub async fn fire(
    sql: &impl Sql,
    request_id: &str,
    named: Option<ReminderId>,
    now: Option<Timestamp>,
    grace: SignedDuration,
) -> Result<Fired, SqlError> {
    let (named, now) = (named.map(|id| id.to_string()), now.map(|now| now.to_string()));
    // As in ISO 8601, which Postgres reads too.
    let (grace, at_most) = (grace.to_string(), BATCH.to_string());
    let parameters = [Some(request_id), named.as_deref(), now.as_deref(), Some(&grace), Some(&at_most)];
    sql.call(FIRE, &parameters).await?.read()
}

const SOON: &str = "
    select coalesce(json_agg(reminder_wakeup(reminder)), '[]')::text
    from (
        select reminders as reminder from reminders
        where status = 'pending'
            and scheduled_for_utc <= (
                select coalesce($1::text::timestamptz, clock_timestamp()) + make_interval(secs => $2::text::float8)
            )
        order by scheduled_for_utc, id
        limit $3::text::integer
    ) as soon";

/// The reminders that wait for a time until `seconds` after `now`, what is overdue included; the [`BATCH`] earliest.
///
/// # Errors
/// See [`SqlError`].
pub async fn soon(sql: &impl Sql, now: Option<Timestamp>, seconds: u32) -> Result<Vec<Wakeup>, SqlError> {
    let now = now.map(|now| now.to_string());
    sql.call(SOON, &[now.as_deref(), Some(&seconds.to_string()), Some(&BATCH.to_string())]).await?.read()
}
