//! `/api/push-subscriptions`: the devices that notifications are pushed to.

use http::{Method, StatusCode, header};
use rondo_domain::ValueError;
use rondo_domain::ids::PushSubscriptionId;
use rondo_domain::notification::{OutboundUrl, Reach};
use rondo_domain::user::Name;
use rondo_ports::Platform;
use rondo_push::{KeyError, Receiver, VapidKey};
use rondo_store::RawJson;
use rondo_store::push_subscription::{self as store, NewPushSubscription, Subscribed};
use serde::Deserialize;
use serde_json::Value;

use super::reach;
use crate::auth::identify;
use crate::form::Form;
use crate::{FieldError, Problem, Reply, Request};

/// The most devices that a user has.
const AT_MOST: u32 = 10;

pub(super) async fn handle<P: Platform>(platform: &P, request: &Request, segments: &[&str]) -> Result<Reply, Problem> {
    match (segments, &request.method) {
        ([], &Method::GET) => list(platform, request).await,
        ([], &Method::POST) => subscribe(platform, request).await,
        ([], _) => Err(Problem::method_not_allowed("GET, POST")),
        (["key"], &Method::GET) => key(platform, request).await,
        (["key"], _) => Err(Problem::method_not_allowed("GET")),
        ([id], &Method::DELETE) => delete(platform, request, id).await,
        ([_], _) => Err(Problem::method_not_allowed("DELETE")),
        _ => Err(Problem::not_found("path")),
    }
}

/// `GET /api/push-subscriptions/key`: what a browser subscribes with (`applicationServerKey`).
async fn key<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    identify(platform, request).await?;
    request.query().finish(())?;
    let private = platform.variable("vapid_private_key")?;
    if private.is_empty() {
        return Err(Problem::not_found("key: whoever runs this Rondo has not set web push up"));
    }
    let key = VapidKey::parse(&private)
        .map_err(|error| Problem::internal(&format!("the variable vapid_private_key {error}")))?;
    Ok(Reply::json(StatusCode::OK, &serde_json::json!({ "public_key": key.public_key() })))
}

/// `GET /api/push-subscriptions`.
async fn list<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    request.query().finish(())?;
    Ok(Reply::document(store::list(platform, identity.user).await?))
}

/// `POST /api/push-subscriptions`: what `PushSubscription.toJSON()` gives, and what the device is called.
async fn subscribe<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let Subscription { endpoint, keys, device } = subscription(request.form()?, reach(platform)?)?;
    let subscription = NewPushSubscription {
        id: PushSubscriptionId::new(platform.now(), platform.bytes()),
        endpoint: &endpoint,
        p256dh: &keys.p256dh,
        auth: &keys.auth,
        device: device.as_ref(),
    };
    match store::subscribe(platform, identity.user, &subscription, AT_MOST).await? {
        Subscribed::Made(document) => made(document),
        Subscribed::Replaced(document) => Ok(Reply::raw(StatusCode::OK, document)),
        Subscribed::NoRoom => {
            Err(Problem::conflict(format!("You have {AT_MOST} devices, which is the most. Take one away first.")))
        }
    }
}

fn made(document: RawJson) -> Result<Reply, Problem> {
    #[derive(Deserialize)]
    struct Made {
        id: PushSubscriptionId,
    }
    let Made { id } = document.read()?;
    let location = format!("/api/push-subscriptions/{id}");
    Ok(Reply::raw(StatusCode::CREATED, document).with_header(header::LOCATION, &location))
}

/// `DELETE /api/push-subscriptions/{id}`.
async fn delete<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let id = PushSubscriptionId::parse(id).ok_or_else(|| Problem::not_found("device"))?;
    if store::delete(platform, identity.user, id).await? {
        Ok(Reply::no_content())
    } else {
        Err(Problem::not_found("device"))
    }
}

struct Subscription {
    endpoint: OutboundUrl,
    keys: Keys,
    device: Option<Name>,
}

struct Keys {
    p256dh: String,
    auth: String,
}

fn subscription(mut form: Form, reach: Reach) -> Result<Subscription, Problem> {
    let endpoint = form.required("endpoint", |text| OutboundUrl::parse(text, reach));
    expiration_time(&mut form);
    let device = form.clearable("device", Name::parse).flatten();
    let keys = match form.take("keys").map(keys) {
        Some(Ok(keys)) => Some(keys),
        Some(Err(wrong)) => {
            for error in wrong {
                form.fail(&error.field, error.message);
            }
            None
        }
        None => {
            form.fail("keys", "is required");
            None
        }
    };
    form.finish(endpoint.zip(keys).map(|(endpoint, keys)| Subscription { endpoint, keys, device }))
}

/// Browsers say when a subscription ends, in milliseconds since 1970, or null. The push service will tell us then.
fn expiration_time(form: &mut Form) {
    if form.take("expirationTime").is_some_and(|value| !value.is_null() && !value.is_number()) {
        form.fail("expirationTime", "must be a number or null");
    }
}

fn keys(value: Value) -> Result<Keys, Vec<FieldError>> {
    let mut form = Form::of(value, "keys.".to_owned()).map_err(|error| vec![error])?;
    let text = |text: &str| Ok::<_, ValueError>(text.to_owned());
    let keys = form.required("p256dh", text).zip(form.required("auth", text));
    if let Some(Err(error)) = keys.as_ref().map(|(p256dh, auth)| Receiver::parse(p256dh, auth).map(drop)) {
        let name = if error == KeyError::Auth { "auth" } else { "p256dh" };
        form.fail(name, error.to_string());
    }
    let errors = form.into_errors();
    keys.filter(|_| errors.is_empty()).map(|(p256dh, auth)| Keys { p256dh, auth }).ok_or(errors)
}
