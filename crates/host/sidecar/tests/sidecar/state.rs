//! `/v1.0/state/{store}`.

use serde_json::json;
use support::eventually;

use crate::support::{Reply, World, request};

const STORE: &str = "/v1.0/state/statestore";

async fn save(world: &World, items: serde_json::Value) -> Reply {
    world.call("POST", STORE, &items.to_string()).await
}

async fn get(world: &World, key: &str) -> Reply {
    world.call("GET", &format!("{STORE}/{key}"), "").await
}

#[tokio::test]
async fn what_is_saved_is_read_with_an_etag() {
    let world = World::new().await;
    let items = json!([{"key": "a", "value": {"n": [1, "x"]}}, {"key": "b", "value": "text"}]);
    let reply = save(&world, items).await;
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    let reply = get(&world, "a").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.json(), json!({"n": [1, "x"]}));
    assert_eq!(reply.header("etag").map(str::len), Some(36));
    assert_eq!(get(&world, "b").await.text, "\"text\"");
}

#[tokio::test]
async fn a_miss_is_204() {
    let world = World::new().await;
    let reply = get(&world, "none").await;
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    assert_eq!(world.call("DELETE", &format!("{STORE}/none"), "").await.status, 204);
}

#[tokio::test]
async fn keys_belong_to_their_app() {
    let world = World::new().await;
    save(&world, json!([{"key": "a", "value": 1}])).await;
    let keys = "select count(*) from dapr.state where key = 'backend||a'";
    assert_eq!(world.database.number(keys).await, 1);
}

#[tokio::test]
async fn a_wrong_etag_is_409_and_so_is_an_impossible_one() {
    let world = World::new().await;
    save(&world, json!([{"key": "a", "value": 1}])).await;
    let etag = get(&world, "a").await.header("etag").expect("an etag").to_owned();
    assert_eq!(save(&world, json!([{"key": "a", "value": 2, "etag": etag}])).await.status, 204);
    save(&world, json!([{"key": "a", "value": 3, "etag": etag}])).await.is_error(409, "ERR_STATE_SAVE");
    save(&world, json!([{"key": "a", "value": 3, "etag": "1"}])).await.is_error(409, "ERR_STATE_SAVE");
    let headers = [("if-match", etag.as_str())];
    let path = format!("{STORE}/a");
    let reply = world.send(request("DELETE", &path, &headers, "")).await;
    reply.is_error(409, "ERR_STATE_DELETE");
    assert_eq!(get(&world, "a").await.text, "2");
    let etag = get(&world, "a").await.header("etag").expect("an etag").to_owned();
    let headers = [("if-match", etag.as_str())];
    assert_eq!(world.send(request("DELETE", &path, &headers, "")).await.status, 204);
    assert_eq!(get(&world, "a").await.status, 204);
}

#[tokio::test]
async fn the_first_write_wins_where_it_is_asked_for() {
    let world = World::new().await;
    let item = |value: u8| json!([{"key": "a", "value": value, "options": {"concurrency": "first-write", "consistency": "strong"}}]);
    assert_eq!(save(&world, item(1)).await.status, 204);
    save(&world, item(2)).await.is_error(500, "ERR_STATE_SAVE");
    assert_eq!(save(&world, json!([{"key": "a", "value": 3}])).await.status, 204);
}

#[tokio::test]
async fn a_ttl_ends_a_value() {
    let world = World::new().await;
    save(&world, json!([{"key": "a", "value": 1, "metadata": {"ttlInSeconds": "1"}}])).await;
    let reply = get(&world, "a").await;
    assert!(reply.header("metadata.ttlexpiretime").is_some_and(|time| time.ends_with('Z')));
    eventually("it has expired", async || (get(&world, "a").await.status == 204).then_some(())).await;
    let reply = save(&world, json!([{"key": "a", "value": 1, "metadata": {"ttlInSeconds": "x"}}])).await;
    reply.is_error(500, "ERR_STATE_SAVE");
}

#[tokio::test]
async fn many_keys_are_read_at_once() {
    let world = World::new().await;
    save(&world, json!([{"key": "a", "value": {"n": 1}}])).await;
    let reply = world.call("POST", &format!("{STORE}/bulk"), r#"{"keys": ["a", "none"], "parallelism": 2}"#).await;
    assert_eq!(reply.status, 200);
    let items = reply.json();
    assert_eq!((&items[0]["key"], &items[0]["data"]), (&json!("a"), &json!({"n": 1})));
    assert!(items[0]["etag"].is_string());
    assert_eq!(items[1], json!({"key": "none"}));
    let reply = world.call("POST", &format!("{STORE}/bulk"), r#"{"keys": []}"#).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, "[]"));
}

#[tokio::test]
async fn a_transaction_is_all_or_nothing() {
    let world = World::new().await;
    save(&world, json!([{"key": "old", "value": 1}])).await;
    let transaction = |etag: Option<&str>| {
        json!({"operations": [
            {"operation": "upsert", "request": {"key": "new", "value": 2}},
            {"operation": "delete", "request": {"key": "old", "etag": etag}},
        ]})
        .to_string()
    };
    let path = format!("{STORE}/transaction");
    let wrong = transaction(Some("00000000-0000-0000-0000-000000000000"));
    world.call("POST", &path, &wrong).await.is_error(500, "ERR_STATE_TRANSACTION");
    assert_eq!((get(&world, "new").await.status, get(&world, "old").await.status), (204, 200));
    assert_eq!(world.call("POST", &path, &transaction(None)).await.status, 204);
    assert_eq!((get(&world, "new").await.status, get(&world, "old").await.status), (200, 204));
    let body = json!({"operations": [{"operation": "merge", "request": {"key": "a"}}]});
    let reply = world.call("POST", &path, &body.to_string()).await;
    reply.is_error(400, "ERR_NOT_SUPPORTED_STATE_OPERATION");
}

#[tokio::test]
async fn wrong_stores_keys_and_bodies_are_told() {
    let world = World::new().await;
    let reply = world.call("GET", "/v1.0/state/nowhere/a", "").await;
    reply.is_error(400, "ERR_STATE_STORE_NOT_FOUND");
    let other = request("GET", &format!("{STORE}/a"), &[], "");
    let reply = Reply::of(world.sidecar().handle("consumer", other).await);
    reply.is_error(500, "ERR_STATE_STORE_NOT_CONFIGURED");
    save(&world, json!({"key": "a"})).await.is_error(400, "ERR_MALFORMED_REQUEST");
    save(&world, json!([{"value": 1}])).await.is_error(400, "ERR_MALFORMED_REQUEST");
    save(&world, json!([{"key": "a||b", "value": 1}])).await.is_error(400, "ERR_MALFORMED_REQUEST");
    assert_eq!(save(&world, json!([])).await.status, 204);
}
