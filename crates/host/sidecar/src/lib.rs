//! Dapr's HTTP API on Postgres: publish and subscribe, jobs, state, secrets and service invocation.
//!
//! A component can't tell it from a real Dapr 1.18 sidecar: paths, status codes, headers and error bodies are the
//! same. What Kafka, the scheduler and the state store keep in a cluster is kept in the schema `dapr` of one database.
//! Nothing that was acknowledged is lost when the process is killed, and everything is delivered at least once.
//!
//! Read `http_api` for the routes; each building block has its own module: `publish`, `delivery`, `jobs`, `state`,
//! `secrets`, `invoke`. `resources` reads the YAML of `dapr/`, `ownership` says who does what among several processes.
//!
//! Architecture invariant: nothing here knows what runs the apps; they are called through [`AppChannel`].

mod channel;
mod database;
mod delivery;
mod duration;
mod error;
mod http_api;
mod info;
mod invoke;
mod jobs;
mod metrics;
mod ownership;
mod publish;
mod resources;
mod secrets;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::http::{HeaderValue, Request, Response};
use bytes::Bytes;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use channel::{AppChannel, ChannelError};
pub use resources::ResourceError;

use channel::Apps;
use database::Database;
use delivery::Reader;
use metrics::Metrics;
use publish::log::{Publisher, Writer};
use publish::wakers::Wakers;
use resources::Resources;

/// How long an app may take over an event or a job when no policy says it.
const CALL_LIMIT: Duration = Duration::from_secs(60);
/// How long a shutdown waits for calls in flight.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(30);

/// What a sidecar needs to know.
#[derive(Clone)]
pub struct SidecarConfig {
    /// The folder of Dapr's YAML; its layers `base` and `local` are read as well.
    pub resources: PathBuf,
    /// The database that keeps messages, jobs and state, with a role that may create the schema `dapr`.
    pub database_url: String,
    /// What an app checks on calls from its sidecar; empty for none.
    pub app_api_token: String,
    /// What the sidecar checks on calls from its apps; empty for none.
    pub dapr_api_token: String,
    /// What the secret stores hold, by name.
    pub secrets: BTreeMap<String, String>,
    /// The apps that this process runs: they get the events and jobs.
    pub app_ids: Vec<String>,
    /// What it takes for a message to be acknowledged.
    pub acknowledgement: Acknowledgement,
}

/// When a publisher is told that its message is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledgement {
    /// Once no crash can lose it.
    Durable,
    /// Once it is written; a crash of the database within the next second may lose it. For apps that publish from an
    /// outbox in the same database and mark there what was acknowledged: the mark is later in the database's log, so a
    /// crash that loses the message loses the mark, too, and the message is published again.
    Written,
}

