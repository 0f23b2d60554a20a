//! Hundreds of reminders while everything goes wrong: components die at any of their calls to the world, callbacks are doubled,
//! reordered and dropped, the scheduler is emptied. In the end each has been told once.
//!
//! Everything is drawn from a seed; a failure names it.

use std::sync::Arc;

use support::Setup;
use support::clock::DrivenClock;
use support::mortality::{Mortality, fate};

use super::*;

const USERS: usize = 8;
const REMINDERS_EACH: usize = 40;
/// In how many steps the hours go by in which they fall due.
const STEPS: i64 = 40;
const MINUTES: i64 = 600;

/// A reminder, and what its job brings along.
struct Reminder {
    id: String,
    data: String,
}

async fn make(user: &User, dice: &mut fastrand::Rng) -> Vec<Reminder> {
    let task = task_due(user, in_minutes(2 * MINUTES)).await;
    let mut made = Vec::new();
    for _ in 0..REMINDERS_EACH {
        let id = remind(user, &task, in_minutes(dice.i64(5..MINUTES))).await;
        let data = json!({ "reminder_id": id, "user_id": user.id, "revision": 1 }).to_string();
        made.push(Reminder { id, data });
    }
    made
}

/// One moment: some reminders are woken, once or twice, in any order; jobs and leases are lost.
async fn strike(app: &App, reminders: &[Reminder], dice: &mut fastrand::Rng) {
    let mut calls = Vec::new();
    for _ in 0..30 {
        let Some(reminder) = dice.choice(reminders) else { break };
        calls.push((fate(dice, 8), format!("/job/reminder-{}", reminder.id), reminder.data.as_str()));
    }
    if dice.u32(..3) == 0 {
        calls.push((fate(dice, 8), "/job/reminders-reconcile".to_owned(), "{}"));
    }
    for pair in calls.chunks(2) {
        let deliver = async |(id, path, data): &(String, String, &str)| {
            app.deliver_as(id, "backend", path, data).await;
        };
        match pair {
            [one, other] => drop(tokio::join!(deliver(one), deliver(other))),
            left => deliver(&left[0]).await,
        }
    }
    if dice.u32(..6) == 0 {
        app.arrange("delete from dapr.jobs where app_id = 'backend'").await;
    }
    if dice.u32(..4) == 0 {
        app.arrange("update event_sequences set relay_until = now() where relay_until is not null").await;
    }
}

#[tokio::test]
async fn each_reminder_is_told_once_whatever_breaks_meanwhile() {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut dice = fastrand::Rng::with_seed(seed);
    let (clock, mortality) = (DrivenClock::at(Timestamp::now()), Arc::new(Mortality::default()));
    let setup = Setup { clock: Some(clock.clone()), imports: mortality.clone(), ..Setup::default() };
    let app = App::with(setup).await;
    let start = clock.now();
    let mut reminders = Vec::new();
    for _ in 0..USERS {
        reminders.extend(make(&app.user().await, &mut dice).await);
    }
    for step in 1..=STEPS {
        clock.set(start + SignedDuration::from_mins(MINUTES) * step as i32 / STEPS as i32);
        strike(&app, &reminders, &mut dice).await;
    }
    settle(&app).await;
    assert!(mortality.deaths() > 50, "hardly anything died");
    each_is_told_once(&app, reminders.len()).await;
}

/// Everything works again: what is due is sent, and what was written is published.
async fn settle(app: &App) {
    eventually("nothing is due any more", async || {
        app.deliver("backend", "/job/reminders-reconcile", "{}").await;
        (app.count("select count(*) from reminders where status = 'pending'").await == 0).then_some(())
    })
    .await;
    eventually("the outbox is published", async || {
        app.arrange("update event_sequences set relay_until = now() where relay_until is not null").await;
        app.deliver("backend", "/job/outbox-sweep", "{}").await;
        (app.count("select count(*) from outbox where published_at is null").await == 0).then_some(())
    })
    .await;
}

/// There is one event of each, published under one id.
async fn each_is_told_once(app: &App, reminders: usize) {
    assert_eq!(app.count("select count(*) from reminders where status = 'sent'").await, reminders as i64);
    let untold_or_doubled = "
        with told as (
            select data ->> 'reminder_id' as reminder, count(*) as times from outbox where event_type = 'reminder.due' group by 1
        )
        select count(*) from reminders full join told on told.reminder = reminders.id::text
        where reminders.id is null or told.times is distinct from 1";
    assert_eq!(app.count(untold_or_doubled).await, 0);
    app.each_event_is_published_as_it_was_written(&["reminders"]).await;
}
