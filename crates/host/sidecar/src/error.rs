//! Dapr's error replies: `{"errorCode", "message", "details"}`.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

/// An error as Dapr's HTTP API tells it. The building blocks have constructors beside their handlers.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Vec<Value>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Vec::new() }
    }

    /// The body is not what the route expects.
    pub(crate) fn malformed(reason: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ERR_MALFORMED_REQUEST", format!("failed deserializing HTTP body: {reason}"))
    }

    /// Adds the `google.rpc.ErrorInfo` that Dapr's newer errors carry.
    pub(crate) fn with_info(mut self, reason: &str, metadata: BTreeMap<&str, String>) -> Self {
        self.details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "domain": "dapr.io",
            "reason": reason,
            "metadata": metadata,
        }));
        self
    }

    /// Adds the `google.rpc.ResourceInfo` that Dapr's newer errors carry.
    pub(crate) fn with_resource(mut self, kind: &str, name: &str, description: &str) -> Self {
        self.details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ResourceInfo",
            "resource_type": kind,
            "resource_name": name,
            "owner": "",
            "description": description,
        }));
        self
    }

    pub(crate) fn into_response(self) -> Response<Bytes> {
        let mut body = json!({ "errorCode": self.code, "message": self.message });
        if !self.details.is_empty() {
            body["details"] = Value::Array(self.details);
        }
        json_response(self.status, body.to_string())
    }
}

/// A reply with a JSON body.
pub(crate) fn json_response(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A reply without a body.
pub(crate) fn empty_response(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
