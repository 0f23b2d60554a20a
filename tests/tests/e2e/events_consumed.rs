//! `/events/task-updates` and `/job/outbox-sweep`: who may call them, and what the consumer says to an event.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::glue::{APP_API_TOKEN, DAPR_API_TOKEN};
use crate::support::{App, eventually};

#[tokio::test]
async fn notification_service_takes_note_of_each_change_of_status_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    ada.complete_task(&task).await.is(200);
    ada.reopen_task(&task).await.is(200);
    let noted = "select count(*) from processed_event_logs where event_type = 'task.status_changed'";
    eventually("both are noted", async || (app.count(noted).await == 2).then_some(())).await;
    assert_eq!(app.count("select count(*) from processed_event_logs").await, 2);
    let ids =
        "select count(*) from processed_event_logs as noted join outbox on outbox.event_id::text = noted.event_id";
    assert_eq!(app.count(ids).await, 2);
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
    let response = app.deliver("notification-service", "/events/task-updates", body).await;
    assert_eq!(response.status(), StatusCode::OK);
    serde_json::from_slice::<Value>(response.body()).expect("JSON")["status"].clone()
}

#[tokio::test]
async fn an_event_that_comes_twice_is_noted_once() {
    let app = App::start().await;
    let event = status_changed("0199a0b0-0000-7000-8000-000000000003").to_string();
    for _ in 0..3 {
        assert_eq!(verdict(&app, &event).await, "SUCCESS");
    }
    let (one, other) = tokio::join!(verdict(&app, &event), verdict(&app, &event));
    assert_eq!((one, other), (json!("SUCCESS"), json!("SUCCESS")));
    assert_eq!(app.count("select count(*) from processed_event_logs").await, 1);
    let row = &app.sql("select idempotency_key from processed_event_logs", &[]).await[0];
    let key: &str = row.get(0);
    assert_eq!(key, "notification-service-task-updates-v1:0199a0b0-0000-7000-8000-000000000003");
}

#[tokio::test]
async fn an_event_that_can_never_work_is_dropped() {
    let app = App::start().await;
    let with = |pointer: &str, value: Value| {
        let mut event = status_changed("e");
        *event.pointer_mut(pointer).expect("a place") = value;
        event.to_string()
    };
    let mut without_data = status_changed("e");
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
    assert_eq!(app.count("select count(*) from processed_event_logs").await, 0);
}

#[tokio::test]
async fn an_event_is_tried_again_while_the_database_is_away() {
    let app = App::start().await;
    app.gate().close();
    let event = status_changed("0199a0b0-0000-7000-8000-000000000004").to_string();
    assert_eq!(verdict(&app, &event).await, "RETRY");
    app.gate().open();
    eventually("the event is noted", async || (verdict(&app, &event).await == "SUCCESS").then_some(())).await;
    assert_eq!(app.count("select count(*) from processed_event_logs").await, 1);
}

#[tokio::test]
async fn what_is_dropped_goes_to_the_dead_letters() {
    let app = App::start().await;
    let sidecar = app.sidecar().expect("a sidecar");
    let mut event = status_changed("0199a0b0-0000-7000-8000-000000000005");
    event["data"]["event_version"] = json!(99);
    let request = http::Request::post("/v1.0/publish/pubsub-kafka/task-updates?metadata.partitionKey=k")
        .header("content-type", "application/cloudevents+json")
        .header("dapr-api-token", DAPR_API_TOKEN)
        .body(bytes::Bytes::from(event.to_string()))
        .expect("a request");
    assert!(sidecar.handle("backend", request).await.status().is_success());
    eventually("it lies with the dead letters", async || {
        (app.count("select count(*) from dapr.messages where topic = 'task-updates-dead-letter'").await == 1)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn only_the_sidecar_may_deliver_events_and_jobs() {
    let app = App::start().await;
    let event = status_changed("0199a0b0-0000-7000-8000-000000000006").to_string();
    for path in ["/events/task-updates", "/job/outbox-sweep"] {
        let call = || app.stranger().elsewhere(Method::POST, path).body("application/cloudevents+json", event.clone());
        for refused in [
            call(),
            call().header("dapr-api-token", ""),
            call().header("dapr-api-token", "a guess"),
            call().header("dapr-api-token", DAPR_API_TOKEN),
            call().header("dapr-api-token", APP_API_TOKEN).header("dapr-caller-app-id", "backend"),
            call().header("dapr-api-token", APP_API_TOKEN).header("dapr-caller-app-id", ""),
            call().header("authorization", &format!("Bearer {APP_API_TOKEN}")),
        ] {
            let reply = refused.await.is(401);
            assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
        }
        let sidecar = call().header("dapr-api-token", APP_API_TOKEN).await;
        assert!(sidecar.status.is_success(), "{path}: {}", sidecar.text());
        app.stranger().elsewhere(Method::GET, path).header("dapr-api-token", APP_API_TOKEN).await.is(405);
    }
    assert_eq!(app.count("select count(*) from processed_event_logs").await, 1);
}
