//! Taking connections, whatever comes.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

/// How long until the next try, when files have run out: others must end first.
const REST: Duration = Duration::from_millis(100);

/// The next connection, and whose it is.
///
/// # Errors
/// When the listener breaks.
pub async fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    loop {
        match listener.accept().await {
            Ok((socket, client)) => {
                // Without it a response in two parts waits for the client's delayed acknowledgement.
                if let Err(error) = socket.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY could not be set");
                }
                return Ok((socket, client));
            }
            Err(error) => rest_after(error).await?,
        }
    }
}

/// A client that was gone before it was accepted is its own affair.
async fn rest_after(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted => Ok(()),
        io::ErrorKind::InvalidInput | io::ErrorKind::NotFound => Err(error),
        _ => {
            tracing::warn!(%error, "no connection can be accepted at the moment");
            tokio::time::sleep(REST).await;
            Ok(())
        }
    }
}
