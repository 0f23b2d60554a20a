//! What the YAML of `dapr/` says: components, subscriptions, resiliency and topics.
//!
//! Read [`load`] first. The files are the ones that real Dapr reads. A field that this sidecar does not honour
//! is refused by name at the start, so that nothing is silently different in the cluster.

mod resiliency;
mod subscription;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use resiliency::Policy;
pub(crate) use subscription::Subscription;

/// Folders below the given one that are read as well: what holds everywhere, and what holds on one machine.
const LAYERS: [&str; 2] = ["base", "local"];

/// Why the resources can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// A file or folder can't be read.
    #[error("can't read {path}: {source}")]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A document is not what its kind asks for, or asks for what this sidecar does not do.
    #[error("{path}: {reason}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        reason: String,
    },
}

/// A component: a pub/sub, a state store or a secret store.
#[derive(Debug, Clone)]
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) version: String,
    pub(crate) metadata: BTreeMap<String, String>,
    scopes: Vec<String>,
}

impl Component {
    fn is(&self, block: &str) -> bool {
        self.kind.split('.').next() == Some(block)
    }

    fn visible_to(&self, app_id: &str) -> bool {
        in_scope(&self.scopes, app_id)
    }

    fn brokers(&self) -> Option<&str> {
        self.metadata.get("brokers").map(String::as_str)
    }

    /// How long to wait before a message is delivered again that no policy and no dead-letter topic takes care of.
    pub(crate) fn redelivery_delay(&self) -> Duration {
        self.metadata
            .get("backOffDuration")
            .and_then(|text| crate::duration::parse_go_unsigned(text))
            .unwrap_or(Duration::from_secs(5))
    }

    /// Whether a new consumer group starts with the oldest message that is kept.
    pub(crate) fn starts_at_the_oldest(&self) -> bool {
        self.metadata.get("initialOffset").map(String::as_str) == Some("oldest")
    }
}

/// A topic as the broker keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) partitions: i32,
    pub(crate) retention: Option<Duration>,
}

/// All resources of one folder.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    components: BTreeMap<String, Component>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) topics: BTreeMap<String, Topic>,
    resiliencies: Vec<resiliency::Resiliency>,
}

impl Resources {
    /// The component of that name and building block, if the app may see it.
    pub(crate) fn component(&self, block: &str, name: &str, app_id: &str) -> Option<&Component> {
        self.components.get(name).filter(|component| component.is(block) && component.visible_to(app_id))
    }

    /// Every component of a building block that the app may see.
    pub(crate) fn visible<'a>(&'a self, block: &'a str, app_id: &'a str) -> impl Iterator<Item = &'a Component> {
        self.components.values().filter(move |component| component.is(block) && component.visible_to(app_id))
    }

    /// Every component that the app may see.
    pub(crate) fn all_visible<'a>(&'a self, app_id: &'a str) -> impl Iterator<Item = &'a Component> {
        self.components.values().filter(move |component| component.visible_to(app_id))
    }

    /// Under whose name the messages of a pub/sub are kept. Components of the same brokers have the same topics, as those of
    /// Kafka do: each is another consumer group, and the first of their names stands for all.
    pub(crate) fn log_of<'a>(&'a self, pubsub: &'a str) -> &'a str {
        let Some(brokers) = self.components.get(pubsub).and_then(Component::brokers) else {
            return pubsub;
        };
        let same = |component: &&Component| component.is("pubsub") && component.brokers() == Some(brokers);
        self.components.values().find(same).map_or(pubsub, |component| &component.name)
    }

    /// The policy for messages that come in through a pub/sub.
    pub(crate) fn inbound_policy(&self, app_id: &str, pubsub: &str) -> Policy {
        self.resiliencies.iter().find_map(|resiliency| resiliency.inbound(app_id, pubsub)).unwrap_or_default()
    }

    fn add(&mut self, document: Document) -> Result<(), String> {
        match document.kind.as_str() {
            "Component" => self.add_component(document),
            "Subscription" => {
                let subscription = Subscription::parse(document)?;
                self.subscriptions.push(subscription);
                Ok(())
            }
            "Resiliency" => {
                self.resiliencies.push(resiliency::Resiliency::parse(document)?);
                Ok(())
            }
            "KafkaTopic" => self.add_topic(document),
            _ => Ok(()),
        }
    }

    fn add_component(&mut self, document: Document) -> Result<(), String> {
        let scopes = document.scopes.clone();
        let (name, spec): (_, ComponentSpec) = document.into_spec()?;
        let metadata = spec.metadata.into_iter().map(|item| (item.name, plain_text(item.value))).collect();
        let component = Component { name: name.clone(), kind: spec.kind, version: spec.version, metadata, scopes };
        match self.components.insert(name.clone(), component) {
            None => Ok(()),
            Some(_) => Err(format!("component {name} is there twice")),
        }
    }

    fn add_topic(&mut self, document: Document) -> Result<(), String> {
        let (name, spec): (_, TopicSpec) = document.into_spec()?;
        if spec.partitions < 1 {
            return Err(format!("topic {name} needs a partition"));
        }
        let retention = spec
            .config
            .retention_ms
            .and_then(|milliseconds| u64::try_from(milliseconds).ok())
            .map(Duration::from_millis);
        let topic = Topic { partitions: spec.partitions, retention };
        self.topics.insert(spec.topic_name.unwrap_or(name), topic);
        Ok(())
    }

    fn name_logs(&mut self) {
        let logs: Vec<String> = self.subscriptions.iter().map(|one| self.log_of(&one.pubsub).to_owned()).collect();
        for (subscription, log) in self.subscriptions.iter_mut().zip(logs) {
            subscription.log = log;
        }
    }

    /// What only the whole can tell: each subscription names a pub/sub and topics that exist.
    fn check(&self) -> Result<(), String> {
        for subscription in &self.subscriptions {
            let known = self.components.get(&subscription.pubsub).is_some_and(|component| component.is("pubsub"));
            if !known {
                return Err(format!(
                    "subscription {} names the unknown pubsub {}",
                    subscription.name, subscription.pubsub
                ));
            }
            for topic in [Some(&subscription.topic), subscription.dead_letter.as_ref()].into_iter().flatten() {
                if !self.topics.contains_key(topic) {
                    return Err(format!("subscription {} names the unknown topic {topic}", subscription.name));
                }
            }
        }
        Ok(())
    }
}

