//! What is told of changes: CloudEvents on the topics.

use std::collections::BTreeMap;

use serde_json::json;
use support::topics::Message;
use support::{App, User, eventually};

/// All that was published of somebody's things, by sequence; once the outbox has nothing of theirs left.
async fn published(app: &App, user: &User) -> Vec<Message> {
    eventually("the outbox is published", async || {
        let left = "select count(*) from outbox where published_at is null and user_id::text = $1";
        (app.count_of(left, &user.id).await == 0).then_some(())
    })
    .await;
    let mut published = app.messages_about(user, &["task-events", "task-updates", "reminders"]).await;
    published.sort_by_key(sequence);
    published
}

fn kind(message: &Message) -> &str {
    message.event["type"].as_str().expect("a type")
}

fn sequence(message: &Message) -> u64 {
    message.event["data"]["sequence"].as_u64().expect("a sequence")
}

fn told(published: &[Message]) -> Vec<(&str, &str)> {
    published.iter().map(|message| (message.topic.as_str(), kind(message))).collect()
}

#[tokio::test]
async fn each_change_of_a_task_is_told_on_its_topic() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.create_task(json!({ "title": "x", "tags": ["b", "a"], "priority": "High" })).await.is(201);
    ada.change_task(&task.id(), json!({ "title": "y" })).await.is(200);
    ada.complete_task(&task.id()).await.is(200);
    ada.complete_task(&task.id()).await.is(200);
    ada.reopen_task(&task.id()).await.is(200);
    ada.delete_task(&task.id()).await.is(204);
    let published = published(&app, &ada).await;
    assert_eq!(
        told(&published),
        [
            ("task-events", "task.created"),
            ("task-events", "task.updated"),
            ("task-events", "task.updated"),
            ("task-updates", "task.status_changed"),
            ("task-events", "task.updated"),
            ("task-updates", "task.status_changed"),
            ("task-events", "task.deleted"),
        ]
    );
    let sequences: Vec<u64> = published.iter().map(sequence).collect();
    assert!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");
    assert!(published.iter().all(|message| message.key == task.id()), "the task is the partition key");
}

#[tokio::test]
async fn an_event_is_a_cloud_event_with_all_that_consumers_need() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.create_task(json!({ "title": "x", "tags": ["a"] })).header("x-request-id", "r-1").await.is(201);
    ada.complete_task(&task.id()).header("x-request-id", "r-2").await.is(200);
    for (message, request) in published(&app, &ada).await.iter().zip(["r-1", "r-2", "r-2"]) {
        let Message { event, .. } = message;
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["source"], "backend");
        assert_eq!((&event["subject"], &event["data"]["task_id"]), (&json!(task.id()), &json!(task.id())));
        assert_eq!(event["datacontenttype"], "application/json");
        assert!(uuid::Uuid::try_parse(event["id"].as_str().expect("an id")).is_ok());
        let data = &event["data"];
        assert_eq!((&data["event_id"], &data["event_type"]), (&event["id"], &event["type"]));
        assert_eq!((&data["event_version"], &data["user_id"]), (&json!(1), &json!(ada.id)));
        assert_eq!(data["request_id"], request);
        let occurred_at: jiff::Timestamp = data["occurred_at"].as_str().expect("a time").parse().expect("RFC 3339");
        assert!(occurred_at <= jiff::Timestamp::now());
    }
}

#[tokio::test]
async fn created_and_updated_carry_the_whole_task() {
    let app = App::start().await;
    let ada = app.user().await;
    let made = ada
        .create_task(json!({ "title": "x", "description": "🙂 \"quoted\"", "tags": ["b", "a"], "priority": "Low" }))
        .await
        .is(201);
    let changed = ada.change_task(&made.id(), json!({ "tags": ["c"], "due_at": "2026-12-01T09:00:00Z" })).await.is(200);
    let published = published(&app, &ada).await;
    assert_eq!(published[0].event["data"]["task"], made.json);
    assert_eq!(published[1].event["data"]["task"], changed.json);
}

#[tokio::test]
async fn a_change_of_status_says_from_what_to_what() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let completed = ada.change_task(&task, json!({ "title": "y", "status": "completed" })).await.is(200);
    let published = published(&app, &ada).await;
    let data = &published[2].event["data"];
    assert_eq!((&data["previous_status"], &data["status"]), (&json!("pending"), &json!("completed")));
    assert_eq!((&data["completed_at"], &data["version"]), (&completed["completed_at"], &json!(2)));
}

