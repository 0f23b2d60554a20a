//! A Kafka broker of one node, and its topics.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rondo_postgres::Progress;
use tokio::task::spawn_blocking;

use crate::{LaneError, Program, Ready, Supervised, free_port};

/// A broker that answers and has its topics.
#[derive(Debug)]
pub struct Kafka {
    broker: Supervised,
    port: u16,
}

impl Kafka {
    /// Starts the broker that is installed in `installed` (`lib/*.jar`, `classes/`), which keeps its data in `folder`, and makes
    /// the topics that the file `topics` names (Strimzi's KafkaTopics).
    ///
    /// # Errors
    /// It does not start, or the topics can't be made.
    pub async fn start(
        installed: &Path,
        folder: &Path,
        topics: &Path,
        progress: Arc<dyn Progress>,
    ) -> Result<Self, LaneError> {
        fs::create_dir_all(folder).map_err(LaneError::at(folder))?;
        let (port, controller_port) = (free_port()?, free_port()?);
        let properties = folder.join("server.properties");
        fs::write(&properties, settings(folder, port, controller_port)).map_err(LaneError::at(&properties))?;
        let java = Java { installed, folder };
        if !folder.join("data/meta.properties").exists() {
            let format = ["format", "--cluster-id", &cluster_id()?, "--config"].map(OsString::from);
            java.run("kafka.tools.StorageTool", format.into_iter().chain([properties.clone().into_os_string()]))
                .await?;
        }
        let program = java.broker(&properties, port);
        let broker = Supervised::start(program, Arc::clone(&progress)).await?;
        let kafka = Self { broker, port };
        Self::make_topics(installed, folder, &kafka.address(), topics).await?;
        progress.step(&format!("Kafka answers at {}", kafka.address()));
        Ok(kafka)
    }

    /// Makes the topics that the file `topics` names, at the broker at `address` that was started with `installed` and `folder`.
    ///
    /// # Errors
    /// They can't be made.
    pub async fn make_topics(installed: &Path, folder: &Path, address: &str, topics: &Path) -> Result<(), LaneError> {
        let java = Java { installed, folder };
        java.run("rondo.Topics", [address.into(), topics.as_os_str().to_owned()]).await
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The broker's process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.broker.pid()
    }

    /// Ends it, and waits for that.
    pub async fn stop(self) {
        self.broker.stop().await;
    }
}

/// A broker of one node for one machine: broker and controller in one process, nothing replicated.
fn settings(folder: &Path, port: u16, controller_port: u16) -> String {
    format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{controller_port}\n\
         listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
         controller.listener.names=CONTROLLER\n\
         listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n\
         log.dirs={}\n\
         auto.create.topics.enable=false\n\
         offsets.topic.num.partitions=1\n\
         offsets.topic.replication.factor=1\n\
         transaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\n\
         group.initial.rebalance.delay.ms=0\n",
        folder.join("data").display(),
    )
}

/// A random one.
fn cluster_id() -> Result<String, LaneError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| LaneError::at(Path::new("random"))(error.into()))?;
    Ok(id_of(bytes))
}

/// 16 bytes, as Kafka writes them. The first letter is none of `-`, which Kafka's programs would read as an option.
fn id_of(mut bytes: [u8; 16]) -> String {
    bytes[0] &= 0x7f;
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Java programs of an installed Kafka.
struct Java<'a> {
    installed: &'a Path,
    folder: &'a Path,
}

impl Java<'_> {
    fn options(&self) -> [OsString; 5] {
        let mut path = self.installed.join("classes").into_os_string();
        path.push(":");
        path.push(self.installed.join("lib/*"));
        [
            "-Xmx256m".into(),
            "-XX:+UseSerialGC".into(),
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn".into(),
            "-cp".into(),
            path,
        ]
    }

    fn broker(&self, properties: &Path, port: u16) -> Program {
        let arguments = ["kafka.Kafka".into(), properties.as_os_str().to_owned()];
        Program {
            name: "Kafka".to_owned(),
            path: PathBuf::from("java"),
            arguments: self.options().into_iter().chain(arguments).collect(),
            environment: Vec::new(),
            folder: self.folder.to_owned(),
            log: self.folder.join("kafka.log"),
            ready: Ready::Accepts(port),
        }
    }

    /// Runs a program that does something and ends.
    async fn run(&self, class: &str, arguments: impl IntoIterator<Item = OsString>) -> Result<(), LaneError> {
        let mut command = Command::new("java");
        command.args(self.options()).arg(class).args(arguments).stdin(Stdio::null());
        let output = spawn_blocking(move || command.output()).await.unwrap_or_else(|error| Err(error.into()));
        let output = output.map_err(|source| LaneError::Spawn {
            name: class.to_owned(),
            program: PathBuf::from("java"),
            source,
        })?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(LaneError::NotReady {
            name: class.to_owned(),
            what: format!("ended ({})", output.status),
            log: self.folder.join("kafka.log"),
            tail: String::from_utf8_lossy(&said).into_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_cluster_is_never_read_as_an_option() {
        let beginning_with_a_dash = [0xf8; 16];
        assert!(URL_SAFE_NO_PAD.encode(beginning_with_a_dash).starts_with('-'));
        assert!(!id_of(beginning_with_a_dash).starts_with('-'));
    }
}
