//! `/api/auth/tokens`: personal API tokens, for programs that act for a user.

use http::{StatusCode, header};
use jiff::Timestamp;
use rondo_domain::ids::ApiTokenId;
use rondo_domain::time;
use rondo_domain::user::Name;
use rondo_ports::Platform;
use rondo_store::api_token::{self, NewApiToken};
use rondo_store::{Issuance, RawJson};
use serde_json::{Map, Value};

use super::shown_once::Secrets;
use super::{identify, opaque};
use crate::idempotency::key_reused;
use crate::{Problem, Reply, Request};

/// The most tokens that a user has.
const AT_MOST: u32 = 50;

/// `GET /api/auth/tokens`.
pub(super) async fn list<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    request.query().finish(())?;
    Ok(Reply::document(api_token::list(platform, identity.user).await?))
}

/// `POST /api/auth/tokens`. The secret is in this reply and nowhere else. With an idempotency key it is derived from the
/// key, so that the same request can be answered again without the secret having been stored.
pub(super) async fn create<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let key = request.idempotency_key()?;
    let now = platform.now();
    let (name, expires_at) = new_token(request, now)?;
    let secrets = Secrets::draw(platform, identity.user, "api token", key.as_ref(), opaque::api_token)?;
    let id = ApiTokenId::new(now, platform.bytes());
    let token = NewApiToken { id, name: &name, hash: &secrets.hash(), expires_at };
    match api_token::create(platform, identity.user, &token, AT_MOST, key.as_ref()).await? {
        Issuance::Made { document, hash } => created(&document, secrets.of(&hash)),
        Issuance::KeyReused => Err(key_reused()),
        Issuance::NoRoom => {
            Err(Problem::conflict(format!("You have {AT_MOST} tokens, which is the most. Delete one first.")))
        }
    }
}

fn created(token: &RawJson, secret: Option<&str>) -> Result<Reply, Problem> {
    let secret = secret.ok_or_else(|| {
        Problem::conflict("The token was made, but its secret can't be shown again. Delete it and make another.")
    })?;
    let mut shown: Map<String, Value> = token.read()?;
    let location = format!("/api/auth/tokens/{}", shown.get("id").and_then(Value::as_str).unwrap_or_default());
    shown.insert("token".into(), secret.into());
    Ok(Reply::json(StatusCode::CREATED, &shown).with_header(header::LOCATION, &location))
}

fn new_token(request: &Request, now: Timestamp) -> Result<(Name, Option<Timestamp>), Problem> {
    let mut form = request.form()?;
    let name = form.required("name", Name::parse);
    let expires_at = form.clearable("expires_at", time::instant).flatten();
    if expires_at.is_some_and(|instant| instant <= now) {
        form.fail("expires_at", "must lie in the future");
    }
    form.finish(name.map(|name| (name, expires_at)))
}

/// `DELETE /api/auth/tokens/{id}`.
pub(super) async fn delete<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let id = ApiTokenId::parse(id).ok_or_else(|| Problem::not_found("token"))?;
    if api_token::delete(platform, identity.user, id).await? {
        Ok(Reply::no_content())
    } else {
        Err(Problem::not_found("token"))
    }
}