#[tokio::test]
async fn what_changes_nothing_tells_nothing() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let keyed = || ada.create_task(json!({ "title": "once" })).header("idempotency-key", "k");
    keyed().await.is(201);
    keyed().await.is(201);
    ada.change_task(&task, json!({})).await.is(200);
    ada.reopen_task(&task).await.is(200);
    ada.change_task(&task, json!({ "title": "y" })).header("if-match", "\"9\"").await.is(412);
    ada.change_task(&task, json!({ "title": "" })).await.is(422);
    ada.create_task(json!({})).await.is(422);
    ada.tasks().await.is(200);
    assert_eq!(told(&published(&app, &ada).await), [("task-events", "task.created"); 2]);
}

#[tokio::test]
async fn bulk_changes_tag_changes_and_imports_tell_of_each_task() {
    let app = App::start().await;
    let ada = app.user().await;
    let import =
        json!({ "tasks": [{ "title": "a", "tags": ["t"] }, { "title": "b", "tags": ["t"] }, { "title": "c" }] });
    ada.import("application/json", import.to_string()).await.is(200);
    let ids = ada.tasks().await.pick("tasks", "id");
    ada.change_tasks(json!({ "ids": ids, "action": "complete" })).await.is(200);
    let tag = ada.tags().await.json[0]["id"].as_str().expect("an id").to_owned();
    ada.rename_tag(&tag, "u").await.is(200);
    ada.delete_tag(&tag).await.is(204);
    ada.change_tasks(json!({ "ids": ids, "action": "delete" })).await.is(200);
    let published = published(&app, &ada).await;
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for message in &published {
        *counts.entry(kind(message)).or_default() += 1;
    }
    let expected = [("task.created", 3), ("task.deleted", 3), ("task.status_changed", 3), ("task.updated", 3 + 2 + 2)];
    assert_eq!(counts, BTreeMap::from(expected));
    let renamed = published.iter().filter(|message| message.event["data"]["task"]["tags"] == json!(["u"])).count();
    assert_eq!(renamed, 2);
}

#[tokio::test]
async fn the_events_of_a_task_reach_their_topic_in_order() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let changes: Vec<_> = (0..20)
        .map(|n| tokio::spawn(ada.change_task(&task, json!({ "title": format!("title {n}") })).into_future()))
        .collect();
    for change in changes {
        change.await.expect("an answer").is(200);
    }
    let mut published = published(&app, &ada).await;
    published.sort_by_key(|message| (message.partition, message.offset));
    assert_eq!(published.iter().map(sequence).collect::<Vec<_>>(), (1..=21).collect::<Vec<_>>());
    assert!(published.iter().all(|message| message.partition == published[0].partition));
}

#[tokio::test]
async fn each_event_is_published_once_when_nothing_fails() {
    let app = App::start().await;
    let ada = app.user().await;
    let tasks: Vec<_> =
        (0..30).map(|n| tokio::spawn(ada.create_task(json!({ "title": format!("task {n}") })).into_future())).collect();
    for task in tasks {
        task.await.expect("an answer").is(201);
    }
    assert_eq!(published(&app, &ada).await.len(), 30);
}

#[tokio::test]
async fn being_ready_registers_the_sweep() {
    let app = App::start().await;
    app.stranger().call("getReadiness").await.is(200);
    let sweep = app.job("backend", "outbox-sweep").await.expect("a job");
    assert!(sweep["schedule"].is_string(), "{sweep}");
}

#[tokio::test]
async fn the_sweep_publishes_what_was_left_and_forgets_what_is_old() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("left behind").await.id();
    published(&app, &ada).await;
    // As if whoever was to publish it had died, and a day had passed.
    app.arrange(&format!(
        "update outbox set published_at = null where user_id = '{user}';
         insert into idempotency_keys (user_id, key, request_hash, created_at)
             values ('{user}', 'old', '', now() - interval '25 hours')",
        user = ada.id
    ))
    .await;
    app.deliver("backend", "/job/outbox-sweep", "{}").await.is(204);
    let published = published(&app, &ada).await;
    assert_eq!(told(&published), [("task-events", "task.created"); 2]);
    let (first, again) = (&published[0].event, &published[1].event);
    assert_eq!((&first["id"], &first["data"]), (&again["id"], &again["data"]));
    assert!(published.iter().all(|message| message.key == task));
    let keys = "select count(*) from idempotency_keys where user_id::text = $1";
    assert_eq!(app.count_of(keys, &ada.id).await, 0);
}
