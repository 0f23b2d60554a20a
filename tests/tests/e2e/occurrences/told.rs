//! Events of series, which have their jobs set: in whatever order they come, and what is said to those that lack something.

use serde_json::{Value, json};
use support::people::new_id;
use support::{App, eventually};

use super::job_of;

/// An event of a series that nobody has.
fn scheduled(task: &str, sequence: i64, at: &str) -> Value {
    let id = format!("{task}-{sequence}");
    json!({
        "specversion": "1.0", "id": id, "source": "backend", "type": "recurring.scheduled", "subject": task,
        "time": "2026-11-21T09:00:00Z", "datacontenttype": "application/json",
        "data": {
            "event_id": id, "event_type": "recurring.scheduled", "event_version": 1, "task_id": task,
            "user_id": "0199a0b0-0000-7000-8000-000000000002", "occurred_at": "2026-11-21T09:00:00Z",
            "request_id": "r", "sequence": sequence, "rrule": "FREQ=DAILY", "timezone_iana": "UTC",
            "next_occurrence_at": at, "ends": { "type": "never" },
        },
    })
}

fn cancelled(task: &str, sequence: i64) -> Value {
    let mut event = scheduled(task, sequence, "2050-01-01T09:00:00Z");
    event["type"] = json!("recurring.cancelled");
    event
}

/// What the consumer says to an event.
async fn verdict(app: &App, event: &Value) -> Value {
    app.verdict("recurring-service", "/events/task-events", &event.to_string()).await
}

#[tokio::test]
async fn events_of_a_series_in_whatever_order_leave_what_the_newest_says() {
    let app = App::start().await;
    let task = new_id();
    let due = async || job_of(&app, &task).await.map(|(due, _)| due.to_string());
    let (first, third) = (scheduled(&task, 1, "2050-01-01T09:00:00Z"), scheduled(&task, 3, "2050-01-03T09:00:00Z"));
    for event in [&third, &first, &third] {
        assert_eq!(verdict(&app, event).await, "SUCCESS");
        assert_eq!(due().await.as_deref(), Some("2050-01-03T09:00:00Z"));
    }
    assert_eq!(verdict(&app, &cancelled(&task, 2)).await, "SUCCESS");
    assert!(due().await.is_some(), "an older event is no news");
    assert_eq!(verdict(&app, &cancelled(&task, 4)).await, "SUCCESS");
    assert_eq!(verdict(&app, &third).await, "SUCCESS");
    assert!(due().await.is_none());
    let noted = "select count(*) from processed_event_logs where consumer is not null and event_id like $1 || '-%'";
    assert_eq!(app.count_of(noted, &task).await, 2);
    assert!(app.job("recurring-service", "occurrences-reconcile").await.is_some());
}

#[tokio::test]
async fn an_event_that_says_too_little_is_dropped_and_one_of_a_task_passed_over() {
    let app = App::start().await;
    let task = new_id();
    let mut of_a_task = scheduled(&task, 1, "2050-01-01T09:00:00Z");
    of_a_task["type"] = json!("task.created");
    assert_eq!(verdict(&app, &of_a_task).await, "SUCCESS");
    for field in ["task_id", "user_id", "sequence", "event_version"] {
        let mut event = scheduled(&task, 1, "2050-01-01T09:00:00Z");
        event["data"].as_object_mut().expect("an object").remove(field);
        assert_eq!(verdict(&app, &event).await, "DROP", "{field}");
    }
    assert_eq!(verdict(&app, &scheduled(&task, 1, "tomorrow")).await, "DROP");
    assert!(job_of(&app, &task).await.is_none());
}

#[tokio::test]
async fn an_event_is_tried_again_while_the_sidecar_or_the_database_is_away() {
    let app = App::start().await;
    let task = new_id();
    let event = scheduled(&task, 1, "2050-01-01T09:00:00Z");
    app.kill_sidecar();
    assert_eq!(verdict(&app, &event).await, "RETRY");
    app.start_sidecar().await;
    app.gate().close();
    assert_eq!(verdict(&app, &event).await, "RETRY");
    app.gate().open();
    eventually("it is dealt with", async || (verdict(&app, &event).await == "SUCCESS").then_some(())).await;
    assert!(job_of(&app, &task).await.is_some());
}
