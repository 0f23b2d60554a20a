//! One address for page and API, as a cluster's ingress gives them.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rondo_runtime::accept;
use rondo_runtime::lingering::{self, WatchedBody};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};

/// How long requests in flight may take to end.
const LAST_REQUESTS: Duration = Duration::from_secs(10);
/// How long a connection to a service may wait for its next request: less than the service waits.
const IDLE: Duration = Duration::from_secs(5);

/// Where requests go.
#[derive(Debug, Clone, Copy)]
pub struct Ways {
    /// The port of the service with the API.
    pub backend: u16,
    /// The port of the service with the page.
    pub frontend: u16,
}

impl Ways {
    /// Who answers a path: whatever is no page is the backend's, which refuses what isn't for the outside.
    fn of(self, path: &str) -> u16 {
        const OF_BACKEND: [&str; 8] = ["api", "mcp", "events", "job", "internal", "health", "ready", "metrics"];
        let first = path.split('/').find(|part| !part.is_empty()).unwrap_or_default();
        if OF_BACKEND.contains(&first) { self.backend } else { self.frontend }
    }
}

type Body = BoxBody<Bytes, hyper::Error>;
type HttpClient = Client<HttpConnector, WatchedBody>;

/// Passes requests on until `stop`, then lets those in flight end. Where no connection can be taken any longer, it is what stops.
pub async fn serve(listener: TcpListener, ways: Ways, stop: CancellationToken) {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: HttpClient =
        Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector);
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            accepted = accept(&listener) => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    error!(%error, "the ingress takes no more connections");
                    stop.cancel();
                    break;
                }
            },
            () = stop.cancelled() => break,
        };
        tokio::spawn(answer(stream, client.clone(), ways, graceful.watcher()));
    }
    drop(listener);
    if timeout(LAST_REQUESTS, graceful.shutdown()).await.is_err() {
        debug!("streams are cut off");
    }
}

async fn answer(stream: TcpStream, client: HttpClient, ways: Ways, watcher: Watcher) {
    let (stream, exchanges) = lingering::over(stream);
    let service = service_fn(move |request| {
        let (client, exchanges) = (client.clone(), exchanges.clone());
        async move { Ok::<_, Infallible>(exchanges.answer(request, |request| pass_on(&client, ways, request)).await) }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        debug!(%error, "a connection ended");
    }
}

async fn pass_on(client: &HttpClient, ways: Ways, mut request: Request<WatchedBody>) -> Response<Body> {
    let target = SocketAddr::from((Ipv4Addr::LOCALHOST, ways.of(request.uri().path())));
    let path = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let Ok(authority) = target.to_string().parse::<Authority>() else { return away() };
    let mut parts = http::uri::Parts::default();
    (parts.scheme, parts.authority, parts.path_and_query) = (Some(Scheme::HTTP), Some(authority), Some(path));
    let Ok(uri) = Uri::from_parts(parts) else { return away() };
    // The Host that the client asked for stays: addresses are made of it.
    *request.uri_mut() = uri;
    match client.request(request).await {
        Ok(response) => response.map(BodyExt::boxed),
        Err(error) => {
            warn!(%error, "a service does not answer");
            away()
        }
    }
}

/// 502, as the API says what is wrong (RFC 9457).
fn away() -> Response<Body> {
    const TEXT: &str = r#"{"type":"about:blank","title":"Bad Gateway","status":502,"detail":"The service is away for a moment. Try again."}"#;
    let body = Full::new(Bytes::from_static(TEXT.as_bytes())).map_err(|never| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_the_backends_and_all_else_the_pages() {
        let ways = Ways { backend: 1, frontend: 2 };
        for (path, port) in [
            ("/", 2),
            ("/recurring", 2),
            ("/assets/index.js", 2),
            ("/apiary", 2),
            ("/api/tasks", 1),
            ("//api/tasks", 1),
            ("/ready", 1),
            ("/job/x", 1),
        ] {
            assert_eq!(ways.of(path), port, "{path}");
        }
    }
}
