//! `/api/calendar-feeds`: feeds made, listed, revoked.

use http::{StatusCode, header};
use rondo_domain::ids::CalendarFeedId;
use rondo_ports::Platform;
use rondo_store::calendar_feed as store;
use rondo_store::{Issuance, RawJson};
use serde_json::{Map, Value};

use crate::auth::shown_once::Secrets;
use crate::auth::{identify, opaque};
use crate::form::Form;
use crate::idempotency::key_reused;
use crate::{Problem, Reply, Request};

/// The most feeds that a user has.
const AT_MOST: u32 = 10;

/// `GET /api/calendar-feeds`.
pub(super) async fn list<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    request.query().finish(())?;
    Ok(Reply::document(store::list(platform, identity.user).await?))
}

/// `POST /api/calendar-feeds`. The address is in this reply and nowhere else. With an idempotency key its token is derived
/// from the key, so that the same request can be answered again without the token having been stored.
pub(super) async fn create<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let key = request.idempotency_key()?;
    let form = if request.bytes()?.is_empty() { Form::parse(b"{}") } else { request.form() };
    form?.finish(Some(()))?;
    let tokens = Secrets::draw(platform, identity.user, "calendar feed", key.as_ref(), opaque::feed_token)?;
    let id = CalendarFeedId::new(platform.now(), platform.bytes());
    match store::create(platform, identity.user, id, &tokens.hash(), AT_MOST, key.as_ref()).await? {
        Issuance::Made { document, hash } => created(request, &document, tokens.of(&hash)),
        Issuance::KeyReused => Err(key_reused()),
        Issuance::NoRoom => {
            Err(Problem::conflict(format!("You have {AT_MOST} calendar feeds, which is the most. Revoke one first.")))
        }
    }
}

fn created(request: &Request, feed: &RawJson, token: Option<&str>) -> Result<Reply, Problem> {
    let token = token.ok_or_else(|| {
        Problem::conflict("The feed was made, but its address can't be shown again. Revoke it and make another.")
    })?;
    let mut shown: Map<String, Value> = feed.read()?;
    let location = format!("/api/calendar-feeds/{}", shown.get("id").and_then(Value::as_str).unwrap_or_default());
    shown.insert("url".into(), format!("{}/api/calendar/{token}.ics", origin(request)).into());
    Ok(Reply::json(StatusCode::CREATED, &shown).with_header(header::LOCATION, &location))
}

/// Where the client found us: as the proxy before us says, or as Spin does. Without either, addresses have no host.
fn origin(request: &Request) -> String {
    let said = |name: &str| request.header(name).and_then(|value| value.rsplit(',').next()).map(str::trim);
    let whole = request.header("spin-full-url").unwrap_or_default();
    let (scheme, rest) = whole.split_once("://").unwrap_or(("http", ""));
    let scheme = said("x-forwarded-proto").filter(|scheme| matches!(*scheme, "http" | "https")).unwrap_or(scheme);
    let host = said("x-forwarded-host").or_else(|| rest.split('/').next()).unwrap_or_default();
    if host.is_empty() { String::new() } else { format!("{scheme}://{host}") }
}

/// `DELETE /api/calendar-feeds/{id}`.
pub(super) async fn revoke<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let id = CalendarFeedId::parse(id).ok_or_else(|| Problem::not_found("calendar feed"))?;
    if store::revoke(platform, identity.user, id).await? {
        Ok(Reply::no_content())
    } else {
        Err(Problem::not_found("calendar feed"))
    }
}
