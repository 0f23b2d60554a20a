//! Sessions: begun by registering or signing in, continued by refreshing, ended by signing out.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use rondo_domain::ValueError;
use rondo_domain::ids::{RefreshTokenId, SessionId, UserId};
use rondo_domain::user::{Email, Name, Password, ZoneName};
use rondo_ports::Platform;
use rondo_store::session::NewRefreshToken;
use rondo_store::user::{self as users, NewUser};
use rondo_store::{RawJson, hash_queue};
use serde::Serialize;

use super::jwt::{Claims, Keys, LIFETIME_SECONDS};
use super::{opaque, password};
use crate::problem::log;
use crate::{Problem, Reply, Request};

/// For how long a session lasts without being used.
const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

struct Registration {
    email: Email,
    password: Password,
    name: Option<Name>,
    zone: ZoneName,
}

/// `POST /api/auth/register`.
pub(super) async fn register<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let asked = registration(request)?;
    let turn = hash_queue::enter(platform, password::LIMITS).await?;
    let hash = password::in_turn(platform, turn, || password::hash(platform, &asked.password)).await??;

    let now = platform.now();
    let id = UserId::new(now, platform.bytes());
    let (token, stored) = new_refresh_token(platform, now, SessionId::new(now, platform.bytes()));
    let user = NewUser { id, email: &asked.email, name: asked.name.as_ref(), zone: &asked.zone, password_hash: &hash };
    let user = users::register(platform, &user, &stored)
        .await?
        .ok_or_else(|| Problem::conflict("There is an account with this e-mail address already. Sign in instead."))?;
    signed_in(platform, StatusCode::CREATED, id, stored.session, &user, &token)
}

fn registration(request: &Request) -> Result<Registration, Problem> {
    let mut form = request.form()?;
    let email = form.required("email", Email::parse);
    let password = form.required("password", Password::parse);
    let name = form.clearable("name", Name::parse).flatten();
    let zone = form.optional("timezone", ZoneName::parse).unwrap_or_default();
    let asked = email.zip(password).map(|(email, password)| Registration { email, password, name, zone });
    form.finish(asked)
}

/// `POST /api/auth/login`.
pub(super) async fn login<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let (email, password) = credentials(request)?;
    let attempt = users::find_for_login(platform, &email, password::LIMITS).await?;
    if let Some(seconds) = attempt.blocked_seconds {
        return Err(blocked(seconds));
    }
    let stored = attempt.password_hash.as_deref();
    let matches = password::in_turn(platform, attempt.turn, || password::matches(password.as_bytes(), stored)).await?;
    let Some((id, verified)) = attempt.id.zip(stored).filter(|_| matches) else {
        users::record_login_failure(platform, &email).await?;
        return Err(wrong_credentials());
    };

    let now = platform.now();
    let (token, stored) = new_refresh_token(platform, now, SessionId::new(now, platform.bytes()));
    let user = users::open_session(platform, id, verified, &stored).await?.ok_or_else(wrong_credentials)?;
    signed_in(platform, StatusCode::OK, id, stored.session, &user, &token)
}

fn wrong_credentials() -> Problem {
    Problem::unauthorized("The e-mail address or the password is wrong.")
}

fn blocked(seconds: f64) -> Problem {
    // At most the quarter of an hour that the database counts, so it fits.
    let seconds = seconds.ceil().clamp(1.0, 900.0) as u64;
    Problem::too_many("Too many wrong passwords in a row for this e-mail address. Wait, then try again.", seconds)
}

/// What somebody signs in with. Only its shape is checked: a password that could not be chosen today is just wrong.
fn credentials(request: &Request) -> Result<(Email, String), Problem> {
    let mut form = request.form()?;
    let email = form.required("email", Email::parse);
    let password = form.required("password", |text| {
        if text.len() > 4 * Password::MAX_CHARACTERS {
            return Err(ValueError::new("is too long"));
        }
        Ok(text.to_owned())
    });
    form.finish(email.zip(password))
}

/// `POST /api/auth/refresh`.
pub(super) async fn refresh<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let presented = refresh_token(request)?;
    let now = platform.now();
    // Which session it is, the database takes from the token that is spent.
    let (token, stored) = new_refresh_token(platform, now, SessionId::new(now, [0; 10]));
    let Some(refreshed) = rondo_store::session::refresh(platform, &opaque::hash(&presented), &stored).await? else {
        log("a refresh token was refused");
        return Err(Problem::unauthorized("The session is over. Sign in again."));
    };
    signed_in(platform, StatusCode::OK, refreshed.id, refreshed.session, &refreshed.user, &token)
}

/// `POST /api/auth/logout`.
pub(super) async fn logout<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let presented = refresh_token(request)?;
    rondo_store::session::end(platform, &opaque::hash(&presented)).await?;
    Ok(Reply::no_content())
}

fn refresh_token(request: &Request) -> Result<String, Problem> {
    let mut form = request.form()?;
    let token = form.required("refresh_token", |text| Ok(text.to_owned()));
    form.finish(token)
}

fn new_refresh_token<P: Platform>(platform: &P, now: Timestamp, session: SessionId) -> (String, NewRefreshToken) {
    let token = opaque::refresh_token(platform);
    let stored = NewRefreshToken {
        id: RefreshTokenId::new(now, platform.bytes()),
        session,
        hash: opaque::hash(&token),
        expires_at: now + REFRESH_LIFETIME,
    };
    (token, stored)
}

fn signed_in<P: Platform>(
    platform: &P,
    status: StatusCode,
    id: UserId,
    session: SessionId,
    user: &RawJson,
    refresh_token: &str,
) -> Result<Reply, Problem> {
    #[derive(Serialize)]
    struct Session<'a> {
        user: &'a RawJson,
        access_token: String,
        token_type: &'a str,
        expires_in: i64,
        refresh_token: &'a str,
    }
    let keys = Keys::read(&platform.variable("jwt_keys")?).map_err(|error| Problem::internal(&error))?;
    let access_token =
        keys.sign(Claims { user: id, session }, platform.now()).map_err(|error| Problem::internal(&error))?;
    Ok(Reply::json(
        status,
        &Session { user, access_token, token_type: "bearer", expires_in: LIFETIME_SECONDS, refresh_token },
    ))
}
