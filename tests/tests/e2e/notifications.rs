//! Notifications: a reminder that falls due is told, once, unless it is no longer to be told; the inbox at
//! `/api/notifications`; and who may ask what behind it.

mod chaos;
mod inbox;
mod internal;

use serde_json::{Value, json};
use support::people::new_id;
use support::{App, User, eventually};

const EVENTS: &str = "/events/reminders";

/// A reminder that has fallen due, and the event that tells of it, which nobody has published.
struct Fallen {
    task: String,
    reminder: String,
    event: Value,
}

/// Has a reminder of a new task fall due.
async fn fall_due(app: &App, user: &User, title: &str) -> Fallen {
    let due_at = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(30);
    let task = user.create_task(json!({ "title": title, "due_at": due_at })).await.is(201).id();
    let row = format!(
        "insert into reminders (id, user_id, task_id, subject_task_id, minutes_before, scheduled_for_utc)
         values (gen_random_uuid(), '{}', '{task}', '{task}', 30, now() + interval '1 day')",
        user.id
    );
    app.arrange(&row).await;
    fire(app, &task).await
}

/// How often somebody was told.
async fn told(app: &App, user: &User) -> i64 {
    app.count_of("select count(*) from notifications where user_id::text = $1", &user.id).await
}

/// How often an event was taken note of.
async fn noted(app: &App, event: &Value) -> i64 {
    let id = event["id"].as_str().expect("an id");
    app.count_of("select count(*) from processed_event_logs where event_id = $1", id).await
}

/// Has the one reminder of a task fall due that waits. Its event counts as published, so that it is the test that delivers it.
async fn fire(app: &App, task: &str) -> Fallen {
    app.arrange(&format!(
        "update reminders set scheduled_for_utc = now() where task_id = '{task}' and status = 'pending';
         select fire_reminders('fired', id, null, '24 hours', 1) from reminders where task_id = '{task}' and status = 'pending';
         update outbox set published_at = now() where task_id = '{task}' and event_type = 'reminder.due';
         update event_sequences set relay_until = now() where relay_until is not null
             and user_id = (select user_id from tasks where id = '{task}')"
    ))
    .await;
    let query = "select data from outbox where task_id::text = $1 and event_type = 'reminder.due' order by sequence desc limit 1";
    let data: Value = app.sql(query, &[&task]).await[0].get(0);
    let reminder = data["reminder_id"].as_str().expect("an id").to_owned();
    Fallen { task: task.to_owned(), reminder, event: as_event(data) }
}

fn as_event(data: Value) -> Value {
    json!({
        "specversion": "1.0", "id": data["event_id"], "source": "backend", "type": data["event_type"],
        "subject": data["task_id"], "time": data["occurred_at"], "datacontenttype": "application/json", "data": data,
    })
}

/// What notification-service says to an event.
async fn verdict(app: &App, event: &Value) -> Value {
    app.verdict("notification-service", EVENTS, &event.to_string()).await
}

/// The reminder's status and why it was called off.
async fn standing(app: &App, reminder: &str) -> (String, Option<String>) {
    let rows = app.sql("select status, cancel_reason from reminders where id::text = $1", &[&reminder]).await;
    (rows[0].get(0), rows[0].get(1))
}

#[tokio::test]
async fn a_reminder_that_falls_due_is_told_on_the_stream_and_lies_in_the_inbox() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut stream = ada.stream(None).await;
    assert_eq!(stream.comment().await, "connected");
    let Fallen { task, reminder, event } = fall_due(&app, &ada, "Pay rent").await;
    assert_eq!(verdict(&app, &event).await, "SUCCESS");

    let told = loop {
        let (_, name, data) = stream.event().await;
        if name == "notification.created" {
            break data["notification"].clone();
        }
    };
    let inbox = ada.notifications().await.is(200);
    assert_eq!((&inbox["notifications"], &inbox["unread"], &inbox["total"]), (&json!([told]), &json!(1), &json!(1)));
    assert_eq!(
        (&told["title"], &told["task_id"], &told["reminder_id"], &told["status"], &told["is_late"]),
        (&json!("Pay rent"), &json!(task), &json!(reminder), &json!("unread"), &json!(false))
    );
    assert!(told["body"].as_str().expect("a text").starts_with("Due "), "{told}");
    assert_eq!(ada.notification(told["id"].as_str().expect("an id")).await.is(200).json, told);
}

