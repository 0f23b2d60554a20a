//! The outbox: the events that a change wrote, until they are published, and a while longer for the stream.
//!
//! Who makes a change mostly relays the user's events right after the answer (`record_events` in
//! `migrations/V7__functions.sql` hands them over as a [`RelayBatch`]); a sweep publishes what a crash left. One
//! relays the events of a user at a time, so the events of a task reach the topic in their order. An event may be
//! published twice (a crash between publishing and confirming) but keeps its id.

use rondo_domain::ids::UserId;
use rondo_ports::{Sql, SqlError};
use serde::Deserialize;

use crate::RawJson;

/// Events of one user that are to be published, in this order, by whoever holds them.
#[derive(Debug, Clone, Deserialize)]
pub struct RelayBatch {
    /// Who relays: what [`confirm`] asks for.
    pub holder: String,
    /// The events.
    pub events: Vec<OutboxEvent>,
}

/// An event that waits in the outbox.
#[derive(Debug, Clone, Deserialize)]
pub struct OutboxEvent {
    /// Its place among the user's events.
    pub sequence: i64,
    /// Its id: a UUID that stays the same however often it is published.
    pub id: String,
    /// The topic it goes to.
    pub topic: String,
    /// What happened, such as `task.created`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The task it is about.
    pub subject: String,
    /// When it happened, RFC 3339 in UTC.
    pub time: String,
    /// `data` of the CloudEvent.
    pub data: RawJson,
}

const CONFIRM: &str = "
    select coalesce(confirm_relay(
        $1::text::uuid, $2::text::xid8, string_to_array($3::text, ',')::bigint[], $4::text::boolean
    ), 'null')::text";

/// What a relay does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Go on with what came meanwhile.
    Continue,
    /// Leave the rest to the sweep: publishing failed.
    Stop,
}

/// Marks events as published, and returns what came meanwhile.
///
/// # Errors
/// See [`SqlError`]. The events are published again later then.
pub async fn confirm(
    sql: &impl Sql,
    user: UserId,
    holder: &str,
    published: &[i64],
    then: Then,
) -> Result<Option<RelayBatch>, SqlError> {
    let published: Vec<String> = published.iter().map(i64::to_string).collect();
    let stop = if then == Then::Stop { "true" } else { "false" };
    sql.call(CONFIRM, &[Some(&user.to_string()), Some(holder), Some(&published.join(",")), Some(stop)]).await?.read()
}

const USERS_WITH_EVENTS_TO_PUBLISH: &str = "
    select coalesce(json_agg(user_id), '[]')::text
    from (
        select distinct outbox.user_id
        from outbox
        join event_sequences on event_sequences.user_id = outbox.user_id
        where outbox.published_at is null
            and (relay_until is null or relay_until <= clock_timestamp())
        limit 200
    ) as waiting";

/// Users whose events wait and are relayed by nobody; at most 200.
///
/// # Errors
/// See [`SqlError`].
pub async fn users_with_events_to_publish(sql: &impl Sql) -> Result<Vec<UserId>, SqlError> {
    sql.call(USERS_WITH_EVENTS_TO_PUBLISH, &[]).await?.read()
}

const CLAIM: &str = "select coalesce(claim_relay($1::text::uuid), 'null')::text";

/// Takes over the relay of a user's events; `None` if another has it or there are none.
///
/// # Errors
/// See [`SqlError`].
pub async fn claim(sql: &impl Sql, user: UserId) -> Result<Option<RelayBatch>, SqlError> {
    sql.call(CLAIM, &[Some(&user.to_string())]).await?.read()
}

const LAST_SEQUENCE: &str = "
    select json_build_object(
        'last', coalesce((select last_sequence from event_sequences where user_id = $1::text::uuid), 0),
        'oldest', (select min(sequence) from outbox where user_id = $1::text::uuid)
    )::text";

/// Where a user's events end, and where those that are kept begin.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct SequenceRange {
    /// The last one's sequence; 0 if there was none.
    pub last: i64,
    /// The oldest one's that is kept, if any is.
    pub oldest: Option<i64>,
}

/// Where a user's events begin and end.
///
/// # Errors
/// See [`SqlError`].
pub async fn sequence_range(sql: &impl Sql, user: UserId) -> Result<SequenceRange, SqlError> {
    sql.call(LAST_SEQUENCE, &[Some(&user.to_string())]).await?.read()
}

const EVENTS_AFTER: &str = "
    select coalesce(json_agg(json_build_object(
        'sequence', sequence, 'type', event_type, 'data', data
    ) order by sequence), '[]')::text
    from (
        select sequence, event_type, data from outbox
        where user_id = $1::text::uuid and sequence > $2::text::bigint
        order by sequence
        limit 200
    ) as following";

/// An event as the stream tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct StreamEvent {
    /// Its place among the user's events.
    pub sequence: i64,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: String,
    /// What is told of it.
    pub data: RawJson,
}

/// The user's events after `sequence`, in order, at most 200. Sequences are given in the order of commits, so none is
/// ever skipped.
///
/// # Errors
/// See [`SqlError`].
pub async fn events_after(sql: &impl Sql, user: UserId, sequence: i64) -> Result<Vec<StreamEvent>, SqlError> {
    sql.call(EVENTS_AFTER, &[Some(&user.to_string()), Some(&sequence.to_string())]).await?.read()
}
