//! An app beside a sidecar: it records what it is asked, and answers as a test says.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use support::PATIENCE;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

const OF_THE_WAY: [&str; 8] = [
    "accept-encoding",
    "content-length",
    "forwarded",
    "host",
    "transfer-encoding",
    "user-agent",
    "x-forwarded-for",
    "x-forwarded-host",
];

/// What the app does with a call.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    Status(u16),
    Says(u16, &'static str),
    /// It ends the connection.
    BreaksOff,
    /// It never answers.
    Hangs,
}

/// One call that the app got.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: Method,
    pub target: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub at: Instant,
}

impl Call {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// How long after another it came.
    pub fn after(&self, earlier: &Self) -> Duration {
        self.at.duration_since(earlier.at)
    }

    /// The names of its headers in their order, without those of the connection and of whoever stood in between.
    pub fn header_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.headers.keys().map(http::HeaderName::as_str).collect();
        names.retain(|name| !OF_THE_WAY.contains(name));
        names.sort_unstable();
        names
    }
}

/// The answers on one path.
#[derive(Default)]
struct Script {
    next: VecDeque<Answer>,
    then: Option<Answer>,
}

/// The app.
pub struct App {
    address: SocketAddr,
    calls: watch::Sender<Vec<Call>>,
    scripts: Mutex<BTreeMap<String, Script>>,
}

impl App {
    pub async fn start() -> Arc<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let app = Arc::new(Self { address, calls: watch::Sender::new(Vec::new()), scripts: Mutex::default() });
        tokio::spawn(Arc::clone(&app).serve(listener));
        app
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next answers on this path; 200 when there is none left.
    pub fn script(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        self.scripts.lock().unwrap().entry(path.to_owned()).or_default().next.extend(answers);
    }

    /// The answer on this path from now on.
    pub fn always(&self, path: &str, answer: Answer) {
        self.scripts.lock().unwrap().entry(path.to_owned()).or_default().then = Some(answer);
    }

    /// What has come on a path.
    pub fn calls(&self, path: &str) -> Vec<Call> {
        on_path(&self.calls.borrow(), path)
    }

    /// Waits for so many calls on a path.
    pub async fn wait_for(&self, path: &str, count: usize) -> Vec<Call> {
        let found = self.wait_until(|calls| Some(on_path(calls, path)).filter(|found| found.len() >= count)).await;
        found.unwrap_or_else(|| panic!("{} of {count} calls of {path}", self.calls(path).len()))
    }

    /// Waits for the one call on a path that fits.
    pub async fn wait_for_one(&self, path: &str, fits: impl Fn(&Call) -> bool) -> Call {
        let found = self.wait_until(|calls| on_path(calls, path).into_iter().find(|call| fits(call))).await;
        found.unwrap_or_else(|| panic!("none of {} calls of {path}", self.calls(path).len()))
    }

    /// Waits for the one call below a path that fits.
    pub async fn wait_for_one_below(&self, path: &str, fits: impl Fn(&Call) -> bool) -> Call {
        let is_it = |call: &&Call| call.target.path().starts_with(path) && fits(call);
        let found = self.wait_until(|calls| calls.iter().find(is_it).cloned()).await;
        found.unwrap_or_else(|| {
            let came: Vec<_> = self.calls.borrow().iter().map(|call| call.target.to_string()).collect();
            panic!("no such call below {path}, but {came:?}")
        })
    }

    async fn wait_until<T>(&self, look: impl Fn(&[Call]) -> Option<T>) -> Option<T> {
        let mut calls = self.calls.subscribe();
        let search = async {
            loop {
                if let Some(found) = look(&calls.borrow_and_update()) {
                    return found;
                }
                calls.changed().await.expect("the app lives");
            }
        };
        timeout(PATIENCE, search).await.ok()
    }

    async fn serve(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let app = Arc::clone(&self);
            let service = service_fn(move |request| {
                let app = Arc::clone(&app);
                async move { app.answer(request).await }
            });
            // A connection that breaks off is what a test asked for, or the sidecar's affair.
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let path = head.uri.path().to_owned();
        let call = Call { method: head.method, target: head.uri, headers: head.headers, body, at: Instant::now() };
        self.calls.send_modify(|calls| calls.push(call));
        match self.next_answer(&path) {
            Answer::Status(status) => Ok(response(status, "")),
            Answer::Says(status, text) => Ok(response(status, text)),
            Answer::BreaksOff => Err(io::Error::other("as asked")),
            Answer::Hangs => std::future::pending().await,
        }
    }

    fn next_answer(&self, path: &str) -> Answer {
        // What a sidecar asks at its start: this app has nothing to say there.
        let otherwise = if path.starts_with("/dapr/") { 404 } else { 200 };
        let mut scripts = self.scripts.lock().unwrap();
        let script = scripts.get_mut(path);
        script.and_then(|script| script.next.pop_front().or(script.then)).unwrap_or(Answer::Status(otherwise))
    }
}

fn on_path(calls: &[Call], path: &str) -> Vec<Call> {
    calls.iter().filter(|call| call.target.path() == path).cloned().collect()
}

fn response(status: u16, text: &'static str) -> Response<Full<Bytes>> {
    let body = Full::from(Bytes::from_static(text.as_bytes()));
    Response::builder().status(status).header("x-from-app", "yes").body(body).unwrap()
}