#[tokio::test]
async fn what_falls_due_is_published_and_told_by_the_services_alone() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("Pay rent").await.id();
    app.arrange(&format!(
        "insert into reminders (id, user_id, task_id, subject_task_id, scheduled_for_utc)
         values (gen_random_uuid(), '{user}', '{task}', '{task}', now());
         select fire_reminders('fired', id, null, '24 hours', 1) from reminders where task_id = '{task}';
         update event_sequences set relay_until = now() where user_id = '{user}' and relay_until is not null",
        user = ada.id
    ))
    .await;
    app.deliver("backend", "/job/outbox-sweep", "{}").await;
    let inbox = eventually("it is told", async || {
        let inbox = ada.notifications().await.is(200);
        (inbox["total"] == 1).then_some(inbox)
    })
    .await;
    assert_eq!(
        (&inbox["notifications"][0]["title"], &inbox["notifications"][0]["body"]),
        (&json!("Pay rent"), &json!(""))
    );
    assert_eq!(app.messages_about(&ada, &["reminders"]).await.len(), 1);
    assert!(app.messages_about(&ada, &["reminders-dead-letter"]).await.is_empty());
}

#[tokio::test]
async fn a_reminder_that_somebody_sets_is_told_when_its_time_has_come() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut stream = ada.stream(None).await;
    let task = ada.new_task("Take the bread out").await.id();
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(1);
    let reminder = ada.create_reminder(json!({ "task_id": task, "scheduled_for": at })).await.is(201);
    let told = loop {
        let (_, name, data) = stream.event().await;
        if name == "notification.created" {
            break data["notification"].clone();
        }
    };
    assert_eq!((&told["reminder_id"], &told["title"]), (&reminder["id"], &json!("Take the bread out")));
    assert_eq!(ada.reminder(&reminder.id()).await.is(200)["status"], "sent");
    let early = "select count(*) from notifications where user_id::text = $1 and delivered_at < scheduled_for";
    assert_eq!(app.count_of(early, &ada.id).await, 0);
}

#[tokio::test]
async fn an_event_that_comes_again_tells_nothing_more() {
    let app = App::start().await;
    let ada = app.user().await;
    let Fallen { mut event, .. } = fall_due(&app, &ada, "Pay rent").await;
    let (one, other) = tokio::join!(verdict(&app, &event), verdict(&app, &event));
    assert_eq!((one, other), (json!("SUCCESS"), json!("SUCCESS")));
    assert_eq!(verdict(&app, &event).await, "SUCCESS");
    assert_eq!((told(&app, &ada).await, noted(&app, &event).await), (1, 1));
    event["id"] = json!(new_id());
    assert_eq!(verdict(&app, &event).await, "SUCCESS");
    assert_eq!((told(&app, &ada).await, noted(&app, &event).await), (1, 1));
}

#[tokio::test]
async fn what_is_completed_between_falling_due_and_its_delivery_is_not_told() {
    let app = App::start().await;
    let ada = app.user().await;
    let Fallen { task, reminder, event } = fall_due(&app, &ada, "Pay rent").await;
    ada.complete_task(&task).await.is(200);
    assert_eq!(verdict(&app, &event).await, "SUCCESS");
    assert_eq!((told(&app, &ada).await, noted(&app, &event).await), (0, 1));
    assert_eq!(standing(&app, &reminder).await, ("cancelled".to_owned(), Some("done".to_owned())));
    eventually("that is told", async || {
        let query = "select count(*) from outbox
            where user_id::text = $1 and event_type = 'reminder.cancelled' and published_at is not null";
        (app.count_of(query, &ada.id).await == 1).then_some(())
    })
    .await;
    ada.reopen_task(&task).await.is(200);
    assert_eq!(verdict(&app, &event).await, "SUCCESS");
    assert_eq!(told(&app, &ada).await, 0);
}

#[tokio::test]
async fn what_is_deleted_between_falling_due_and_its_delivery_is_not_told() {
    let app = App::start().await;
    let ada = app.user().await;
    let Fallen { task, event, .. } = fall_due(&app, &ada, "Pay rent").await;
    ada.delete_task(&task).await.is(204);
    assert_eq!(verdict(&app, &event).await, "SUCCESS");
    assert_eq!((told(&app, &ada).await, noted(&app, &event).await), (0, 1));
}

#[tokio::test]
async fn of_a_reminder_that_was_moved_only_the_newest_event_tells() {
    let app = App::start().await;
    let ada = app.user().await;
    let first = fall_due(&app, &ada, "Pay rent").await;
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(9);
    ada.change_task(&first.task, json!({ "due_at": later })).await.is(200);
    assert_eq!(standing(&app, &first.reminder).await.0, "pending");
    let second = fire(&app, &first.task).await;
    for event in [&first.event, &second.event, &first.event] {
        assert_eq!(verdict(&app, event).await, "SUCCESS");
    }
    assert_eq!((noted(&app, &first.event).await, noted(&app, &second.event).await), (1, 1));
    assert_eq!(told(&app, &ada).await, 1);
}

#[tokio::test]
async fn while_backend_cant_be_asked_the_event_is_tried_again_and_then_told_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let Fallen { event, .. } = fall_due(&app, &ada, "Pay rent").await;
    app.kill_sidecar();
    assert_eq!(verdict(&app, &event).await, "RETRY");
    assert_eq!((told(&app, &ada).await, noted(&app, &event).await), (0, 0));
    app.start_sidecar().await;
    assert_eq!(verdict(&app, &event).await, "SUCCESS");
    assert_eq!(verdict(&app, &event).await, "SUCCESS");
    assert_eq!(told(&app, &ada).await, 1);
}

