//! Users: registered, looked up, changed.

use rondo_domain::ids::{SessionId, UserId};
use rondo_domain::user::{Email, Name, ZoneName};
use rondo_ports::{Sql, SqlError};
use serde::Deserialize;
use serde_json::json;

use crate::RawJson;
use crate::hash_queue::{HashLimits, HashTurn};
use crate::session::NewRefreshToken;

/// Somebody who registers.
#[derive(Debug)]
pub struct NewUser<'a> {
    /// Their id.
    pub id: UserId,
    /// Their e-mail address.
    pub email: &'a Email,
    /// What they are called.
    pub name: Option<&'a Name>,
    /// Where they live.
    pub zone: &'a ZoneName,
    /// Their password's hash (PHC string).
    pub password_hash: &'a str,
}

const REGISTER: &str = "
    with registered as (
        insert into users (id, email, name, timezone, password_hash)
        values ($1::text::uuid, $2::text, $3::text, $4::text, $5::text)
        on conflict (email) do nothing
        returning users as person
    ),
    issued as (
        insert into refresh_tokens (id, user_id, session_id, token_hash, expires_at)
        select $6::text::uuid, (person).id, $7::text::uuid, decode($8::text, 'hex'), $9::text::timestamptz
        from registered
    )
    select coalesce((select user_document(person) from registered), 'null')::text";

/// Registers somebody and opens a session; `None` if the e-mail address is taken. The document is the API's user.
///
/// # Errors
/// See [`SqlError`].
pub async fn register(
    sql: &impl Sql,
    user: &NewUser<'_>,
    token: &NewRefreshToken,
) -> Result<Option<RawJson>, SqlError> {
    let document = sql
        .call(
            REGISTER,
            &[
                Some(&user.id.to_string()),
                Some(user.email.as_str()),
                user.name.map(Name::as_str),
                Some(user.zone.as_str()),
                Some(user.password_hash),
                Some(&token.id.to_string()),
                Some(&token.session.to_string()),
                Some(&token.hash),
                Some(&token.expires_at.to_string()),
            ],
        )
        .await?;
    present(document.read()?)
}

fn present(document: RawJson) -> Result<Option<RawJson>, SqlError> {
    Ok((document.as_str() != "null").then_some(document))
}

const FIND_FOR_LOGIN: &str = "
    with blocked as materialized (
        select login_blocked_seconds(sha256(convert_to($1::text, 'UTF8'))) as seconds
    )
    select json_build_object(
        'blocked_seconds', seconds,
        'turn', case when seconds is null then enter_hash_queue($2::text::integer, $3::text::integer, $4::text::interval) end,
        'id', person.id,
        'password_hash', person.password_hash
    )::text
    from blocked
    left join users as person on person.email = $1::text";

/// What is known when somebody tries to sign in.
#[derive(Debug, Deserialize)]
pub struct LoginAttempt {
    /// Too many wrong passwords in a row: nobody may try before so many seconds.
    pub blocked_seconds: Option<f64>,
    /// This attempt's place among those who hash; `None` if blocked or if too many wait.
    pub turn: Option<HashTurn>,
    /// Whose e-mail it is, if anybody's.
    pub id: Option<UserId>,
    /// Their password's hash.
    pub password_hash: Option<String>,
}

/// Looks up who signs in, and queues up to hash.
///
/// # Errors
/// See [`SqlError`].
pub async fn find_for_login(sql: &impl Sql, email: &Email, limits: HashLimits) -> Result<LoginAttempt, SqlError> {
    let [at_once, longest_queue, lease] = limits.parameters();
    sql.call(FIND_FOR_LOGIN, &[Some(email.as_str()), Some(&at_once), Some(&longest_queue), Some(&lease)]).await?.read()
}

const RECORD_LOGIN_FAILURE: &str = "
    with counted as (
        insert into login_failures as f (email_hash, failures, last_failure_at)
        values (sha256(convert_to($1::text, 'UTF8')), 1, clock_timestamp())
        on conflict (email_hash) do update set
            failures = case when f.last_failure_at < clock_timestamp() - interval '1 hour' then 1 else f.failures + 1 end,
            last_failure_at = excluded.last_failure_at
        returning failures
    )
    select to_json(failures)::text from counted";

/// Counts a wrong password; returns how many there were in a row.
///
/// # Errors
/// See [`SqlError`].
pub async fn record_login_failure(sql: &impl Sql, email: &Email) -> Result<u32, SqlError> {
    sql.call(RECORD_LOGIN_FAILURE, &[Some(email.as_str())]).await?.read()
}

