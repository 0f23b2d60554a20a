//! A `daprd` for each app, on what a real lane runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rondo_lane::{App as Beside, Daprd, Kafka, Resources, Tokens, free_port};
use rondo_postgres::{Progress, Silent};
use serde_json::{Value, json};

use super::resources::SECRETS;
use super::{APP_API_TOKEN, DAPR_API_TOKEN, Names, Running};
use crate::app::App;
use crate::client::Client;

/// Starts them with the resources in `folder`, beside the lane whose data are in `lane`.
pub async fn start(lane: &Path, folder: &Path, names: &Names, apps: [&App; 2]) -> ([Client; 2], Running) {
    let (data, lane) = (lane.join("dapr"), Lane::read(lane));
    let (resources, kafka) = (folder.join("dapr"), lane.text("/kafka"));
    let (installed, topics) = (PathBuf::from(lane.text("/installed_kafka")), resources.join("base/topics.yaml"));
    Kafka::make_topics(&installed, &data.join("kafka"), kafka, &topics).await.expect("topics");
    let secrets = folder.join("secrets.json");
    fs::write(&secrets, secret_file(&lane.database_url)).expect("a file");
    let resources = Resources::make(&resources, folder, kafka, &secrets).expect("resources");
    let sidecar = async |id: &str, app: &App| {
        let beside = Beside { id, port: app.address().port(), sidecar_port: free_port().expect("a port") };
        let tokens = Tokens { dapr_api: DAPR_API_TOKEN, app_api: APP_API_TOKEN };
        let (daprd, scheduler) = (PathBuf::from(lane.text("/daprd")), lane.text("/scheduler"));
        let progress: Arc<dyn Progress> = Arc::new(Silent);
        let daprd = Daprd::start(&daprd, beside, scheduler, &resources, tokens, progress).await.expect("a daprd");
        (Client { address: ([127, 0, 0, 1], beside.sidecar_port).into(), token: DAPR_API_TOKEN }, daprd)
    };
    let (app, other) = tokio::join!(sidecar(&names.app, apps[0]), sidecar(&names.other, apps[1]));
    ([app.0, other.0], Box::new([app.1, other.1]))
}

/// Where everything of the lane is.
struct Lane {
    run: Value,
    database_url: String,
}

impl Lane {
    fn read(folder: &Path) -> Self {
        let read = |name: &str| -> Value {
            let text = fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let database_url = read("dapr/secrets.json")["state-database-url"].as_str().expect("a text").to_owned();
        Self { run: read("dapr/run.json"), database_url }
    }

    fn text(&self, pointer: &str) -> &str {
        let found = self.run.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("run.json has no {pointer}"))
    }
}

/// What the secret store holds; `a:b` is the key `b` of the secret `a`.
fn secret_file(database_url: &str) -> String {
    let mut secrets = json!({ "state-database-url": database_url });
    for (name, value) in SECRETS {
        match name.split_once(':') {
            Some((name, key)) => secrets[name][key] = json!(value),
            None => secrets[name] = json!(value),
        }
    }
    secrets.to_string()
}
