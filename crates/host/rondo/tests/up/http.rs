//! The least HTTP that a test needs.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Answer {
    pub status: u16,
    pub body: String,
}

pub fn get(address: SocketAddr, token: Option<&str>, path: &str) -> Answer {
    send(address, "GET", token, path, "")
}

pub fn post(address: SocketAddr, token: Option<&str>, path: &str, body: &Value) -> Answer {
    send(address, "POST", token, path, &body.to_string())
}

/// HTTP/1.0: the answer is not chunked, and ends with the connection.
fn send(address: SocketAddr, method: &str, token: Option<&str>, path: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nhost: {address}\r\n{authorization}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    parse(&String::from_utf8_lossy(&bytes))
}

fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer { status: status.unwrap_or_else(|| panic!("no answer: {text}")), body: body.to_owned() }
}
