//! A sidecar as its app calls it.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Where a sidecar listens, and what it wants to see.
#[derive(Debug, Clone)]
pub struct Client {
    pub address: SocketAddr,
    pub token: &'static str,
}

impl Client {
    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "").await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[], "").await
    }

    /// POST of JSON, or of what claims to be that.
    pub async fn post(&self, path: &str, body: impl ToString) -> Reply {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string()).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        let mut request = Request::new(Full::new(body.into()));
        *request.method_mut() = method.parse::<Method>().unwrap();
        *request.uri_mut() = path.parse().unwrap();
        let host = self.address.to_string();
        for (name, value) in [("host", host.as_str()), ("dapr-api-token", self.token)].iter().chain(headers) {
            let name: http::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let response = exchange(self.address, request).await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let (head, body) = response.into_parts();
        Reply { status: head.status.as_u16(), headers: head.headers, body }
    }
}

/// What a sidecar answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Done, and nothing more to say.
    #[track_caller]
    pub fn is_done(&self) {
        assert_eq!((self.status, self.text()), (204, ""), "{self:?}");
    }

    /// An error as Dapr tells it; its message is returned.
    #[track_caller]
    pub fn is_error(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        let body = self.json();
        assert_eq!(body["errorCode"], code, "{self:?}");
        body["message"].as_str().filter(|message| !message.is_empty()).expect("a message").to_owned()
    }

    /// The same, in these words.
    #[track_caller]
    pub fn is_error_saying(&self, status: u16, code: &str, message: &str) {
        assert_eq!(self.is_error(status, code), message);
    }

    /// What an error's `ErrorInfo` says besides.
    #[track_caller]
    pub fn error_info(&self) -> (String, Value) {
        let body = self.json();
        let details = body["details"].as_array().expect("details");
        let kind = "type.googleapis.com/google.rpc.ErrorInfo";
        let info = details.iter().find(|one| one["@type"] == kind).expect("an ErrorInfo");
        assert_eq!(info["domain"], "dapr.io");
        (info["reason"].as_str().expect("a reason").to_owned(), info["metadata"].clone())
    }
}

/// One request on a connection of its own.
pub async fn exchange(address: SocketAddr, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, String> {
    let socket = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(socket)).await;
    let (mut sender, connection) = handshake.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
    Ok(Response::from_parts(head, body))
}
