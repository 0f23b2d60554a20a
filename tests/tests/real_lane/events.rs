//! What becomes of events between the database and whoever consumes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use support::kafka::Record;
use support::{App, User, eventually};
use tokio::task::JoinSet;

use crate::{OnTheLane, all_published};

/// How many tasks are changed, by how many people each at once, and how often by each of them.
const TASKS: usize = 6;
const AT_ONCE: usize = 3;
const CHANGES: usize = 8;

/// Topics that hold events of tasks.
const TOPICS: [&str; 3] = ["task-events", "task-updates", "reminders"];

/// Sequences of the events of a task on a topic.
type Told = BTreeMap<(String, String), Vec<i64>>;

#[tokio::test]
async fn events_of_a_task_lie_in_one_partition_in_the_order_of_their_sequences() {
    let lane = OnTheLane::alone().await;
    let app = App::start().await;
    let ada = Arc::new(app.user().await);
    let mut working = JoinSet::new();
    for number in 0..TASKS {
        let task = ada.new_task(&format!("Task {number}")).await.id();
        let reminder = json!({ "task_id": task, "scheduled_for": "2099-01-01T00:00:00Z" });
        ada.create_reminder(reminder).await.is(201);
        for _ in 0..AT_ONCE {
            working.spawn(change(Arc::clone(&ada), task.clone()));
        }
    }
    working.join_all().await;
    all_published(&app, &ada.id).await;

    let mut kafka = lane.kafka().await;
    let mut found = Told::new();
    for topic in TOPICS {
        let records = kafka.records(topic).await;
        let mine = records.iter().filter_map(|record| Some((record, event_of(record, &ada.id)?)));
        found.extend(in_their_order(topic, mine));
    }
    assert_eq!(found, written(&app, &ada).await);
}

/// Changes a task in many ways, each of which is told.
async fn change(user: Arc<User>, task: String) {
    for number in 0..CHANGES {
        user.change_task(&task, json!({ "title": format!("Title {number}") })).await.is(200);
        user.complete_task(&task).await.is(200);
        user.reopen_task(&task).await.is(200);
    }
}

/// The event in a record, if it is one about something of this user.
fn event_of(record: &Record, user: &str) -> Option<Value> {
    let event = record.event();
    (event["data"]["user_id"] == user).then_some(event)
}

/// Sequences by task, as they lie in a topic. An event may lie there twice, but then at the place of the first.
fn in_their_order<'a>(topic: &str, events: impl Iterator<Item = (&'a Record, Value)>) -> Told {
    let (mut told, mut partitions) = (Told::new(), BTreeMap::new());
    for (record, event) in events {
        let (task, sequence) = (&record.key, event["data"]["sequence"].as_i64().expect("a sequence"));
        assert_eq!((&event["subject"], &event["data"]["task_id"]), (&json!(task), &json!(task)), "the key is the task");
        let partition = *partitions.entry(task.clone()).or_insert(record.partition);
        assert_eq!(record.partition, partition, "the events of {task} lie in one partition");
        let sequences = told.entry((topic.to_owned(), task.clone())).or_default();
        if !sequences.contains(&sequence) {
            sequences.push(sequence);
        }
    }
    told
}

/// The same as the database wrote it.
async fn written(app: &App, user: &User) -> Told {
    let query = "select topic, task_id::text, array_agg(sequence order by sequence) from outbox
        where user_id = $1::text::uuid and topic is not null group by topic, task_id";
    let rows = app.sql(query, &[&user.id]).await;
    rows.iter().map(|row| ((row.get(0), row.get(1)), row.get(2))).collect()
}

/// A consumer group, its topic, and the task whose events it is to get.
struct Flow<'a> {
    group: &'a str,
    topic: &'a str,
    task: &'a str,
}

#[tokio::test]
async fn what_is_no_event_of_a_task_goes_to_the_dead_letters_and_the_rest_flows_on() {
    let (lane, app) = (OnTheLane::alone().await, App::start().await);
    let ada = app.user().await;
    let task = ada.new_task("Poisoned").await.id();
    ada.complete_task(&task).await.is(200);
    let flow = Flow { group: "notification-service-task-updates-v1", topic: "task-updates", task: &task };
    let poison = flow.poison(&lane, &app).await;
    ada.reopen_task(&task).await.is(200);
    flow.goes_on(&lane, &app, &poison).await;
}

