//! `Idempotency-Key`: a task that is asked for twice is made once.

use serde_json::json;
use support::App;

#[tokio::test]
async fn the_same_idempotency_key_gives_the_first_reply_again() {
    let app = App::start().await;
    let ada = app.user().await;
    let create = |title: &str, key: &str| ada.create_task(json!({ "title": title })).header("idempotency-key", key);
    let first = create("once", "key 1").await.is(201);
    let again = create("once", "key 1").await.is(201);
    assert_eq!(again.json, first.json);
    assert_eq!(again.header("location"), first.header("location"));
    assert_ne!(create("once", "key 2").await.is(201).id(), first.id());
    assert_eq!(create("twice", "key 1").await.wrong_fields(), ["Idempotency-Key"]);
    assert_eq!(ada.tasks().await["total"], 2);
}

#[tokio::test]
async fn the_first_reply_comes_again_even_when_the_task_has_changed_or_is_gone() {
    let app = App::start().await;
    let ada = app.user().await;
    let create = || ada.create_task(json!({ "title": "once" })).header("idempotency-key", "k");
    let first = create().await.is(201);
    ada.change_task(&first.id(), json!({ "title": "other" })).await.is(200);
    assert_eq!(create().await.is(201).json, first.json);
    ada.delete_task(&first.id()).await.is(204);
    assert_eq!(create().await.is(201).json, first.json);
    assert_eq!(ada.tasks().await["total"], 0);
}

#[tokio::test]
async fn requests_with_one_idempotency_key_at_once_make_one_task() {
    let app = App::start().await;
    let ada = app.user().await;
    let create =
        || tokio::spawn(ada.create_task(json!({ "title": "once" })).header("idempotency-key", "k").into_future());
    let calls: Vec<_> = (0..8).map(|_| create()).collect();
    let mut ids = Vec::new();
    for call in calls {
        ids.push(call.await.expect("an answer").is(201).id());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(ada.tasks().await["total"], 1);
    assert_eq!(app.kinds_told(&ada).await, ["task.created"]);
}

#[tokio::test]
async fn an_idempotency_key_is_its_users_own() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let first = ada.create_task(json!({ "title": "secret" })).header("idempotency-key", "k").await.is(201);
    let other = eve.create_task(json!({ "title": "secret" })).header("idempotency-key", "k").await.is(201);
    assert_ne!(first.id(), other.id());
    assert_eq!(
        eve.create_task(json!({ "title": "x" })).header("idempotency-key", "k").await.wrong_fields(),
        ["Idempotency-Key"]
    );
}

#[tokio::test]
async fn an_idempotency_key_that_is_none_is_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    for key in ["", "  ", &"k".repeat(256), "schl\u{fc}ssel"] {
        let refused = ada.create_task(json!({ "title": "x" })).header("idempotency-key", key).await;
        assert_eq!(refused.wrong_fields(), ["Idempotency-Key"], "{key}");
    }
    ada.create_task(json!({ "title": "x" })).header("idempotency-key", &"k".repeat(255)).await.is(201);
}

#[tokio::test]
async fn a_refused_request_does_not_spend_its_idempotency_key() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.create_task(json!({ "title": "" })).header("idempotency-key", "k").await.is(422);
    ada.create_task(json!({ "title": "right" })).header("idempotency-key", "k").await.is(201);
}
