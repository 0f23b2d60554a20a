//! What an endpoint answers.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use rondo_domain::ids::UserId;
use rondo_ports::Document;
use rondo_store::{RawJson, RelayBatch};
use serde::Serialize;

use crate::Relay;
use crate::stream::EventStream;

/// A reply.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Body,
    /// What is to be relayed once it has been sent.
    pub relay: Option<Relay>,
}

/// The body of a reply.
#[derive(Debug)]
pub enum Body {
    /// All of it at once.
    Full(Vec<u8>),
    /// A chunk at a time, for as long as the client listens.
    Events(EventStream),
}

impl Reply {
    /// A reply without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Body::Full(Vec::new()), relay: None }
    }

    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self::empty(StatusCode::NO_CONTENT)
    }

    /// `text` of the given media type.
    #[must_use]
    pub fn text(status: StatusCode, media_type: &'static str, text: impl Into<Vec<u8>>) -> Self {
        let mut reply = Self::empty(status);
        reply.body = Body::Full(text.into());
        reply.with_header(header::CONTENT_TYPE, media_type)
    }

    /// JSON that is text already.
    #[must_use]
    pub fn json_text(status: StatusCode, json: impl Into<Vec<u8>>) -> Self {
        Self::text(status, "application/json", json).with_header(header::CACHE_CONTROL, "no-store")
    }

    /// 200 with a document as the database made it.
    #[must_use]
    pub fn document(document: Document) -> Self {
        Self::json_text(StatusCode::OK, document.into_text())
    }

    /// JSON as the database made it.
    #[must_use]
    pub fn raw(status: StatusCode, json: RawJson) -> Self {
        Self::json_text(status, json.into_text())
    }

    /// `value` as JSON.
    #[must_use]
    pub fn json(status: StatusCode, value: &impl Serialize) -> Self {
        // Serialising plain data into memory fails only for maps with keys that are no strings; we have none.
        Self::json_text(status, serde_json::to_vec(value).unwrap_or_default())
    }

    /// With one more header; a value that no header can have is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// With events of `user` that are to be published once the reply has been sent.
    #[must_use]
    pub fn with_relay(mut self, user: UserId, batch: Option<RelayBatch>) -> Self {
        self.relay = batch.map(|batch| Relay::new(user, batch));
        self
    }
}
