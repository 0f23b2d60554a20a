//! One HTTP connection that is used again and again.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A connection to a server; a new one takes its place when the server ends it.
pub struct Connection {
    server: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Nobody is there.
    pub async fn open(server: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { server, sender: dial(server).await? })
    }

    /// Sends `request` and reads all of the reply.
    ///
    /// # Errors
    /// The server ended the connection meanwhile.
    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Bytes>> {
        if self.sender.ready().await.is_err() {
            self.sender = dial(self.server).await?;
        }
        let (head, body) = self.sender.send_request(request).await?.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }
}

async fn dial(server: SocketAddr) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // How it ends, the one who sends learns.
    tokio::spawn(async { drop(connection.await) });
    Ok(sender)
}

/// A `GET` without credentials.
///
/// # Errors
/// `path` is no path.
pub fn get(path: &str) -> http::Result<Request<Full<Bytes>>> {
    Request::get(path).header(http::header::HOST, "rondo.bench").body(Full::default())
}
