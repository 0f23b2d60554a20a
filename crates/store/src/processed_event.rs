//! Events that a consumer has dealt with, so that one that comes again does nothing.

use rondo_ports::{Sql, SqlError};

/// An event, as a consumer claims it.
#[derive(Debug, Clone, Copy)]
pub struct ConsumedEvent<'a> {
    /// Who consumes it.
    pub consumer: &'a str,
    /// The event's id, which stays the same however often it is delivered.
    pub event_id: &'a str,
    /// What happened.
    pub event_type: &'a str,
    /// When it happened, RFC 3339.
    pub occurred_at: &'a str,
}

/// Whether a claim was the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It was: the work was done with it.
    First,
    /// The event had come before.
    Repeated,
}

const CLAIM: &str = "
    with claimed as (
        insert into processed_event_logs (event_id, idempotency_key, event_type, event_timestamp)
        values ($2::text, $1::text || ':' || $2::text, $3::text, $4::text::timestamptz)
        on conflict (idempotency_key) do nothing
        returning 1
    )
    select to_json(exists (select from claimed))::text";

/// Claims an event for its consumer.
///
/// # Errors
/// See [`SqlError`].
pub async fn claim(sql: &impl Sql, event: ConsumedEvent<'_>) -> Result<Claim, SqlError> {
    let first: bool = sql
        .call(CLAIM, &[Some(event.consumer), Some(event.event_id), Some(event.event_type), Some(event.occurred_at)])
        .await?
        .read()?;
    Ok(if first { Claim::First } else { Claim::Repeated })
}
