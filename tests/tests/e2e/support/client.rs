//! The one place that knows how a request looks. Every reply to an operation is held against the OpenAPI document.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::ops::Index;
use std::pin::Pin;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::openapi::{Body, Operation, operation};
use super::stream::Events;

/// Somebody's way to the application.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    token: Option<String>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, token: None }
    }

    /// The same, signed in with an access token or an API token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// What it signs its requests with.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub fn register(&self, body: Value) -> Call {
        self.call("register").json(body)
    }

    pub fn login(&self, email: &str, password: &str) -> Call {
        self.call("login").json(json!({ "email": email, "password": password }))
    }

    pub fn refresh(&self, refresh_token: &str) -> Call {
        self.call("refreshSession").json(json!({ "refresh_token": refresh_token }))
    }

    pub fn logout(&self, refresh_token: &str) -> Call {
        self.call("logout").json(json!({ "refresh_token": refresh_token }))
    }

    pub fn profile(&self) -> Call {
        self.call("getProfile")
    }

    pub fn change_profile(&self, patch: Value) -> Call {
        self.call("changeProfile").json(patch)
    }

    pub fn api_tokens(&self) -> Call {
        self.call("listApiTokens")
    }

    pub fn create_api_token(&self, body: Value) -> Call {
        self.call("createApiToken").json(body)
    }

    pub fn delete_api_token(&self, id: &str) -> Call {
        self.call("deleteApiToken").path("id", id)
    }

    pub fn tasks(&self) -> Call {
        self.call("listTasks")
    }

    pub fn create_task(&self, body: Value) -> Call {
        self.call("createTask").json(body)
    }

    /// Makes a task of which only the title matters.
    pub async fn new_task(&self, title: &str) -> Reply {
        self.create_task(json!({ "title": title })).await.is(201)
    }

    pub fn task(&self, id: &str) -> Call {
        self.call("getTask").path("id", id)
    }

    pub fn change_task(&self, id: &str, patch: Value) -> Call {
        self.call("changeTask").path("id", id).json(patch)
    }

    pub fn delete_task(&self, id: &str) -> Call {
        self.call("deleteTask").path("id", id)
    }

    pub fn complete_task(&self, id: &str) -> Call {
        self.call("completeTask").path("id", id)
    }

    pub fn reopen_task(&self, id: &str) -> Call {
        self.call("reopenTask").path("id", id)
    }

    pub fn change_tasks(&self, body: Value) -> Call {
        self.call("changeTasks").json(body)
    }

    pub fn export(&self, format: &str) -> Call {
        self.call("exportTasks").query("format", format)
    }

    pub fn import(&self, media_type: &str, body: impl Into<Bytes>) -> Call {
        self.call("importTasks").body(media_type, body)
    }

    pub fn tags(&self) -> Call {
        self.call("listTags")
    }

    pub fn rename_tag(&self, id: &str, name: &str) -> Call {
        self.call("renameTag").path("id", id).json(json!({ "name": name }))
    }

    pub fn delete_tag(&self, id: &str) -> Call {
        self.call("deleteTag").path("id", id)
    }

    /// Opens the stream of events, after the event `last` if there is one.
    pub async fn stream(&self, last: Option<&str>) -> Events {
        let mut call = self.call("streamTasks");
        if let Some(last) = last {
            call = call.header("last-event-id", last);
        }
        let (operation, response) = (call.operation.expect("an operation"), call.begin().await.expect("an answer"));
        operation.check(response.status(), response.headers(), Body::Streamed);
        assert_eq!(response.status(), StatusCode::OK);
        Events::new(response.into_body())
    }

    /// Any operation of the document.
    pub fn call(&self, id: &str) -> Call {
        let operation = operation(id);
        self.prepare(Some(operation), operation.method.clone(), operation.path.clone())
    }

    /// What the document does not have: its reply is held against nothing.
    pub fn elsewhere(&self, method: Method, path: &str) -> Call {
        self.prepare(None, method, path.to_owned())
    }

    fn prepare(&self, operation: Option<&'static Operation>, method: Method, path: String) -> Call {
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().expect("a header's value"));
        }
        Call { address: self.address, operation, method, path, query: Vec::new(), headers, body: Bytes::new() }
    }
}

/// A request that is sent when it is awaited.
#[derive(Clone)]
pub struct Call {
    address: SocketAddr,
    operation: Option<&'static Operation>,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    pub fn path(mut self, name: &str, value: &str) -> Self {
        self.path = self.path.replace(&format!("{{{name}}}"), &escaped(value));
        self
    }

    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a header, whatever it was before.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).expect("a header's value"));
        self
    }

    pub fn json(self, body: Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", media_type)
    }

    /// The same path with another method.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Sends it where no answer, or one that the document does not have, is an answer too.
    pub async fn attempt(mut self) -> Result<Reply, String> {
        self.operation = None;
        self.answer().await
    }

    async fn answer(self) -> Result<Reply, String> {
        let (operation, method) = (self.operation, self.method.clone());
        let response = self.begin().await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        if let Some(operation) = operation {
            operation.check(head.status, &head.headers, Body::Whole(&body));
            if head.status == StatusCode::METHOD_NOT_ALLOWED && method != operation.method {
                operation.note_wrong_method();
            }
        }
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Reply { status: head.status, headers: head.headers, body, json })
    }

    async fn begin(self) -> Result<Response<Incoming>, String> {
        let socket = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        sender.send_request(self.into_request()).await.map_err(|error| error.to_string())
    }

    fn into_request(self) -> Request<Full<Bytes>> {
        let mut target = self.path;
        for (index, (name, value)) in self.query.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            // Writing into a String does not fail.
            let _ = write!(target, "{mark}{}={}", escaped(name), escaped(value));
        }
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = target.parse().expect("a request's target");
        *request.headers_mut() = self.headers;
        let host = self.address.to_string().parse().expect("a header's value");
        request.headers_mut().insert(header::HOST, host);
        request
    }
}

impl IntoFuture for Call {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let what = format!("{} {}", self.method, self.path);
            self.answer().await.unwrap_or_else(|error| panic!("{what} was not answered: {error}"))
        })
    }
}

/// A text as a part of a URL.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(byte.into()),
            // Writing into a String does not fail.
            _ => drop(write!(escaped, "%{byte:02X}")),
        }
        escaped
    })
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The body, if it is JSON.
    pub json: Value,
}

impl Reply {
    /// Itself, if it has this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header that must be there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("a text")
    }

    /// The `id` of what came back.
    #[track_caller]
    pub fn id(&self) -> String {
        self["id"].as_str().expect("an id").to_owned()
    }

    /// The fields that were wrong, for a 422.
    #[track_caller]
    pub fn wrong_fields(self) -> Vec<String> {
        let reply = self.is(422);
        let errors = reply["errors"].as_array().expect("errors").iter();
        errors.map(|error| error["field"].as_str().expect("a field").to_owned()).collect()
    }

    /// One member of each item of a list: `pick("tasks", "title")`.
    pub fn pick(&self, list: &str, member: &str) -> Vec<String> {
        pick(&self[list], member)
    }
}

impl Index<&str> for Reply {
    type Output = Value;

    fn index(&self, member: &str) -> &Value {
        &self.json[member]
    }
}

/// One member of each object of a list, which is a text or a number.
pub fn pick(list: &Value, member: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    list.as_array().expect("a list").iter().map(|item| text(&item[member])).collect()
}
