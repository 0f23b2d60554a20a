//! `/api/reminders`; what happens at their times is in `reminders/`.

mod chaos;
mod due;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use support::{App, Reply, User, eventually};

const NOBODYS: &str = "0199a0b0-0000-7000-8000-000000000000";

/// So many minutes from now, to the second.
fn in_minutes(minutes: i64) -> Timestamp {
    let now = Timestamp::from_second(Timestamp::now().as_second()).expect("the present");
    now + SignedDuration::from_mins(minutes)
}

/// As the API writes it.
fn shown(at: Timestamp) -> Value {
    json!(format!("{at:.6}"))
}

async fn task_due(user: &User, due: Timestamp) -> String {
    user.create_task(json!({ "title": "Pay rent", "due_at": due.to_string() })).await.is(201).id()
}

/// A reminder of a task at a time; its id.
async fn remind(user: &User, task: &str, at: Timestamp) -> String {
    user.create_reminder(json!({ "task_id": task, "scheduled_for": at.to_string() })).await.is(201).id()
}

/// Waits until a reminder stands so.
async fn stands(user: &User, id: &str, status: &str) -> Reply {
    eventually(&format!("the reminder is {status}"), async || {
        let reminder = user.reminder(id).await.is(200);
        (reminder["status"] == status).then_some(reminder)
    })
    .await
}

/// A reminder that was sent.
async fn sent(user: &User, task: &str) -> String {
    let id = remind(user, task, Timestamp::now() + SignedDuration::from_secs(1)).await;
    stands(user, &id, "sent").await;
    id
}

#[tokio::test]
async fn a_reminder_at_a_time_is_made_shown_and_called_off() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = task_due(&ada, in_minutes(60)).await;
    let at = in_minutes(30);
    let body = json!({ "task_id": task, "scheduled_for": at.to_string(), "reminder_type": "in_app" });
    let made = ada.create_reminder(body).await.is(201);
    assert_eq!((&made["task_id"], &made["task_instance_id"]), (&json!(task), &Value::Null));
    assert_eq!((&made["scheduled_for"], &made["minutes_before"]), (&shown(at), &Value::Null));
    assert_eq!((&made["status"], &made["sent_at"]), (&json!("pending"), &Value::Null));
    assert_eq!(made.header("location"), format!("/api/reminders/{}", made.id()));
    assert_eq!(ada.reminder(&made.id()).await.is(200).json, made.json);

    ada.cancel_reminder(&made.id()).await.is(204);
    ada.cancel_reminder(&made.id()).await.is(204);
    let off = ada.reminder(&made.id()).await.is(200);
    assert_eq!((&off["status"], &off["cancel_reason"]), (&json!("cancelled"), &json!("user")));
    ada.snooze_reminder(&made.id(), json!({ "minutes": 5 })).await.is(409);
}

#[tokio::test]
async fn a_reminder_before_the_due_time_follows_it() {
    let app = App::start().await;
    let ada = app.user().await;
    let due = in_minutes(60);
    let task = task_due(&ada, due).await;
    let made = ada.create_reminder(json!({ "task_id": task, "minutes_before": 15 })).await.is(201);
    assert_eq!(made["scheduled_for"], shown(due - SignedDuration::from_mins(15)));
    let moved = due + SignedDuration::from_hours(24);
    ada.change_task(&task, json!({ "due_at": moved.to_string() })).await.is(200);
    let following = ada.reminder(&made.id()).await.is(200);
    assert_eq!(following["scheduled_for"], shown(moved - SignedDuration::from_mins(15)));
    ada.change_task(&task, json!({ "due_at": null })).await.is(200);
    let off = ada.reminder(&made.id()).await.is(200);
    assert_eq!((&off["status"], &off["cancel_reason"]), (&json!("cancelled"), &json!("no_due_time")));
}

