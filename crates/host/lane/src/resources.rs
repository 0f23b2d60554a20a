//! The files that sidecars read: those of `dapr/`, with what only a run knows filled in.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::LaneError;

/// Resources of Dapr for one run.
#[derive(Debug)]
pub struct Resources {
    folder: PathBuf,
    base: PathBuf,
}

/// What only a run knows.
#[derive(Debug, Clone, Copy)]
struct Run<'a> {
    kafka: &'a str,
    secrets: &'a Path,
}

impl Resources {
    /// Makes them in `folder` of those in `dapr` (its `base/` is used as it is, its `local/` is filled in). `kafka`: the broker's
    /// address; `secrets`: the file of the secret store, a JSON object of strings.
    ///
    /// # Errors
    /// A file is missing or damaged.
    pub fn make(dapr: &Path, folder: &Path, kafka: &str, secrets: &Path) -> Result<Self, LaneError> {
        let resources = Self { folder: folder.to_owned(), base: dapr.join("base") };
        let run = Run { kafka, secrets };
        let local = dapr.join("local");
        fs::create_dir_all(resources.local()).map_err(LaneError::at(folder))?;
        let components: Vec<Value> =
            read(&local.join("components.yaml"))?.into_iter().map(|component| fill_in(component, run)).collect();
        write(&resources.local().join("components.yaml"), &components)?;
        let names = folder.join("names.db");
        let mut configuration = read(&local.join("configuration.yaml"))?;
        for document in &mut configuration {
            document["spec"]["nameResolution"] = json!({
                "component": "sqlite", "version": "v1",
                "configuration": { "connectionString": names.display().to_string() },
            });
        }
        write(&resources.configuration(), &configuration)?;
        Ok(resources)
    }

    /// Where they are, and where sidecars write their logs.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The configuration's file.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.folder.join("configuration.yaml")
    }

    /// The folders of components, subscriptions and policies.
    pub(crate) fn paths(&self) -> [PathBuf; 2] {
        [self.base.clone(), self.local()]
    }

    fn local(&self) -> PathBuf {
        self.folder.join("resources")
    }
}

fn fill_in(mut component: Value, run: Run<'_>) -> Value {
    let secrets = run.secrets.display().to_string();
    let known = [("brokers", run.kafka), ("secretsFile", secrets.as_str())];
    let settings = component.pointer_mut("/spec/metadata").and_then(Value::as_array_mut);
    for setting in settings.into_iter().flatten() {
        if let Some((_, value)) = known.iter().find(|(name, _)| setting["name"] == *name) {
            setting["value"] = json!(value);
        }
    }
    component
}

fn read(path: &Path) -> Result<Vec<Value>, LaneError> {
    let text = fs::read_to_string(path).map_err(LaneError::at(path))?;
    serde_saphyr::from_multiple(&text)
        .map_err(|error| LaneError::Resource { path: path.to_owned(), problem: error.to_string() })
}

/// As JSON, which every reader of YAML reads.
fn write(path: &Path, documents: &[Value]) -> Result<(), LaneError> {
    let documents: Vec<String> = documents.iter().map(|document| format!("{document:#}\n")).collect();
    fs::write(path, documents.join("---\n")).map_err(LaneError::at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_run_knows_is_filled_in_and_the_rest_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let dapr = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../dapr");
        let secrets = folder.path().join("secrets.json");
        let made = Resources::make(&dapr, folder.path(), "127.0.0.1:4711", &secrets).expect("made");

        let before = read(&dapr.join("local/components.yaml")).expect("the project's");
        let after = read(&made.local().join("components.yaml")).expect("the run's");
        assert_eq!(before.len(), after.len());
        let brokers = json!({ "name": "brokers", "value": "127.0.0.1:4711" });
        for pubsub in after.iter().filter(|one| one["spec"]["type"] == "pubsub.kafka") {
            let settings = pubsub["spec"]["metadata"].as_array().expect("settings");
            assert!(settings.contains(&brokers), "{pubsub}");
        }
        let events =
            after.iter().find(|one| one["metadata"]["name"] == "pubsub-kafka-task-events").expect("it is there");
        let settings = events["spec"]["metadata"].as_array().expect("settings");
        assert!(settings.contains(&json!({ "name": "initialOffset", "value": "oldest" })), "{settings:?}");
        let store = after.iter().find(|one| one["metadata"]["name"] == "secretstore").expect("secretstore");
        assert_eq!(store["spec"]["metadata"][0]["value"], json!(secrets.display().to_string()));
        let configuration = read(&made.configuration()).expect("the configuration");
        assert_eq!(configuration[0]["spec"]["nameResolution"]["component"], "sqlite");
    }
}
