//! Forgetting what is no longer needed.

use rondo_ports::{Sql, SqlError};
use serde::{Deserialize, Serialize};

// In bits, so that no run takes long; the next one goes on. An event stays a day for streams that come back.
const FORGET: &str = "
    with old_events as (
        delete from outbox where id in (
            select id from outbox where published_at < now() - interval '24 hours' limit 5000
        ) returning 1
    ),
    old_claims as (
        delete from processed_event_logs where id in (
            select id from processed_event_logs where expires_at < now() limit 5000
        ) returning 1
    ),
    old_keys as (
        delete from idempotency_keys where (user_id, key) in (
            select user_id, key from idempotency_keys where created_at < now() - interval '24 hours' limit 5000
        ) returning 1
    ),
    old_tokens as (
        delete from refresh_tokens where id in (
            select id from refresh_tokens where expires_at < now() limit 5000
        ) returning 1
    ),
    old_failures as (
        delete from login_failures where last_failure_at < now() - interval '1 day' returning 1
    )
    select json_build_object(
        'events', (select count(*) from old_events),
        'processed_events', (select count(*) from old_claims),
        'idempotency_keys', (select count(*) from old_keys),
        'refresh_tokens', (select count(*) from old_tokens),
        'login_failures', (select count(*) from old_failures)
    )::text";

/// How many rows of each kind were forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Published events older than a day.
    pub events: u32,
    /// Claims of events past their time.
    pub processed_events: u32,
    /// Idempotency keys older than a day.
    pub idempotency_keys: u32,
    /// Refresh tokens past their time.
    pub refresh_tokens: u32,
    /// Counts of wrong passwords older than a day.
    pub login_failures: u32,
}

/// Forgets what is past its time, at most 5 000 rows of a kind.
///
/// # Errors
/// See [`SqlError`].
pub async fn forget(sql: &impl Sql) -> Result<Forgotten, SqlError> {
    sql.call(FORGET, &[]).await?.read()
}
