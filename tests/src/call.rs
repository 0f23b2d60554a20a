//! A request on its way. Every reply to an operation is held against the OpenAPI document.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::Reply;
use crate::openapi::{Body, Operation};

/// A request that is sent when it is awaited.
#[derive(Clone)]
pub struct Call {
    address: SocketAddr,
    operation: Option<&'static Operation>,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
    in_pieces: bool,
}

impl Call {
    /// A request without parameters or a body.
    pub fn new(address: SocketAddr, operation: Option<&'static Operation>, method: Method, path: String) -> Self {
        let (query, headers, body) = (Vec::new(), HeaderMap::new(), Bytes::new());
        Self { address, operation, method, path, query, headers, body, in_pieces: false }
    }

    pub fn headers(self, headers: HeaderMap) -> Self {
        Self { headers, ..self }
    }

    pub fn path(mut self, name: &str, value: &str) -> Self {
        self.path = self.path.replace(&format!("{{{name}}}"), &escaped(value));
        self
    }

    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a header, whatever it was before.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).expect("a header's value"));
        self
    }

    pub fn json(self, body: Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", media_type)
    }

    /// Sends the body in pieces, without saying how long it is.
    pub fn in_pieces(mut self) -> Self {
        self.in_pieces = true;
        self
    }

    /// The same path with another method.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Sends it where no answer, or one that the document does not have, is an answer too.
    pub async fn attempt(mut self) -> Result<Reply, String> {
        self.operation = None;
        self.answer().await
    }

    async fn answer(self) -> Result<Reply, String> {
        let (operation, method) = (self.operation, self.method.clone());
        let response = self.begin().await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        if let Some(operation) = operation {
            operation.check(head.status, &head.headers, Body::Whole(&body));
            if head.status == StatusCode::METHOD_NOT_ALLOWED && method != operation.method {
                operation.note_wrong_method();
            }
        }
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Reply { status: head.status, headers: head.headers, body, json })
    }

    /// Sends it, and returns once there is a status.
    pub async fn begin(self) -> Result<Response<Incoming>, String> {
        let socket = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        sender.send_request(self.into_request()).await.map_err(|error| error.to_string())
    }

    fn into_request(self) -> Request<Outgoing> {
        let mut target = self.path;
        for (index, (name, value)) in self.query.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            // Writing into a String does not fail.
            let _ = write!(target, "{mark}{}={}", escaped(name), escaped(value));
        }
        let mut request = Request::new(Outgoing { rest: self.body, in_pieces: self.in_pieces });
        *request.method_mut() = self.method;
        *request.uri_mut() = target.parse().expect("a request's target");
        *request.headers_mut() = self.headers;
        let host = self.address.to_string().parse().expect("a header's value");
        request.headers_mut().insert(header::HOST, host);
        request
    }
}

/// The body of a request on its way.
struct Outgoing {
    rest: Bytes,
    in_pieces: bool,
}

impl hyper::body::Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        const PIECE_BYTES: usize = 1_000;
        let length = if self.in_pieces { self.rest.len().min(PIECE_BYTES) } else { self.rest.len() };
        Poll::Ready((length > 0).then(|| Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.in_pieces { SizeHint::default() } else { SizeHint::with_exact(self.rest.len() as u64) }
    }
}

impl IntoFuture for Call {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = format!("{} {}", self.method, self.path);
            self.answer().await.unwrap_or_else(|error| panic!("{what} was not answered: {error}"))
        })
    }
}

/// A text as a part of a URL.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(byte.into()),
            // Writing into a String does not fail.
            _ => drop(write!(escaped, "%{byte:02X}")),
        }
        escaped
    })
}
