//! Requests as they come in.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use rondo_ports::{Clock, Entropy};
use rondo_web_api::{Request, RequestBody};
use wasi::http::types::{IncomingRequest, Method as WasiMethod};
use wasi::io::streams::StreamError;

use crate::SpinPlatform;

/// Reads `request`, of its body at most `limit` bytes.
pub(crate) fn read(platform: &SpinPlatform, request: IncomingRequest, limit: usize) -> Request {
    let headers = headers(&request);
    let target = request.path_with_query().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let method = method(&request);
    let body = body(&request, &method, &headers, limit);
    Request::new(method, path.to_owned(), query.to_owned(), headers, body, || fresh_id(platform))
}

fn fresh_id(platform: &SpinPlatform) -> String {
    rondo_web_api::fresh_request_id(platform.now(), platform.bytes())
}

fn method(request: &IncomingRequest) -> Method {
    match request.method() {
        WasiMethod::Get => Method::GET,
        WasiMethod::Head => Method::HEAD,
        WasiMethod::Post => Method::POST,
        WasiMethod::Put => Method::PUT,
        WasiMethod::Delete => Method::DELETE,
        WasiMethod::Connect => Method::CONNECT,
        WasiMethod::Options => Method::OPTIONS,
        WasiMethod::Trace => Method::TRACE,
        WasiMethod::Patch => Method::PATCH,
        // No endpoint takes a method that has no name here.
        WasiMethod::Other(_) => Method::TRACE,
    }
}

fn headers(request: &IncomingRequest) -> HeaderMap {
    let parse =
        |(name, value): (String, Vec<u8>)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?));
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers().entries().into_iter().filter_map(parse) {
        headers.append(name, value);
    }
    headers
}

/// Without a length, which a body that is sent in pieces does not have, the method tells whether there is one: a host does
/// not pass `Transfer-Encoding` on.
fn body(request: &IncomingRequest, method: &Method, headers: &HeaderMap, limit: usize) -> RequestBody {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return RequestBody::TooLarge;
    }
    let comes_without = matches!(*method, Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS);
    if announced == Some(0) || (announced.is_none() && comes_without) {
        return RequestBody::Read(Vec::new());
    }
    let Ok(body) = request.consume() else { return RequestBody::BrokenOff };
    let Ok(stream) = body.stream() else { return RequestBody::BrokenOff };
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0));
    loop {
        match stream.blocking_read(64 * 1024) {
            Ok(chunk) if bytes.len() + chunk.len() > limit => return RequestBody::TooLarge,
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(StreamError::Closed) if announced.is_some_and(|length| bytes.len() < length) => {
                return RequestBody::BrokenOff;
            }
            Err(StreamError::Closed) => return RequestBody::Read(bytes),
            Err(StreamError::LastOperationFailed(_)) => return RequestBody::BrokenOff,
        }
    }
}
