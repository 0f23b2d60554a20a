//! HTTP by `wasi:http`: requests to others' servers, and what the sidecar's are made of.

use rondo_ports::{Answer, Http, HttpError, Outbound};
use wasi::clocks::monotonic_clock;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions,
    Scheme,
};
use wasi::io::poll::{Pollable, poll};

use crate::SpinPlatform;
use crate::outgoing::{write_all, write_what_fits};

/// In nanoseconds.
pub(crate) const SECOND: u64 = 1_000_000_000;
/// How long a connection may take, in nanoseconds.
const CONNECT: u64 = 5 * SECOND;
/// How much of an answer's body is of interest, in bytes.
const BEGINNING: u64 = 1024;

impl Http for SpinPlatform {
    async fn post(&self, requests: &[Outbound]) -> Vec<Result<Answer, HttpError>> {
        // Whoever waits does not need the database: others may have the connection.
        self.connection.take();
        let begun: Vec<_> = requests.iter().map(InFlight::begin).collect();
        begun.into_iter().map(|in_flight| in_flight?.finish()).collect()
    }
}

/// A request that waits for its answer, which may take until its deadline.
struct InFlight {
    pending: FutureIncomingResponse,
    deadline: Pollable,
}

impl InFlight {
    fn begin(request: &Outbound) -> Result<Self, HttpError> {
        let limit = u64::try_from(request.time_limit.as_nanos()).unwrap_or(u64::MAX);
        let options = RequestOptions::new();
        // A host that knows no such limit says so and goes on: the deadline holds all the same.
        let _ = options.set_connect_timeout(Some(CONNECT.min(limit)));
        let _ = options.set_first_byte_timeout(Some(limit));
        let (scheme, authority, target) = split(&request.url)?;
        let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let address = Address { scheme: &scheme, authority, target };
        let pending =
            begin(&Method::Post, address, headers, &request.body, options).map_err(|unsent| match unsent {
                Unsent::Invalid(what) => HttpError::Invalid(what),
                Unsent::Refused(error) => told(&error),
            })?;
        Ok(Self { pending, deadline: monotonic_clock::subscribe_duration(limit) })
    }

    fn finish(self) -> Result<Answer, HttpError> {
        let Self { pending, deadline } = self;
        poll(&[&pending.subscribe(), &deadline]);
        match pending.get() {
            Some(Ok(Ok(response))) => Ok(answer(&response, &deadline)),
            Some(Ok(Err(error))) => Err(told(&error)),
            Some(Err(())) => Err(HttpError::Away("it gave no answer")),
            None => Err(HttpError::Away("it did not answer in time")),
        }
    }
}

fn answer(response: &IncomingResponse, deadline: &Pollable) -> Answer {
    let status = response.status();
    let retry_after = response.headers().get(&"retry-after".to_owned()).into_iter().next();
    Answer {
        status,
        retry_after: retry_after.and_then(|value| String::from_utf8(value).ok()),
        beginning: if (200..300).contains(&status) { String::new() } else { beginning_until(response, deadline) },
    }
}

fn told(error: &ErrorCode) -> HttpError {
    match error {
        ErrorCode::DestinationIpProhibited => HttpError::Private,
        ErrorCode::HttpRequestDenied => HttpError::NotAllowed,
        ErrorCode::HttpRequestUriInvalid => HttpError::Invalid("this is no address"),
        error => HttpError::Away(named(error)),
    }
}

/// The parts of `url`: scheme, authority, and the path with the query.
fn split(url: &str) -> Result<(Scheme, &str, &str), HttpError> {
    let (scheme, rest) = url
        .strip_prefix("https://")
        .map(|rest| (Scheme::Https, rest))
        .or_else(|| url.strip_prefix("http://").map(|rest| (Scheme::Http, rest)))
        .ok_or(HttpError::Invalid("the address must begin with https://"))?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.is_empty() || authority.contains('@') {
        return Err(HttpError::Invalid("the address must name a host, and no credentials"));
    }
    Ok((scheme, authority, if target.is_empty() { "/" } else { target }))
}

/// Where a request goes.
#[derive(Clone, Copy)]
pub(crate) struct Address<'a> {
    pub(crate) scheme: &'a Scheme,
    /// The host, with a port perhaps.
    pub(crate) authority: &'a str,
    /// The path with the query.
    pub(crate) target: &'a str,
}

/// Why a request was not sent.
pub(crate) enum Unsent {
    /// Something in it can't be said in HTTP: what.
    Invalid(&'static str),
    /// The host did not take it.
    Refused(ErrorCode),
}

/// Sends a request, without waiting for the connection or the answer.
pub(crate) fn begin<'a>(
    method: &Method,
    address: Address<'_>,
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    content: &[u8],
    options: RequestOptions,
) -> Result<FutureIncomingResponse, Unsent> {
    let fields = Fields::new();
    let append = |name: &str, value: &str| {
        let appended = fields.append(&name.to_owned(), &value.as_bytes().to_vec());
        appended.map_err(|_| Unsent::Invalid("one of its headers has a value that none may have"))
    };
    for (name, value) in headers {
        append(name, value)?;
    }
    append("content-length", &content.len().to_string())?;
    let request = OutgoingRequest::new(fields);
    request
        .set_method(method)
        .and_then(|()| request.set_scheme(Some(address.scheme)))
        .and_then(|()| request.set_authority(Some(address.authority)))
        .and_then(|()| request.set_path_with_query(Some(address.target)))
        .map_err(|()| Unsent::Invalid("this is no address"))?;
    let body = request.body().map_err(|()| Unsent::Invalid("the request has no body"))?;
    let pending = outgoing_handler::handle(request, Some(options)).map_err(Unsent::Refused)?;
    // What became of the connection meanwhile, the answer tells.
    let _ = send_body(body, content);
    Ok(pending)
}

/// What fits goes in without waiting, so that others can be begun meanwhile; a host takes 64 KiB at once.
fn send_body(body: OutgoingBody, content: &[u8]) -> Option<()> {
    let stream = body.write().ok()?;
    let written = write_what_fits(&stream, content).ok()?;
    if written < content.len() {
        write_all(&stream, &content[written..]).ok()?;
    }
    drop(stream);
    OutgoingBody::finish(body, None).ok()
}

/// What went wrong, in words of our own: those of the bindings would name each of forty codes, and weigh as much as an
/// endpoint.
pub(crate) fn named(error: &ErrorCode) -> &'static str {
    match error {
        ErrorCode::ConnectionRefused => "the connection was refused",
        ErrorCode::ConnectionTimeout | ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout => {
            "it did not answer in time"
        }
        ErrorCode::DnsError(_) | ErrorCode::DnsTimeout | ErrorCode::DestinationNotFound => "there is no such host",
        ErrorCode::TlsCertificateError | ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => {
            "it has no valid certificate"
        }
        ErrorCode::HttpRequestDenied => "the host does not allow the connection: see allowed_outbound_hosts",
        _ => "the connection broke off",
    }
}

/// The first kilobyte of the body, for the log.
pub(crate) fn beginning_of(response: &IncomingResponse) -> String {
    beginning_until(response, &monotonic_clock::subscribe_duration(SECOND))
}

/// What is there of the body's first kilobyte by the deadline.
fn beginning_until(response: &IncomingResponse, deadline: &Pollable) -> String {
    let read = || {
        let body = response.consume().ok()?;
        let stream = body.stream().ok()?;
        poll(&[&stream.subscribe(), deadline]);
        stream.read(BEGINNING).ok()
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}
