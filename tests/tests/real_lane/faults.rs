//! Parts of the lane are killed while a series fires and reminders are due, and Kafka stays away for a while.

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeBounds;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use support::{App, User, eventually};
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row};

use crate::processes::Part;
use crate::{OnTheLane, WAITING, all_published};

/// From one reminder to the next, and from one occurrence to the next.
const EVERY: SignedDuration = SignedDuration::from_secs(2);
/// How long it may take to make them all.
const FIRST_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// How many there are: enough for the longest that all recoveries together may take.
const HOW_MANY: i32 = 240;
/// How many tasks are made while Kafka is away.
const TASKS: usize = 25;

const KAFKA: Part = Part { name: "Kafka", mark: "kafka.Kafka" };

/// What is killed.
const PARTS: [Part; 11] = [
    Part { name: "daprd of backend", mark: "--app-id=backend" },
    Part { name: "daprd of frontend", mark: "--app-id=frontend" },
    Part { name: "daprd of recurring-service", mark: "--app-id=recurring-service" },
    Part { name: "daprd of notification-service", mark: "--app-id=notification-service" },
    Part { name: "backend", mark: "--component backend-tasks" },
    Part { name: "frontend", mark: "--component frontend-page" },
    Part { name: "recurring-service", mark: "--component recurring-service-occurrences" },
    Part { name: "notification-service", mark: "--component notification-service-reminders" },
    Part { name: "the scheduler", mark: "--etcd-data-dir" },
    KAFKA,
    Part { name: "PostgreSQL", mark: "pg/data" },
];

#[tokio::test]
async fn whatever_part_is_killed_nothing_is_lost_and_nothing_comes_twice() {
    let scene = Scene::set().await;
    let first = scene.occurrences[0];
    eventually("the first reminder is told", async || scene.told(..=first).await?.whole()).await;
    let mut tasks = Vec::new();
    for part in PARTS {
        tasks.push(scene.kill(part).await);
    }
    let until = Timestamp::now();
    eventually("every reminder is told", async || scene.told(..=until).await?.whole()).await;
    eventually("every occurrence is made", async || scene.made(..=until).await?.whole()).await;
    all_published(&scene.app, &scene.ada.id).await;
    scene.all_noted().await;
    for id in tasks {
        scene.ada.task(&id).await.is(200);
    }
}

/// Somebody with much that falls due.
struct Scene {
    lane: OnTheLane,
    app: App,
    ada: User,
    /// The task of a series that fires all the time, and when it does.
    series: String,
    occurrences: Vec<Timestamp>,
    /// Reminders of tasks of their own, by when they are due.
    reminders: BTreeMap<Timestamp, String>,
}

impl Scene {
    async fn set() -> Self {
        let (lane, app) = (OnTheLane::alone().await, App::start().await);
        let ada = app.user().await;
        let first = Timestamp::from_second(Timestamp::now().as_second()).expect("now") + FIRST_AFTER;
        let times: Vec<Timestamp> = (0..HOW_MANY).map(|number| first + EVERY * number).collect();
        let mut reminders = BTreeMap::new();
        for &at in &times {
            let task = ada.new_task("Reminded").await.id();
            let reminder = json!({ "task_id": task, "scheduled_for": at.to_string() });
            reminders.insert(at, ada.create_reminder(reminder).await.is(201).id());
        }
        let series = json!({
            "title": "All the time", "rrule": "FREQ=YEARLY", "timezone_iana": "UTC", "on_missed": "all",
            "starts_at": "2020-01-01T00:00:00", "rdates": times.iter().map(Timestamp::to_string).collect::<Vec<_>>(),
        });
        let series = ada.create_recurring_task(series).await.is(201)["task_id"].as_str().expect("an id").to_owned();
        assert!(Timestamp::now() < first, "all was made before the first is due");
        Self { lane, app, ada, series, occurrences: times, reminders }
    }

    /// kill -9 of a part; says how soon all goes on. The id of a task that was made meanwhile.
    async fn kill(&self, part: Part) -> String {
        part.signal("-9");
        let (killed, at) = (Instant::now(), Timestamp::now());
        let task = new_task(&self.ada, part.name).await;
        let taken = killed.elapsed();
        let next = *self.reminders.keys().find(|due| **due > at).expect("there are enough");
        eventually("the next reminder is told", async || self.told(next..=next).await?.whole()).await;
        let told = killed.elapsed();
        eventually("the next occurrence is made", async || self.made(next..=next).await?.whole()).await;
        let made = killed.elapsed();
        eventually("all is told", async || {
            (self.ask(WAITING, &[&self.ada.id]).await?.get::<_, i64>(0) == 0 && self.lane.is_whole().await)
                .then_some(())
        })
        .await;
        eprintln!(
            "{} was killed: a task was taken after {taken:.1?}, the next reminder told after {told:.1?}, the next occurrence \
             made after {made:.1?}; all was there again, and no event waited, after {:.1?}",
            part.name,
            killed.elapsed()
        );
        task
    }

    /// How many of the reminders that are due in a time were told, and how often in all; nothing while the database is away.
    async fn told(&self, due: impl RangeBounds<Timestamp>) -> Option<Count> {
        let reminders: Vec<&String> = self.reminders.range(due).map(|(_, id)| id).collect();
        let told = "select count(distinct reminder_id), count(*) from notifications
            where reminder_id = any ($1::text[]::uuid[])";
        self.ask(told, &[&reminders]).await.map(|row| Count::of(reminders.len(), &row))
    }

