//! Health, metadata, who may ask, and what has no route.

use serde_json::json;

use crate::client::Client;
use crate::topology::{PUBSUB, SECRET_STORE, SUBSCRIBED, World};

#[tokio::test]
async fn health_is_204_for_everybody() {
    let world = World::get().await;
    let stranger = Client { token: "", ..world.sidecar.clone() };
    for path in ["/v1.0/healthz", "/v1.0/healthz/outbound"] {
        stranger.get(path).await.is_done();
        world.sidecar.get(path).await.is_done();
    }
}

#[tokio::test]
async fn health_knows_whose_sidecar_it_is() {
    let world = World::get().await;
    world.sidecar.get(&format!("/v1.0/healthz?appid={}", world.names.app)).await.is_done();
    world.sidecar.get("/v1.0/healthz?appid=another").await.is_error(500, "ERR_HEALTH_APPID_NOT_MATCH");
}

#[tokio::test]
async fn without_the_token_everything_else_is_401() {
    let world = World::get().await;
    for token in ["", "another", "of-the-app-for-its-sidecar-"] {
        let stranger = Client { token, ..world.sidecar.clone() };
        for path in ["/v1.0/metadata", "/v1.0/secrets/secretstore/plain", "/v1.0/jobs/x", "/v1.0/nothing"] {
            let reply = stranger.get(path).await;
            assert_eq!((reply.status, reply.text()), (401, "invalid api token\n"), "{path}");
        }
    }
}

#[tokio::test]
async fn metadata_tells_what_the_app_has() {
    let world = World::get().await;
    world.sidecar.send("PUT", "/v1.0/metadata/color", &[], "blue").await.is_done();
    let metadata = world.sidecar.get("/v1.0/metadata").await.json();
    assert_eq!((&metadata["id"], &metadata["runtimeVersion"]), (&json!(world.names.app), &json!("1.18.2")));
    assert_eq!(metadata["extended"]["color"], "blue");
    let named = |list: &str, key: &str, name: &str| {
        metadata[list].as_array().unwrap().iter().find(|one| one[key] == name).cloned().expect("it is there")
    };
    let pubsub = named("components", "name", PUBSUB);
    assert_eq!((&pubsub["type"], &pubsub["version"]), (&json!("pubsub.kafka"), &json!("v1")));
    assert_eq!(named("components", "name", SECRET_STORE)["type"], "secretstores.local.file");
    let subscription = named("subscriptions", "topic", &world.names.topic("failing"));
    assert_eq!(subscription["pubsubname"], SUBSCRIBED);
    assert_eq!(subscription["rules"][0]["path"], "/events/failing");
    assert_eq!(subscription["deadLetterTopic"], json!(world.names.dead_letters("failing")));
    assert_eq!(subscription["type"], "DECLARATIVE");
    let others = world.others_sidecar.get("/v1.0/metadata").await.json();
    assert_eq!(others["id"], json!(world.names.other));
    assert!(others["components"].as_array().is_none_or(Vec::is_empty), "{others}");
}

#[tokio::test]
async fn what_has_no_route_is_taken_for_a_call_of_an_app_that_is_not_named() {
    let world = World::get().await;
    let topic = format!("/v1.0/publish/{PUBSUB}/t");
    for path in ["/", "/v1.0", "/v1.0/nothing", "/v2.0/jobs/x", "/v1.0/jobs/a/b", topic.as_str()] {
        world.sidecar.get(path).await.is_error(404, "ERR_DIRECT_INVOKE");
    }
    for (method, path) in [("PATCH", "/v1.0/jobs/x"), ("POST", "/v1.0/healthz"), ("OPTIONS", "/v1.0/metadata")] {
        world.sidecar.send(method, path, &[], "").await.is_error(404, "ERR_DIRECT_INVOKE");
    }
}