#[tokio::test]
async fn what_is_no_event_of_a_reminder_goes_to_the_dead_letters_and_the_rest_flows_on() {
    let (lane, app) = (OnTheLane::alone().await, App::start().await);
    let ada = app.user().await;
    let task = ada.new_task("Poisoned").await.id();
    let reminder = json!({ "task_id": task, "scheduled_for": "2099-01-01T00:00:00Z" });
    let reminder = ada.create_reminder(reminder).await.is(201).id();
    let flow = Flow { group: "notification-service-reminders-v1", topic: "reminders", task: &task };
    let poison = flow.poison(&lane, &app).await;
    ada.cancel_reminder(&reminder).await.is(204);
    flow.goes_on(&lane, &app, &poison).await;
}

#[tokio::test]
async fn what_is_no_event_of_a_series_goes_to_the_dead_letters_and_the_rest_flows_on() {
    let (lane, app) = (OnTheLane::alone().await, App::start().await);
    let ada = app.user().await;
    let series = json!({ "title": "Poisoned", "rrule": "FREQ=DAILY", "timezone_iana": "UTC" });
    let task = ada.create_recurring_task(series).await.is(201)["task_id"].as_str().expect("an id").to_owned();
    let flow = Flow { group: "recurring-service-task-events-v1", topic: "task-events", task: &task };
    let poison = flow.poison(&lane, &app).await;
    ada.cancel_recurring_task(&task).await.is(204);
    flow.goes_on(&lane, &app, &poison).await;
}

impl Flow<'_> {
    /// Puts what can't be consumed behind the last event of the task, once that is consumed: what is no CloudEvent, and one of a
    /// version that nobody knows. Returns both.
    async fn poison(&self, lane: &OnTheLane, app: &App) -> [String; 2] {
        let event = self.last_is_consumed(app).await;
        let record = self.record_of(lane, &event).await;
        let mut unknown = record.event();
        (unknown["id"], unknown["data"]["event_version"]) = (json!(format!("{event}-of-tomorrow")), json!(99));
        let poison = [format!("This is no event: {event}"), unknown.to_string()];
        let (mut kafka, partition) = (lane.kafka().await, (self.topic.to_owned(), record.partition));
        for one in &poison {
            kafka.send(&partition, self.task, one).await;
        }
        poison
    }

    /// Sees the next event of the task consumed, in the same partition, and the poison in the dead letters.
    async fn goes_on(&self, lane: &OnTheLane, app: &App, poison: &[String]) {
        let event = self.last_is_consumed(app).await;
        let record = self.record_of(lane, &event).await;
        let partition = (self.topic.to_owned(), record.partition);
        let there = lane.kafka().await.records_of(&partition).await;
        assert!(poison.iter().all(|one| there.iter().any(|record| record.value == one)), "it lies in that partition");
        eventually("the poison is among the dead letters", async || {
            let dead = lane.kafka().await.records(&format!("{}-dead-letter", self.topic)).await;
            poison.iter().all(|one| dead.iter().any(|record| record.value == one)).then_some(())
        })
        .await;
    }

    /// Waits until the newest event of the task on this topic is consumed; its id.
    async fn last_is_consumed(&self, app: &App) -> String {
        let last = "select event_id::text from outbox where task_id = $1::text::uuid and topic = $2
            order by sequence desc limit 1";
        let event: String = app.sql(last, &[&self.task, &self.topic]).await[0].get(0);
        let claims = "select count(*) from processed_event_logs where idempotency_key = $1 || ':' || $2";
        eventually("the event is consumed", async || {
            let claims: i64 = app.sql(claims, &[&self.group, &event]).await[0].get(0);
            (claims == 1).then_some(())
        })
        .await;
        event
    }

    async fn record_of(&self, lane: &OnTheLane, event: &str) -> Record {
        let records = lane.kafka().await.records(self.topic).await;
        records.into_iter().find(|record| record.event_id() == event).expect("the event lies in its topic")
    }
}
