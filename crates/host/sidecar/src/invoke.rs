//! Service invocation: `/v1.0/invoke/{app}/method/{path}`, or any path with the header `dapr-app-id`.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use percent_encoding::percent_decode_str;

use crate::error::ApiError;
use crate::{CALL_LIMIT, Inner};

const APP_ID_HEADER: HeaderName = HeaderName::from_static("dapr-app-id");
const CALLER_HEADER: HeaderName = HeaderName::from_static("dapr-caller-app-id");
const CALLER_NAMESPACE_HEADER: HeaderName = HeaderName::from_static("dapr-caller-namespace");
const CALLEE_HEADER: HeaderName = HeaderName::from_static("dapr-callee-app-id");

const CONNECTION_HEADERS: [&str; 7] =
    ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// The app is named in the path.
pub(crate) async fn by_path(
    sidecar: &Inner,
    caller: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let path = request.uri().path().trim_start_matches('/');
    let (callee, method) =
        path.strip_prefix("v1.0/invoke/").and_then(|rest| rest.split_once("/method")).ok_or_else(no_app_id)?;
    let callee = percent_decode_str(callee).decode_utf8_lossy().into_owned();
    let method = clean(method);
    invoke(sidecar, caller, &callee, &method, request).await
}

/// The app is named in the header, the path is the method.
pub(crate) async fn by_header(
    sidecar: &Inner,
    caller: &str,
    mut request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let header = request.headers_mut().remove(APP_ID_HEADER);
    let callee =
        header.as_ref().and_then(|value| value.to_str().ok()).filter(|id| !id.is_empty()).ok_or_else(no_app_id)?;
    let method = clean(request.uri().path());
    invoke(sidecar, caller, callee, &method, request).await
}

async fn invoke(
    sidecar: &Inner,
    caller: &str,
    callee: &str,
    method: &str,
    mut request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    *request.uri_mut() = target(method, request.uri().query()).map_err(|error| failed(callee, &error))?;
    let headers = request.headers_mut();
    strip_connection(headers);
    headers.remove(HOST);
    if caller != callee {
        name_apps(headers, caller, callee);
    }
    let mut response = sidecar.apps.call(callee, request, CALL_LIMIT).await.map_err(|error| failed(callee, &error))?;
    let is_empty = response.body().is_empty();
    let headers = response.headers_mut();
    strip_connection(headers);
    headers.remove(CONTENT_LENGTH);
    if !is_empty {
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    }
    Ok(response)
}

fn target(path: &str, query: Option<&str>) -> Result<Uri, http::uri::InvalidUri> {
    match query {
        Some(query) => format!("{path}?{query}").parse(),
        None => path.parse(),
    }
}

/// Without empty, `.` and `..` parts: what a path rule of the callee sees is what its router sees.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match percent_decode_str(part).decode_utf8_lossy().as_ref() {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Beside what the caller may have claimed: an app that trusts these must find one value. Who calls itself is not named.
fn name_apps(headers: &mut HeaderMap, caller: &str, callee: &str) {
    for (name, text) in [(CALLER_HEADER, caller), (CALLER_NAMESPACE_HEADER, "default"), (CALLEE_HEADER, callee)] {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.append(name, value);
        }
    }
}

fn strip_connection(headers: &mut HeaderMap) {
    for name in CONNECTION_HEADERS {
        headers.remove(name);
    }
}

fn no_app_id() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "ERR_DIRECT_INVOKE",
        "failed getting app id either from the URL path or the header dapr-app-id",
    )
}

fn failed(callee: &str, reason: &dyn std::fmt::Display) -> ApiError {
    ApiError::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "ERR_DIRECT_INVOKE",
        format!("failed to invoke, id: {callee}, err: {reason}"),
    )
}
