//! What the sidecar says about itself: `/v1.0/healthz` and `/v1.0/metadata`.

use std::sync::PoisonError;

use bytes::Bytes;
use http::{Response, StatusCode, Uri};
use serde_json::{Value, json};

use crate::Inner;
use crate::error::{ApiError, empty_response, json_response};
use crate::http_api::query_parameter;

/// The release of Dapr whose behaviour this sidecar has.
const DAPR_VERSION: &str = "1.18.2";

/// 204, unless the caller expects the sidecar of another app.
pub(crate) fn health(app_id: &str, uri: &Uri) -> Result<Response<Bytes>, ApiError> {
    if query_parameter(uri, "appid").is_some_and(|expected| expected != app_id) {
        return Err(ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ERR_HEALTH_APPID_NOT_MATCH",
            "dapr app-id does not match",
        ));
    }
    Ok(empty_response(StatusCode::NO_CONTENT))
}

/// The app's id, its components and its subscriptions.
pub(crate) fn metadata(sidecar: &Inner, app_id: &str) -> Response<Bytes> {
    let components: Vec<Value> = sidecar
        .resources
        .all_visible(app_id)
        .map(|component| {
            json!({
                "name": component.name,
                "type": component.kind,
                "version": component.version,
            })
        })
        .collect();
    let subscriptions: Vec<Value> = sidecar
        .resources
        .subscriptions
        .iter()
        .filter(|subscription| subscription.applies_to(app_id))
        .map(|subscription| {
            json!({
                "pubsubname": subscription.pubsub,
                "topic": subscription.topic,
                "rules": [{ "path": subscription.route.to_string() }],
                "deadLetterTopic": subscription.dead_letter,
                "type": "DECLARATIVE",
            })
        })
        .collect();
    let body = json!({
        "id": app_id,
        "runtimeVersion": DAPR_VERSION,
        "components": components,
        "subscriptions": subscriptions,
        "extended": extended(sidecar, app_id),
    });
    json_response(StatusCode::OK, body.to_string())
}

/// Keeps a value that `metadata` tells from now on.
pub(crate) fn set(sidecar: &Inner, app_id: &str, key: &str, value: &[u8]) -> Response<Bytes> {
    let mut extended = sidecar.extended.lock().unwrap_or_else(PoisonError::into_inner);
    extended.insert((app_id.to_owned(), key.to_owned()), String::from_utf8_lossy(value).into_owned());
    empty_response(StatusCode::NO_CONTENT)
}

fn extended(sidecar: &Inner, app_id: &str) -> Value {
    let extended = sidecar.extended.lock().unwrap_or_else(PoisonError::into_inner);
    let mut all: serde_json::Map<String, Value> = extended
        .iter()
        .filter(|((owner, _), _)| owner == app_id)
        .map(|((_, key), value)| (key.clone(), json!(value)))
        .collect();
    all.insert("daprRuntimeVersion".to_owned(), json!(DAPR_VERSION));
    Value::Object(all)
}
