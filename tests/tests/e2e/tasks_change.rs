//! `PATCH` and `DELETE /api/tasks/{id}`, `complete` and `reopen`: what becomes of a task.

use http::Method;
use serde_json::{Value, json};
use support::App;

#[tokio::test]
async fn a_patch_changes_what_it_names_and_leaves_the_rest() {
    let app = App::start().await;
    let ada = app.user().await;
    let before = ada
        .create_task(json!({
            "title": "old", "description": "stays", "priority": "Low", "tags": ["a"], "due_at": "2026-12-01T09:00:00Z",
        }))
        .await
        .is(201);
    let after = ada.change_task(&before.id(), json!({ "title": "new", "tags": ["c", "B"] })).await.is(200);
    assert_eq!((&after["title"], &after["tags"]), (&json!("new"), &json!(["b", "c"])));
    for field in ["id", "description", "status", "priority", "due_at", "created_at", "completed_at"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(after["version"], 2);
    assert_eq!(after.header("etag"), "\"2\"");
    assert!(after["updated_at"].as_str() > before["updated_at"].as_str());
    assert_eq!(ada.task(&before.id()).await.json, after.json);
}

#[tokio::test]
async fn null_in_a_patch_clears_what_can_be_empty() {
    let app = App::start().await;
    let ada = app.user().await;
    let task =
        ada.create_task(json!({ "title": "x", "description": "y", "due_at": "2026-12-01T09:00:00Z" })).await.id();
    let cleared = ada.change_task(&task, json!({ "description": null, "due_at": null })).await.is(200);
    assert_eq!((&cleared["description"], &cleared["due_at"]), (&Value::Null, &Value::Null));
    for field in ["title", "status", "priority", "tags"] {
        assert_eq!(ada.change_task(&task, json!({ field: null })).await.wrong_fields(), [field]);
    }
    assert_eq!(ada.change_task(&task, json!({ "tags": [] })).await.is(200)["tags"], json!([]));
}

#[tokio::test]
async fn a_patch_of_nothing_changes_nothing() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("as it is").await;
    assert_eq!(ada.change_task(&task.id(), json!({})).await.is(200).json, task.json);
    ada.change_task(&task.id(), json!({})).header("if-match", "\"1\"").await.is(200);
    ada.change_task(&task.id(), json!({})).header("if-match", "\"2\"").await.is(412);
}

#[tokio::test]
async fn a_patch_may_come_as_a_merge_patch() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let patch = |media_type: &str| ada.change_task(&task, Value::Null).body(media_type, "{\"title\": \"y\"}");
    patch("application/merge-patch+json").await.is(200);
    patch("application/json-patch+json").await.is(415);
    ada.change_task(&task, Value::Null).body("application/json", "[").await.is(400);
    ada.change_task(&task, Value::Null).body("application/json", vec![b' '; 64 * 1024 + 1]).await.is(413);
}

#[tokio::test]
async fn values_that_a_patch_can_not_have_are_refused_and_nothing_changes() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await;
    let wrong = json!({ "title": "", "status": "done", "version": 7, "completed_at": "2026-12-01T09:00:00Z" });
    assert_eq!(ada.change_task(&task.id(), wrong).await.wrong_fields(), ["title", "status", "completed_at", "version"]);
    assert_eq!(ada.task(&task.id()).await.json, task.json);
}

#[tokio::test]
async fn if_match_lets_only_the_version_that_it_names_through() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let change = |tag: &str| ada.change_task(&task, json!({ "priority": "High" })).header("if-match", tag);
    change("\"1\"").await.is(200);
    for stale in ["\"1\"", "\"3\"", "2", "W/\"2\"", "\"two\"", ""] {
        assert_eq!(change(stale).await.is(412)["status"], 412, "{stale}");
    }
    assert_eq!(change("\"2\"").await.is(200)["version"], 3);
    assert_eq!(change("*").await.is(200)["version"], 4);
    ada.delete_task(&task).header("if-match", "\"3\"").await.is(412);
    ada.delete_task(&task).header("if-match", "\"4\"").await.is(204);
}

#[tokio::test]
async fn of_two_changes_of_the_same_version_one_is_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let change =
        |title: &str| ada.change_task(&task, json!({ "title": title })).header("if-match", "\"1\"").into_future();
    let (one, other) = tokio::join!(change("one"), change("other"));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(ada.task(&task).await["version"], 2);
}

#[tokio::test]
async fn a_deleted_task_is_gone() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    ada.delete_task(&task).await.is(204);
    ada.delete_task(&task).await.is(404);
    ada.task(&task).await.is(404);
    ada.complete_task(&task).await.is(404);
    assert_eq!(ada.tasks().await["total"], 0);
}

#[tokio::test]
async fn completing_twice_is_the_same_as_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let first = ada.complete_task(&task).await.is(200);
    assert_eq!((&first["status"], &first["version"]), (&json!("completed"), &json!(2)));
    assert!(first["completed_at"].is_string());
    let second = ada.complete_task(&task).await.is(200);
    assert_eq!(second.json, first.json);
    assert_eq!(second.header("etag"), "\"2\"");
}

#[tokio::test]
async fn reopening_twice_is_the_same_as_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    assert_eq!(ada.reopen_task(&task).await.is(200)["version"], 1);
    ada.complete_task(&task).await.is(200);
    let first = ada.reopen_task(&task).await.is(200);
    assert_eq!((&first["status"], &first["completed_at"]), (&json!("pending"), &Value::Null));
    assert_eq!(ada.reopen_task(&task).await.is(200).json, first.json);
}

#[tokio::test]
async fn a_task_in_progress_stays_so_when_it_is_reopened() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    ada.change_task(&task, json!({ "status": "in_progress" })).await.is(200);
    assert_eq!(ada.reopen_task(&task).await.is(200)["status"], "in_progress");
}

#[tokio::test]
async fn a_completion_time_comes_and_goes_with_the_status() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let completed = ada.change_task(&task, json!({ "status": "completed" })).await.is(200);
    assert!(completed["completed_at"].is_string());
    let renamed = ada.change_task(&task, json!({ "title": "y" })).await.is(200);
    assert_eq!(renamed["completed_at"], completed["completed_at"]);
    let reopened = ada.change_task(&task, json!({ "status": "in_progress" })).await.is(200);
    assert_eq!(reopened["completed_at"], Value::Null);
}

#[tokio::test]
async fn a_path_says_which_methods_it_takes() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let expected = [
        (ada.tasks().method(Method::PUT), "GET, POST"),
        (ada.task(&task).method(Method::PUT), "GET, PATCH, DELETE"),
        (ada.complete_task(&task).method(Method::GET), "POST"),
        (ada.reopen_task(&task).method(Method::DELETE), "POST"),
        (ada.change_tasks(json!({})).method(Method::PUT), "POST"),
    ];
    for (call, allow) in expected {
        assert_eq!(call.await.is(405).header("allow"), allow);
    }
}
