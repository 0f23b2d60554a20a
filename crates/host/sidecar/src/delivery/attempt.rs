//! One try to deliver a message: the request that the app gets, and what its answer means.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{self, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::channel::ChannelError;
use crate::http_api::from_json_object;
use crate::publish::{Message, has_expired, wrap_raw};
use crate::resources::Subscription;

/// What the app's answer says about the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is done.
    Done,
    /// It can never be done: `DROP`, 404, or too old.
    Dropped,
    /// It may be done later.
    Failed,
    /// It is no event, so no app was asked, and asking again won't help.
    Unreadable,
}

/// A message as a CloudEvent.
pub(super) enum Event {
    Ready(Bytes),
    Expired,
    Unreadable,
}

impl Event {
    pub(super) fn prepare(message: &Message, subscription: &Subscription, now: Timestamp) -> Self {
        if subscription.raw_payload {
            let event = wrap_raw(&message.payload, &subscription.topic, &subscription.pubsub);
            return Self::Ready(event.into());
        }
        match serde_json::from_slice::<BTreeMap<String, Box<RawValue>>>(&message.payload) {
            Ok(event) if has_expired(&event, now) => Self::Expired,
            Ok(_) => Self::Ready(message.payload.clone()),
            Err(_) => Self::Unreadable,
        }
    }
}

/// The metadata of a message: where it lies, overlaid with what its publisher gave.
pub(super) fn metadata(message: &Message, subscription: &Subscription) -> BTreeMap<String, String> {
    let mut metadata = BTreeMap::from([
        ("__topic".to_owned(), subscription.topic.clone()),
        ("__partition".to_owned(), message.partition.to_string()),
        ("__offset".to_owned(), message.offset.to_string()),
        ("__timestamp".to_owned(), message.published_at.as_millisecond().to_string()),
    ]);
    if let Some(key) = &message.key {
        metadata.insert("__key".to_owned(), key.clone());
    }
    metadata.extend(message.headers.clone());
    metadata.insert("pubsubName".to_owned(), subscription.pubsub.clone());
    metadata
}

/// The call of the app's route.
pub(super) fn request(message: &Message, subscription: &Subscription, body: Bytes) -> Request<Bytes> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = subscription.route.clone();
    let headers = request.headers_mut();
    for (name, value) in metadata(message, subscription) {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value)
            && !is_of_the_connection(&name)
        {
            headers.insert(name, value);
        }
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/cloudevents+json"));
    request
}

fn is_of_the_connection(name: &HeaderName) -> bool {
    [
        header::CONTENT_LENGTH,
        header::HOST,
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
    ]
    .contains(name)
}

/// 2xx is done unless its body says otherwise; 404 and `DROP` are final; all else may be tried again.
pub(super) fn judge(answer: Result<Response<Bytes>, ChannelError>, app_id: &str, message: &Message) -> Verdict {
    let verdict = match &answer {
        Ok(response) if response.status().is_success() => status_of(response.body()),
        Ok(response) if response.status() == StatusCode::NOT_FOUND => Verdict::Dropped,
        _ => Verdict::Failed,
    };
    if verdict != Verdict::Done {
        let reason = match &answer {
            Ok(response) => response.status().to_string(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(
            app_id,
            partition = message.partition,
            offset = message.offset,
            reason,
            ?verdict,
            "the app did not take a message"
        );
    }
    verdict
}

fn status_of(body: &[u8]) -> Verdict {
    #[derive(serde::Deserialize)]
    struct Answer {
        #[serde(default)]
        status: String,
    }
    let Ok(answer) = from_json_object::<Answer>(body) else {
        return Verdict::Done;
    };
    match answer.status.as_str() {
        "" | "SUCCESS" => Verdict::Done,
        "DROP" => Verdict::Dropped,
        _ => Verdict::Failed,
    }
}
