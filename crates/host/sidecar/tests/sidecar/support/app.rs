//! The app beside the sidecar.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use rondo_sidecar::{AppChannel, ChannelError};
use serde_json::Value;
use tokio::sync::{Notify, watch};

/// What the app does with a call.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Status(u16),
    Body(u16, &'static str),
    /// It breaks off without an answer.
    Nothing,
    /// It takes for ever.
    Hang,
    /// This status, once the test releases it.
    Held(Arc<Notify>, u16),
}

/// One call that the app got.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) app_id: String,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) at: SystemTime,
}

impl Call {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// The `data` of the event.
    pub(crate) fn data(&self) -> Value {
        self.json()["data"].clone()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Records every call; answers with what was scripted for its path, then with 200.
pub(crate) struct TestApp {
    calls: watch::Sender<Vec<Call>>,
    scripts: Mutex<BTreeMap<String, VecDeque<Answer>>>,
    fallback: Mutex<BTreeMap<String, Answer>>,
}

impl Default for TestApp {
    fn default() -> Self {
        Self { calls: watch::Sender::new(Vec::new()), scripts: Mutex::default(), fallback: Mutex::default() }
    }
}

impl TestApp {
    /// The next answers on this path.
    pub(crate) fn script(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        let mut scripts = self.scripts.lock().expect("not poisoned");
        scripts.entry(path.to_owned()).or_default().extend(answers);
    }

    /// The answer on this path when no script is left.
    pub(crate) fn always(&self, path: &str, answer: Answer) {
        let mut fallback = self.fallback.lock().expect("not poisoned");
        fallback.insert(path.to_owned(), answer);
    }

    pub(crate) fn calls(&self, path: &str) -> Vec<Call> {
        on_path(&self.calls.borrow(), path)
    }

    /// Waits for so many calls on a path.
    pub(crate) async fn wait_for(&self, path: &str, count: usize) -> Vec<Call> {
        let mut calls = self.calls.subscribe();
        let enough = calls.wait_for(|calls| on_path(calls, path).len() >= count);
        match tokio::time::timeout(Duration::from_secs(30), enough).await {
            Ok(calls) => on_path(&calls.expect("the app lives"), path),
            Err(_) => panic!("{} of {count} calls of {path}", self.calls(path).len()),
        }
    }

    fn next_answer(&self, path: &str) -> Answer {
        let mut scripts = self.scripts.lock().expect("not poisoned");
        if let Some(answer) = scripts.get_mut(path).and_then(VecDeque::pop_front) {
            return answer;
        }
        let fallback = self.fallback.lock().expect("not poisoned");
        fallback.get(path).cloned().unwrap_or(Answer::Status(200))
    }
}

fn on_path(calls: &[Call], path: &str) -> Vec<Call> {
    let matches = |call: &&Call| call.target.split('?').next() == Some(path);
    calls.iter().filter(matches).cloned().collect()
}

#[async_trait::async_trait]
impl AppChannel for TestApp {
    async fn call(&self, app_id: &str, request: Request<Bytes>) -> Result<Response<Bytes>, ChannelError> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let call = Call {
            app_id: app_id.to_owned(),
            method: parts.method.to_string(),
            target: parts.uri.to_string(),
            headers: parts.headers,
            body,
            at: SystemTime::now(),
        };
        self.calls.send_modify(|calls| calls.push(call));
        match self.next_answer(&path) {
            Answer::Status(status) => Ok(response(status, "")),
            Answer::Body(status, body) => Ok(response(status, body)),
            Answer::Nothing => Err(ChannelError::NoAnswer("broken pipe".to_owned())),
            Answer::Hang => std::future::pending().await,
            Answer::Held(release, status) => {
                release.notified().await;
                Ok(response(status, ""))
            }
        }
    }
}

fn response(status: u16, body: &'static str) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .header("x-from-app", "yes")
        .body(Bytes::from_static(body.as_bytes()))
        .expect("a response")
}
