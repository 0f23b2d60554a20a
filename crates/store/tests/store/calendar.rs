//! Calendars: tasks with their series and instances, series that come in, and feeds.

use rondo_domain::ids::{CalendarFeedId, RecurringTaskId, SeriesId};
use rondo_domain::series::{OnMissed, Overlap, Plan, Schedule, ScheduleChange, SeriesStatus, WrittenRule};
use rondo_domain::user::ZoneName;
use rondo_store::calendar::{self, CalendarEntry};
use rondo_store::{IdempotencyKey, Issuance, calendar_feed, task_transfer};
use serde_json::{Value, json};

use crate::people::{Person, hash, hours, made, new_task_id, random, titled};
use crate::server::Scratch;

/// A daily series in UTC that has begun.
fn daily() -> Plan {
    let rule = WrittenRule::parse("FREQ=DAILY;BYHOUR=9").expect("a rule");
    let schedule = Schedule::new(rule, ZoneName::default(), &ScheduleChange::default(), hours(0)).expect("a schedule");
    Plan::begin(schedule, OnMissed::default(), Overlap::default(), hours(0)).expect("a plan")
}

/// A task of a file that recurs by `plan`, with two instances.
fn recurring(plan: &Plan) -> Value {
    let ids = (RecurringTaskId::new(hours(0), random()), SeriesId::new(hours(0), random()));
    let instance = |day: i8, status: &str, completed_at: Option<&str>| {
        json!({
            "id": new_task_id(), "title": "Water", "priority": "Low", "at": format!("2026-01-0{day}T09:00:00Z"),
            "local": format!("2026-01-0{day}T09:00:00"), "fold": 0, "status": status, "completed_at": completed_at,
        })
    };
    json!({
        "position": 0, "fresh_id": new_task_id(), "title": "Water", "status": "pending", "priority": "Low", "tags": ["home"],
        "series": task_transfer::series_of(plan, ids.0, ids.1),
        "instances": [instance(1, "completed", Some("2026-01-01T10:00:00Z")), instance(2, "missed", None)],
    })
}

async fn import(person: &Person, tasks: &[Value]) -> Value {
    let listed = Value::Array(tasks.to_vec()).to_string();
    made(task_transfer::import(&person.sql, person.context(), &listed, None).await.expect("an answer")).0
}

async fn entries(person: &Person) -> Vec<CalendarEntry> {
    calendar::entries(&person.sql, person.id).await.expect("tasks")
}

#[tokio::test]
async fn a_series_comes_in_with_its_template_and_instances_and_is_told_with_it() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = recurring(&daily());
    assert_eq!(import(&ada, std::slice::from_ref(&task)).await, json!({"created": 1, "skipped": 0}));
    let told: Vec<String> = ada.events().await.into_iter().map(|event| event.event_type).collect();
    assert_eq!(told, ["task.created", "recurring.scheduled"]);
    let read = entries(&ada).await;
    let series = read[0].series.as_ref().expect("a series");
    assert_eq!(series.status, SeriesStatus::Active);
    assert_eq!(series.schedule.clone().schedule().expect("a schedule").rule.to_string(), "FREQ=DAILY;BYHOUR=9");
    let statuses: Vec<_> = series.instances.iter().map(|made| made.status.as_str()).collect();
    assert_eq!(statuses, ["completed", "missed"]);
    assert_eq!(import(&ada, &[task]).await, json!({"created": 0, "skipped": 1}), "its fresh id is known");
    assert_eq!(entries(&ada).await.len(), 1);
}

#[tokio::test]
async fn a_series_that_is_over_comes_in_without_being_scheduled() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let over = Plan { status: SeriesStatus::Completed, next: None, ..daily() };
    import(&ada, &[recurring(&over)]).await;
    let told: Vec<String> = ada.events().await.into_iter().map(|event| event.event_type).collect();
    assert_eq!(told, ["task.created"]);
    assert_eq!(entries(&ada).await[0].series.as_ref().map(|series| series.status), Some(SeriesStatus::Completed));
}

async fn create(person: &Person, n: u64, at_most: u32, key: Option<&IdempotencyKey>) -> Issuance {
    let id = CalendarFeedId::new(hours(0), random());
    calendar_feed::create(&person.sql, person.id, id, &hash(n), at_most, key).await.expect("an answer")
}

#[tokio::test]
async fn a_feed_is_read_by_its_hash_and_only_of_its_owner() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    ada.make(&titled("Ada's")).await;
    bob.make(&titled("Bob's")).await;
    assert!(matches!(create(&ada, 1, 1, None).await, Issuance::Made { .. }));
    let read = calendar_feed::read(&bob.sql, &hash(1)).await.expect("an answer").expect("a feed");
    let titles: Vec<_> = read.iter().map(|entry| entry.task.title.as_str()).collect();
    assert_eq!(titles, ["Ada's"]);
    assert!(calendar_feed::read(&ada.sql, &hash(2)).await.expect("an answer").is_none());
    let feeds: Vec<Value> = calendar_feed::list(&ada.sql, ada.id).await.expect("an answer").read().expect("feeds");
    assert!(feeds[0]["last_used_at"].is_string());
}

#[tokio::test]
async fn a_feed_too_many_is_refused_and_claims_no_key() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let key = IdempotencyKey { key: "k".to_owned(), request_hash: hash(9) };
    create(&ada, 1, 1, None).await;
    assert!(matches!(create(&ada, 2, 1, Some(&key)).await, Issuance::NoRoom));
    assert!(matches!(create(&ada, 2, 2, Some(&key)).await, Issuance::Made { hash: made, .. } if made == hash(2)));
    assert!(matches!(create(&ada, 3, 2, Some(&key)).await, Issuance::Made { hash: made, .. } if made == hash(2)));
}
