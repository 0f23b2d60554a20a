//! `/v1.0/secrets/{store}/{name}`.

use serde_json::json;

use crate::support::{Reply, World, request};

#[tokio::test]
async fn a_secret_has_its_keys() {
    let world = World::new().await;
    let cases = [("plain", json!({"plain": "one"})), ("model:api-key", json!({"model:api-key": "two"}))];
    for (name, expected) in cases {
        let reply = world.call("GET", &format!("/v1.0/secrets/secretstore/{name}"), "").await;
        assert_eq!((reply.status, reply.json()), (200, expected));
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn all_come_at_once() {
    let world = World::new().await;
    let reply = world.call("GET", "/v1.0/secrets/secretstore/bulk", "").await;
    let expected = json!({
        "plain": {"plain": "one"}, "model:api-key": {"model:api-key": "two"}, "model:base-url": {"model:base-url": "three"},
    });
    assert_eq!((reply.status, reply.json()), (200, expected));
}

#[tokio::test]
async fn a_missing_key_is_500_and_an_unknown_store_401() {
    let world = World::new().await;
    for name in ["none", "model"] {
        let reply = world.call("GET", &format!("/v1.0/secrets/secretstore/{name}"), "").await;
        reply.is_error(500, "ERR_SECRET_GET");
    }
    for path in ["/v1.0/secrets/nowhere/plain", "/v1.0/secrets/nowhere/bulk"] {
        world.call("GET", path, "").await.is_error(401, "ERR_SECRET_STORE_NOT_FOUND");
    }
    let other = request("GET", "/v1.0/secrets/secretstore/plain", &[], "");
    let reply = Reply::of(world.sidecar().handle("consumer", other).await);
    reply.is_error(500, "ERR_SECRET_STORES_NOT_CONFIGURED");
}
