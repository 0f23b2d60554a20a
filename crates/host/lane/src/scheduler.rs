//! Dapr's scheduler, which keeps jobs and calls them back through the sidecars.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rondo_postgres::Progress;

use crate::{LaneError, Program, Ready, Supervised, free_port};

/// A scheduler that is ready.
#[derive(Debug)]
pub struct Scheduler {
    process: Supervised,
    port: u16,
}

impl Scheduler {
    /// Starts the program `path`, which keeps its jobs in `folder`.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(path: &Path, folder: &Path, progress: Arc<dyn Progress>) -> Result<Self, LaneError> {
        fs::create_dir_all(folder).map_err(LaneError::at(folder))?;
        let (port, health_port) = (free_port()?, free_port()?);
        let arguments = [
            "--mode=standalone".to_owned(),
            "--id=sched-0".to_owned(),
            format!("--port={port}"),
            "--listen-address=127.0.0.1".to_owned(),
            format!("--healthz-port={health_port}"),
            "--healthz-listen-address=127.0.0.1".to_owned(),
            format!("--metrics-port={}", free_port()?),
            "--metrics-listen-address=127.0.0.1".to_owned(),
            format!("--etcd-data-dir={}", folder.join("data").display()),
            format!("--etcd-initial-cluster=sched-0=http://127.0.0.1:{}", free_port()?),
            format!("--etcd-client-port={}", free_port()?),
            format!("--override-broadcast-host-port=127.0.0.1:{port}"),
            "--etcd-initial-election-tick-advance=true".to_owned(),
        ];
        let program = Program {
            name: "Dapr's scheduler".to_owned(),
            path: path.to_owned(),
            arguments: arguments.map(Into::into).into(),
            environment: Vec::new(),
            folder: folder.to_owned(),
            log: folder.join("scheduler.log"),
            ready: Ready::Answers(health_port, "/healthz"),
        };
        let process = Supervised::start(program, Arc::clone(&progress)).await?;
        progress.step(&format!("Dapr's scheduler answers at 127.0.0.1:{port}"));
        Ok(Self { process, port })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Ends it, and waits for that.
    pub async fn stop(self) {
        self.process.stop().await;
    }
}
