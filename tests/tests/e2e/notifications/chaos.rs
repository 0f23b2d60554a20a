//! Reminders that fall due while everything goes wrong: components die at any of their calls to the world, backend's among them;
//! events come twice, thrice and in any order; tasks are completed meanwhile. In the end each reminder was told once, or its
//! task was done.
//!
//! Everything is drawn from a seed; a failure names it.

use std::sync::Arc;

use serde_json::{Value, json};
use support::mortality::{Mortality, fate};
use support::{App, Setup, User};

use super::{EVENTS, as_event, verdict};

const REMINDERS: usize = 240;
const PEOPLE: usize = 3;

/// Makes tasks with a reminder each and has all of these fall due; the events, which nobody has published.
async fn fall_due(app: &App, people: &[User]) -> Vec<Value> {
    for user in people {
        let tasks: Vec<Value> = (0..REMINDERS / PEOPLE).map(|n| json!({ "title": format!("task {n}") })).collect();
        user.import("application/json", json!({ "tasks": tasks }).to_string()).await.is(200);
    }
    app.arrange(
        "insert into reminders (id, user_id, task_id, subject_task_id, scheduled_for_utc)
         select gen_random_uuid(), user_id, id, id, now() from tasks;
         select fire_reminders('fired', null, null, '24 hours', 1000);
         update outbox set published_at = now() where event_type = 'reminder.due'",
    )
    .await;
    let rows = app.sql("select data from outbox where event_type = 'reminder.due'", &[]).await;
    rows.iter().map(|row| as_event(row.get(0))).collect()
}

async fn complete(people: &[User], event: &Value) {
    let owner = people.iter().find(|user| event["data"]["user_id"] == user.id.as_str()).expect("an owner");
    owner.complete_task(event["data"]["task_id"].as_str().expect("an id")).await.is(200);
}

#[tokio::test]
async fn each_reminder_is_told_once_or_its_task_is_done_whatever_breaks_meanwhile() {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut dice = fastrand::Rng::with_seed(seed);
    let mortality = Arc::new(Mortality::default());
    let app = App::with(Setup { imports: mortality.clone(), ..Setup::default() }).await;
    let people = [app.user().await, app.user().await, app.user().await];
    let events = fall_due(&app, &people).await;
    assert_eq!(events.len(), REMINDERS);

    let mut calls: Vec<(String, &Value)> = Vec::new();
    for event in &events {
        for _ in 0..dice.usize(1..4) {
            calls.push((fate(&mut dice, 9), event));
        }
    }
    dice.shuffle(&mut calls);
    for several in calls.chunks(3) {
        let deliver = async |(id, event): &(String, &Value)| {
            app.deliver_as(id, "notification-service", EVENTS, &event.to_string()).await;
        };
        let done = (dice.u32(..4) == 0).then(|| dice.choice(&events).expect("an event"));
        let complete = async {
            if let Some(event) = done {
                complete(&people, event).await;
            }
        };
        match several {
            [a, b, c] => drop(tokio::join!(deliver(a), deliver(b), deliver(c), complete)),
            fewer => {
                for call in fewer {
                    deliver(call).await;
                }
            }
        }
    }
    assert!(mortality.deaths() > 50, "hardly anything died: {}", mortality.deaths());
    for event in &events {
        assert_eq!(verdict(&app, event).await, "SUCCESS", "{event}");
    }
    hold(&app).await;
}

/// Who was told was told once, and whoever was not had done it.
async fn hold(app: &App) {
    let wrong = "
        select count(*) from reminders
        left join tasks on tasks.id = reminders.task_id
        where (select count(*) from notifications where reminder_id = reminders.id) <> case
            when reminders.status = 'sent' then 1
            when reminders.status = 'cancelled' and cancel_reason = 'done' and tasks.status = 'completed' then 0
            else -1
        end";
    assert_eq!(app.count(wrong).await, 0);
    let told = app.count("select count(*) from notifications").await;
    assert!(told > 0 && told < REMINDERS as i64, "{told} of {REMINDERS} were told");
    let on_the_stream = "select count(*) from outbox where event_type = 'notification.created'";
    assert_eq!(app.count(on_the_stream).await, told);
}
