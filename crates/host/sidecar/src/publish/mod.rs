//! Publishing: `/v1.0/publish` and `/v1.0-alpha1/publish/bulk`.
//!
//! Read the handlers here, then `cloud_event` for what a message looks like and `log` for how it is stored.

mod cloud_event;
pub(crate) mod log;
pub(crate) mod retention;
pub(crate) mod wakers;

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;

pub(crate) use cloud_event::{has_expired, wrap_raw};
pub(crate) use log::{Message, Record};

use crate::Inner;
use crate::error::{ApiError, empty_response, json_response};
use crate::http_api::query_metadata;
use cloud_event::{Envelope, is_binary, is_cloud_event, is_json};

type Metadata = BTreeMap<String, String>;

/// Who publishes to what.
struct Target<'a> {
    app_id: &'a str,
    pubsub: &'a str,
    /// Under whose name the messages are kept.
    log: &'a str,
    topic: &'a str,
    partitions: i32,
}

/// Answers 204 once the message is kept.
pub(crate) async fn publish(
    sidecar: &Inner,
    app_id: &str,
    pubsub: &str,
    topic: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let metadata = query_metadata(request.uri());
    let target = find_target(sidecar, app_id, pubsub, topic, &metadata)?;
    let (parts, body) = request.into_parts();
    let record = if is_raw(&target, &metadata)? {
        target.record(body, metadata)
    } else {
        target.cloud_event(&body, content_type(&parts.headers), metadata)?
    };
    sidecar.publisher.store(vec![record]).await.map_err(|reason| not_published(pubsub, topic, &reason.to_string()))?;
    Ok(empty_response(StatusCode::NO_CONTENT))
}

/// Stores all entries in one statement, or none.
pub(crate) async fn publish_bulk(
    sidecar: &Inner,
    app_id: &str,
    pubsub: &str,
    topic: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let metadata = query_metadata(request.uri());
    let target = find_target(sidecar, app_id, pubsub, topic, &metadata)?;
    let raw = is_raw(&target, &metadata)?;
    let entries: Vec<BulkEntry> = serde_json::from_slice(request.body()).map_err(|error| {
        let message = format!("error when unmarshaling the request for topic {topic} pubsub {pubsub}: {error}");
        serialization_error(&target, "DAPR_PUBSUB_UNMARSHAL_EVENTS", message)
    })?;
    check_entry_ids(&target, &entries)?;
    let records =
        entries.iter().map(|entry| target.bulk_record(entry, &metadata, raw)).collect::<Result<Vec<_>, _>>()?;
    match sidecar.publisher.store(records).await {
        Ok(()) => Ok(empty_response(StatusCode::NO_CONTENT)),
        Err(reason) => Ok(all_failed(&entries, &reason.to_string())),
    }
}

fn find_target<'a>(
    sidecar: &'a Inner,
    app_id: &'a str,
    pubsub: &'a str,
    topic: &'a str,
    metadata: &Metadata,
) -> Result<Target<'a>, ApiError> {
    if sidecar.resources.component("pubsub", pubsub, app_id).is_none() {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "ERR_PUBSUB_NOT_FOUND",
            format!("pubsub {pubsub} is not found"),
        )
        .with_info("DAPR_PUBSUB_NOT_FOUND", borrowed(metadata)));
    }
    let known = sidecar.resources.topics.get(topic).ok_or_else(|| {
        let reason = "kafka server: Request was for a topic or partition that does not exist on this broker";
        not_published(pubsub, topic, reason)
    })?;
    Ok(Target { app_id, pubsub, log: sidecar.resources.log_of(pubsub), topic, partitions: known.partitions })
}

