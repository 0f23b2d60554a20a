//! Calendar feeds: private addresses at which a calendar is read. Whoever knows the token of one reads its owner's tasks.

use rondo_domain::ids::{CalendarFeedId, UserId};
use rondo_ports::{Document, Sql, SqlError};
use serde::Deserialize;

use crate::IdempotencyKey;
use crate::calendar::{CalendarEntry, entries_of};
use crate::issuance::{self, Issuance, issue};
use crate::task::tags_of;

// The time of use is kept to the minute, so that a busy calendar does not write with every request.
const READ: &str = concat!(
    "
    with presented as materialized (
        select id, user_id, last_used_at from calendar_feeds where token_hash = decode($1::text, 'hex')
    ),
    noted as (
        update calendar_feeds set last_used_at = now()
        from presented
        where calendar_feeds.id = presented.id
            and (presented.last_used_at is null or presented.last_used_at < now() - interval '1 minute')
    )
    select json_build_object('entries', (select ",
    entries_of!("presented.user_id"),
    " from presented))::text"
);

/// All tasks of whom the feed belongs to whose token has the hash `presented` (hex); `None` if there is none.
///
/// # Errors
/// See [`SqlError`].
pub async fn read(sql: &impl Sql, presented: &str) -> Result<Option<Vec<CalendarEntry>>, SqlError> {
    #[derive(Deserialize)]
    struct Feed {
        entries: Option<Vec<CalendarEntry>>,
    }
    sql.call(READ, &[Some(presented)]).await?.read().map(|feed: Feed| feed.entries)
}

macro_rules! feed_document {
    () => {
        "json_build_object('id', id, 'created_at', utc_text(created_at), 'last_used_at', utc_text(last_used_at))"
    };
}

const CREATE: &str = issue!(into "calendar_feeds", "": "", shown as feed_document!());

/// Makes a feed whose token has the hash `hash` (SHA-256 in hex), unless the user has `at_most` already.
///
/// # Errors
/// See [`SqlError`].
pub async fn create(
    sql: &impl Sql,
    user: UserId,
    id: CalendarFeedId,
    hash: &str,
    at_most: u32,
    key: Option<&IdempotencyKey>,
) -> Result<Issuance, SqlError> {
    issuance::run(
        sql,
        CREATE,
        &[
            Some(&user.to_string()),
            Some(&id.to_string()),
            Some(hash),
            Some(&at_most.to_string()),
            key.map(|key| key.key.as_str()),
            key.map(|key| key.request_hash.as_str()),
        ],
    )
    .await
}

const LIST: &str = concat!(
    "select coalesce(json_agg(",
    feed_document!(),
    " order by created_at, id), '[]')::text from calendar_feeds where user_id = $1::text::uuid"
);

/// The user's feeds, oldest first, as the API shows them.
///
/// # Errors
/// See [`SqlError`].
pub async fn list(sql: &impl Sql, user: UserId) -> Result<Document, SqlError> {
    sql.call(LIST, &[Some(&user.to_string())]).await
}

const REVOKE: &str = "
    with deleted as (
        delete from calendar_feeds where id = $2::text::uuid and user_id = $1::text::uuid returning 1
    )
    select to_json(exists (select from deleted))::text";

/// Revokes the feed: its address leads nowhere from now on. False if there is none of that id.
///
/// # Errors
/// See [`SqlError`].
pub async fn revoke(sql: &impl Sql, user: UserId, id: CalendarFeedId) -> Result<bool, SqlError> {
    sql.call(REVOKE, &[Some(&user.to_string()), Some(&id.to_string())]).await?.read()
}
