//! Listening: the application on one port, the metrics on another.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::host::{Answer, Host};
use crate::lingering;

/// The head of a request; more is answered 431.
const HEAD_BYTES: usize = 64 << 10;

impl Host {
    /// Serves the application until `shutdown` is done, then lets what is in progress end: responses and the work behind
    /// them, up to the limit; streams end at once.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn serve(self: &Arc<Self>, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let connections = GracefulShutdown::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut shutdown => break,
            };
            match accepted {
                Ok((socket, client)) => self.serve_connection(socket, client, &connections),
                Err(error) => rest_after(error).await?,
            }
        }
        drop(listener);
        self.drain(connections).await;
        Ok(())
    }

    fn serve_connection(self: &Arc<Self>, socket: TcpStream, client: SocketAddr, connections: &GracefulShutdown) {
        // Without it a response in two parts waits for the client's delayed acknowledgement.
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let (socket, exchanges) = lingering::over(socket);
        let host = Arc::clone(self);
        let service = service_fn(move |request: Request<Incoming>| {
            let (host, exchanges) = (Arc::clone(&host), exchanges.clone());
            async move { Answer::Ok(exchanges.answer(request, |request| host.handle(request, client)).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.shared.limits.header_read_time)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(socket), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, %client, "a connection broke");
            }
        });
    }

    async fn drain(&self, connections: GracefulShutdown) {
        let deadline = Instant::now() + self.shared.limits.drain;
        self.shared.stopping.cancel();
        self.shared.tasks.close();
        // Side by side: a client that takes its time to go takes none from work that goes on.
        let connections = tokio::time::timeout_at(deadline, connections.shutdown());
        let work = tokio::time::timeout_at(deadline, self.shared.tasks.wait());
        if let (_, Err(_)) = tokio::join!(connections, work) {
            tracing::warn!(tasks = self.shared.tasks.len(), "work in progress did not end in time and is given up");
        }
        self.shared.databases.close();
    }

    /// Serves the host's metrics at any path, for as long as it is polled.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn serve_metrics(self: &Arc<Self>, listener: TcpListener) -> io::Result<()> {
        loop {
            let (socket, _) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    rest_after(error).await?;
                    continue;
                }
            };
            let host = Arc::clone(self);
            let service = service_fn(move |_: Request<Incoming>| {
                let mut response = Response::new(Full::new(Bytes::from(host.metrics_text())));
                let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                response.headers_mut().insert(header::CONTENT_TYPE, text);
                async move { Ok::<_, std::convert::Infallible>(response) }
            });
            let connection =
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(socket), service);
            tokio::spawn(connection);
        }
    }
}

/// A client that was gone before it was accepted is its own affair; when files run out, others must end first.
async fn rest_after(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted => Ok(()),
        io::ErrorKind::InvalidInput | io::ErrorKind::NotFound => Err(error),
        _ => {
            tracing::warn!(%error, "no connection can be accepted at the moment");
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok(())
        }
    }
}
