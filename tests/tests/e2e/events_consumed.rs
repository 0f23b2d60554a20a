//! `/events/task-updates` and `/job/outbox-sweep`: who may call them, and what the consumer says to an event.

use http::Method;
use serde_json::{Value, json};
use support::people::new_id;
use support::{App, eventually};

/// Of an event, by its id.
const NOTED: &str = "select count(*) from processed_event_logs where event_id = $1";

#[tokio::test]
async fn notification_service_takes_note_of_each_change_of_status_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    ada.complete_task(&task).await.is(200);
    ada.reopen_task(&task).await.is(200);
    let noted = "select array_agg(noted.event_type) from processed_event_logs as noted
        join outbox on outbox.event_id::text = noted.event_id where user_id::text = $1";
    let noted = async || app.sql(noted, &[&ada.id]).await[0].get::<_, Option<Vec<String>>>(0).unwrap_or_default();
    eventually("both are noted", async || (noted().await.len() >= 2).then_some(())).await;
    assert_eq!(noted().await, ["task.status_changed"; 2]);
}

fn status_changed(id: &str) -> Value {
    let task = "0199a0b0-0000-7000-8000-000000000001";
    json!({
        "specversion": "1.0", "id": id, "source": "backend", "type": "task.status_changed", "subject": task,
        "time": "2026-11-21T09:00:00Z", "datacontenttype": "application/json",
        "data": {
            "event_id": id, "event_type": "task.status_changed", "event_version": 1, "task_id": task,
            "user_id": "0199a0b0-0000-7000-8000-000000000002", "occurred_at": "2026-11-21T09:00:00Z",
            "request_id": "r", "sequence": 7, "previous_status": "pending", "status": "completed",
            "title": "x", "completed_at": "2026-11-21T09:00:00Z", "version": 2,
        },
    })
}

/// What the consumer says to an event.
async fn verdict(app: &App, body: &str) -> Value {
    app.verdict("notification-service", "/events/task-updates", body).await
}

#[tokio::test]
async fn an_event_that_comes_twice_is_noted_once() {
    let app = App::start().await;
    let id = new_id();
    let event = status_changed(&id).to_string();
    for _ in 0..3 {
        assert_eq!(verdict(&app, &event).await, "SUCCESS");
    }
    let (one, other) = tokio::join!(verdict(&app, &event), verdict(&app, &event));
    assert_eq!((one, other), (json!("SUCCESS"), json!("SUCCESS")));
    let rows = app.sql("select idempotency_key from processed_event_logs where event_id = $1", &[&id]).await;
    let keys: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(keys, [format!("notification-service-task-updates-v1:{id}")]);
}

#[tokio::test]
async fn an_event_that_can_never_work_is_dropped() {
    let app = App::start().await;
    let id = new_id();
    let with = |pointer: &str, value: Value| {
        let mut event = status_changed(&id);
        *event.pointer_mut(pointer).expect("a place") = value;
        event.to_string()
    };
    let mut without_data = status_changed(&id);
    without_data.as_object_mut().expect("an object").remove("data");
    let hopeless = [
        "not json".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        without_data.to_string(),
        with("/specversion", json!("0.3")),
        with("/type", json!("task.exploded")),
        with("/data/event_version", json!(2)),
        with("/data/occurred_at", json!("yesterday")),
        with("/data", json!("text")),
    ];
    for event in hopeless {
        assert_eq!(verdict(&app, &event).await, "DROP", "{event}");
    }
    assert_eq!(app.count_of(NOTED, &id).await, 0);
}

#[tokio::test]
async fn an_event_is_tried_again_while_the_database_is_away() {
    let app = App::start().await;
    app.gate().close();
    let id = new_id();
    let event = status_changed(&id).to_string();
    assert_eq!(verdict(&app, &event).await, "RETRY");
    app.gate().open();
    eventually("the event is noted", async || (verdict(&app, &event).await == "SUCCESS").then_some(())).await;
    assert_eq!(app.count_of(NOTED, &id).await, 1);
}

#[tokio::test]
async fn what_is_dropped_goes_to_the_dead_letters() {
    let app = App::start().await;
    let id = new_id();
    let mut event = status_changed(&id);
    event["data"]["event_version"] = json!(99);
    let path = "/v1.0/publish/pubsub-kafka/task-updates?metadata.partitionKey=k";
    app.ask_sidecar("backend", Method::POST, path, "application/cloudevents+json", &event.to_string()).await.is(204);
    let letters = async || {
        let all = app.messages("task-updates-dead-letter").await.into_iter();
        all.filter(|message| message.event["id"] == id.as_str()).collect::<Vec<_>>()
    };
    eventually("it lies with the dead letters", async || (!letters().await.is_empty()).then_some(())).await;
    let letters = letters().await;
    assert_eq!((letters.len(), &letters[0].event["data"]), (1, &event["data"]));
}

#[tokio::test]
async fn only_the_sidecar_may_deliver_events_and_jobs() {
    let app = App::start().await;
    let id = new_id();
    let event = status_changed(&id).to_string();
    for (service, path) in [("notification-service", "/events/task-updates"), ("backend", "/job/outbox-sweep")] {
        let call =
            || app.intruder(service).elsewhere(Method::POST, path).body("application/cloudevents+json", event.clone());
        for refused in [
            call(),
            call().header("dapr-api-token", ""),
            call().header("dapr-api-token", "a guess"),
            call().header("dapr-api-token", app.dapr_api_token()),
            call().header("dapr-api-token", app.app_api_token()).header("dapr-caller-app-id", "backend"),
            call().header("dapr-api-token", app.app_api_token()).header("dapr-caller-app-id", ""),
            call().header("authorization", &format!("Bearer {}", app.app_api_token())),
        ] {
            let reply = refused.await.is(401);
            assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
        }
        let sidecar = call().header("dapr-api-token", app.app_api_token()).await;
        assert!(sidecar.status.is_success(), "{path}: {}", sidecar.text());
        app.intruder(service).elsewhere(Method::GET, path).header("dapr-api-token", app.app_api_token()).await.is(405);
    }
    assert_eq!(app.count_of(NOTED, &id).await, 1);
}
