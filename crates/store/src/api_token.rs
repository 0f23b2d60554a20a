//! Personal API tokens: made, listed, deleted, and who one belongs to.

use jiff::Timestamp;
use rondo_domain::ids::{ApiTokenId, UserId};
use rondo_domain::user::Name;
use rondo_ports::{Document, Sql, SqlError};
use serde::Deserialize;

use crate::IdempotencyKey;
use crate::issuance::{self, Issuance, issue};

macro_rules! token_document {
    () => {
        "json_build_object(
            'id', id,
            'name', name,
            'created_at', utc_text(created_at),
            'expires_at', utc_text(expires_at),
            'last_used_at', utc_text(last_used_at)
        )"
    };
}

const CREATE: &str = issue!(
    into "api_tokens", ", name, expires_at": ", $7::text, $8::text::timestamptz",
    shown as token_document!()
);

/// A token that is to be made.
#[derive(Debug)]
pub struct NewApiToken<'a> {
    /// Its id.
    pub id: ApiTokenId,
    /// What it is for.
    pub name: &'a Name,
    /// SHA-256 of the token, in hex.
    pub hash: &'a str,
    /// Until when it is valid, if not for ever.
    pub expires_at: Option<Timestamp>,
}

/// Makes a token, unless the user has `at_most` already.
///
/// # Errors
/// See [`SqlError`].
pub async fn create(
    sql: &impl Sql,
    user: UserId,
    token: &NewApiToken<'_>,
    at_most: u32,
    key: Option<&IdempotencyKey>,
) -> Result<Issuance, SqlError> {
    issuance::run(
        sql,
        CREATE,
        &[
            Some(&user.to_string()),
            Some(&token.id.to_string()),
            Some(token.hash),
            Some(&at_most.to_string()),
            key.map(|key| key.key.as_str()),
            key.map(|key| key.request_hash.as_str()),
            Some(token.name.as_str()),
            token.expires_at.map(|instant| instant.to_string()).as_deref(),
        ],
    )
    .await
}

const LIST: &str = concat!(
    "select coalesce(json_agg(",
    token_document!(),
    " order by created_at, id), '[]')::text from api_tokens where user_id = $1::text::uuid"
);

/// The user's tokens, oldest first, as the API shows them.
///
/// # Errors
/// See [`SqlError`].
pub async fn list(sql: &impl Sql, user: UserId) -> Result<Document, SqlError> {
    sql.call(LIST, &[Some(&user.to_string())]).await
}

const DELETE: &str = "
    with deleted as (
        delete from api_tokens where id = $2::text::uuid and user_id = $1::text::uuid returning 1
    )
    select to_json(exists (select from deleted))::text";

/// Deletes the token: it is refused from now on. False if there is none of that id.
///
/// # Errors
/// See [`SqlError`].
pub async fn delete(sql: &impl Sql, user: UserId, id: ApiTokenId) -> Result<bool, SqlError> {
    sql.call(DELETE, &[Some(&user.to_string()), Some(&id.to_string())]).await?.read()
}

// The time of use is kept to the minute, so that a busy program does not write with every request.
const AUTHENTICATE: &str = "
    with presented as materialized (
        select id, user_id, last_used_at from api_tokens
        where token_hash = decode($1::text, 'hex') and (expires_at is null or expires_at > now())
    ),
    noted as (
        update api_tokens set last_used_at = now()
        from presented
        where api_tokens.id = presented.id
            and (presented.last_used_at is null or presented.last_used_at < now() - interval '1 minute')
    )
    select json_build_object('user', (select user_id from presented))::text";

/// Whose token has the hash `presented` (hex), if it is a valid one.
///
/// # Errors
/// See [`SqlError`].
pub async fn authenticate(sql: &impl Sql, presented: &str) -> Result<Option<UserId>, SqlError> {
    #[derive(Deserialize)]
    struct Owner {
        user: Option<UserId>,
    }
    sql.call(AUTHENTICATE, &[Some(presented)]).await?.read().map(|owner: Owner| owner.user)
}
