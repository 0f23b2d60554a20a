//! Sessions: chains of refresh tokens, of which each is spent by the next.

use jiff::Timestamp;
use rondo_domain::ids::{RefreshTokenId, SessionId, UserId};
use rondo_ports::{Sql, SqlError};
use serde::Deserialize;

use crate::RawJson;

/// A refresh token that is to be stored.
#[derive(Debug, Clone)]
pub struct NewRefreshToken {
    /// Its id.
    pub id: RefreshTokenId,
    /// The session that it belongs to; a refreshed one stays in its own.
    pub session: SessionId,
    /// SHA-256 of the token, in hex.
    pub hash: String,
    /// Until when it can be spent.
    pub expires_at: Timestamp,
}

const REFRESH: &str = "
    with presented as materialized (
        select * from refresh_tokens where token_hash = decode($1::text, 'hex') for update
    ),
    spent as (
        update refresh_tokens set spent_at = now()
        from presented
        where refresh_tokens.id = presented.id and presented.spent_at is null and presented.expires_at > now()
        returning refresh_tokens.user_id, refresh_tokens.session_id
    ),
    issued as (
        insert into refresh_tokens (id, user_id, session_id, token_hash, expires_at)
        select $2::text::uuid, user_id, session_id, decode($3::text, 'hex'), $4::text::timestamptz
        from spent
    ),
    ended as materialized (
        select sum(end_session(user_id, session_id)) from presented where spent_at is not null
    )
    select coalesce((
        select json_build_object('id', users.id, 'session', spent.session_id, 'user', user_document(users))
        from spent join users on users.id = spent.user_id
    ), 'null')::text
    from ended";

/// A session that goes on.
#[derive(Debug, Deserialize)]
pub struct Refreshed {
    /// Whose it is.
    pub id: UserId,
    /// Which it is.
    pub session: SessionId,
    /// The user as the API shows it.
    pub user: RawJson,
}

/// Spends the token with the hash `presented` (hex) for `next`, whose session is taken from it. `None` if it can't be
/// spent; if it had been spent before, whoever holds it may have stolen it, and the whole session ends.
///
/// # Errors
/// See [`SqlError`].
pub async fn refresh(sql: &impl Sql, presented: &str, next: &NewRefreshToken) -> Result<Option<Refreshed>, SqlError> {
    sql.call(
        REFRESH,
        &[Some(presented), Some(&next.id.to_string()), Some(&next.hash), Some(&next.expires_at.to_string())],
    )
    .await?
    .read()
}

const END: &str = "
    select to_json(coalesce(sum(end_session(user_id, session_id)), 0))::text
    from refresh_tokens
    where token_hash = decode($1::text, 'hex')";

/// Ends the session of the token with the hash `presented` (hex), if there is one.
///
/// # Errors
/// See [`SqlError`].
pub async fn end(sql: &impl Sql, presented: &str) -> Result<(), SqlError> {
    sql.call(END, &[Some(presented)]).await.map(drop)
}
