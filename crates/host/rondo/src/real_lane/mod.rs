//! `rondo up --sidecar dapr`: Rondo as it runs in a cluster, on this machine.
//!
//! Kafka, Dapr's scheduler, and for each service a process of its own with its own components beside a `daprd` of its own; a small
//! ingress in this process puts page and API at one address. Whatever ends is started again. On the first wish to stop, all of it
//! ends, what depends on others first.

mod ingress;
mod services;

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rondo_lane::{Kafka, Resources, Scheduler};
use rondo_postgres::Progress;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::client::Client;
use crate::console::{Console, framed};
use crate::data_folder::DataFolder;
use crate::database::Database;
use crate::demo;
use crate::secrets::Secrets;
use services::{Service, Surroundings};

/// How long the services may take until all of them are ready.
const READY_LIMIT: Duration = Duration::from_secs(120);
/// The file, beside the logs, that says where everything is while it runs.
const RUN: &str = "run.json";
const READY_POLL: Duration = Duration::from_millis(100);

/// Where the programs of the real lane are: `cargo xtask tools` finds or makes them.
struct Tools<'a> {
    daprd: &'a Path,
    scheduler: &'a Path,
    kafka: &'a Path,
}

impl<'a> Tools<'a> {
    fn of(options: &'a cli::Up) -> anyhow::Result<Self> {
        let given = |path: &'a Option<PathBuf>, option: &str| {
            path.as_deref().with_context(|| {
                format!("--sidecar dapr needs {option}: `cargo xtask up --sidecar dapr` finds or makes what it needs")
            })
        };
        Ok(Self {
            daprd: given(&options.daprd, "--daprd")?,
            scheduler: given(&options.scheduler, "--scheduler")?,
            kafka: given(&options.kafka, "--kafka")?,
        })
    }
}

/// Runs until `stop`, answering at `listener`.
pub async fn run(
    options: &cli::Up,
    data: &DataFolder,
    listener: TcpListener,
    console: Console,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let tools = Tools::of(options)?;
    // That of an earlier run leads nowhere.
    let _ = fs::remove_file(data.dapr()?.join(RUN));
    let started = tokio::select! {
        started = Lane::start(options, &tools, data, console) => started?,
        () = stop.cancelled() => return Ok(()),
    };
    let address = listener.local_addr()?;
    let ingress = tokio::spawn(ingress::serve(listener, started.ingress()?, stop.clone()));
    let greeting = tokio::select! {
        greeting = started.greet(options, data, address, &console) => greeting,
        () = stop.cancelled() => Ok(()),
    };
    if greeting.is_ok() {
        stop.cancelled().await;
    }
    console.step("Stopping: requests in flight end first");
    stop.cancel();
    ingress.await.context("the ingress broke")?;
    let stopped = started.stop(&console).await;
    let _ = fs::remove_file(data.dapr()?.join(RUN));
    stopped.and(greeting)
}

/// What runs, in the order in which it was started.
struct Lane {
    database: Database,
    kafka: Kafka,
    scheduler: Scheduler,
    services: Vec<Service>,
    installed_kafka: PathBuf,
    daprd: PathBuf,
}

impl Lane {
    async fn start(options: &cli::Up, tools: &Tools<'_>, data: &DataFolder, console: Console) -> anyhow::Result<Self> {
        let progress: Arc<dyn Progress> = Arc::new(console);
        let secrets = Secrets::load_or_make(&data.secrets())?;
        let database = Database::open(options.database_url.clone(), &data.postgres(), Arc::clone(&progress)).await?;
        let folder = data.dapr()?;
        let dapr = fs::canonicalize(options.manifest.with_file_name("dapr")).context("the folder dapr/")?;
        let topics = dapr.join("base/topics.yaml");
        let kafka = Kafka::start(tools.kafka, &folder.join("kafka"), &topics, Arc::clone(&progress)).await?;
        let scheduler = Scheduler::start(tools.scheduler, &folder.join("scheduler"), Arc::clone(&progress)).await?;

        let store = folder.join("secrets.json");
        write_secrets(&store, database.owner_url())?;
        let resources = Resources::make(&dapr, &folder, &kafka.address(), &store)?;
        if data.has_nothing_compiled()? {
            console.step("Compiling the components (once; they are kept)");
        }
        let surroundings = Surroundings {
            manifest: &options.manifest,
            data,
            database_url: database.app_url(),
            secrets: &secrets,
            variables: &options.variables,
            daprd: tools.daprd,
            scheduler: &scheduler.address(),
            resources: &resources,
        };
        let services = services::start(&surroundings, &progress).await?;
        let (installed_kafka, daprd) = (tools.kafka.to_owned(), tools.daprd.to_owned());
        Ok(Self { database, kafka, scheduler, services, installed_kafka, daprd })
    }

