//! The embedded sidecar, at an address for each app, on a Postgres of the suite's own.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rondo_sidecar::{Acknowledgement, AppChannel, ChannelError, Sidecar, SidecarConfig};
use support::postgres;
use tokio::net::TcpListener;

use super::resources::SECRETS;
use super::{APP_API_TOKEN, DAPR_API_TOKEN, Names, Running};
use crate::app::App;
use crate::client::{Client, exchange};

pub async fn start(folder: &Path, names: &Names, apps: [&App; 2]) -> ([Client; 2], Running) {
    let server = postgres::start_anew("contract-postgres", "contract-").await;
    let ids = [&names.app, &names.other];
    let config = SidecarConfig {
        resources: folder.join("dapr"),
        database_url: server.create_database(&names.run, None).await.expect("a database").owner,
        app_api_token: APP_API_TOKEN.to_owned(),
        dapr_api_token: DAPR_API_TOKEN.to_owned(),
        secrets: SECRETS.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        app_ids: ids.map(Clone::clone).into(),
        acknowledgement: Acknowledgement::Written,
    };
    let channel = Channel([0, 1].map(|one| (ids[one].clone(), apps[one].address())));
    let sidecar = Sidecar::start(config, Arc::new(channel)).await.expect("a sidecar");
    let [app, other] = ids.map(|id| listen(sidecar.clone(), id.clone()));
    ([app.await, other.await], Box::new((sidecar, server)))
}

/// The way to the apps: over the network, as a `daprd` goes it.
struct Channel([(String, SocketAddr); 2]);

#[async_trait::async_trait]
impl AppChannel for Channel {
    async fn call(&self, app_id: &str, request: Request<Bytes>) -> Result<Response<Bytes>, ChannelError> {
        let app = self.0.iter().find(|(id, _)| id == app_id);
        let (_, address) = app.ok_or_else(|| ChannelError::UnknownApp(app_id.to_owned()))?;
        let mut request = request.map(Full::new);
        let host = address.to_string().parse().expect("a header's value");
        request.headers_mut().insert(header::HOST, host);
        exchange(*address, request).await.map_err(ChannelError::NoAnswer)
    }
}

/// Answers an app at a port of its own.
async fn listen(sidecar: Sidecar, app_id: String) -> Client {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (sidecar, app_id) = (sidecar.clone(), app_id.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                let (sidecar, app_id) = (sidecar.clone(), app_id.clone());
                async move {
                    let (head, body) = request.into_parts();
                    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
                    let response = sidecar.handle(&app_id, Request::from_parts(head, body)).await;
                    Ok::<_, Infallible>(response.map(Full::new))
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    Client { address, token: DAPR_API_TOKEN }
}
