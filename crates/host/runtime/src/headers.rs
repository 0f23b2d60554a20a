//! The headers by which Spin tells a component about its request.

use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};
use std::net::SocketAddr;

use crate::router::{Match, Pattern};

/// What a route says of itself; made once, for each request carries it.
#[derive(Clone, Debug)]
pub struct RouteHeaders {
    matched: HeaderValue,
    stem: HeaderValue,
}

impl RouteHeaders {
    /// The headers of a route.
    pub fn new(pattern: &Pattern) -> Self {
        let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("/"));
        Self { matched: value(pattern.as_str()), stem: value(pattern.stem()) }
    }
}

const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");

/// Takes away what a client must not say.
pub fn strip(headers: &mut HeaderMap) {
    let forged: Vec<HeaderName> = headers.keys().filter(|name| name.as_str().starts_with("spin-")).cloned().collect();
    for name in forged {
        headers.remove(name);
    }
}

/// A request names its host: one that does not, as HTTP/1.0 allows, gets a name.
pub fn ensure_host(headers: &mut HeaderMap, uri: &Uri) {
    if !headers.contains_key(header::HOST) {
        let authority = uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
        headers.insert(header::HOST, authority.unwrap_or(HeaderValue::from_static("localhost")));
    }
}

/// Says how a request came to its component.
pub fn describe<T>(headers: &mut HeaderMap, uri: &Uri, found: &Match<'_, T>, route: &RouteHeaders, client: SocketAddr) {
    headers.insert(MATCHED_ROUTE, route.matched.clone());
    headers.insert(RAW_COMPONENT_ROUTE, route.matched.clone());
    headers.insert(COMPONENT_ROUTE, route.stem.clone());
    for (name, value) in found.places() {
        let name = HeaderName::try_from(format!("spin-path-match-{}", name.to_ascii_lowercase()));
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    describe_common(headers, uri, found.rest, client);
}

/// Says it of a request that another component sent, which no route was asked for.
pub fn describe_chained(headers: &mut HeaderMap, uri: &Uri, client: SocketAddr) {
    let route = HeaderValue::from_static("/...");
    headers.insert(MATCHED_ROUTE, route.clone());
    headers.insert(RAW_COMPONENT_ROUTE, route);
    headers.insert(COMPONENT_ROUTE, HeaderValue::from_static("/"));
    describe_common(headers, uri, uri.path(), client);
}

/// What the log says was asked for: the path, or, where that is secret, the route by which it came to its component.
pub fn path_to_log<B>(request: &Request<B>, is_secret: bool) -> &str {
    if is_secret {
        request.headers().get(MATCHED_ROUTE).and_then(|route| route.to_str().ok()).unwrap_or_default()
    } else {
        request.uri().path()
    }
}

fn describe_common(headers: &mut HeaderMap, uri: &Uri, path_info: &str, client: SocketAddr) {
    let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let full_url = value(&format!("http://{host}{path}"));
    headers.insert(FULL_URL, full_url);
    headers.insert(PATH_INFO, value(path_info));
    headers.insert(BASE_PATH, HeaderValue::from_static("/"));
    headers.insert(CLIENT_ADDR, value(&client.to_string()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_path_is_logged_as_its_route() {
        let mut request = Request::get("/api/calendar/secret.ics?as=events").body(()).expect("a request");
        request.headers_mut().insert(MATCHED_ROUTE, HeaderValue::from_static("/api/calendar/..."));
        assert_eq!(path_to_log(&request, false), "/api/calendar/secret.ics");
        assert_eq!(path_to_log(&request, true), "/api/calendar/...");
    }
}
