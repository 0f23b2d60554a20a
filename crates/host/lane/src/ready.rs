//! Seeing whether a program is ready.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long one question may take.
const ONE_QUESTION: Duration = Duration::from_secs(2);

/// By what a program is known to be ready, on 127.0.0.1.
#[derive(Debug, Clone)]
pub enum Ready {
    /// It accepts connections at this port.
    Accepts(u16),
    /// It answers 2xx to GET of this path.
    Answers(u16, &'static str),
}

impl Ready {
    /// Whether it is, now.
    pub async fn holds(&self) -> bool {
        let answer = match self {
            Self::Accepts(port) => timeout(ONE_QUESTION, accepts(*port)).await,
            Self::Answers(port, path) => timeout(ONE_QUESTION, answers(*port, path)).await,
        };
        answer.is_ok_and(|yes| yes)
    }
}

async fn accepts(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok()
}

async fn answers(port: u16, path: &str) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut status_line = [0; 12];
        stream.read_exact(&mut status_line).await?;
        Ok::<_, std::io::Error>(status_line.starts_with(b"HTTP/1.") && status_line[9] == b'2')
    };
    ask.await.unwrap_or(false)
}
