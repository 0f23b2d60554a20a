//! Reminders: made, found, called off, put off. The rest is apart: `moved` with due times, `due`, `race` of what happens at the
//! same time, `series`.

mod due;
mod moved;
mod race;
mod series;

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp, Unit};
use rondo_domain::ids::{ReminderId, TaskId};
use rondo_domain::listing::Page;
use rondo_domain::reminder::{
    MinutesBefore, NewReminder, ReminderStatus, ReminderSubject, ReminderTime, ReminderType, Snooze, SnoozeMinutes,
};
use rondo_domain::task::{NewTask, TaskPatch};
use rondo_native::Database;
use rondo_store::reminder::{self, Cancellation, Making, Snoozing};
use rondo_store::reminder_due::{self, Fired};
use rondo_store::{IdempotencyKey, task};
use serde_json::{Value, json};

use crate::people::{Person, REQUEST, hash, json as read, new_task_id, random, titled};
use crate::server::{Scratch, run};

/// So many minutes from the minute at which the tests began.
fn minutes(from_now: i64) -> Timestamp {
    static START: LazyLock<Timestamp> =
        LazyLock::new(|| Timestamp::now().round(Unit::Minute).expect("the present can be rounded"));
    *START + SignedDuration::from_mins(from_now)
}

/// As the API writes it.
fn shown(at: Timestamp) -> Value {
    json!(format!("{at:.6}"))
}

fn reminder(about: ReminderSubject, time: ReminderTime) -> NewReminder {
    NewReminder { about, time, kind: ReminderType::InApp }
}

fn at(task: TaskId, time: Timestamp) -> NewReminder {
    reminder(ReminderSubject::Task(task), ReminderTime::At(time))
}

fn before(task: TaskId, minutes: u64) -> NewReminder {
    let minutes = MinutesBefore::new(minutes).expect("right minutes");
    reminder(ReminderSubject::Task(task), ReminderTime::Before(minutes))
}

async fn task_due(person: &Person, due: Timestamp) -> TaskId {
    person.make(&NewTask { due_at: Some(due), ..titled("Pay rent") }).await
}

fn new_id() -> ReminderId {
    ReminderId::new(Timestamp::now(), random())
}

async fn make(person: &Person, new: &NewReminder) -> Making {
    reminder::make(&person.sql, person.context(), new_id(), new, None, None).await.expect("an answer")
}

/// A reminder that is made; its id.
async fn remind(person: &Person, new: &NewReminder) -> ReminderId {
    let id = new_id();
    match reminder::make(&person.sql, person.context(), id, new, None, None).await.expect("an answer") {
        Making::Made { .. } => id,
        other => panic!("not made: {other:?}"),
    }
}

async fn get(person: &Person, id: ReminderId) -> Option<Value> {
    reminder::get(&person.sql, person.id, id).await.expect("an answer").as_ref().map(read)
}

/// Where a reminder stands, for what reason, and when it comes.
async fn stands(person: &Person, id: ReminderId) -> (String, Option<String>, Value) {
    let reminder = get(person, id).await.expect("the reminder is there");
    let reason = reminder["cancel_reason"].as_str().map(str::to_owned);
    (reminder["status"].as_str().expect("a status").to_owned(), reason, reminder["scheduled_for"].clone())
}

async fn status(person: &Person, id: ReminderId) -> String {
    stands(person, id).await.0
}

/// What was told of reminders since `sequence`: each event, and what it says besides.
async fn told_since(person: &Person, sequence: i64) -> Vec<(String, Value)> {
    let events = person.events().await.into_iter();
    let of_reminders = events.filter(|event| event.sequence > sequence && event.topic == "reminders");
    of_reminders.map(|event| (event.event_type, event.data)).collect()
}

async fn types_since(person: &Person, sequence: i64) -> Vec<String> {
    told_since(person, sequence).await.into_iter().map(|(event_type, _)| event_type).collect()
}

async fn fire_at(sql: &Database, named: Option<ReminderId>, now: Timestamp) -> Fired {
    let day = SignedDuration::from_hours(24);
    reminder_due::fire(sql, REQUEST, named, Some(now), day).await.expect("an answer")
}

async fn cancel(person: &Person, id: ReminderId) -> Cancellation {
    reminder::cancel(&person.sql, person.context(), id).await.expect("an answer")
}

fn later(minutes: u64) -> Snooze {
    Snooze::For(SnoozeMinutes::new(minutes).expect("right minutes"))
}

async fn snooze(person: &Person, id: ReminderId, until: Snooze) -> Snoozing {
    reminder::snooze(&person.sql, person.context(), id, until, None).await.expect("an answer")
}

/// Moves the due time of a task.
async fn move_due(person: &Person, task: TaskId, due: Option<Timestamp>) {
    let patch = TaskPatch { due_at: Some(due), ..TaskPatch::default() };
    task::change(&person.sql, person.context(), task, &patch, None).await.expect("an answer");
}