#[tokio::test]
async fn while_the_database_is_away_the_event_is_tried_again() {
    let app = App::start().await;
    let ada = app.user().await;
    let Fallen { event, .. } = fall_due(&app, &ada, "Pay rent").await;
    app.gate().close();
    assert_eq!(verdict(&app, &event).await, "RETRY");
    app.gate().open();
    eventually("it is told", async || (verdict(&app, &event).await == "SUCCESS").then_some(())).await;
    assert_eq!(told(&app, &ada).await, 1);
}

/// Has what no event told be told, as the job does.
async fn tell_what_is_untold(app: &App) {
    app.deliver("notification-service", "/job/reminders-untold", r#"{"tell":"reminders"}"#).await.is(204);
}

/// Has somebody's reminders have fallen due two minutes ago.
async fn let_two_minutes_pass(app: &App, user: &User) {
    app.arrange(&format!(
        "update reminders set sent_at = now() - interval '2 minutes', scheduled_for_utc = now() - interval '2 minutes'
         where user_id = '{}'",
        user.id
    ))
    .await;
}

#[tokio::test]
async fn what_no_event_told_is_told_when_backend_can_be_asked_again() {
    let app = App::start().await;
    let ada = app.user().await;
    fall_due(&app, &ada, "Pay rent").await;
    let_two_minutes_pass(&app, &ada).await;
    app.kill_sidecar();
    tell_what_is_untold(&app).await;
    assert_eq!(told(&app, &ada).await, 0);
    app.start_sidecar().await;
    tell_what_is_untold(&app).await;
    assert_eq!(told(&app, &ada).await, 1);
}

#[tokio::test]
async fn what_no_event_told_is_told_late_and_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let Fallen { event, .. } = fall_due(&app, &ada, "Pay rent").await;
    let done = fall_due(&app, &ada, "Walk the dog").await;
    ada.complete_task(&done.task).await.is(200);
    tell_what_is_untold(&app).await;
    assert_eq!(told(&app, &ada).await, 0, "its event may still come");
    let_two_minutes_pass(&app, &ada).await;
    tell_what_is_untold(&app).await;
    tell_what_is_untold(&app).await;
    assert_eq!(verdict(&app, &event).await, "SUCCESS");
    let inbox = ada.notifications().await.is(200);
    assert_eq!(
        (inbox.pick("notifications", "title"), &inbox["notifications"][0]["is_late"]),
        (vec!["Pay rent".to_owned()], &json!(true))
    );
    assert_eq!(standing(&app, &done.reminder).await, ("cancelled".to_owned(), Some("done".to_owned())));
}

#[tokio::test]
async fn an_event_that_can_never_work_is_dropped_and_what_only_tells_is_noted() {
    let app = App::start().await;
    let ada = app.user().await;
    let Fallen { event, .. } = fall_due(&app, &ada, "Pay rent").await;
    let with = |pointer: &str, value: Value| {
        let mut spoilt = event.clone();
        *spoilt.pointer_mut(pointer).expect("a place") = value;
        spoilt
    };
    for hopeless in [
        json!("not an event"),
        json!({}),
        with("/type", json!("reminder.exploded")),
        with("/specversion", json!("0.3")),
        with("/data/event_version", json!(2)),
        with("/data/reminder_id", json!("12")),
        with("/data/revision", json!("one")),
        with("/data/user_id", Value::Null),
    ] {
        assert_eq!(verdict(&app, &hopeless).await, "DROP", "{hopeless}");
    }
    assert_eq!(noted(&app, &event).await, 0);
    for kind in ["reminder.scheduled", "reminder.cancelled"] {
        let mut event = with("/type", json!(kind));
        event["id"] = json!(new_id());
        assert_eq!(verdict(&app, &event).await, "SUCCESS");
        assert_eq!(verdict(&app, &event).await, "SUCCESS");
        assert_eq!(noted(&app, &event).await, 1, "{kind}");
    }
    assert_eq!(told(&app, &ada).await, 0);
}

#[tokio::test]
async fn a_reminder_that_comes_late_says_so() {
    let app = App::start().await;
    let ada = app.user().await;
    let Fallen { mut event, .. } = fall_due(&app, &ada, "Pay rent").await;
    event["data"]["is_late"] = json!(true);
    assert_eq!(verdict(&app, &event).await, "SUCCESS");
    let inbox = ada.notifications().await.is(200);
    let told = &inbox["notifications"][0];
    assert_eq!(told["is_late"], true);
    assert!(told["body"].as_str().expect("a text").contains("Rondo was not running then"), "{told}");
}
