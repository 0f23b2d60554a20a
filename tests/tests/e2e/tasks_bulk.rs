//! `POST /api/tasks/bulk`: several tasks, all or none.

use serde_json::{Value, json};
use support::{App, User};

async fn three(user: &User) -> Vec<String> {
    let mut ids = Vec::new();
    for title in ["one", "two", "three"] {
        ids.push(user.create_task(json!({ "title": title, "tags": ["old"] })).await.is(201).id());
    }
    ids
}

async fn versions(user: &User, ids: &[String]) -> Vec<Value> {
    let mut versions = Vec::new();
    for id in ids {
        versions.push(user.task(id).await.is(200)["version"].clone());
    }
    versions
}

#[tokio::test]
async fn several_tasks_are_completed_and_reopened_at_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let ids = three(&ada).await;
    ada.complete_task(&ids[1]).await.is(200);
    let done = ada.change_tasks(json!({ "ids": ids, "action": "complete" })).await.is(200);
    assert_eq!(done["updated"], 2);
    assert_eq!(done.pick("tasks", "id"), ids);
    assert_eq!(done.pick("tasks", "status"), ["completed"; 3]);
    assert_eq!(done.pick("tasks", "version"), ["2"; 3]);
    let reopened = ada.change_tasks(json!({ "ids": ids, "action": "reopen" })).await.is(200);
    assert_eq!((&reopened["updated"], reopened.pick("tasks", "completed_at")), (&json!(3), vec!["null".to_owned(); 3]));
    for (index, id) in ids.iter().enumerate() {
        assert_eq!(ada.task(id).await.json, reopened["tasks"][index]);
    }
}

#[tokio::test]
async fn several_tasks_get_a_priority_at_once_and_keep_their_tags() {
    let app = App::start().await;
    let ada = app.user().await;
    let ids = three(&ada).await;
    let changed = ada.change_tasks(json!({ "ids": ids, "action": "set_priority", "priority": "High" })).await.is(200);
    assert_eq!((&changed["updated"], changed.pick("tasks", "priority")), (&json!(3), vec!["High".to_owned(); 3]));
    assert_eq!(changed["tasks"][0]["tags"], json!(["old"]));
    let again = ada.change_tasks(json!({ "ids": ids, "action": "set_priority", "priority": "High" })).await.is(200);
    assert_eq!((&again["updated"], &again["tasks"]), (&json!(0), &changed["tasks"]));
}

#[tokio::test]
async fn tags_are_added_to_and_removed_from_several_tasks() {
    let app = App::start().await;
    let ada = app.user().await;
    let ids = three(&ada).await;
    let added = ada.change_tasks(json!({ "ids": ids, "action": "add_tags", "tags": [" New ", "old"] })).await.is(200);
    assert_eq!(added["tasks"][2]["tags"], json!(["new", "old"]));
    let removed =
        ada.change_tasks(json!({ "ids": ids[..2], "action": "remove_tags", "tags": ["old", "never"] })).await.is(200);
    assert_eq!((&removed["updated"], &removed["tasks"][0]["tags"]), (&json!(2), &json!(["new"])));
    assert_eq!(ada.task(&ids[2]).await["tags"], json!(["new", "old"]));
}

#[tokio::test]
async fn several_tasks_are_deleted_at_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let ids = three(&ada).await;
    let deleted = ada.change_tasks(json!({ "ids": ids[..2], "action": "delete" })).await.is(200);
    assert_eq!(deleted.json, json!({ "updated": 2, "tasks": [] }));
    assert_eq!(ada.tasks().await.pick("tasks", "id"), ids[2..]);
}

#[tokio::test]
async fn nothing_changes_when_one_of_the_tasks_is_absent_or_somebody_elses() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let mut ids = three(&ada).await;
    let hers = eve.new_task("hers").await.id();
    for other in [hers.as_str(), "0199a0b0-0000-7000-8000-000000000000"] {
        ids.truncate(3);
        ids.push(other.to_owned());
        for action in [
            json!({ "action": "complete" }),
            json!({ "action": "delete" }),
            json!({ "action": "set_priority", "priority": "Low" }),
            json!({ "action": "add_tags", "tags": ["x"] }),
            json!({ "action": "remove_tags", "tags": ["old"] }),
        ] {
            let mut body = action;
            body["ids"] = json!(ids);
            ada.change_tasks(body).await.is(404);
        }
    }
    ids.truncate(3);
    assert_eq!(versions(&ada, &ids).await, [1, 1, 1]);
    assert_eq!(eve.task(&hers).await["version"], 1);
    for (user, made) in [(&ada, 3), (&eve, 1)] {
        assert_eq!(app.kinds_told(user).await, vec!["task.created"; made]);
    }
}

