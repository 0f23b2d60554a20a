//! `/v1.0/state/{store}`.

use serde_json::{Value, json};
use support::eventually;

use crate::client::Reply;
use crate::topology::{STATE_STORE, World};

/// Why a guarded change is refused.
const MISMATCH: &str = "possible etag mismatch. error from state store";

/// A key, or what else follows the store's name.
fn at(rest: &str) -> String {
    format!("/v1.0/state/{STATE_STORE}/{rest}")
}

async fn save(world: &World, items: Value) -> Reply {
    world.sidecar.post(&format!("/v1.0/state/{STATE_STORE}"), items).await
}

async fn get(world: &World, key: &str) -> Reply {
    world.sidecar.get(&at(key)).await
}

async fn etag(world: &World, key: &str) -> String {
    get(world, key).await.header("etag").expect("an etag").to_owned()
}

#[tokio::test]
async fn what_is_saved_is_read_with_an_etag_until_it_is_deleted() {
    let world = World::get().await;
    let items = json!([{ "key": "saved", "value": { "n": [1, "x"] } }, { "key": "text", "value": "text" }]);
    save(world, items).await.is_done();
    let reply = get(world, "saved").await;
    assert_eq!((reply.status, reply.json()), (200, json!({ "n": [1, "x"] })));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert!(reply.header("etag").is_some_and(|etag| !etag.is_empty()));
    assert_eq!(get(world, "text").await.text(), "\"text\"");
    world.sidecar.delete(&at("saved")).await.is_done();
    get(world, "saved").await.is_done();
}

#[tokio::test]
async fn what_is_not_there_is_204() {
    let world = World::get().await;
    get(world, "absent").await.is_done();
    world.sidecar.delete(&at("absent")).await.is_done();
}

#[tokio::test]
async fn a_key_in_a_path_is_written_as_in_a_query() {
    let world = World::get().await;
    save(world, json!([{ "key": "a+b", "value": 1 }, { "key": "a b", "value": 2 }])).await.is_done();
    for (written, value) in [("a%2Bb", "1"), ("a+b", "2"), ("a%20b", "2")] {
        assert_eq!(get(world, written).await.text(), value, "{written}");
    }
}

#[tokio::test]
async fn a_wrong_etag_is_409_and_so_is_an_impossible_one() {
    let world = World::get().await;
    save(world, json!([{ "key": "guarded", "value": 1 }])).await.is_done();
    let first = etag(world, "guarded").await;
    save(world, json!([{ "key": "guarded", "value": 2, "etag": first }])).await.is_done();
    let message = format!("failed saving state in state store {STATE_STORE}: {MISMATCH}");
    let stale = json!([{ "key": "guarded", "value": 3, "etag": first }]);
    save(world, stale).await.is_error_saying(409, "ERR_STATE_SAVE", &message);
    save(world, json!([{ "key": "guarded", "value": 3, "etag": "x" }])).await.is_error(409, "ERR_STATE_SAVE");
    let delete = async |etag: &str| world.sidecar.send("DELETE", &at("guarded"), &[("if-match", etag)], "").await;
    let message = format!("failed deleting state with key guarded: {MISMATCH}");
    delete(&first).await.is_error_saying(409, "ERR_STATE_DELETE", &message);
    assert_eq!(get(world, "guarded").await.text(), "2");
    delete(&etag(world, "guarded").await).await.is_done();
    get(world, "guarded").await.is_done();
}

#[tokio::test]
async fn the_first_write_wins_where_it_is_asked_for() {
    let world = World::get().await;
    let item = |value: u8| json!([{ "key": "first", "value": value, "options": { "concurrency": "first-write" } }]);
    save(world, item(1)).await.is_done();
    let message = format!("failed saving state in state store {STATE_STORE}: no item was updated");
    save(world, item(2)).await.is_error_saying(500, "ERR_STATE_SAVE", &message);
    save(world, json!([{ "key": "first", "value": 3 }])).await.is_done();
    assert_eq!(get(world, "first").await.text(), "3");
}