    fn ingress(&self) -> anyhow::Result<ingress::Ways> {
        let port = |id: &str| {
            let service = self.services.iter().find(|service| service.id == id);
            service.map(|service| service.port).with_context(|| format!("spin.toml has no service {id}"))
        };
        Ok(ingress::Ways { backend: port("backend")?, frontend: port("frontend")? })
    }

    /// Writes where everything is, for programs that look on.
    fn write_run(&self, folder: &Path, address: SocketAddr) -> anyhow::Result<()> {
        let ports = |port: fn(&Service) -> u16| -> BTreeMap<_, _> {
            self.services.iter().map(|service| (&service.id, port(service))).collect()
        };
        let run = json!({
            "address": address,
            "services": ports(|service| service.port),
            "sidecars": ports(|service| service.sidecar_port),
            "kafka": self.kafka.address(),
            "installed_kafka": self.installed_kafka,
            "scheduler": self.scheduler.address(),
            "daprd": self.daprd,
        });
        let (path, unfinished) = (folder.join(RUN), folder.join("run.new"));
        fs::write(&unfinished, run.to_string())
            .and_then(|()| fs::rename(&unfinished, &path))
            .with_context(|| path.display().to_string())
    }

    /// Waits until every service says that it is ready, and tells the person where to go.
    async fn greet(
        &self,
        options: &cli::Up,
        data: &DataFolder,
        address: SocketAddr,
        console: &Console,
    ) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY_LIMIT;
        for service in &self.services {
            while !service.is_ready().await {
                if Instant::now() >= deadline {
                    anyhow::bail!(
                        "{} is not ready after {} s: see its log in {}",
                        service.id,
                        READY_LIMIT.as_secs(),
                        data.dapr()?.display()
                    );
                }
                sleep(READY_POLL).await;
            }
        }
        self.write_run(&data.dapr()?, address)?;
        let mut lines = vec![format!("Rondo is ready at http://{address}  ({:.1} s)", console.seconds())];
        if options.demo {
            demo::make(&Client::new(address), console).await?;
            lines.push(format!("Sign in as {} with the password “{}”", demo::EMAIL, demo::PASSWORD));
        }
        for service in &self.services {
            lines.push(format!("{:<21} http://127.0.0.1:{}/ready", service.id, service.port));
        }
        lines.push(format!("Kafka                 {}", self.kafka.address()));
        lines.push(format!("Everything is kept in {}", data.path().display()));
        lines.push("Ctrl-C stops it".to_owned());
        eprintln!("{}", framed(&lines));
        Ok(())
    }

    /// Last started, first stopped; a service ends before its sidecar, which it may still need for what it has begun.
    async fn stop(self, console: &Console) -> anyhow::Result<()> {
        services::stop(self.services).await;
        self.scheduler.stop().await;
        self.kafka.stop().await;
        let closed = self.database.close().await;
        console.step("Stopped");
        closed
    }
}

/// What the sidecars' secret store has, for this user only.
fn write_secrets(path: &Path, state_database_url: &str) -> anyhow::Result<()> {
    let _ = fs::remove_file(path);
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let file = file.with_context(|| path.display().to_string())?;
    Ok(serde_json::to_writer(file, &json!({ "state-database-url": state_database_url }))?)
}
