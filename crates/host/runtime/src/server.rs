//! Listening, and the end of it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::accept::accept;
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
            let (socket, client) = tokio::select! {
                accepted = accept(&listener) => accepted?,
                () = &mut shutdown => break,
            };
            self.serve_connection(socket, client, &connections);
        }
        drop(listener);
        self.drain(connections).await;
        Ok(())
    }

    fn serve_connection(self: &Arc<Self>, socket: TcpStream, client: SocketAddr, connections: &GracefulShutdown) {
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
}
