//! What went wrong, as the client is told (RFC 9457).

use http::{StatusCode, header};
use rondo_domain::ValueError;
use rondo_ports::{MissingVariable, SqlError};
use serde::Serialize;

use crate::Reply;

/// A request that can't be answered as was asked. What is in it leaves the house; what caused it goes to the log.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u64>,
    allow: Option<&'static str>,
}

/// A value that can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Which: the field's name in the body or the query, or a header's; dots and indices lead into it.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub message: String,
}

impl FieldError {
    /// `error`, of the field `field`.
    pub fn new(field: impl Into<String>, error: &ValueError) -> Self {
        Self { field: field.into(), message: error.to_string() }
    }
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), errors: Vec::new(), retry_after_seconds: None, allow: None }
    }

    /// 400: what came is not even readable.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable", detail)
    }

    /// 401: no credentials, or bad ones.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// 404: there is no such thing, or it is somebody else's.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", format!("There is no such {what}."))
    }

    /// 405: the path is right, the method is not.
    pub fn method_not_allowed(allow: &'static str) -> Self {
        let detail = format!("This path takes {allow}.");
        Self { allow: Some(allow), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail) }
    }

    /// 409: it can't be done as things stand.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// 412: someone was faster.
    pub fn precondition_failed() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "version-changed",
            "The task has changed since the version that If-Match names. Read it again and repeat the change.",
        )
    }

    /// 413.
    pub fn body_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is larger than this path takes.")
    }

    /// 415.
    pub fn unsupported_media_type(wanted: &[&str]) -> Self {
        let detail = format!("Send the body with Content-Type: {}.", wanted.join(" or "));
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
    }

    /// 422: values that can't be taken, each named.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{} {}.", one.field, one.message),
            several => format!("{} values can't be taken; errors names each.", several.len()),
        };
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-values", detail) }
    }

    /// 422 for one value.
    pub fn invalid_value(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.to_owned(), message: message.into() }])
    }

    /// 429.
    pub fn too_many(detail: impl Into<String>, retry_after_seconds: u64) -> Self {
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail)
        }
    }

    /// 503: it will pass.
    pub fn unavailable() -> Self {
        Self {
            retry_after_seconds: Some(1),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Something that this needs is away for the moment. Try again.",
            )
        }
    }

    /// 500: a mistake of ours. `cause` goes to the log only.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        log(&cause.to_string());
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side. If it happens again, report the request_id.",
        )
    }

    /// What it says.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The fields that it names, for tests.
    #[cfg(test)]
    pub(crate) fn fields(&self) -> Vec<String> {
        self.errors.iter().map(|error| error.field.clone()).collect()
    }

    /// The reply that tells it.
    #[must_use]
    pub fn into_reply(self, request_id: &str) -> Reply {
        #[derive(Serialize)]
        struct Document<'a> {
            #[serde(rename = "type")]
            kind: String,
            title: &'a str,
            status: u16,
            detail: &'a str,
            request_id: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            errors: Option<&'a [FieldError]>,
        }
        let document = Document {
            kind: format!("urn:rondo:problem:{}", self.kind),
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: &self.detail,
            request_id,
            errors: (self.status == StatusCode::UNPROCESSABLE_ENTITY).then_some(&self.errors),
        };
        let mut reply =
            Reply::json(self.status, &document).with_header(header::CONTENT_TYPE, "application/problem+json");
        if let Some(seconds) = self.retry_after_seconds {
            reply = reply.with_header(header::RETRY_AFTER, &seconds.to_string());
        }
        if let Some(allow) = self.allow {
            reply = reply.with_header(header::ALLOW, allow);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            reply = reply.with_header(header::WWW_AUTHENTICATE, "Bearer");
        }
        reply
    }
}

impl From<SqlError> for Problem {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Away(_) | SqlError::Deadlock(_) => {
                log(&error.to_string());
                Self::unavailable()
            }
            SqlError::Refused(_) | SqlError::Unreadable(_) => Self::internal(&error),
        }
    }
}

impl From<MissingVariable> for Problem {
    fn from(missing: MissingVariable) -> Self {
        Self::internal(&missing)
    }
}

/// Tells whoever wants to follow what is done. What a component writes to standard output is logged as information.
pub(crate) fn note(message: &str) {
    println!("{message}");
}

/// Tells the operator. What a component writes to standard error becomes a log line with its request's id.
pub(crate) fn log(message: &str) {
    eprintln!("{message}");
}
