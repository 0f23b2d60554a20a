//! The servers that are measured, each a process of its own.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use http::StatusCode;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rondo_postgres::DatabaseUrls;
use serde::Deserialize;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::http_client::{Connection, get};

const START_LIMIT: Duration = Duration::from_secs(300);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(2);

/// A process that answers at an address.
pub struct Running {
    child: Child,
    log: PathBuf,
    /// Where it answers.
    pub address: SocketAddr,
    /// Its process id.
    pub pid: u32,
}

/// How `rondo` is run.
#[derive(Debug, Clone)]
pub struct Rondo {
    /// The program.
    pub program: PathBuf,
    /// The folder of everything that it keeps.
    pub data: PathBuf,
}

/// What `rondo up` makes at its first start.
#[derive(Debug, Deserialize)]
pub struct Secrets {
    /// What signs access tokens.
    pub jwt_keys: String,
    dapr_api_token: String,
    app_api_token: String,
}

impl Rondo {
    /// `rondo up`, as a user runs it.
    ///
    /// # Errors
    /// It does not start.
    pub fn up(&self) -> anyhow::Result<Running> {
        self.up_with(&[])
    }

    /// The same, with `options`.
    ///
    /// # Errors
    /// It does not start.
    pub fn up_with(&self, options: &[OsString]) -> anyhow::Result<Running> {
        let address = free_address()?;
        let mut command = Command::new(&self.program);
        command.arg("up").arg("--data").arg(&self.data).args(["--port", &address.port().to_string()]).args(options);
        command.env_remove("DATABASE_URL");
        self.start(command, address)
    }

    /// `rondo serve`, with what `up` made before.
    ///
    /// # Errors
    /// It does not start, or there was no `up` before.
    pub fn serve(&self, database_url: &str) -> anyhow::Result<Running> {
        let (address, secrets) = (free_address()?, self.secrets()?);
        let mut command = Command::new(&self.program);
        command.arg("serve").args(["--listen", &address.to_string()]).arg("--cache").arg(self.data.join("cache"));
        command.env("DATABASE_URL", database_url);
        command.env("SPIN_VARIABLE_JWT_KEYS", secrets.jwt_keys);
        command.env("SPIN_VARIABLE_DAPR_API_TOKEN", secrets.dapr_api_token);
        command.env("SPIN_VARIABLE_APP_API_TOKEN", secrets.app_api_token);
        self.start(command, address)
    }

    /// The secrets of the data folder.
    ///
    /// # Errors
    /// There was no `up` yet.
    pub fn secrets(&self) -> anyhow::Result<Secrets> {
        let path = self.data.join("secrets.json");
        let text = fs::read(&path).with_context(|| path.display().to_string())?;
        Ok(serde_json::from_slice(&text)?)
    }

    fn start(&self, command: Command, address: SocketAddr) -> anyhow::Result<Running> {
        Running::start(command, address, &self.data.join("rondo.log"))
            .with_context(|| format!("{}: build it with `cargo build --release -p rondo`", self.program.display()))
    }
}

/// The [`crate::yardstick`], by this very program.
///
/// # Errors
/// It does not start.
pub fn yardstick(data: &Path, urls: &DatabaseUrls, jwt_keys: &str) -> anyhow::Result<Running> {
    let address = free_address()?;
    let mut command = Command::new(env::current_exe()?);
    command.arg("yardstick").arg(address.to_string());
    command.env("DATABASE_URL", &urls.app).env("SIDECAR_DATABASE_URL", &urls.owner).env("JWT_KEYS", jwt_keys);
    Running::start(command, address, &data.join("yardstick.log"))
}

impl Running {
    fn start(mut command: Command, address: SocketAddr, log: &Path) -> anyhow::Result<Self> {
        let output = File::create(log)?;
        command.stdout(output.try_clone()?).stderr(output).kill_on_drop(true);
        let child = command.spawn()?;
        let pid = child.id().context("it ended at once")?;
        Ok(Self { child, log: log.to_owned(), address, pid })
    }

    /// Waits until `GET path` is answered 200.
    ///
    /// # Errors
    /// The process ends before, or it takes minutes.
    pub async fn until_answered(&mut self, path: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if answers(self.address, path).await {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "the server ended before it answered ({status}); {} ends with:\n{}",
                    self.log.display(),
                    self.last_words()
                );
            }
            ensure!(Instant::now() < deadline, "GET {path} is not answered 200 at {}", self.address);
            sleep(POLL).await;
        }
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(3)..].join("\n")
    }

    /// Asks the process to end, and waits until it has.
    ///
    /// # Errors
    /// It does not.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        kill(Pid::from_raw(i32::try_from(self.pid)?), Signal::SIGINT)?;
        timeout(STOP_LIMIT, self.child.wait()).await.context("the server does not stop")??;
        Ok(())
    }
}

async fn answers(address: SocketAddr, path: &str) -> bool {
    let Ok(mut connection) = Connection::open(address).await else { return false };
    let Ok(request) = get(path) else { return false };
    connection.send(request).await.is_ok_and(|reply| reply.status() == StatusCode::OK)
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
