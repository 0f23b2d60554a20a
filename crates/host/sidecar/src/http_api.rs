//! The routes of Dapr's HTTP API, and who may call them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use crate::channel::TOKEN_HEADER;
use crate::error::{ApiError, empty_response};
use crate::{Inner, info, invoke, jobs, publish, secrets, state};

/// Answers one request of an app.
pub(crate) async fn answer(sidecar: &Inner, app_id: &str, mut request: Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path().to_owned();
    let segments = segments(&path);
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    if !is_open(request.method(), &path) && !is_authorized(sidecar, request.headers()) {
        return unauthorized();
    }
    request.headers_mut().remove(TOKEN_HEADER);
    route(sidecar, app_id, &path, request).await.unwrap_or_else(ApiError::into_response)
}

async fn route(
    sidecar: &Inner,
    app_id: &str,
    path: &[&str],
    request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let method = request.method().as_str();
    match (path, method) {
        (["v1.0" | "v1.0-alpha1", "publish", "bulk", pubsub, topic @ ..], "POST" | "PUT") if !topic.is_empty() => {
            publish::publish_bulk(sidecar, app_id, pubsub, &topic.join("/"), request).await
        }
        (["v1.0", "publish", pubsub, topic @ ..], "POST" | "PUT") if !topic.is_empty() => {
            publish::publish(sidecar, app_id, pubsub, &topic.join("/"), request).await
        }
        (["v1.0" | "v1.0-alpha1", "jobs", name], "POST") => jobs::schedule(sidecar, app_id, name, request.body()).await,
        (["v1.0" | "v1.0-alpha1", "jobs", name], "GET") => jobs::get(sidecar, app_id, name).await,
        (["v1.0" | "v1.0-alpha1", "jobs", name], "DELETE") => jobs::delete(sidecar, app_id, name).await,
        (["v1.0", "secrets", store, "bulk"], "GET") => secrets::bulk(sidecar, app_id, store),
        (["v1.0", "secrets", store, name], "GET") => secrets::get(sidecar, app_id, store, name),
        (["v1.0", "state", store], "POST" | "PUT") => state::save(sidecar, app_id, store, request).await,
        (["v1.0", "state", store, "bulk"], "POST" | "PUT") => state::get_bulk(sidecar, app_id, store, request).await,
        (["v1.0", "state", store, "transaction"], "POST" | "PUT") => {
            state::transact(sidecar, app_id, store, request).await
        }
        (["v1.0", "state", store, key], "GET") => state::get(sidecar, app_id, store, key).await,
        (["v1.0", "state", store, key], "DELETE") => state::delete(sidecar, app_id, store, key, request).await,
        (["v1.0", "invoke", _, "method", ..], _) => invoke::by_path(sidecar, app_id, request).await,
        (["v1.0", "healthz"], "GET") => info::health(app_id, request.uri()),
        (["v1.0", "healthz", "outbound"], "GET") => Ok(empty_response(StatusCode::NO_CONTENT)),
        (["v1.0", "metadata"], "GET") => Ok(info::metadata(sidecar, app_id)),
        (["v1.0", "metadata", key], "PUT") => Ok(info::set(sidecar, app_id, key, request.body())),
        // Whatever is none of these is for another app, which a header names; 404 where none does.
        _ => invoke::by_header(sidecar, app_id, request).await,
    }
}

fn is_open(method: &Method, path: &[&str]) -> bool {
    method == Method::GET && matches!(path, ["v1.0", "healthz"] | ["v1.0", "healthz", "outbound"])
}

fn is_authorized(sidecar: &Inner, headers: &HeaderMap) -> bool {
    let expected = sidecar.dapr_api_token.as_bytes();
    let given = headers.get(TOKEN_HEADER).map(HeaderValue::as_bytes);
    expected.is_empty() || bool::from(given.unwrap_or_default().ct_eq(expected))
}

/// The parts of the path without empty ones, decoded as Dapr does it: as if they were of a query.
fn segments(path: &str) -> Vec<String> {
    let decoded = |segment: &str| percent_decode_str(&segment.replace('+', " ")).decode_utf8_lossy().into_owned();
    path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect()
}

/// `?metadata.name=value` as a map; the first value of a name counts.
pub(crate) fn query_metadata(uri: &Uri) -> BTreeMap<String, String> {
    let mut metadata = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if let Some(name) = name.strip_prefix("metadata.") {
            metadata.entry(name.to_owned()).or_insert_with(|| value.into_owned());
        }
    }
    metadata
}

/// One parameter of the query.
pub(crate) fn query_parameter(uri: &Uri, wanted: &str) -> Option<String> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

/// Reads a JSON object. (Serde alone would also take an array of the fields.)
pub(crate) fn from_json_object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(bytes)?;
    serde_json::from_value(object.into())
}

fn unauthorized() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(b"invalid api token\n"));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