/// Why a sidecar did not start.
#[derive(Debug, thiserror::Error)]
pub enum SidecarError {
    /// The YAML can't be used.
    #[error(transparent)]
    Resources(#[from] ResourceError),
    /// The URL is no Postgres URL.
    #[error("the database URL is wrong: {0}")]
    DatabaseUrl(tokio_postgres::Error),
    /// The database is away, or refused to create the schema.
    #[error("the sidecar's schema can't be prepared: {0}")]
    Schema(String),
    /// A token holds characters that no header can carry.
    #[error("the {0} can't be sent in a header")]
    Token(&'static str),
}

/// A running sidecar for the apps of this process. Clones share it; when the last one goes, everything stops at once,
/// as if the process had been killed.
#[derive(Clone)]
pub struct Sidecar {
    inner: Arc<Inner>,
    stop: CancellationToken,
    tasks: TaskTracker,
    kill: Arc<Kill>,
}

/// What the building blocks share.
struct Inner {
    resources: Resources,
    database: Arc<Database>,
    apps: Apps,
    metrics: Arc<Metrics>,
    publisher: Publisher,
    wakers: Arc<Wakers>,
    jobs: jobs::Timer,
    secrets: BTreeMap<String, String>,
    dapr_api_token: String,
    /// What apps have set by `PUT /v1.0/metadata/{key}`, by app.
    extended: Mutex<BTreeMap<(String, String), String>>,
}

impl Sidecar {
    /// Reads the resources, prepares the schema and begins to deliver.
    pub async fn start(config: SidecarConfig, apps: Arc<dyn AppChannel>) -> Result<Self, SidecarError> {
        let resources = resources::load(&config.resources)?;
        let database = Arc::new(Database::new(&config.database_url).map_err(SidecarError::DatabaseUrl)?);
        database.migrate().await.map_err(|error| {
            let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
            SidecarError::Schema(format!("{error}{}", source.unwrap_or_default()))
        })?;
        let metrics = Arc::new(Metrics::default());
        let wakers = Arc::new(Wakers::of(&resources));
        let (publisher, writer) =
            Writer::new(database.clone(), config.acknowledgement, metrics.clone(), wakers.clone());
        let inner = Arc::new(Inner {
            resources,
            database,
            apps: Apps::new(
                apps,
                header_token(&config.app_api_token)?,
                config.app_ids.iter().cloned().collect::<BTreeSet<_>>(),
            ),
            metrics,
            publisher,
            wakers,
            jobs: jobs::Timer::default(),
            secrets: config.secrets,
            dapr_api_token: config.dapr_api_token,
            extended: Mutex::default(),
        });
        let database_config = config.database_url.parse().map_err(SidecarError::DatabaseUrl)?;
        Ok(Self::run(inner, writer, database_config))
    }

    fn run(inner: Arc<Inner>, writer: Writer, database: tokio_postgres::Config) -> Self {
        let (stop, kill) = (CancellationToken::new(), CancellationToken::new());
        let tasks = TaskTracker::new();
        let (current, sessions) = watch::channel(None);
        let background = |task: BoxedTask| {
            let kill = kill.clone();
            tokio::spawn(async move { kill.run_until_cancelled_owned(task).await });
        };
        background(Box::pin(writer.run()));
        background(Box::pin(ownership::keep_session(database, current)));
        background(Box::pin(publish::retention::forget(inner.clone())));
        let mut working: Vec<BoxedTask> = vec![Box::pin(jobs::run(inner.clone(), sessions.clone(), stop.clone()))];
        for reader in Reader::all(&inner, &stop) {
            working.push(Box::pin(reader.run(sessions.clone())));
        }
        for task in working {
            let kill = kill.clone();
            tasks.spawn(async move { kill.run_until_cancelled_owned(task).await });
        }
        Self { inner, stop, tasks, kill: Arc::new(Kill(kill)) }
    }

    /// Answers a call of the app to its sidecar.
    pub async fn handle(&self, caller_app_id: &str, request: Request<Bytes>) -> Response<Bytes> {
        http_api::answer(&self.inner, caller_app_id, request).await
    }

    /// Stops to deliver: calls in flight end first, what was not begun stays for the next start.
    /// What apps ask is answered until the last clone is gone.
    pub async fn shutdown(&self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(SHUTDOWN_LIMIT, self.tasks.wait()).await.is_err() {
            tracing::warn!("deliveries were still in flight at the end of the shutdown");
        }
    }

    /// Ends everything at once, as if the process had been killed: calls in flight are broken off.
    pub fn kill(&self) {
        self.kill.0.cancel();
    }

    /// What was published, delivered and fired so far, as Prometheus text.
    pub fn metrics(&self) -> String {
        self.inner.metrics.render()
    }
}

/// Ends the tasks with the last clone of the sidecar.
struct Kill(CancellationToken);

impl Drop for Kill {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

type BoxedTask = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

fn header_token(token: &str) -> Result<Option<HeaderValue>, SidecarError> {
    if token.is_empty() {
        return Ok(None);
    }
    let mut value = HeaderValue::from_str(token).map_err(|_| SidecarError::Token("app API token"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}