#[tokio::test]
async fn nothing_changes_when_one_task_would_get_too_many_tags() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut ids = three(&ada).await;
    let full: Vec<String> = (0..20).map(|n| format!("tag {n}")).collect();
    ids.push(ada.create_task(json!({ "title": "full", "tags": full })).await.is(201).id());
    let refused = ada.change_tasks(json!({ "ids": ids, "action": "add_tags", "tags": ["one more"] })).await;
    assert_eq!(refused.wrong_fields(), ["tags"]);
    assert_eq!(versions(&ada, &ids).await, [1, 1, 1, 1]);
}

#[tokio::test]
async fn what_can_not_be_asked_of_several_tasks_is_named() {
    let app = App::start().await;
    let ada = app.user().await;
    let ids = three(&ada).await;
    let refused: [(Value, &[&str]); 13] = [
        (json!({}), &["ids", "action"]),
        (json!({ "ids": [], "action": "complete" }), &["ids"]),
        (json!({ "ids": "all", "action": "complete" }), &["ids"]),
        (json!({ "ids": [ids[0], ids[0]], "action": "complete" }), &["ids"]),
        (json!({ "ids": ["x"], "action": "complete" }), &["ids.0"]),
        (json!({ "ids": ids, "action": "archive" }), &["action"]),
        (json!({ "ids": ids, "action": "set_priority" }), &["priority"]),
        (json!({ "ids": ids, "action": "set_priority", "priority": "top" }), &["priority"]),
        (json!({ "ids": ids, "action": "add_tags" }), &["tags"]),
        (json!({ "ids": ids, "action": "add_tags", "tags": [] }), &["tags"]),
        (json!({ "ids": ids, "action": "remove_tags", "tags": ["a,b"] }), &["tags.0"]),
        (json!({ "ids": ids, "action": "complete", "priority": "High" }), &["priority"]),
        (json!({ "ids": ids, "action": "delete", "force": true }), &["force"]),
    ];
    for (body, fields) in refused {
        let named = ada.change_tasks(body.clone()).await.wrong_fields();
        assert_eq!(
            named.iter().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
            fields.iter().copied().collect(),
            "{body}"
        );
    }
    assert_eq!(versions(&ada, &ids).await, [1, 1, 1]);
}

#[tokio::test]
async fn a_hundred_tasks_are_the_most_at_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let tasks: Vec<Value> = (0..101).map(|n| json!({ "title": format!("task {n}") })).collect();
    ada.import("application/json", json!({ "tasks": tasks }).to_string()).await.is(200);
    let mut ids = ada.tasks().query("page_size", "100").await.pick("tasks", "id");
    assert_eq!(ada.change_tasks(json!({ "ids": ids, "action": "complete" })).await.is(200)["updated"], 100);
    ids.extend(ada.tasks().query("page_size", "100").query("page", "2").await.pick("tasks", "id"));
    assert_eq!(ada.change_tasks(json!({ "ids": ids, "action": "reopen" })).await.wrong_fields(), ["ids"]);
}

#[tokio::test]
async fn a_request_for_several_tasks_must_be_signed_and_readable() {
    let app = App::start().await;
    let ada = app.user().await;
    let bulk = |body: &'static str| ada.change_tasks(Value::Null).body("application/json", body);
    app.stranger().change_tasks(json!({})).await.is(401);
    bulk("{").await.is(400);
    bulk("[]").await.is(422);
    bulk("{}").header("content-type", "text/plain").await.is(415);
    ada.change_tasks(Value::Null).body("application/json", vec![b' '; 64 * 1024 + 1]).await.is(413);
}

#[tokio::test]
async fn changing_the_same_tasks_in_another_order_at_once_harms_nobody() {
    let app = App::start().await;
    let ada = app.user().await;
    let ids = three(&ada).await;
    let backwards: Vec<&String> = ids.iter().rev().collect();
    for _ in 0..5 {
        let (one, other) = tokio::join!(
            ada.change_tasks(json!({ "ids": ids, "action": "complete" })).into_future(),
            ada.change_tasks(json!({ "ids": backwards, "action": "reopen" })).into_future(),
        );
        one.is(200);
        other.is(200);
    }
}
