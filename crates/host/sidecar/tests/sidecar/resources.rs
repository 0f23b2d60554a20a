//! The YAML that the sidecar reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rondo_sidecar::{Acknowledgement, Sidecar, SidecarConfig, SidecarError};

use crate::support::{Database, RESOURCES, TestApp};

async fn start(resources: PathBuf) -> Result<(Database, Arc<TestApp>, Sidecar), SidecarError> {
    let database = Database::new().await;
    let app = Arc::new(TestApp::default());
    let config = SidecarConfig {
        resources,
        database_url: database.url().to_owned(),
        app_api_token: String::new(),
        dapr_api_token: String::new(),
        secrets: BTreeMap::new(),
        app_ids: ["backend", "notification-service"].map(str::to_owned).to_vec(),
        acknowledgement: Acknowledgement::Durable,
    };
    let sidecar = Sidecar::start(config, app.clone()).await?;
    Ok((database, app, sidecar))
}

async fn refusal(yaml: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("resources.yaml"), yaml).expect("a file");
    match start(folder.path().to_owned()).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn the_projects_own_resources_deliver_to_the_notification_service() {
    let dapr = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dapr");
    let (_database, app, sidecar) = start(dapr).await.expect("the sidecar starts");
    let request = http::Request::post("/v1.0/publish/pubsub-kafka/task-updates?metadata.partitionKey=t1")
        .header("content-type", "application/json")
        .body("{}".into())
        .expect("a request");
    assert_eq!(sidecar.handle("backend", request).await.status(), 204);
    let call = app.wait_for("/events/task-updates", 1).await.remove(0);
    assert_eq!(call.app_id, "notification-service");
    assert_eq!(call.header("dapr-api-token"), None);
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_name() {
    let replaced = |from: &str, to: &str| {
        assert!(RESOURCES.contains(from), "{from}");
        RESOURCES.replacen(from, to, 1)
    };
    let cases = [
        (replaced("topic: orders\n", "topic: nowhere\n"), "unknown topic nowhere"),
        (replaced("pubsubname: pubsub\n", "pubsubname: nowhere\n"), "unknown pubsub nowhere"),
        (replaced("deadLetterTopic: orders-dead-letter", "deadLetterTopic: nowhere"), "unknown topic nowhere"),
        (replaced("dapr.io/v2alpha1", "dapr.io/v1alpha1"), "only dapr.io/v2alpha1"),
        (replaced("{ default: /events/orders }", "{ default: /events/orders, rules: [] }"), "unknown field `rules`"),
        (replaced("{ retry: two, timeout: short }", "{ retry: none }"), "no retry policy none"),
        (replaced("{ retry: two, timeout: short }", "{ circuitBreaker: x }"), "unknown field `circuitBreaker`"),
        (replaced("metadata: { name: pubsub }", "metadata: { name: statestore }"), "is there twice"),
        (replaced("kind: Component", "kind: [Component"), "resources.yaml"),
    ];
    for (yaml, expected) in cases {
        let refusal = refusal(&yaml).await;
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[tokio::test]
async fn a_missing_folder_is_told() {
    let error = start(PathBuf::from("/nowhere/dapr")).await.err().expect("an error");
    assert!(error.to_string().contains("/nowhere/dapr"), "{error}");
}
