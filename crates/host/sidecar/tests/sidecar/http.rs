//! Tokens, health, metadata and what has no route.

use http::Request;
use serde_json::json;

use crate::support::{Reply, World, request};

fn without_token(path: &str) -> Request<bytes::Bytes> {
    let mut request = request("GET", path, &[], "");
    request.headers_mut().remove("dapr-api-token");
    request
}

#[tokio::test]
async fn without_the_token_everything_but_health_is_401() {
    let world = World::new().await;
    let reply = world.send(without_token("/v1.0/secrets/secretstore/plain")).await;
    assert_eq!((reply.status, reply.text.as_str()), (401, "invalid api token\n"));
    let mut wrong = request("GET", "/v1.0/metadata", &[], "");
    wrong.headers_mut().insert("dapr-api-token", "the-dapr-tokem".parse().expect("a value"));
    assert_eq!(world.send(wrong).await.status, 401);
    for path in ["/v1.0/healthz", "/v1.0/healthz/outbound"] {
        assert_eq!(world.send(without_token(path)).await.status, 204);
    }
}

#[tokio::test]
async fn health_knows_whose_sidecar_it_is() {
    let world = World::new().await;
    assert_eq!(world.call("GET", "/v1.0/healthz?appid=backend", "").await.status, 204);
    let reply = world.call("GET", "/v1.0/healthz?appid=other", "").await;
    reply.is_error(500, "ERR_HEALTH_APPID_NOT_MATCH");
}

#[tokio::test]
async fn metadata_tells_components_subscriptions_and_what_was_set() {
    let world = World::new().await;
    assert_eq!(world.call("PUT", "/v1.0/metadata/color", "blue").await.status, 204);
    let metadata = world.call("GET", "/v1.0/metadata", "").await.json();
    assert_eq!((&metadata["id"], &metadata["runtimeVersion"]), (&json!("backend"), &json!("1.18.2")));
    assert_eq!(metadata["extended"]["color"], "blue");
    let components = metadata["components"].as_array().expect("components");
    assert!(components.contains(&json!({"name": "pubsub", "type": "pubsub.kafka", "version": "v1"})));
    let reply = world.sidecar().handle("consumer", request("GET", "/v1.0/metadata", &[], "")).await;
    let metadata = Reply::of(reply).json();
    assert_eq!(metadata["subscriptions"][0]["rules"][0]["path"], "/events/orders");
    assert_eq!(metadata["subscriptions"][0]["deadLetterTopic"], "orders-dead-letter");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_404() {
    let world = World::new().await;
    for path in ["/", "/v1.0", "/v1.0/nothing", "/v2.0/jobs/x", "/v1.0/publish/pubsub/single"] {
        world.call("GET", path, "").await.is_error(404, "ERR_DIRECT_INVOKE");
    }
    for (method, path) in [("PATCH", "/v1.0/jobs/x"), ("POST", "/v1.0/healthz")] {
        world.call(method, path, "").await.is_error(404, "ERR_DIRECT_INVOKE");
    }
}
