//! Others' servers: what Rondo sends to addresses that its users gave it, and to its mail service.

use std::time::Duration;

/// HTTP to servers that are not ours. Whoever runs the component keeps it from private addresses.
pub trait Http {
    /// Posts `requests`, all at once, and says of each what came of it, in their order. One that hangs costs its own time
    /// limit and holds up no other. Redirects are answers like any other: they are not followed.
    fn post(&self, requests: &[Outbound]) -> impl Future<Output = Vec<Result<Answer, HttpError>>>;
}

/// A request by POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Where to: `https://…` or `http://…`, without credentials.
    pub url: String,
    /// Its headers, but for `Host` and `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// Its body, at most 64 KiB.
    pub body: Vec<u8>,
    /// How long the answer may take.
    pub time_limit: Duration,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// If it is no success: the beginning of the body, at most a kilobyte.
    pub beginning: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// It was not sent: this is no address, or no header's value.
    #[error("{0}")]
    Invalid(&'static str),
    /// It was not sent: the address lies in a network that is blocked.
    #[error("the address lies in a private network")]
    Private,
    /// It was not sent: `allowed_outbound_hosts` does not have the address.
    #[error("the operator does not allow connections to this address")]
    NotAllowed,
    /// Whether it came there is not known. Worth another try.
    #[error("{0}")]
    Away(&'static str),
}
