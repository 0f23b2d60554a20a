//! The answers that the host gives itself, as `application/problem+json` (RFC 9457).

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

use crate::request_id::RequestId;
use crate::response::ResponseBody;

/// Why the host answers instead of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No route leads to a component.
    NotFound,
    /// The request's body is larger than the host takes.
    TooLarge,
    /// The component trapped or gave no answer.
    Failed,
    /// All instances are in use.
    Busy,
    /// The time limit passed.
    TimedOut,
}

impl Problem {
    fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Self::NotFound => "Nothing answers at this path.",
            Self::TooLarge => "The body of the request is larger than the server takes.",
            Self::Failed => "Something went wrong here. The request_id helps whoever runs the server to find out what.",
            Self::Busy => "The server is busy. Try again in a moment.",
            Self::TimedOut => "The request took too long.",
        }
    }

    /// The response that says so.
    pub fn response(self, request_id: &RequestId) -> Response<ResponseBody> {
        let status = self.status();
        let body = serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": self.detail(),
            "request_id": request_id.as_str(),
        });
        let mut response = Response::new(ResponseBody::full(Bytes::from(body.to_string())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert("x-request-id", request_id.header());
        if self == Self::Busy {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
