//! A request as an endpoint sees it.

use http::{HeaderMap, Method, header};

use crate::Problem;
use crate::form::Form;
use crate::query::Query;

/// A request.
#[derive(Debug)]
pub struct Request {
    /// What is to be done.
    pub method: Method,
    /// With what; without the query.
    pub path: String,
    /// What follows the `?`, as it came.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: RequestBody,
    id: String,
}

/// The body of a request.
#[derive(Debug)]
pub enum RequestBody {
    /// All of it.
    Read(Vec<u8>),
    /// There was more than the endpoint takes, so it was not read.
    TooLarge,
    /// It broke off.
    BrokenOff,
}

impl Request {
    /// A request; `fresh_id` names it unless it came with a usable `X-Request-ID`.
    #[must_use]
    pub fn new(
        method: Method,
        path: String,
        query: String,
        headers: HeaderMap,
        body: RequestBody,
        fresh_id: impl FnOnce() -> String,
    ) -> Self {
        let id = headers
            .get(crate::X_REQUEST_ID)
            .and_then(|id| id.to_str().ok())
            .filter(|id| (1..=128).contains(&id.len()) && id.bytes().all(|c| (0x20..0x7f).contains(&c)))
            .map_or_else(fresh_id, str::to_owned);
        Self { method, path, query, headers, body, id }
    }

    /// The request's id: 1 to 128 printable characters.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What follows `prefix` in the path, by segment; `None` if the path is elsewhere.
    pub(crate) fn segments_after(&self, prefix: &str) -> Option<Vec<&str>> {
        let rest = self.path.strip_prefix(prefix)?;
        match rest.strip_prefix('/') {
            None if rest.is_empty() => Some(Vec::new()),
            None => None,
            Some("") => Some(Vec::new()),
            Some(rest) => Some(rest.split('/').collect()),
        }
    }

    /// A header's value, if it is there and text. Of several the last: Spin's own come after what a client sent.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get_all(name).iter().next_back().and_then(|value| value.to_str().ok())
    }

    /// The query's parameters.
    pub(crate) fn query(&self) -> Query {
        Query::parse(&self.query)
    }

    /// The body's bytes.
    ///
    /// # Errors
    /// It was too large or broke off.
    pub(crate) fn bytes(&self) -> Result<&[u8], Problem> {
        match &self.body {
            RequestBody::Read(bytes) => Ok(bytes),
            RequestBody::TooLarge => Err(Problem::body_too_large()),
            RequestBody::BrokenOff => Err(Problem::bad_request("The body broke off. Send the request again.")),
        }
    }

    /// The body as a JSON object, to be taken apart field by field.
    ///
    /// # Errors
    /// It is of another media type, no JSON, or no object.
    pub(crate) fn form(&self) -> Result<Form, Problem> {
        self.form_of(&["application/json"])
    }

    /// The body as a merge patch (RFC 7396).
    ///
    /// # Errors
    /// See [`Self::form`].
    pub(crate) fn merge_patch(&self) -> Result<Form, Problem> {
        self.form_of(&["application/merge-patch+json", "application/json"])
    }

    fn form_of(&self, media_types: &'static [&'static str]) -> Result<Form, Problem> {
        let bytes = self.bytes()?;
        match self.media_type() {
            Some(media_type) if !media_types.contains(&media_type.as_str()) => {
                Err(Problem::unsupported_media_type(media_types))
            }
            _ => Form::parse(bytes),
        }
    }

    /// The media type of the body, in lower case and without parameters.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}
