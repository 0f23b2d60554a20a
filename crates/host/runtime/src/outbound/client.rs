//! The client that connects to the network for components: looks names up, leaves out addresses that are blocked, connects.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_service::Service;
use wasmtime_wasi_http::{Error, WasiBody};

use super::networks::{Networks, literal};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A client that keeps connections, and never makes one into a network that is blocked.
#[derive(Clone)]
pub struct HttpClient {
    blocked: Arc<Networks>,
    client: Client<HttpsConnector<HttpConnector<Resolver>>, WasiBody>,
}

impl HttpClient {
    /// A client that stays out of these networks.
    pub fn outside(blocked: Networks) -> Self {
        let blocked = Arc::new(blocked);
        let resolver = Resolver { blocked: Arc::clone(&blocked), all: GaiResolver::new() };
        let mut connector = HttpConnector::new_with_resolver(resolver);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT));
        connector.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .expect("ring has what the versions of TLS need")
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .build(connector);
        Self { blocked, client }
    }

    /// Sends a request, and waits for the head of the answer.
    ///
    /// # Errors
    /// [`Error::DestinationIpProhibited`] where all of the host's addresses are blocked, or why else there is no answer.
    pub async fn request(
        &self,
        request: http::Request<WasiBody>,
    ) -> Result<http::Response<hyper::body::Incoming>, Error> {
        // A host that is an address is not looked up.
        if is_address_in(&self.blocked, request.uri()) {
            return Err(Error::DestinationIpProhibited);
        }
        self.client.request(request).await.map_err(|error| cause(&error))
    }
}

fn is_address_in(networks: &Networks, uri: &Uri) -> bool {
    uri.host().and_then(literal).is_some_and(|address| networks.contain(address))
}

/// Looks names up, and leaves out what is blocked. What it returns is what is connected to, so a name that leads elsewhere
/// the next time gains nothing.
#[derive(Clone)]
struct Resolver {
    blocked: Arc<Networks>,
    all: GaiResolver,
}

#[derive(Debug, thiserror::Error)]
enum Unresolved {
    #[error("the name is unknown: {0}")]
    Unknown(#[from] io::Error),
    #[error("all addresses of the name are in networks that are blocked")]
    Blocked,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<std::net::SocketAddr>;
    type Error = Unresolved;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.all.poll_ready(task).map_err(Unresolved::from)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, blocked) = (self.all.call(name), Arc::clone(&self.blocked));
        Box::pin(async move {
            let open: Vec<_> = found.await?.filter(|address| !blocked.contain(address.ip())).collect();
            if open.is_empty() { Err(Unresolved::Blocked) } else { Ok(open.into_iter()) }
        })
    }
}

/// What a component is told of an error: the innermost cause that means something.
fn cause(error: &ClientError) -> Error {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(unresolved) = error.downcast_ref() {
            return match unresolved {
                Unresolved::Blocked => Error::DestinationIpProhibited,
                Unresolved::Unknown(_) => Error::DnsError { rcode: None, info_code: None },
            };
        }
        if error.is::<rustls::pki_types::InvalidDnsNameError>() {
            return Error::HttpRequestUriInvalid;
        }
        if let Some(cause) = error.downcast_ref::<io::Error>().and_then(cause_of_io) {
            return cause;
        }
        next = error.source();
    }
    if error.is_connect() { Error::ConnectionRefused } else { Error::ConnectionTerminated }
}

fn cause_of_io(mut error: &io::Error) -> Option<Error> {
    // Those of TLS come wrapped in one another.
    while let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        error = inner;
    }
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (tls, error.kind()) {
        (Some(rustls::Error::InvalidCertificate(_)), _) => Some(Error::TlsCertificateError),
        (Some(_), _) => Some(Error::TlsProtocolError),
        (None, io::ErrorKind::TimedOut) => Some(Error::ConnectionTimeout),
        (None, io::ErrorKind::ConnectionRefused) => Some(Error::ConnectionRefused),
        _ => None,
    }
}
