//! Rondo as it is run: with the embedded sidecar, or on the real Dapr and Kafka.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use rondo_postgres::{Options, Server, Silent};
use rondo_web_api::auth::jwt::Keys;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::servers::{Rondo, Running};

/// How long all services of the real lane may take until they are ready.
const READY_LIMIT: Duration = Duration::from_secs(180);
const POLL: Duration = Duration::from_millis(50);

/// What carries events and jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sidecar {
    /// The one in Rondo's own process.
    Embedded,
    /// A real `daprd` beside each service, on a real Kafka.
    Dapr,
}

impl Sidecar {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Dapr => "dapr",
        }
    }
}

/// Where the real Dapr and Kafka are: `cargo xtask bench` says it.
#[derive(Debug, Clone, Args)]
pub struct Tools {
    /// Dapr's program daprd.
    #[arg(long, value_name = "FILE", requires_all = ["scheduler", "kafka"])]
    pub daprd: Option<PathBuf>,
    /// Dapr's program scheduler.
    #[arg(long, value_name = "FILE", requires = "daprd")]
    pub scheduler: Option<PathBuf>,
    /// The folder of an installed Kafka.
    #[arg(long, value_name = "FOLDER", requires = "daprd")]
    pub kafka: Option<PathBuf>,
}

impl Tools {
    /// What can be run with them.
    pub fn sidecars(&self) -> impl Iterator<Item = Sidecar> {
        [Sidecar::Embedded, Sidecar::Dapr]
            .into_iter()
            .filter(|sidecar| *sidecar == Sidecar::Embedded || self.daprd.is_some())
    }

    /// As options of `rondo up`.
    fn options(&self, sidecar: Sidecar) -> Vec<OsString> {
        let tools = [("--daprd", &self.daprd), ("--scheduler", &self.scheduler), ("--kafka", &self.kafka)];
        let tools = tools.into_iter().filter(|_| sidecar == Sidecar::Dapr);
        let given = tools.filter_map(|(option, path)| Some([option.into(), path.clone()?.into_os_string()]));
        ["--sidecar".into(), sidecar.name().into()].into_iter().chain(given.flatten()).collect()
    }
}

/// All of Rondo, running on a new folder.
pub struct Topology {
    /// `rondo up`.
    pub host: Running,
    /// What signs access tokens.
    pub keys: Keys,
    /// The database, as its owner.
    pub database_url: String,
}

impl Topology {
    /// Starts it in `folder`, of which nothing is kept but what was compiled before.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(program: &Path, folder: &Path, sidecar: Sidecar, tools: &Tools) -> anyhow::Result<Self> {
        clear(folder)?;
        let rondo = Rondo { program: program.to_owned(), data: fs::canonicalize(folder)? };
        let mut host = rondo.up_with(&tools.options(sidecar))?;
        host.until_answered("/ready").await?;
        if sidecar == Sidecar::Dapr {
            until_there(&rondo.data.join("dapr/run.json")).await?;
        }
        // It runs, so it is joined, and goes on when this is dropped.
        let database = Server::start(Options::new(rondo.data.join("pg")), &Silent).await?;
        ensure!(database.is_joined(), "rondo up has no database in {}", rondo.data.display());
        Ok(Self { host, keys: Keys::read(&rondo.secrets()?.jwt_keys)?, database_url: database.owner_url() })
    }
}

/// Waits for a file that says that all services are ready.
async fn until_there(file: &Path) -> anyhow::Result<()> {
    let deadline = Instant::now() + READY_LIMIT;
    while !file.exists() {
        ensure!(Instant::now() < deadline, "{} is not there after {READY_LIMIT:?}", file.display());
        sleep(POLL).await;
    }
    Ok(())
}

fn clear(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for part in ["pg", "dapr", "secrets.json"].map(|part| folder.join(part)) {
        let removed = if part.is_dir() { fs::remove_dir_all(&part) } else { fs::remove_file(&part) };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).context(part.display().to_string()),
            _ => {}
        }
    }
    Ok(())
}