/// Reads every YAML file of the folder, and of its layers `base` and `local` where they exist.
pub(crate) fn load(folder: &Path) -> Result<Resources, ResourceError> {
    let mut resources = Resources::default();
    for path in yaml_files(folder)? {
        let text = std::fs::read_to_string(&path)
            .map_err(|source| ResourceError::Unreadable { path: path.clone(), source })?;
        read_documents(&text)
            .and_then(|documents| documents.into_iter().try_for_each(|d| resources.add(d)))
            .map_err(|reason| ResourceError::Invalid { path, reason })?;
    }
    resources.check().map_err(|reason| ResourceError::Invalid { path: folder.to_owned(), reason })?;
    resources.name_logs();
    Ok(resources)
}

fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, ResourceError> {
    let layers = LAYERS.iter().map(|layer| folder.join(layer));
    let folders = std::iter::once(folder.to_owned()).chain(layers.filter(|layer| layer.is_dir()));
    let mut files = Vec::new();
    for folder in folders {
        let unreadable = |source| ResourceError::Unreadable { path: folder.clone(), source };
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read_documents(text: &str) -> Result<Vec<Document>, String> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| error.to_string())?;
    documents
        .into_iter()
        .filter(|document| document.get("kind").is_some())
        .map(|document| serde_json::from_value(document).map_err(|error| error.to_string()))
        .collect()
}

/// What every Kubernetes resource has.
#[derive(Deserialize)]
struct Document {
    kind: String,
    #[serde(default, rename = "apiVersion")]
    api_version: String,
    #[serde(default)]
    metadata: DocumentMetadata,
    #[serde(default)]
    spec: Value,
    #[serde(default)]
    scopes: Vec<String>,
}

#[derive(Default, Deserialize)]
struct DocumentMetadata {
    #[serde(default)]
    name: String,
}

impl Document {
    fn into_spec<T: DeserializeOwned>(self) -> Result<(String, T), String> {
        let name = self.metadata.name;
        let spec = serde_json::from_value(self.spec).map_err(|error| format!("{} {name}: {error}", self.kind))?;
        Ok((name, spec))
    }
}

#[derive(Deserialize)]
struct ComponentSpec {
    #[serde(rename = "type")]
    kind: String,
    version: String,
    #[serde(default)]
    metadata: Vec<MetadataItem>,
}

#[derive(Deserialize)]
struct MetadataItem {
    name: String,
    #[serde(default)]
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TopicSpec {
    topic_name: Option<String>,
    partitions: i32,
    #[serde(default)]
    config: TopicConfig,
}

#[derive(Default, Deserialize)]
struct TopicConfig {
    #[serde(rename = "retention.ms")]
    retention_ms: Option<i64>,
}

fn plain_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// No scopes means every app.
fn in_scope(scopes: &[String], app_id: &str) -> bool {
    scopes.is_empty() || scopes.iter().any(|scope| scope == app_id)
}
