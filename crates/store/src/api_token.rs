//! Personal API tokens: made, listed, deleted, and who one belongs to.

use jiff::Timestamp;
use rondo_domain::ids::{ApiTokenId, UserId};
use rondo_domain::user::Name;
use rondo_ports::{Document, Sql, SqlError};
use serde::Deserialize;

use crate::{IdempotencyKey, RawJson};

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

// A refusal for want of room claims no key, so that the same request can be made again when there is room.
const CREATE: &str = concat!(
    "
    with room as materialized (
        select (select count(*) from api_tokens where user_id = $1::text::uuid) < $6::text::int as free
    ),
    claim as materialized (
        select free, case
            when free or exists (select from idempotency_keys where user_id = $1::text::uuid and key = $7::text)
            then claim_idempotency_key($1::text::uuid, $7::text, decode($8::text, 'hex'))
        end as earlier
        from room
    ),
    created as (
        insert into api_tokens (id, user_id, name, token_hash, expires_at)
        select $2::text::uuid, $1::text::uuid, $3::text, decode($4::text, 'hex'), $5::text::timestamptz
        from claim
        where earlier is null and free
        returning *
    ),
    document as materialized (
        select ",
    token_document!(),
    " as token, $4::text as hash from created
    ),
    kept as materialized (
        select keep_reply($1::text::uuid, $7::text, to_json(document)) from document where $7::text is not null
    )
    select coalesce(
        (select earlier from claim),
        (select json_build_object('outcome', 'made', 'reply', to_json(document)) from document left join kept on true),
        json_build_object('outcome', 'no_room')
    )::text"
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

/// What came of making a token.
#[derive(Debug)]
pub enum TokenCreation {
    /// It is there: made now, or by the same request before.
    Made {
        /// The API's token, without the secret.
        token: RawJson,
        /// SHA-256 of the token, in hex: by it the secret of one that was made before is told.
        hash: String,
    },
    /// The key had been used for another request.
    KeyReused,
    /// The user has as many as one may have.
    NoRoom,
}

#[derive(Deserialize)]
struct TokenDocument {
    outcome: TokenOutcome,
    reply: Option<MadeToken>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TokenOutcome {
    Made,
    Replayed,
    KeyReused,
    NoRoom,
}

#[derive(Deserialize)]
struct MadeToken {
    token: RawJson,
    hash: String,
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
) -> Result<TokenCreation, SqlError> {
    let document = sql
        .call(
            CREATE,
            &[
                Some(&user.to_string()),
                Some(&token.id.to_string()),
                Some(token.name.as_str()),
                Some(token.hash),
                token.expires_at.map(|instant| instant.to_string()).as_deref(),
                Some(&at_most.to_string()),
                key.map(|key| key.key.as_str()),
                key.map(|key| key.request_hash.as_str()),
            ],
        )
        .await?;
    let document: TokenDocument = document.read()?;
    Ok(match (document.outcome, document.reply) {
        (TokenOutcome::Made | TokenOutcome::Replayed, Some(MadeToken { token, hash })) => {
            TokenCreation::Made { token, hash }
        }
        (TokenOutcome::NoRoom, _) => TokenCreation::NoRoom,
        (TokenOutcome::KeyReused, _) | (_, None) => TokenCreation::KeyReused,
    })
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
