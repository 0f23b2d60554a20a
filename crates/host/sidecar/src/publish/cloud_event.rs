//! CloudEvents 1.0 as Dapr makes them from what was published.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

const DEFAULT_SOURCE: &str = "Dapr";
const DEFAULT_TYPE: &str = "com.dapr.event.sent";
const SPEC_VERSION: &str = "1.0";
/// Nothing is traced: `dapr/local/configuration.yaml` says so.
const NO_TRACE: &str = "";

/// Fields in the order of their names; values as they were written.
type Fields = BTreeMap<String, Box<RawValue>>;

/// What Dapr adds to every event.
pub(super) struct Envelope<'a> {
    pub(super) source: &'a str,
    pub(super) topic: &'a str,
    pub(super) pubsub: &'a str,
    pub(super) metadata: &'a BTreeMap<String, String>,
}

impl Envelope<'_> {
    /// Makes an event around any data. Metadata `cloudevent.*` overrides its attributes.
    pub(super) fn wrap(&self, data: &[u8], content_type: &str) -> Vec<u8> {
        let trace = self.override_of("traceparent").or_else(|| self.override_of("traceid")).unwrap_or(NO_TRACE);
        let id = Uuid::new_v4().to_string();
        let (field, value) = data_field(data, content_type);
        let mut event = Fields::from([(field.to_owned(), value)]);
        let attributes = [
            ("id", self.override_of("id").unwrap_or(&id)),
            ("specversion", SPEC_VERSION),
            ("datacontenttype", non_empty(content_type, "text/plain")),
            ("source", self.override_of("source").unwrap_or(self.source)),
            ("type", self.override_of("type").unwrap_or(DEFAULT_TYPE)),
            ("topic", self.topic),
            ("pubsubname", self.pubsub),
            ("traceid", trace),
            ("traceparent", trace),
            ("tracestate", self.override_of("tracestate").unwrap_or(NO_TRACE)),
            ("time", &now()),
        ];
        for (name, value) in attributes {
            set(&mut event, name, value);
        }
        if let Some(subject) = self.override_of("subject") {
            set(&mut event, "subject", subject);
        }
        self.finish(event)
    }

    /// Takes an event as it is and adds what is missing.
    pub(super) fn complete(&self, body: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        let mut event: Fields = serde_json::from_slice(body)?;
        if !event.contains_key("traceid") {
            set(&mut event, "traceid", NO_TRACE);
            set(&mut event, "traceparent", NO_TRACE);
        }
        for (name, value) in [("time", now().as_str()), ("tracestate", NO_TRACE)] {
            if !event.contains_key(name) {
                set(&mut event, name, value);
            }
        }
        for (name, value) in [("source", DEFAULT_SOURCE), ("type", DEFAULT_TYPE), ("specversion", SPEC_VERSION)] {
            if event.get(name).is_none_or(|value| value.get() == "null") {
                set(&mut event, name, value);
            }
        }
        set(&mut event, "topic", self.topic);
        set(&mut event, "pubsubname", self.pubsub);
        Ok(self.finish(event))
    }

    fn finish(&self, mut event: Fields) -> Vec<u8> {
        let ttl = self.metadata.get("ttlInSeconds");
        if let Some(seconds) = ttl.and_then(|text| text.parse::<u32>().ok()) {
            let expiration = Timestamp::now() + SignedDuration::from_secs(seconds.into());
            set(&mut event, "expiration", &rfc3339(expiration));
        }
        encode(&event)
    }

    fn override_of(&self, attribute: &str) -> Option<&str> {
        let wanted = format!("cloudevent.{attribute}");
        self.metadata
            .iter()
            .find(|(name, value)| name.eq_ignore_ascii_case(&wanted) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// The event that a raw message is delivered as.
pub(crate) fn wrap_raw(payload: &[u8], topic: &str, pubsub: &str) -> Vec<u8> {
    let mut event = Fields::new();
    for (name, value) in [
        ("id", Uuid::new_v4().to_string().as_str()),
        ("specversion", SPEC_VERSION),
        ("datacontenttype", "application/octet-stream"),
        ("source", DEFAULT_SOURCE),
        ("type", DEFAULT_TYPE),
        ("topic", topic),
        ("pubsubname", pubsub),
        ("data_base64", &BASE64_STANDARD.encode(payload)),
    ] {
        set(&mut event, name, value);
    }
    encode(&event)
}

/// Whether the event's `expiration` is over.
pub(crate) fn has_expired(event: &BTreeMap<String, Box<RawValue>>, now: Timestamp) -> bool {
    event
        .get("expiration")
        .and_then(|raw| serde_json::from_str::<String>(raw.get()).ok())
        .and_then(|text| text.parse::<Timestamp>().ok())
        .is_some_and(|expiration| expiration < now)
}

pub(super) fn is_json(content_type: &str) -> bool {
    is_type(content_type, "application/json")
}

pub(super) fn is_cloud_event(content_type: &str) -> bool {
    is_type(content_type, "application/cloudevents+json")
}

pub(super) fn is_binary(content_type: &str) -> bool {
    is_type(content_type, "application/octet-stream")
}

fn is_type(content_type: &str, expected: &str) -> bool {
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(expected))
}

fn data_field(data: &[u8], content_type: &str) -> (&'static str, Box<RawValue>) {
    if is_json(content_type)
        && let Ok(value) = serde_json::from_slice::<Box<RawValue>>(data)
    {
        return ("data", value);
    }
    if is_binary(content_type) {
        return ("data_base64", text_value(&BASE64_STANDARD.encode(data)));
    }
    ("data", text_value(&String::from_utf8_lossy(data)))
}

fn set(event: &mut Fields, name: &str, value: &str) {
    event.insert(name.to_owned(), text_value(value));
}

fn text_value(text: &str) -> Box<RawValue> {
    to_raw_value(text).expect("text is always JSON")
}

fn encode(event: &Fields) -> Vec<u8> {
    serde_json::to_vec(event).expect("a map of JSON values is always JSON")
}

fn non_empty<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.is_empty() { default } else { text }
}

fn now() -> String {
    rfc3339(Timestamp::now())
}

/// To the second, as Go's `time.RFC3339` prints it.
fn rfc3339(time: Timestamp) -> String {
    format!("{time:.0}")
}
