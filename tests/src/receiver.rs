//! A server of somebody else: it keeps what it is sent, and answers, or does not, as a test wants it to.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

/// What came in.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    /// A header that must be there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("a text")
    }
}

/// How a request is answered.
#[derive(Debug, Clone, Copy)]
pub enum Manner {
    /// With this status.
    Status(u16),
    /// With this status and a header.
    With(u16, &'static str, &'static str),
    /// With 200, after a while.
    Slowly(Duration),
    /// Never.
    NotAtAll,
}

type Kept = Arc<Mutex<Vec<Received>>>;

/// The server.
pub struct Receiver {
    address: SocketAddr,
    received: Kept,
    manner: Arc<Mutex<Manner>>,
}

impl Receiver {
    /// One that answers in this manner.
    pub async fn answering(manner: Manner) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (received, manner) = (Kept::default(), Arc::new(Mutex::new(manner)));
        let (kept, mood) = (Arc::clone(&received), Arc::clone(&manner));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept), Arc::clone(&mood)));
            }
        });
        Self { address, received, manner }
    }

    /// From now on it answers in this manner.
    pub fn answer(&self, manner: Manner) {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    /// An address there.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What has come so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(stream: TcpStream, received: Kept, manner: Arc<Mutex<Manner>>) {
    let service = service_fn(|request| answer(request, &received, &manner));
    // A client that goes away ends it.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Request<Incoming>,
    received: &Kept,
    manner: &Mutex<Manner>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let request = Received { path: head.uri.path().to_owned(), headers: head.headers, body };
    received.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    let manner = *manner.lock().unwrap_or_else(PoisonError::into_inner);
    let response = Response::builder();
    let response = match manner {
        Manner::Status(status) => response.status(status),
        Manner::With(status, name, value) => response.status(status).header(name, value),
        Manner::Slowly(time) => {
            tokio::time::sleep(time).await;
            response
        }
        Manner::NotAtAll => std::future::pending().await,
    };
    Ok(response.body(Full::new(Bytes::from_static(b"said"))).expect("a response"))
}