    /// The same of the occurrences of the series.
    async fn made(&self, due: impl RangeBounds<Timestamp>) -> Option<Count> {
        let times: Vec<String> =
            self.occurrences.iter().filter(|at| due.contains(at)).map(Timestamp::to_string).collect();
        let made = "select count(distinct scheduled_for_utc), count(*) from task_instances
            join recurring_tasks on recurring_tasks.id = parent_task_id
            where task_id = $1::text::uuid and scheduled_for_utc = any ($2::text[]::timestamptz[])";
        self.ask(made, &[&self.series, &times]).await.map(|row| Count::of(times.len(), &row))
    }

    /// Waits until notification-service has taken note of everything that was told to it.
    async fn all_noted(&self) {
        let forgotten = "select count(*) from outbox
            where user_id = $1::text::uuid and topic in ('task-updates', 'reminders') and not exists (
                select from processed_event_logs where event_id = outbox.event_id::text
            )";
        eventually("every event is noted", async || {
            let forgotten: i64 = self.ask(forgotten, &[&self.ada.id]).await?.get(0);
            (forgotten == 0).then_some(())
        })
        .await;
    }

    /// The only row of a query, if the database is there.
    async fn ask(&self, query: &str, parameters: &[&(dyn ToSql + Sync)]) -> Option<Row> {
        let (client, connection) = tokio_postgres::connect(&self.lane.lane.owner_url, NoTls).await.ok()?;
        tokio::spawn(connection);
        client.query_one(query, parameters).await.ok()
    }
}

/// How many of what was due are there, and whether one is there twice.
#[derive(Debug)]
struct Count {
    due: usize,
    there: i64,
    in_all: i64,
}

impl Count {
    fn of(due: usize, row: &Row) -> Self {
        Self { due, there: row.get(0), in_all: row.get(1) }
    }

    /// Whether all is there; nothing if not yet.
    ///
    /// # Panics
    /// Something is there twice.
    fn whole(self) -> Option<()> {
        let Self { due, there, in_all } = self;
        assert_eq!(there, in_all, "of {due} that were due, {there} came, and some of them twice");
        (usize::try_from(there).expect("no less than nothing") == due).then_some(())
    }
}

/// Makes a task, asking again under one key until it is taken.
async fn new_task(user: &User, title: &str) -> String {
    eventually("a task is taken", async || {
        let call = user.create_task(json!({ "title": title })).header("idempotency-key", title);
        call.attempt().await.ok().filter(|reply| reply.status == 201).map(|reply| reply.id())
    })
    .await
}

#[tokio::test]
async fn tasks_are_taken_while_kafka_is_away_and_told_of_when_it_is_back() {
    let (lane, app) = (OnTheLane::alone().await, App::start().await);
    let ada = app.user().await;
    let away = Away::take().await;
    let mut tasks = Vec::new();
    for number in 0..TASKS {
        let task = ada.new_task(&format!("Task {number}")).await.id();
        ada.complete_task(&task).await.is(200);
        tasks.push(task);
    }
    let events = app
        .sql("select event_id::text, published_at is null from outbox where user_id = $1::text::uuid", &[&ada.id])
        .await;
    assert!(events.iter().all(|event| event.get(1)), "nothing is told while Kafka is away");

    let back = Instant::now();
    drop(away);
    all_published(&app, &ada.id).await;
    eprintln!(
        "{} events waited for Kafka, and all were published {:.1?} after its return",
        events.len(),
        back.elapsed()
    );
    let noted =
        "select count(*) from processed_event_logs where event_type = 'task.status_changed' and event_id = any ($1)";
    let ids: Vec<String> = events.iter().map(|event| event.get(0)).collect();
    eventually("every completed task is noted", async || {
        let noted: i64 = app.sql(noted, &[&ids]).await[0].get(0);
        (usize::try_from(noted).expect("some") == tasks.len()).then_some(())
    })
    .await;
    let mut lying = BTreeMap::new();
    for topic in ["task-events", "task-updates"] {
        for record in lane.kafka().await.records(topic).await {
            *lying.entry(record.event_id()).or_insert(0) += 1;
        }
    }
    let times: Vec<i32> = ids.iter().map(|id| *lying.get(id).expect("each event lies in its topic")).collect();
    eprintln!(
        "{} of {} lie in their topics twice, as they may",
        times.iter().filter(|times| **times > 1).count(),
        ids.len()
    );
}

/// Kafka, away: it is killed, and can't start again before this is dropped.
struct Away {
    settings: PathBuf,
    aside: PathBuf,
}

impl Away {
    async fn take() -> Self {
        let folder = std::env::var_os("RONDO_LANE").expect("the real lane");
        let settings = Path::new(&folder).join("dapr/kafka/server.properties");
        let away = Self { aside: settings.with_extension("aside"), settings };
        fs::rename(&away.settings, &away.aside).expect("its settings can be put aside");
        KAFKA.signal("-9");
        away
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        // If that fails, Kafka stays away, and whoever waits for it says so.
        let _ = fs::rename(&self.aside, &self.settings);
    }
}