impl Target<'_> {
    fn cloud_event(&self, body: &[u8], content_type: &str, metadata: Metadata) -> Result<Record, ApiError> {
        let envelope = Envelope { source: self.app_id, topic: self.topic, pubsub: self.pubsub, metadata: &metadata };
        let event =
            if is_cloud_event(content_type) { envelope.complete(body) } else { Ok(envelope.wrap(body, content_type)) };
        let event = event.map_err(|error| self.not_an_event(&error))?;
        Ok(self.record(event, metadata))
    }

    fn bulk_record(&self, entry: &BulkEntry, shared: &Metadata, raw: bool) -> Result<Record, ApiError> {
        let mut metadata = shared.clone();
        metadata.extend(entry.metadata.clone());
        let body = entry.bytes().map_err(|reason| self.not_marshalled(&reason))?;
        if raw {
            return Ok(self.record(body, metadata));
        }
        self.cloud_event(&body, &entry.content_type, metadata)
    }

    fn record(&self, payload: impl Into<Bytes>, headers: Metadata) -> Record {
        let key = headers.get("partitionKey").or_else(|| headers.get("__key")).cloned();
        Record::new(self.log, self.topic, self.partitions, key, headers, payload.into())
    }

    fn not_an_event(&self, error: &serde_json::Error) -> ApiError {
        let message = "cannot create cloudevent";
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "ERR_PUBSUB_CLOUD_EVENTS_SER", message)
            .with_resource("pubsub", self.pubsub, message)
            .with_info(
                "DAPR_PUBSUB_CLOUD_EVENT_CREATION",
                BTreeMap::from([("appID", self.app_id.to_owned()), ("error", error.to_string())]),
            )
    }

    fn not_marshalled(&self, reason: &str) -> ApiError {
        let message = format!(
            "error when marshalling cloud event envelope for topic {} pubsub {}: {reason}",
            self.topic, self.pubsub
        );
        serialization_error(self, "DAPR_PUBSUB_MARSHAL_ENVELOPE", message)
    }
}

fn is_raw(target: &Target<'_>, metadata: &Metadata) -> Result<bool, ApiError> {
    match metadata.get("rawPayload").map(String::as_str) {
        None | Some("0" | "f" | "F" | "false" | "False" | "FALSE") => Ok(false),
        Some("1" | "t" | "T" | "true" | "True" | "TRUE") => Ok(true),
        Some(other) => {
            let message = format!(
                "failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is '{other}'"
            );
            Err(ApiError::new(StatusCode::BAD_REQUEST, "ERR_PUBSUB_REQUEST_METADATA", &message)
                .with_resource("pubsub", target.pubsub, &message)
                .with_info("DAPR_PUBSUB_METADATA_DESERIALIZATION", borrowed(metadata)))
        }
    }
}

fn check_entry_ids(target: &Target<'_>, entries: &[BulkEntry]) -> Result<(), ApiError> {
    let mut seen = BTreeSet::new();
    if entries.iter().all(|entry| !entry.entry_id.is_empty() && seen.insert(&entry.entry_id)) {
        return Ok(());
    }
    let message = format!(
        "error marshaling events to bytes for topic {} pubsub {}. error: entryId is duplicated or not present for entry",
        target.topic, target.pubsub
    );
    Err(serialization_error(target, "DAPR_PUBSUB_MARSHAL_EVENTS", message))
}

fn serialization_error(target: &Target<'_>, reason: &str, message: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "ERR_PUBSUB_EVENTS_SER", &message)
        .with_resource("pubsub", target.pubsub, &message)
        .with_info(reason, BTreeMap::from([("appID", target.app_id.to_owned())]))
}

fn not_published(pubsub: &str, topic: &str, reason: &str) -> ApiError {
    let message = format!("error when publishing to topic {topic} in pubsub {pubsub}: {reason}");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "ERR_PUBSUB_PUBLISH_MESSAGE", &message)
        .with_resource("pubsub", pubsub, &message)
        .with_info(
            "DAPR_PUBSUB_PUBLISH_MESSAGE",
            BTreeMap::from([("topic", topic.to_owned()), ("error", reason.to_owned())]),
        )
}

fn all_failed(entries: &[BulkEntry], reason: &str) -> Response<Bytes> {
    let failed: Vec<_> =
        entries.iter().map(|entry| serde_json::json!({ "entryId": entry.entry_id, "error": reason })).collect();
    let body = serde_json::json!({
        "failedEntries": failed,
        "errorCode": "ERR_PUBSUB_PUBLISH_MESSAGE",
    });
    json_response(StatusCode::INTERNAL_SERVER_ERROR, body.to_string())
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn borrowed(metadata: &Metadata) -> BTreeMap<&str, String> {
    metadata.iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}

/// One message of a bulk publish.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BulkEntry {
    #[serde(default)]
    entry_id: String,
    event: Box<RawValue>,
    #[serde(default)]
    content_type: String,
    #[serde(default)]
    metadata: Metadata,
}

impl BulkEntry {
    /// The event as its content type says it: JSON as it stands, text without its quotes, bytes from base64.
    fn bytes(&self) -> Result<Vec<u8>, String> {
        let json = self.event.get();
        if is_json(&self.content_type) || is_cloud_event(&self.content_type) {
            return Ok(json.as_bytes().to_vec());
        }
        let text: String = serde_json::from_str(json).map_err(|error| error.to_string())?;
        if is_binary(&self.content_type) {
            return base64::prelude::BASE64_STANDARD.decode(text).map_err(|error| error.to_string());
        }
        Ok(text.into_bytes())
    }
}