#[tokio::test]
async fn what_is_wrong_with_a_reminder_is_named() {
    let app = App::start().await;
    let ada = app.user().await;
    let (task, undated) = (task_due(&ada, in_minutes(60)).await, ada.new_task("Some day").await.id());
    let at = in_minutes(30).to_string();
    for (body, wrong) in [
        (json!({}), vec!["task_id", "scheduled_for"]),
        (json!({ "task_id": task, "task_instance_id": NOBODYS, "scheduled_for": at }), vec!["task_instance_id"]),
        (json!({ "task_id": task, "scheduled_for": at, "minutes_before": 5 }), vec!["minutes_before"]),
        (json!({ "task_id": "7", "scheduled_for": at }), vec!["task_id"]),
        (json!({ "task_id": task, "scheduled_for": "tomorrow" }), vec!["scheduled_for"]),
        (json!({ "task_id": task, "scheduled_for": in_minutes(-1).to_string() }), vec!["scheduled_for"]),
        (json!({ "task_id": task, "minutes_before": 90 }), vec!["minutes_before"]),
        (json!({ "task_id": task, "minutes_before": 40_321 }), vec!["minutes_before"]),
        (json!({ "task_id": task, "minutes_before": -5 }), vec!["minutes_before"]),
        (json!({ "task_id": undated, "minutes_before": 5 }), vec!["minutes_before"]),
        (json!({ "task_id": task, "scheduled_for": at, "reminder_type": "pigeon" }), vec!["reminder_type"]),
        (json!({ "task_id": task, "scheduled_for": at, "colour": "red" }), vec!["colour"]),
    ] {
        let refused = ada.create_reminder(body.clone()).await.is(422);
        assert_eq!(refused.wrong_fields(), wrong, "{body}");
    }
    let without_due = ada.create_reminder(json!({ "task_id": undated, "minutes_before": 5 })).await.is(422);
    assert!(without_due.text().contains("due_at"), "it says what to do: {}", without_due.text());
    for (name, value) in [("status", "done"), ("task_id", "7"), ("page", "0")] {
        assert_eq!(ada.reminders().query(name, value).await.is(422).wrong_fields(), [name]);
    }
}

#[tokio::test]
async fn nobody_is_reminded_of_what_is_completed_or_more_than_fifty_times() {
    let app = App::start().await;
    let ada = app.user().await;
    let (done, full) = (task_due(&ada, in_minutes(60)).await, task_due(&ada, in_minutes(60)).await);
    let waits = remind(&ada, &done, in_minutes(30)).await;
    ada.complete_task(&done).await.is(200);
    ada.create_reminder(json!({ "task_id": done, "minutes_before": 5 })).await.is(409);
    ada.snooze_reminder(&waits, json!({ "minutes": 5 })).await.is(409);
    for _ in 0..50 {
        remind(&ada, &full, in_minutes(30)).await;
    }
    ada.create_reminder(json!({ "task_id": full, "minutes_before": 5 })).await.is(409);
}

#[tokio::test]
async fn other_peoples_things_and_reminders_read_as_absent() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let task = task_due(&ada, in_minutes(60)).await;
    let id = remind(&ada, &task, in_minutes(30)).await;
    let at = in_minutes(30).to_string();
    for (name, thing) in [("task_id", task.as_str()), ("task_id", NOBODYS), ("task_instance_id", NOBODYS)] {
        eve.create_reminder(json!({ name: thing, "scheduled_for": at })).await.is(404);
    }
    for id in [id.as_str(), NOBODYS, "7"] {
        eve.reminder(id).await.is(404);
        eve.cancel_reminder(id).await.is(404);
        eve.snooze_reminder(id, json!({ "minutes": 5 })).await.is(404);
    }
    assert_eq!(eve.reminders().await.is(200)["total"], 0);
    assert_eq!(eve.reminders().query("task_id", &task).await.is(200)["total"], 0);
    assert_eq!(ada.reminder(&id).await.is(200)["status"], "pending");
}

#[tokio::test]
async fn the_same_request_makes_one_reminder() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = task_due(&ada, in_minutes(60)).await;
    let body = json!({ "task_id": task, "minutes_before": 15 });
    let make = async |body: &Value| ada.create_reminder(body.clone()).header("idempotency-key", "once").await;
    let (first, again) = (make(&body).await.is(201), make(&body).await.is(201));
    assert_eq!((&first.json, first.header("location")), (&again.json, again.header("location")));
    let other = make(&json!({ "task_id": task, "minutes_before": 16 })).await.is(422);
    assert_eq!(other.wrong_fields(), ["Idempotency-Key"]);
    assert_eq!(ada.reminders().await.is(200)["total"], 1);
}

