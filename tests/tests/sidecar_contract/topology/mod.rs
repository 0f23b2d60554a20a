//! Two apps, each with its sidecar: of the one kind or the other, one run for all tests.

mod embedded;
mod real;
mod resources;

use std::any::Any;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::OnceCell;

use crate::app::App;
use crate::client::Client;

pub use resources::{PUBSUB, SECRET_STORE, SECRETS, STATE_STORE, SUBSCRIBED};

/// Proves the apps to their sidecars.
pub const DAPR_API_TOKEN: &str = "of-the-app-for-its-sidecar";
/// Proves the sidecars to their apps.
pub const APP_API_TOKEN: &str = "of-the-sidecar-for-its-app";
/// Names the data folder of a real lane that runs; without it the embedded sidecar is asked.
const LANE: &str = "RONDO_LANE";

static WORLD: OnceCell<World> = OnceCell::const_new();
/// What outlives a test runs here: a test's own runtime ends with it.
static BACKGROUND: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime"));

/// What a test has.
pub struct World {
    /// The app that has subscriptions, jobs and state, and calls the other.
    pub app: Arc<App>,
    /// Its sidecar.
    pub sidecar: Client,
    /// The app that is called, whose id is [`Names::other`].
    pub other: Arc<App>,
    /// The other's sidecar.
    pub others_sidecar: Client,
    /// What things are called in this run.
    pub names: Names,
    /// Whether the sidecars are Dapr's own.
    pub is_real: bool,
    _running: Running,
}

/// Keeps the sidecars running.
type Running = Box<dyn Any + Send + Sync>;

impl World {
    pub async fn get() -> &'static Self {
        let start = || async { BACKGROUND.spawn(Self::start()).await.expect("two sidecars") };
        WORLD.get_or_init(start).await
    }

    async fn start() -> Self {
        let (names, app, other) = (Names::of_a_new_run(), App::start().await, App::start().await);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("contract").join(&names.run);
        resources::write(&folder.join("dapr"), &names);
        let lane = std::env::var_os(LANE);
        let is_real = lane.is_some();
        let ([sidecar, others_sidecar], running) = match lane {
            None => embedded::start(&folder, &names, [&app, &other]).await,
            Some(lane) => real::start(&PathBuf::from(lane), &folder, &names, [&app, &other]).await,
        };
        Self { app, sidecar, other, others_sidecar, names, is_real, _running: running }
    }
}

/// Names that no other run has: Kafka, scheduler and database of a lane outlive it.
pub struct Names {
    run: String,
    pub app: String,
    pub other: String,
}

impl Names {
    fn of_a_new_run() -> Self {
        let run = format!("contract-{}", &uuid::Uuid::new_v4().simple().to_string()[..8]);
        Self { app: format!("{run}-app"), other: format!("{run}-other"), run }
    }

    /// A topic of `resources`.
    pub fn topic(&self, topic: &str) -> String {
        format!("{}-{topic}", self.run)
    }

    /// Where what could not be delivered of a topic goes.
    pub fn dead_letters(&self, topic: &str) -> String {
        format!("{}-{topic}-dead-letter", self.run)
    }
}
