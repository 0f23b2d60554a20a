//! Events that a consumer has dealt with, so that one that comes again does nothing.

use rondo_domain::ids::TaskId;
use rondo_ports::{Sql, SqlError};
use serde::Deserialize;

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

/// An event that tells in which state something of a task is: only the newest counts.
#[derive(Debug, Clone, Copy)]
pub struct StateEvent<'a> {
    /// The event.
    pub event: ConsumedEvent<'a>,
    /// The task.
    pub task: TaskId,
    /// Its place among the events of the task.
    pub sequence: i64,
}

/// Where an event stands among those of its task that the consumer has dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is news.
    New,
    /// It had come before.
    Repeated,
    /// A newer one had come before.
    Older,
}

const STANDING: &str = "
    select to_json(case
        when exists (
            select from processed_event_logs where idempotency_key = $1::text || ':' || $2::text
        ) then 'repeated'
        when exists (
            select from processed_event_logs
            where consumer = $1::text and task_id = $3::text::uuid and sequence > $4::text::bigint
        ) then 'older'
        else 'new'
    end)::text";

/// Where `event` stands. Whoever acts on it, and can do so twice, claims it afterwards ([`claim_state`]).
///
/// # Errors
/// See [`SqlError`].
pub async fn standing(sql: &impl Sql, state: StateEvent<'_>) -> Result<Standing, SqlError> {
    let StateEvent { event, task, sequence } = state;
    let parameters = [Some(event.consumer), Some(event.event_id), Some(&task.to_string()), Some(&sequence.to_string())];
    sql.call(STANDING, &parameters).await?.read()
}

const CLAIM_STATE: &str = "
    with claimed as (
        insert into processed_event_logs (event_id, idempotency_key, event_type, event_timestamp, consumer, task_id, sequence)
        values ($2::text, $1::text || ':' || $2::text, $3::text, $4::text::timestamptz, $1::text, $5::text::uuid,
            $6::text::bigint)
        on conflict (idempotency_key) do nothing
        returning 1
    )
    select to_json(exists (select from claimed))::text";

/// Claims an event that was acted on, so that what is older is known to be.
///
/// # Errors
/// See [`SqlError`].
pub async fn claim_state(sql: &impl Sql, state: StateEvent<'_>) -> Result<Claim, SqlError> {
    let StateEvent { event, task, sequence } = state;
    let parameters = [
        Some(event.consumer),
        Some(event.event_id),
        Some(event.event_type),
        Some(event.occurred_at),
        Some(&task.to_string()),
        Some(&sequence.to_string()),
    ];
    let first: bool = sql.call(CLAIM_STATE, &parameters).await?.read()?;
    Ok(if first { Claim::First } else { Claim::Repeated })
}