#[tokio::test]
async fn a_ttl_ends_a_value() {
    let world = World::get().await;
    save(world, json!([{ "key": "brief", "value": 1, "metadata": { "ttlInSeconds": "2" } }])).await.is_done();
    let reply = get(world, "brief").await;
    assert!(reply.header("metadata.ttlexpiretime").is_some_and(|time| time.ends_with('Z')), "{reply:?}");
    eventually("it is over", async || (get(world, "brief").await.status == 204).then_some(())).await;
    let wrong = json!([{ "key": "brief", "value": 1, "metadata": { "ttlInSeconds": "x" } }]);
    save(world, wrong).await.is_error(500, "ERR_STATE_SAVE");
}

#[tokio::test]
async fn many_keys_are_read_at_once() {
    let world = World::get().await;
    save(world, json!([{ "key": "one-of-many", "value": { "n": 1 } }])).await.is_done();
    let reply = world.sidecar.post(&at("bulk"), json!({ "keys": ["one-of-many", "none-of-many"] })).await;
    assert_eq!(reply.status, 200);
    let items = reply.json();
    let item = |key: &str| items.as_array().unwrap().iter().find(|item| item["key"] == key).unwrap().clone();
    assert_eq!(item("one-of-many")["data"], json!({ "n": 1 }));
    assert!(item("one-of-many")["etag"].is_string());
    assert_eq!(item("none-of-many"), json!({ "key": "none-of-many" }));
    let none = world.sidecar.post(&at("bulk"), json!({ "keys": [] })).await;
    assert_eq!((none.status, none.json()), (200, json!([])));
}

#[tokio::test]
async fn a_transaction_is_all_or_nothing() {
    let world = World::get().await;
    save(world, json!([{ "key": "old", "value": 1 }])).await.is_done();
    let transaction = |etag: Option<&str>| {
        json!({ "operations": [
            { "operation": "upsert", "request": { "key": "new", "value": 2 } },
            { "operation": "delete", "request": { "key": "old", "etag": etag } },
        ] })
    };
    let wrong = transaction(Some("00000000-0000-0000-0000-000000000000"));
    world.sidecar.post(&at("transaction"), wrong).await.is_error(500, "ERR_STATE_TRANSACTION");
    assert_eq!((get(world, "new").await.status, get(world, "old").await.status), (204, 200));
    world.sidecar.post(&at("transaction"), transaction(None)).await.is_done();
    assert_eq!((get(world, "new").await.status, get(world, "old").await.status), (200, 204));
    let unknown = json!({ "operations": [{ "operation": "merge", "request": { "key": "a" } }] });
    let reply = world.sidecar.post(&at("transaction"), unknown).await;
    reply.is_error(400, "ERR_NOT_SUPPORTED_STATE_OPERATION");
}

#[tokio::test]
async fn wrong_stores_keys_and_bodies_are_told() {
    let world = World::get().await;
    let reply = world.sidecar.get("/v1.0/state/nowhere/a").await;
    reply.is_error_saying(400, "ERR_STATE_STORE_NOT_FOUND", "state store nowhere is not found");
    assert_eq!(reply.error_info(), ("DAPR_STATE_NOT_FOUND".to_owned(), json!({ "appID": world.names.app })));
    world.others_sidecar.get(&at("a")).await.is_error(500, "ERR_STATE_STORE_NOT_CONFIGURED");
    save(world, json!({ "key": "a" })).await.is_error(400, "ERR_MALFORMED_REQUEST");
    save(world, json!([{ "value": 1 }])).await.is_error(400, "ERR_MALFORMED_REQUEST");
    let reply = save(world, json!([{ "key": "a||b", "value": 1 }])).await;
    let message = "api error: code = InvalidArgument desc = input key/keyPrefix 'a||b' can't contain '||'";
    reply.is_error_saying(400, "ERR_MALFORMED_REQUEST", message);
    assert_eq!(reply.error_info().0, "DAPR_STATE_ILLEGAL_KEY");
    let odd = json!([{ "key": "a", "value": 1, "options": { "concurrency": "odd" } }]);
    save(world, odd).await.is_error(500, "ERR_STATE_SAVE");
    save(world, json!([])).await.is_done();
}
