//! `/v1.0/secrets/{store}/{name}`.

use serde_json::json;

use crate::topology::{SECRET_STORE, SECRETS, World};

#[tokio::test]
async fn a_secret_has_its_keys() {
    let world = World::get().await;
    for (name, value) in SECRETS {
        let reply = world.sidecar.get(&format!("/v1.0/secrets/{SECRET_STORE}/{name}")).await;
        assert_eq!((reply.status, reply.json()), (200, json!({ name: value })));
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn all_secrets_come_at_once() {
    let world = World::get().await;
    let reply = world.sidecar.get(&format!("/v1.0/secrets/{SECRET_STORE}/bulk")).await;
    assert_eq!(reply.status, 200);
    for (name, value) in SECRETS {
        assert_eq!(reply.json()[name], json!({ name: value }), "{name}");
    }
}

#[tokio::test]
async fn a_missing_secret_is_500_and_an_unknown_store_401() {
    let world = World::get().await;
    for name in ["none", "model"] {
        let reply = world.sidecar.get(&format!("/v1.0/secrets/{SECRET_STORE}/{name}")).await;
        let reason = format!("from secret store {SECRET_STORE}: secret {name} not found");
        reply.is_error_saying(500, "ERR_SECRET_GET", &format!("failed getting secret with key {name} {reason}"));
    }
    for name in ["plain", "bulk"] {
        let reply = world.sidecar.get(&format!("/v1.0/secrets/nowhere/{name}")).await;
        let message = "failed finding secret store with key nowhere";
        reply.is_error_saying(401, "ERR_SECRET_STORE_NOT_FOUND", message);
    }
    let reply = world.others_sidecar.get(&format!("/v1.0/secrets/{SECRET_STORE}/plain")).await;
    reply.is_error_saying(500, "ERR_SECRET_STORES_NOT_CONFIGURED", "secret store is not configured");
}
