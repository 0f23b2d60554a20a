//! Who hashes a password at the moment, and who waits to.
//!
//! A hash takes tens of milliseconds of a core, so only so many run at once. Who wants one draws a ticket ([`enter`], or
//! a look-up in [`crate::user`] that does so on the way), asks again until nobody is ahead ([`advance`]), hashes, and
//! gives the turn back ([`leave`]). Turns come in the order of tickets. Who ends in between holds its place until its
//! lease is over.

use rondo_ports::{Sql, SqlError};
use serde::Deserialize;

/// How many may hash, and wait to.
#[derive(Debug, Clone, Copy)]
pub struct HashLimits {
    /// Hashes that run at once.
    pub at_once: u32,
    /// How many more may wait.
    pub longest_queue: u32,
    /// For how long a place is held without being asked for, and the longest that a hash may take.
    pub lease_milliseconds: u32,
}

impl HashLimits {
    /// Its parts as parameters of statements: `at_once`, `longest_queue` and the lease as an interval.
    pub(crate) fn parameters(self) -> [String; 3] {
        [self.at_once.to_string(), self.longest_queue.to_string(), format!("{} milliseconds", self.lease_milliseconds)]
    }
}

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct HashTurn {
    /// What it is called.
    pub ticket: i64,
    /// How many hashes must end before this one may begin; at 0 it may.
    pub ahead: u32,
}

const ENTER: &str = "
    select coalesce(enter_hash_queue($1::text::integer, $2::text::integer, $3::text::interval), 'null')::text";

/// Queues up; `None` if too many wait already.
///
/// # Errors
/// See [`SqlError`].
pub async fn enter(sql: &impl Sql, limits: HashLimits) -> Result<Option<HashTurn>, SqlError> {
    let [at_once, longest_queue, lease] = limits.parameters();
    sql.call(ENTER, &[Some(&at_once), Some(&longest_queue), Some(&lease)]).await?.read()
}

const ADVANCE: &str = "
    select coalesce(advance_in_hash_queue($1::text::bigint, $2::text::integer, $3::text::interval), 'null')::text";

/// Where the ticket is by now, holding its place for another lease; `None` if it had been lost.
///
/// # Errors
/// See [`SqlError`].
pub async fn advance(sql: &impl Sql, ticket: i64, limits: HashLimits) -> Result<Option<HashTurn>, SqlError> {
    let [at_once, _, lease] = limits.parameters();
    sql.call(ADVANCE, &[Some(&ticket.to_string()), Some(&at_once), Some(&lease)]).await?.read()
}

const LEAVE: &str = "
    with turn as (
        delete from password_hash_turns where ticket = $1::text::bigint returning 1
    )
    select to_json(count(*))::text from turn";

/// Gives the turn, or the place in the queue, to the next.
///
/// # Errors
/// See [`SqlError`]. The place is free when its lease ends.
pub async fn leave(sql: &impl Sql, ticket: i64) -> Result<(), SqlError> {
    sql.call(LEAVE, &[Some(&ticket.to_string())]).await.map(drop)
}