async fn listed(person: &Person, status: &[ReminderStatus], task: Option<TaskId>) -> Vec<String> {
    let page = reminder::list(&person.sql, person.id, status, task, Page::default()).await.expect("an answer");
    let page: Value = page.read().expect("a page");
    let reminders = page["reminders"].as_array().expect("reminders");
    assert_eq!(page["total"], reminders.len());
    reminders.iter().map(|reminder| reminder["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_reminder_waits_for_its_time_and_that_is_told() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = task_due(&ada, minutes(60)).await;
    let (fixed, following) = (remind(&ada, &at(task, minutes(10))).await, remind(&ada, &before(task, 15)).await);

    let made = get(&ada, following).await.expect("it is there");
    assert_eq!((&made["task_id"], &made["task_instance_id"]), (&json!(task), &Value::Null));
    assert_eq!((&made["scheduled_for"], &made["minutes_before"]), (&shown(minutes(45)), &json!(15)));
    assert_eq!(
        (&made["status"], &made["sent_at"], &made["reminder_type"]),
        (&json!("pending"), &Value::Null, &json!("in_app"))
    );
    let told = told_since(&ada, 1).await;
    let ids: Vec<&Value> = told.iter().map(|(_, data)| &data["reminder_id"]).collect();
    assert_eq!(ids, [&json!(fixed), &json!(following)]);
    for (event_type, data) in &told {
        assert_eq!(
            (event_type.as_str(), &data["revision"], &data["task_id"]),
            ("reminder.scheduled", &json!(1), &json!(task))
        );
    }
    assert_eq!(told[0].1["scheduled_for"], shown(minutes(10)));
}

#[tokio::test]
async fn what_nobody_can_be_reminded_of_is_refused_with_the_reason() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let (due, undated, done) =
        (task_due(&ada, minutes(60)).await, ada.make(&titled("Some day")).await, task_due(&ada, minutes(60)).await);
    task::complete(&ada.sql, ada.context(), done).await.expect("an answer");
    assert!(matches!(make(&eve, &at(due, minutes(10))).await, Making::NoSuchThing));
    assert!(matches!(make(&ada, &at(new_task_id(), minutes(10))).await, Making::NoSuchThing));
    assert!(matches!(make(&ada, &at(done, minutes(10))).await, Making::Done));
    assert!(matches!(make(&ada, &before(undated, 10)).await, Making::NoDueTime));
    assert!(matches!(make(&ada, &at(undated, minutes(10))).await, Making::Made { .. }));
    assert!(matches!(make(&ada, &at(due, minutes(-1))).await, Making::Past));
    assert!(matches!(make(&ada, &before(due, 90)).await, Making::Past));
    assert_eq!(get(&eve, remind(&ada, &at(due, minutes(10))).await).await, None);
}

#[tokio::test]
async fn fifty_reminders_about_one_thing_wait_and_no_more_even_if_they_are_made_at_once() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (full, other) = (task_due(&ada, minutes(60)).await, task_due(&ada, minutes(60)).await);
    for _ in 1..NewReminder::AT_MOST {
        remind(&ada, &at(full, minutes(10))).await;
    }
    let (first, second) = (ada.elsewhere(&scratch).await, ada.elsewhere(&scratch).await);
    run(&first.sql, "begin").await;
    let last = remind(&first, &at(full, minutes(10))).await;
    let refused = scratch.after_commit_of(&first.sql, make(&second, &at(full, minutes(10)))).await;
    assert!(matches!(refused, Making::NoRoom), "{refused:?}");
    remind(&ada, &at(other, minutes(10))).await;
    cancel(&ada, last).await;
    remind(&ada, &at(full, minutes(10))).await;
}

#[tokio::test]
async fn the_same_request_makes_one_reminder_and_a_refusal_keeps_no_key() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = ada.make(&titled("Pay rent")).await;
    let key = IdempotencyKey { key: "k".to_owned(), request_hash: hash(1) };
    let other = IdempotencyKey { request_hash: hash(2), ..key.clone() };
    let wanted = before(task, 5);
    let make = async |key: &IdempotencyKey| {
        let made = reminder::make(&ada.sql, ada.context(), new_id(), &wanted, None, Some(key));
        made.await.expect("an answer")
    };
    assert!(matches!(make(&key).await, Making::NoDueTime));
    move_due(&ada, task, Some(minutes(60))).await;
    let Making::Made { reply, .. } = make(&key).await else { panic!("it can be made now") };
    let Making::Replayed(again) = make(&key).await else { panic!("it was made before") };
    assert_eq!(read(&reply), read(&again));
    assert!(matches!(make(&other).await, Making::KeyReused));
    assert_eq!(listed(&ada, &[], None).await.len(), 1);
}