#[tokio::test]
async fn reminders_are_listed_by_time_status_and_task_page_by_page() {
    let app = App::start().await;
    let ada = app.user().await;
    let (one, two) = (task_due(&ada, in_minutes(90)).await, task_due(&ada, in_minutes(90)).await);
    let last = remind(&ada, &one, in_minutes(50)).await;
    let first = remind(&ada, &two, in_minutes(30)).await;
    let off = remind(&ada, &one, in_minutes(40)).await;
    ada.cancel_reminder(&off).await.is(204);
    let ids = |page: &Reply| {
        let all = page["reminders"].as_array().expect("reminders").iter();
        all.map(|reminder| reminder["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let list = async |query: &[(&str, &str)]| {
        let call = query.iter().fold(ada.reminders(), |call, (name, value)| call.query(name, value));
        ids(&call.await.is(200))
    };
    assert_eq!(list(&[]).await, [first.clone(), off.clone(), last.clone()]);
    assert_eq!(list(&[("task_id", &one)]).await, [off.clone(), last.clone()]);
    assert_eq!(list(&[("task_id", &one), ("status", "pending")]).await, std::slice::from_ref(&last));
    assert_eq!(list(&[("status", "pending"), ("status", "cancelled")]).await.len(), 3);
    let page = ada.reminders().query("page", "2").query("page_size", "2").await.is(200);
    assert_eq!((ids(&page), &page["total"], &page["page"]), (vec![last], &json!(3), &json!(2)));
}

#[tokio::test]
async fn what_was_sent_is_not_called_off_but_put_off() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = task_due(&ada, in_minutes(60)).await;
    let id = sent(&ada, &task).await;
    ada.cancel_reminder(&id).await.is(409);
    let until = in_minutes(45);
    let waits = ada.snooze_reminder(&id, json!({ "until": until.to_string() })).await.is(200);
    assert_eq!((&waits["status"], &waits["scheduled_for"]), (&json!("pending"), &shown(until)));
    let before = Timestamp::now();
    let waits = ada.snooze_reminder(&id, json!({ "minutes": 10 })).await.is(200);
    let at: Timestamp = waits["scheduled_for"].as_str().expect("a time").parse().expect("a time");
    let off_by = at.duration_since(before + SignedDuration::from_mins(10)).abs();
    assert!(off_by < SignedDuration::from_mins(1), "{off_by}");
    for (body, wrong) in [
        (json!({}), "minutes"),
        (json!({ "minutes": 5, "until": in_minutes(5).to_string() }), "until"),
        (json!({ "minutes": 0 }), "minutes"),
        (json!({ "minutes": 40_321 }), "minutes"),
        (json!({ "until": in_minutes(-5).to_string() }), "until"),
    ] {
        assert_eq!(ada.snooze_reminder(&id, body.clone()).await.is(422).wrong_fields(), [wrong], "{body}");
    }
}

#[tokio::test]
async fn a_series_has_a_reminder_for_each_occurrence_if_it_says_so() {
    let app = App::start().await;
    let ada = app.user().await;
    let body = json!({
        "title": "Water the plants", "rrule": "FREQ=DAILY", "timezone_iana": "UTC", "starts_at": "2030-01-01T09:00:00",
        "reminder_minutes_before": 30,
    });
    let series = ada.create_recurring_task(body).await.is(201);
    assert_eq!(series["reminder_minutes_before"], 30);
    let task = series["task_id"].as_str().expect("an id").to_owned();
    let planned = async || {
        let page = ada.reminders().query("task_id", &task).query("status", "pending").await.is(200);
        page["reminders"]
            .as_array()
            .expect("reminders")
            .iter()
            .map(|one| one["scheduled_for"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(planned().await, ["2030-01-01T08:30:00.000000Z"]);
    let changed = ada.change_recurring_task(&task, json!({ "reminder_minutes_before": 0 })).await.is(200);
    assert_eq!(changed["reminder_minutes_before"], 0);
    assert_eq!(planned().await, ["2030-01-01T09:00:00.000000Z"]);
    let changed = ada.change_recurring_task(&task, json!({ "title": "Water them" })).await.is(200);
    assert_eq!(changed["reminder_minutes_before"], 0);
    for wrong in [json!(-1), json!(40_321), json!("5"), json!(1.5)] {
        let refused = ada.change_recurring_task(&task, json!({ "reminder_minutes_before": wrong })).await.is(422);
        assert_eq!(refused.wrong_fields(), ["reminder_minutes_before"], "{wrong}");
    }
    let changed = ada.change_recurring_task(&task, json!({ "reminder_minutes_before": null })).await.is(200);
    assert_eq!(changed["reminder_minutes_before"], Value::Null);
    assert!(planned().await.is_empty());
}
