//! The process's own Prometheus endpoint: what host and sidecar count, on a port of its own.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rondo_runtime::accept;
use tokio::net::{TcpListener, TcpStream};
use tracing::{debug, error};

type Text = dyn Fn() -> String + Send + Sync;

/// Answers every request at `address` with `text`, until the process ends; returns where it listens.
pub async fn serve(
    address: SocketAddr,
    text: impl Fn() -> String + Send + Sync + 'static,
) -> anyhow::Result<SocketAddr> {
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("the metrics cannot be served at {address}"))?;
    let address = listener.local_addr()?;
    let text: Arc<Text> = Arc::new(text);
    tokio::spawn(async move {
        loop {
            match accept(&listener).await {
                Ok((stream, _)) => drop(tokio::spawn(answer(stream, Arc::clone(&text)))),
                Err(error) => return error!(%error, "the metrics are not served any more"),
            }
        }
    });
    Ok(address)
}

async fn answer(stream: TcpStream, text: Arc<Text>) {
    let service = service_fn(move |_: Request<Incoming>| {
        let response = page(text());
        async move { Ok::<_, Infallible>(response) }
    });
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        debug!(%error, "a metrics connection ended");
    }
}

fn page(text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