#[tokio::test]
async fn reminders_are_listed_in_the_order_of_their_times_by_status_and_by_task() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let (one, two) = (task_due(&ada, minutes(60)).await, task_due(&ada, minutes(60)).await);
    let (last, first) = (remind(&ada, &at(one, minutes(30))).await, remind(&ada, &at(one, minutes(10))).await);
    let middle = remind(&ada, &at(two, minutes(20))).await;
    cancel(&ada, first).await;
    let ids = |ids: &[ReminderId]| ids.iter().map(ReminderId::to_string).collect::<Vec<_>>();
    assert_eq!(listed(&ada, &[], None).await, ids(&[first, middle, last]));
    assert_eq!(listed(&ada, &[], Some(one)).await, ids(&[first, last]));
    assert_eq!(listed(&ada, &[ReminderStatus::Pending], Some(one)).await, ids(&[last]));
    assert_eq!(listed(&ada, &[ReminderStatus::Pending, ReminderStatus::Cancelled], None).await.len(), 3);
    assert_eq!(listed(&eve, &[], Some(one)).await, ids(&[]));
}

#[tokio::test]
async fn what_waits_is_called_off_once_and_what_is_over_is_not() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let task = task_due(&ada, minutes(60)).await;
    let (sent, failed) = (remind(&ada, &at(task, minutes(10))).await, remind(&ada, &at(task, minutes(5))).await);
    fire_at(&ada.sql, None, minutes(6) + SignedDuration::from_hours(24)).await;
    let before = ada.last_sequence().await;
    assert!(matches!(cancel(&eve, sent).await, Cancellation::Absent));
    assert!(matches!(cancel(&ada, sent).await, Cancellation::Over(ReminderStatus::Sent)));
    assert!(matches!(cancel(&ada, failed).await, Cancellation::Over(ReminderStatus::Failed)));
    let again = remind(&ada, &at(task, minutes(30))).await;
    assert!(matches!(cancel(&ada, again).await, Cancellation::Cancelled { relay: _ }));
    assert!(matches!(cancel(&ada, again).await, Cancellation::Cancelled { relay: None }));
    assert_eq!(stands(&ada, again).await.1.as_deref(), Some("user"));
    let told = told_since(&ada, before).await;
    assert_eq!(told.len(), 2);
    assert_eq!((told[1].0.as_str(), &told[1].1["reason"]), ("reminder.cancelled", &json!("user")));
}

#[tokio::test]
async fn what_waits_or_is_over_can_be_put_off_but_not_what_was_called_off_or_is_done() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let (task, done) = (task_due(&ada, minutes(60)).await, task_due(&ada, minutes(60)).await);
    let (failed, sent) = (remind(&ada, &at(task, minutes(5))).await, remind(&ada, &at(task, minutes(10))).await);
    fire_at(&ada.sql, Some(failed), minutes(6) + SignedDuration::from_hours(24)).await;
    let (waits, off) = (remind(&ada, &at(task, minutes(50))).await, remind(&ada, &at(task, minutes(50))).await);
    let over = remind(&ada, &at(done, minutes(50))).await;
    cancel(&ada, off).await;
    task::complete(&ada.sql, ada.context(), done).await.expect("an answer");
    assert_eq!((status(&ada, failed).await.as_str(), status(&ada, sent).await.as_str()), ("failed", "sent"));

    for id in [failed, sent, waits] {
        let before = ada.last_sequence().await;
        let Snoozing::Snoozed { reminder, .. } = snooze(&ada, id, Snooze::Until(minutes(70))).await else {
            panic!("it can be put off")
        };
        let reminder = read(&reminder);
        assert_eq!((&reminder["status"], &reminder["scheduled_for"]), (&json!("pending"), &shown(minutes(70))));
        assert_eq!((&reminder["sent_at"], &reminder["error_message"]), (&Value::Null, &Value::Null));
        let told = told_since(&ada, before).await;
        assert_eq!((told.len(), told[0].0.as_str(), &told[0].1["revision"]), (1, "reminder.scheduled", &json!(2)));
    }
    assert!(matches!(snooze(&ada, off, later(5)).await, Snoozing::Cancelled));
    assert!(matches!(snooze(&ada, over, later(5)).await, Snoozing::Done));
    assert!(matches!(snooze(&ada, waits, Snooze::Until(minutes(-1))).await, Snoozing::Past));
    assert!(matches!(snooze(&eve, waits, later(5)).await, Snoozing::Absent));
}

#[tokio::test]
async fn deleting_a_task_tells_that_its_waiting_reminders_are_off_and_deleting_a_user_tells_nobody() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = task_due(&ada, minutes(60)).await;
    let (sent, waits) = (remind(&ada, &at(task, minutes(5))).await, remind(&ada, &at(task, minutes(10))).await);
    fire_at(&ada.sql, Some(sent), minutes(5)).await;
    let before = ada.last_sequence().await;
    task::delete(&ada.sql, ada.context(), task, None).await.expect("an answer");
    let told = told_since(&ada, before).await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0].1["reminder_id"], &told[0].1["reason"]), (&json!(waits), &json!("deleted")));
    assert_eq!(get(&ada, sent).await, None);

    let another = task_due(&ada, minutes(60)).await;
    remind(&ada, &at(another, minutes(5))).await;
    run(&ada.sql, &format!("delete from users where id = '{}'", ada.id)).await;
    assert!(ada.events().await.is_empty());
}
