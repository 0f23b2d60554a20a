//! A client that is answered before it has sent all of its request gets the answer all the same.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Served, manifest};

/// More than sockets hold, so that whoever sends it waits for a server that reads it.
const LARGE_BYTES: usize = 16 << 20;

async fn start() -> Served {
    Served::start_with(&manifest(""), |config| config.limits.request_body_bytes = 1000).await
}

/// What a client reads that sends all of its request first: the whole answer, up to the end of the connection.
async fn answer_to(host: &Served, head: &str, body: &[u8]) -> String {
    let mut socket = TcpStream::connect(host.address).await.unwrap();
    socket.write_all(format!("{head}\r\nhost: test\r\n\r\n").as_bytes()).await.unwrap();
    for piece in body.chunks(100_000) {
        socket.write_all(piece).await.expect("the host reads what it does not want");
    }
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("the answer is whole");
    answer
}

fn assert_refused(answer: &str) {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 413 "), "{head}");
    assert!(head.contains("\r\nconnection: close"), "{head}");
    let problem: serde_json::Value = serde_json::from_str(body).expect("a whole body");
    assert_eq!(problem["status"], 413);
}

#[tokio::test]
async fn a_body_that_says_that_it_is_too_large_is_refused_in_words_that_arrive() {
    let host = start().await;
    let head = format!("POST /echo HTTP/1.1\r\ncontent-length: {LARGE_BYTES}");
    assert_refused(&answer_to(&host, &head, &vec![b'x'; LARGE_BYTES]).await);
}

#[tokio::test]
async fn a_body_that_turns_out_to_be_too_large_is_refused_in_words_that_arrive() {
    let host = start().await;
    let chunk = [b"10000\r\n", vec![b'x'; 0x1_0000].as_slice(), b"\r\n"].concat();
    let body = [chunk.repeat(LARGE_BYTES / 0x1_0000), b"0\r\n\r\n".to_vec()].concat();
    assert_refused(&answer_to(&host, "POST /echo HTTP/1.1\r\ntransfer-encoding: chunked", &body).await);
}

#[tokio::test]
async fn a_component_may_answer_without_reading_the_body() {
    let host = Served::start_with(&manifest(""), |config| config.limits.request_body_bytes = LARGE_BYTES as u64).await;
    let head = format!("POST /hello HTTP/1.1\r\ncontent-length: {LARGE_BYTES}");
    let answer = answer_to(&host, &head, &vec![b'x'; LARGE_BYTES]).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nhello"), "{answer}");
}

#[tokio::test]
async fn a_body_that_breaks_off_where_it_is_refused_ends_the_connection() {
    let host = start().await;
    let mut socket = TcpStream::connect(host.address).await.unwrap();
    socket.write_all(b"POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 5000\r\n\r\nonly this").await.unwrap();
    socket.shutdown().await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("the answer is whole");
    assert_refused(&answer);
}

#[tokio::test]
async fn a_connection_whose_requests_are_read_is_kept() {
    let host = start().await;
    let mut socket = TcpStream::connect(host.address).await.unwrap();
    for body in ["one", "two"] {
        let request = format!("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 3\r\n\r\n{body}");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        while !answer.ends_with(body) {
            let mut piece = [0; 1000];
            let length = socket.read(&mut piece).await.unwrap();
            assert!(length > 0, "the connection ended after {answer}");
            answer.push_str(std::str::from_utf8(&piece[..length]).unwrap());
        }
        assert!(!answer.contains("connection: close"), "{answer}");
    }
}
