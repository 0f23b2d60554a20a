//! A sidecar with an app that records what it gets and answers as it is told.

mod app;
mod postgres;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response};
use rondo_sidecar::{Acknowledgement, Sidecar, SidecarConfig};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use app::{Answer, TestApp};
pub(crate) use postgres::Database;

pub(crate) const APP_TOKEN: &str = "the-app-token";
pub(crate) const DAPR_TOKEN: &str = "the-dapr-token";
pub(crate) const RESOURCES: &str = include_str!("resources.yaml");

/// Everything of one test.
pub(crate) struct World {
    pub(crate) app: Arc<TestApp>,
    pub(crate) database: Database,
    /// `None` while it is killed.
    sidecar: Option<Sidecar>,
    folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_resources(RESOURCES).await
    }

    pub(crate) async fn with_resources(yaml: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("resources.yaml"), yaml).expect("a file");
        let database = Database::new().await;
        let app = Arc::new(TestApp::default());
        let sidecar = start(folder.path(), &database, &app).await;
        Self { app, database, sidecar: Some(sidecar), folder }
    }

    /// Another sidecar with the same app and database.
    pub(crate) async fn another_sidecar(&self) -> Sidecar {
        start(self.folder.path(), &self.database, &self.app).await
    }

    /// Ends the sidecar as a kill of its process would.
    pub(crate) fn kill(&mut self) {
        self.sidecar = None;
    }

    pub(crate) fn replace_resources(&self, yaml: &str) {
        std::fs::write(self.folder.path().join("resources.yaml"), yaml).expect("a file");
    }

    pub(crate) async fn restart(&mut self) {
        self.sidecar = Some(self.another_sidecar().await);
    }

    pub(crate) fn sidecar(&self) -> &Sidecar {
        self.sidecar.as_ref().expect("the sidecar runs")
    }

    /// A call of the app `backend` with the right token.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> Reply {
        self.send(request(method, path, &[("content-type", "application/json")], body)).await
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Reply {
        Reply::of(self.sidecar().handle("backend", request).await)
    }

    /// Publishes and expects it to be taken.
    pub(crate) async fn publish(&self, topic: &str, key: &str, data: &str) {
        self.publish_on("pubsub", topic, key, data).await;
    }

    pub(crate) async fn publish_on(&self, pubsub: &str, topic: &str, key: &str, data: &str) {
        let path = format!("/v1.0/publish/{pubsub}/{topic}?metadata.partitionKey={key}");
        let reply = self.call("POST", &path, data).await;
        assert_eq!(reply.status, 204, "{reply:?}");
    }
}

/// A request with the sidecar's token.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut builder = Request::builder()
        .method(method.parse::<Method>().expect("a method"))
        .uri(path)
        .header("dapr-api-token", DAPR_TOKEN);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Bytes::from(body.to_owned())).expect("a request")
}

/// What the sidecar answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn of(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(body.to_vec()).expect("text"),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Checks status and code of an error, and that it has a message.
    #[track_caller]
    pub(crate) fn is_error(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        let body = self.json();
        assert_eq!(body["errorCode"], code, "{self:?}");
        assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
}

async fn start(folder: &Path, database: &Database, app: &Arc<TestApp>) -> Sidecar {
    let secrets = [("plain", "one"), ("model:api-key", "two"), ("model:base-url", "three")];
    let config = SidecarConfig {
        resources: folder.to_owned(),
        database_url: database.url().to_owned(),
        app_api_token: APP_TOKEN.to_owned(),
        dapr_api_token: DAPR_TOKEN.to_owned(),
        secrets: secrets
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        app_ids: ["backend", "consumer"].map(str::to_owned).to_vec(),
        acknowledgement: Acknowledgement::Durable,
    };
    Sidecar::start(config, app.clone()).await.expect("the sidecar starts")
}
