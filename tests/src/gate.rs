//! A way to the database that can be closed, as if the database were away, and led elsewhere when it comes back.

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards connections to a port of this machine while it is open.
pub struct Gate {
    port: u16,
    behind: u16,
    leads_to: Arc<watch::Sender<Option<u16>>>,
}

impl Gate {
    pub async fn to(behind: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let leads_to = Arc::new(watch::Sender::new(Some(behind)));
        tokio::spawn(forward(listener, Arc::clone(&leads_to)));
        Self { port, behind, leads_to }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The Postgres URL with this gate before it.
    pub fn through(&self, url: &str) -> String {
        url.replacen(&format!("@127.0.0.1:{}/", self.behind), &format!("@127.0.0.1:{}/", self.port), 1)
    }

    /// Breaks all connections and lets no new one through.
    pub fn close(&self) {
        self.leads_to.send_replace(None);
    }

    pub fn open(&self) {
        self.lead_to(self.behind);
    }

    /// Opens it to another port.
    pub fn lead_to(&self, port: u16) {
        self.leads_to.send_replace(Some(port));
    }
}

async fn forward(listener: TcpListener, leads_to: Arc<watch::Sender<Option<u16>>>) {
    while let Ok((mut inside, _)) = listener.accept().await {
        let mut change = leads_to.subscribe();
        tokio::spawn(async move {
            let Some(port) = *change.borrow_and_update() else { return };
            let Ok(mut outside) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
            // Without it the small messages of the protocol would wait for each other.
            let _ = (inside.set_nodelay(true), outside.set_nodelay(true));
            tokio::select! {
                _ = copy_bidirectional(&mut inside, &mut outside) => {}
                _ = change.changed() => {}
            }
        });
    }
}
