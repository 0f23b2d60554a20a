//! A host of the fixture, and a client for it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rondo_runtime::{Host, HostConfig};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A served host; it stops when this is dropped, or when told.
pub struct Served {
    pub host: Arc<Host>,
    pub address: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<std::io::Result<()>>,
}

/// A response, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Served {
    /// Serves a manifest.
    pub async fn start(manifest: &str) -> Self {
        Self::start_with(manifest, |_| {}).await
    }

    /// Serves a manifest with a configuration of one's own.
    pub async fn start_with(manifest: &str, configure: impl FnOnce(&mut HostConfig)) -> Self {
        let host = Host::load(config(manifest, configure)).unwrap_or_else(|error| panic!("{error}"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = Arc::clone(&host);
        let server = tokio::spawn(async move { serving.serve(listener, async { drop(stopped.await) }).await });
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { host, address, client, stop: Some(stop), server }
    }

    /// Asks for a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Full::default()).unwrap()).await
    }

    /// A request to a path.
    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(format!("http://{}{path}", self.address))
    }

    /// Sends a request and reads all of the response.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let (parts, body) = self.open(request).await.into_parts();
        let body = body.collect().await.expect("the body is complete").to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// Sends a request and leaves the response's body to be read.
    pub async fn open(&self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        self.client.request(request).await.expect("the host answers")
    }

    /// The value of a metric without labels, or with exactly these.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let text = self.host.metrics_text();
        let line = text.lines().find(|line| line.rsplit_once(' ').is_some_and(|(found, _)| found == name))?;
        line.rsplit_once(' ')?.1.parse().ok()
    }

    /// Stops the host gracefully.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        (&mut self.server).await.unwrap().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if self.stop.is_some() {
            self.server.abort();
        }
    }
}

/// A configuration for a manifest, which is written to a folder of its own with the fixture beside it.
pub fn config(manifest: &str, configure: impl FnOnce(&mut HostConfig)) -> HostConfig {
    let folder = folder();
    std::fs::copy(fixture(), folder.join("fixture.wasm")).unwrap();
    let path = folder.join("spin.toml");
    let head = "spin_manifest_version = 2\n[application]\nname = \"test\"\nversion = \"1.2.3\"\n";
    std::fs::write(&path, format!("{head}{manifest}")).unwrap();
    let mut config = HostConfig::new(path, cache_folder());
    config.limits.instances = 50;
    configure(&mut config);
    config
}

/// A folder that nothing else uses.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(uuid::Uuid::new_v4().to_string());
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// All tests share what was compiled.
fn cache_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled")
}

/// The fixture as a component that answers everything, with more said about it.
pub fn manifest(more: &str) -> String {
    format!(
        "[[trigger.http]]\nroute = \"/...\"\ncomponent = \"fixture\"\n[component.fixture]\nsource = \"fixture.wasm\"\n{more}\n"
    )
}

/// Variables as a configuration takes them.
pub fn variables<const N: usize>(variables: [(&str, String); N]) -> BTreeMap<String, String> {
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}

/// The fixture's file, built once a run, as all components of the workspace are.
pub fn fixture() -> &'static Path {
    static FIXTURE: OnceLock<PathBuf> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let status = Command::new(env!("CARGO"))
            .current_dir(&workspace)
            .args([
                "build",
                "--quiet",
                "--profile",
                "component",
                "--target",
                "wasm32-wasip2",
                "-p",
                "rondo-runtime-fixture",
            ])
            .env("CARGO_TARGET_DIR", target)
            .status()
            .unwrap();
        assert!(status.success(), "the fixture can't be built");
        target.join("wasm32-wasip2/component/rondo_runtime_fixture.wasm")
    })
}
