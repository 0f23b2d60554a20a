//! What is told: the outbox, and what lies in the topics. Those of the embedded sidecar are a table, those of the real lane are
//! Kafka's.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::app::Topology;
use super::lane::Lane;
use super::{App, User};

/// What was published.
#[derive(Debug, Clone)]
pub struct Message {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    /// What says which partition it is in.
    pub key: String,
    /// What subscribers get; null if it is no JSON.
    pub event: Value,
}

impl App {
    /// All that lies in the topics now, in the order of each partition.
    pub async fn messages(&self) -> Vec<Message> {
        match &self.topology {
            Topology::Embedded(_) => self.messages_of_the_embedded_sidecar().await,
            Topology::Lane(lane) => {
                tokio::task::spawn_blocking(|| Listener::messages(lane)).await.expect("Kafka's messages")
            }
        }
    }

    /// What was written to the outbox of somebody's things, in order: type and data.
    pub async fn told(&self, user: &User) -> Vec<(String, Value)> {
        let query = "select event_type, data from outbox where user_id::text = $1 order by sequence";
        self.sql(query, &[&user.id]).await.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// The types of that.
    pub async fn kinds_told(&self, user: &User) -> Vec<String> {
        self.told(user).await.into_iter().map(|(kind, _)| kind).collect()
    }

    async fn messages_of_the_embedded_sidecar(&self) -> Vec<Message> {
        let query = "select topic, partition, \"offset\", key, payload from dapr.messages order by topic, partition, \"offset\"";
        let message = |row: &tokio_postgres::Row| Message {
            topic: row.get(0),
            partition: row.get(1),
            offset: row.get(2),
            key: row.get::<_, Option<String>>(3).unwrap_or_default(),
            event: serde_json::from_slice(row.get(4)).unwrap_or_default(),
        };
        self.sql(query, &[]).await.iter().map(message).collect()
    }
}

/// A consumer of Kafka, which reads all topics from their beginning and goes on from there.
struct Listener {
    process: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    heard: Vec<Message>,
}

impl Listener {
    /// All that lies in the topics of a lane. One process answers for all tests: it ends with theirs.
    fn messages(lane: &Lane) -> Vec<Message> {
        static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);
        let mut listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
        listener.get_or_insert_with(|| Self::start(lane)).ask().to_vec()
    }

    fn start(lane: &Lane) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/support/Messages.java");
        let mut java = Command::new("java");
        java.args(["-Xmx256m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp"]);
        java.arg(lane.installed_kafka.join("lib/*")).arg(source).arg(&lane.kafka);
        let mut process =
            java.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("java, which runs Kafka too");
        let (questions, answers) = (process.stdin.take().expect("piped"), process.stdout.take().expect("piped"));
        Self { process, questions, answers: BufReader::new(answers).lines(), heard: Vec::new() }
    }

    /// Everything up to what is the end of each partition at this time.
    fn ask(&mut self) -> &[Message] {
        self.questions.write_all(b"\n").expect("the consumer of Kafka runs");
        loop {
            let line =
                self.answers.next().unwrap_or_else(|| panic!("the consumer of Kafka: {:?}", self.process.wait()));
            match line.expect("text").as_str() {
                "" => return &self.heard,
                line => self.heard.push(message(line)),
            }
        }
    }
}

/// What the consumer says of a message.
fn message(line: &str) -> Message {
    let words: Vec<&str> = line.split(' ').collect();
    let [topic, partition, offset, key, value] = words[..] else { panic!("five words, not {line}") };
    let bytes = |word: &str| if word == "-" { Vec::new() } else { STANDARD.decode(word).expect("Base64") };
    Message {
        topic: topic.to_owned(),
        partition: partition.parse().expect("a number"),
        offset: offset.parse().expect("a number"),
        key: String::from_utf8(bytes(key)).expect("a text"),
        event: serde_json::from_slice(&bytes(value)).unwrap_or_default(),
    }
}