// The lock makes a change of the password, which ends the user's sessions, come either before this or after it.
const OPEN_SESSION: &str = "
    with verified as materialized (
        select users as person from users
        where id = $1::text::uuid and password_hash = $6::text
        for share
    ),
    forgiven as (
        delete from login_failures using verified
        where email_hash = sha256(convert_to((person).email, 'UTF8'))
    ),
    issued as (
        insert into refresh_tokens (id, user_id, session_id, token_hash, expires_at)
        select $2::text::uuid, (person).id, $3::text::uuid, decode($4::text, 'hex'), $5::text::timestamptz
        from verified
    )
    select coalesce((select user_document(person) from verified), 'null')::text";

/// Opens a session for the user whose password was found to have the hash `verified`; the document is the API's user.
/// `None` if there is no such user any more, or their password is another by now.
///
/// # Errors
/// See [`SqlError`].
pub async fn open_session(
    sql: &impl Sql,
    user: UserId,
    verified: &str,
    token: &NewRefreshToken,
) -> Result<Option<RawJson>, SqlError> {
    let document = sql
        .call(
            OPEN_SESSION,
            &[
                Some(&user.to_string()),
                Some(&token.id.to_string()),
                Some(&token.session.to_string()),
                Some(&token.hash),
                Some(&token.expires_at.to_string()),
                Some(verified),
            ],
        )
        .await?;
    present(document.read()?)
}

const GET: &str = "select coalesce((select user_document(users) from users where id = $1::text::uuid), 'null')::text";

/// The user as the API shows it.
///
/// # Errors
/// See [`SqlError`].
pub async fn get(sql: &impl Sql, user: UserId) -> Result<Option<RawJson>, SqlError> {
    present(sql.call(GET, &[Some(&user.to_string())]).await?.read()?)
}

const PASSWORD: &str = "
    select json_build_object(
        'password_hash', (select password_hash from users where id = $1::text::uuid),
        'turn', enter_hash_queue($2::text::integer, $3::text::integer, $4::text::interval)
    )::text";

/// A user's password, and the place among those who hash.
#[derive(Debug, Deserialize)]
pub struct PasswordCheck {
    /// The password's hash.
    pub password_hash: Option<String>,
    /// The place among those who hash; `None` if too many wait.
    pub turn: Option<HashTurn>,
}

/// The user's password hash, and a place among those who hash.
///
/// # Errors
/// See [`SqlError`].
pub async fn password(sql: &impl Sql, user: UserId, limits: HashLimits) -> Result<PasswordCheck, SqlError> {
    let [at_once, longest_queue, lease] = limits.parameters();
    sql.call(PASSWORD, &[Some(&user.to_string()), Some(&at_once), Some(&longest_queue), Some(&lease)]).await?.read()
}

/// What is to change of a user; what is `None` stays.
#[derive(Debug, Default)]
pub struct UserPatch {
    /// What they are called; `Some(None)` clears it.
    pub name: Option<Option<Name>>,
    /// Where they live.
    pub zone: Option<ZoneName>,
    /// The hash of a new password, and the hash that it replaces.
    pub password: Option<PasswordChange>,
}

/// A new password.
#[derive(Debug)]
pub struct PasswordChange {
    /// The hash that was checked: if it is another by now, nothing changes.
    pub replaces: String,
    /// The hash of the new one.
    pub hash: String,
    /// The session that goes on; all others end.
    pub keep_session: Option<SessionId>,
}

const CHANGE: &str = "
    with asked as materialized (
        select $2::text::jsonb as patch
    ),
    changed as (
        update users set
            name = case when patch ? 'name' then patch ->> 'name' else name end,
            timezone = coalesce(patch ->> 'timezone', timezone),
            password_hash = coalesce(patch ->> 'password_hash', password_hash),
            updated_at = now()
        from asked
        where users.id = $1::text::uuid
            and (patch ->> 'replaces' is null or users.password_hash = patch ->> 'replaces')
        returning users as person
    ),
    ended as materialized (
        select sum(end_other_sessions((person).id, (patch ->> 'keep_session')::uuid))
        from changed, asked
        where patch ? 'password_hash'
    )
    select coalesce((select user_document(person) from changed), 'null')::text
    from ended";

/// Changes the user; `None` if there is no such user, or the password was changed meanwhile.
///
/// # Errors
/// See [`SqlError`].
pub async fn change(sql: &impl Sql, user: UserId, patch: &UserPatch) -> Result<Option<RawJson>, SqlError> {
    let mut columns = serde_json::Map::new();
    if let Some(name) = &patch.name {
        columns.insert("name".into(), json!(name.as_ref().map(Name::as_str)));
    }
    if let Some(zone) = &patch.zone {
        columns.insert("timezone".into(), json!(zone.as_str()));
    }
    if let Some(password) = &patch.password {
        columns.insert("password_hash".into(), json!(password.hash));
        columns.insert("replaces".into(), json!(password.replaces));
        columns.insert("keep_session".into(), json!(password.keep_session));
    }
    let columns = serde_json::Value::Object(columns).to_string();
    present(sql.call(CHANGE, &[Some(&user.to_string()), Some(&columns)]).await?.read()?)
}
