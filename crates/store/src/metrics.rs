//! What the database knows of how Rondo does.

use std::collections::BTreeMap;

use rondo_ports::{Sql, SqlError};
use serde::Deserialize;

const READ: &str = "
    select json_build_object(
        'users', (select count(*) from users),
        'tasks', (
            select coalesce(json_object_agg(status, count), '{}')
            from (select status, count(*) from tasks group by status) as counted
        ),
        'outbox_backlog', (select count(*) from outbox where published_at is null),
        'outbox_oldest_seconds', (
            select greatest(coalesce(extract(epoch from now() - min(created_at)), 0), 0)::float8
            from outbox where published_at is null
        ),
        'reminders_overdue', (select count(*) from reminders where status = 'pending' and scheduled_for_utc < now()),
        'reminders_latest_seconds', (
            select greatest(coalesce(extract(epoch from now() - min(scheduled_for_utc)), 0), 0)::float8
            from reminders where status = 'pending' and scheduled_for_utc < now()
        ),
        'occurrences_overdue', (
            select count(*) from recurring_tasks where status = 'active' and next_occurrence_at_utc < now()
        ),
        'occurrences_latest_seconds', (
            select greatest(coalesce(extract(epoch from now() - min(next_occurrence_at_utc)), 0), 0)::float8
            from recurring_tasks where status = 'active' and next_occurrence_at_utc < now()
        ),
        'processed_events', (select count(*) from processed_event_logs)
    )::text";

/// Counts and ages at one instant.
#[derive(Debug, Clone, Deserialize)]
pub struct Metrics {
    /// Accounts.
    pub users: u64,
    /// Tasks by status.
    pub tasks: BTreeMap<String, u64>,
    /// Events that are not published yet.
    pub outbox_backlog: u64,
    /// The age of the oldest of them, in seconds.
    pub outbox_oldest_seconds: f64,
    /// Reminders that are due and not sent.
    pub reminders_overdue: u64,
    /// How late the latest of them is, in seconds.
    pub reminders_latest_seconds: f64,
    /// Occurrences that are due and not made.
    pub occurrences_overdue: u64,
    /// How late the latest of them is, in seconds.
    pub occurrences_latest_seconds: f64,
    /// Events that consumers have claimed and that are still remembered.
    pub processed_events: u64,
}

/// Reads them.
///
/// # Errors
/// See [`SqlError`].
pub async fn read(sql: &impl Sql) -> Result<Metrics, SqlError> {
    sql.call(READ, &[]).await?.read()
}

const PING: &str = "select 'true'::text";

/// Whether the database answers.
///
/// # Errors
/// See [`SqlError`].
pub async fn ping(sql: &impl Sql) -> Result<(), SqlError> {
    sql.call(PING, &[]).await.map(drop)
}
