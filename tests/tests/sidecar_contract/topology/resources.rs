//! The resource files of a run: the project's own, for two apps of other names, with topics for each kind of subscription.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Names;

/// What is published through.
pub const PUBSUB: &str = "pubsub-kafka";
/// What is subscribed to: the same topics, with a consumer group.
pub const SUBSCRIBED: &str = "pubsub-kafka-task-events";
pub const STATE_STORE: &str = "statestore-postgres";
pub const SECRET_STORE: &str = "secretstore";
/// What the secret store holds.
pub const SECRETS: [(&str, &str); 3] = [("plain", "one"), ("model:api-key", "two"), ("model:base-url", "three")];

/// A topic and its subscription. It is delivered to `/events/<name>`, its dead letters to `/dead/<name>`.
struct Topic {
    name: &'static str,
    partitions: u8,
    has_dead_letters: bool,
    is_raw: bool,
}

impl Topic {
    const fn new(name: &'static str) -> Self {
        Self { name, partitions: 1, has_dead_letters: false, is_raw: false }
    }

    const fn with_dead_letters(name: &'static str) -> Self {
        Self { has_dead_letters: true, ..Self::new(name) }
    }
}

const TOPICS: [Topic; 11] = [
    Topic { partitions: 3, ..Topic::new("published") },
    Topic { partitions: 3, ..Topic::new("ordered") },
    Topic { is_raw: true, ..Topic::new("raw") },
    Topic::new("answered"),
    Topic::new("dropped"),
    Topic::new("waiting"),
    Topic::with_dead_letters("failing"),
    Topic::with_dead_letters("recovering"),
    Topic::with_dead_letters("refused"),
    Topic::with_dead_letters("poisoned"),
    Topic::with_dead_letters("expired"),
];

/// Writes them as the folders `base/` and `local/`, as those of the project.
pub fn write(folder: &Path, names: &Names) {
    let project = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../dapr");
    let read = |name: &str| fs::read_to_string(project.join(name)).expect("a file of dapr/");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    for layer in ["base", "local"] {
        fs::create_dir_all(folder.join(layer)).expect("a folder");
    }
    let documents = |all: Vec<Value>| all.iter().map(|one| format!("{one:#}\n")).collect::<Vec<_>>().join("---\n");
    write("base/topics.yaml", &documents(TOPICS.iter().flat_map(|topic| topics(topic, names)).collect()));
    write("base/subscriptions.yaml", &documents(TOPICS.iter().flat_map(|topic| subscriptions(topic, names)).collect()));
    let hasty =
        [("duration: 2s", "duration: 200ms"), ("maxRetries: 4", "maxRetries: 2"), ("one-try: 30s", "one-try: 1s")];
    write("base/resiliency.yaml", &replaced(read("base/resiliency.yaml"), &hasty));
    let of_the_app = format!("scopes:\n  - {}\n", names.app);
    let ours = [
        ("scopes:\n  - backend\n  - recurring-service\n  - notification-service\n", of_the_app.as_str()),
        ("scopes:\n  - recurring-service\n", &of_the_app),
        ("recurring-service-task-events-v1", &names.run),
    ];
    write("local/components.yaml", &replaced(read("local/components.yaml"), &ours));
    write("local/configuration.yaml", &read("local/configuration.yaml"));
}

/// With other words, each of which must be there.
fn replaced(text: String, words: &[(&str, &str)]) -> String {
    words.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from} is not in\n{text}");
        text.replace(from, to)
    })
}

fn topics(topic: &Topic, names: &Names) -> Vec<Value> {
    let resource = |name: String, partitions: u8| {
        json!({
            "apiVersion": "kafka.strimzi.io/v1beta2", "kind": "KafkaTopic", "metadata": { "name": name },
            "spec": { "partitions": partitions, "config": { "retention.ms": 3_600_000 } },
        })
    };
    let mut all = vec![resource(names.topic(topic.name), topic.partitions)];
    if topic.has_dead_letters {
        all.push(resource(names.dead_letters(topic.name), 1));
    }
    all
}

fn subscriptions(topic: &Topic, names: &Names) -> Vec<Value> {
    let resource = |name: String, route: &str| {
        json!({
            "apiVersion": "dapr.io/v2alpha1", "kind": "Subscription", "metadata": { "name": name },
            "spec": { "pubsubname": SUBSCRIBED, "topic": name, "routes": { "default": format!("/{route}/{}", topic.name) } },
            "scopes": [names.app],
        })
    };
    let mut own = resource(names.topic(topic.name), "events");
    if topic.is_raw {
        own["spec"]["metadata"] = json!({ "rawPayload": "true" });
    }
    if !topic.has_dead_letters {
        return vec![own];
    }
    own["spec"]["deadLetterTopic"] = json!(names.dead_letters(topic.name));
    vec![own, resource(names.dead_letters(topic.name), "dead")]
}
