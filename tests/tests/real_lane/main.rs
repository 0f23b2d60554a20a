//! What only the real lane can show: its parts killed while series fire and reminders are due. Run by
//! `cargo xtask test e2e --sidecar dapr`, after all else, because it takes the lane away from everybody.

#[path = "../e2e/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "it serves the end-to-end suite first")]
mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use support::lane::Lane;
use support::{App, User, eventually};
use tokio_postgres::NoTls;

/// One reminder is due so many seconds after the other.
const REMINDER_EVERY: SignedDuration = SignedDuration::from_secs(3);
/// How many there are: enough for the longest that all recoveries together may take.
const REMINDERS: i32 = 120;

/// What is killed, and what its command line says.
const PARTS: [(&str, &str); 6] = [
    ("a daprd", "--app-id=notification-service"),
    ("the scheduler", "--etcd-data-dir"),
    ("Kafka", "kafka.Kafka"),
    ("backend", "backend-tasks"),
    ("notification-service", "notification-service-reminders"),
    ("PostgreSQL", "pg/data"),
];

#[tokio::test]
async fn whatever_part_is_killed_nothing_is_lost_and_nothing_comes_twice() {
    let lane = Lane::get().expect("the real lane: cargo xtask test e2e --sidecar dapr");
    let app = App::start().await;
    let ada = app.user().await;
    let series =
        json!({ "title": "Each minute", "rrule": "FREQ=MINUTELY", "timezone_iana": "UTC", "on_missed": "all" });
    let series = ada.create_recurring_task(series).await.is(201)["task_id"].as_str().expect("an id").to_owned();
    let reminders = remind(&ada).await;

    let mut tasks = Vec::new();
    for (name, mark) in PARTS {
        kill(name, mark);
        let killed = (Instant::now(), Timestamp::now());
        tasks.push(new_task(&ada, name).await);
        let taken = killed.0.elapsed();
        let (next, _) = reminders.iter().find(|(_, at)| *at > killed.1).expect("there are enough");
        told(lane, next).await;
        let recovered = killed.0.elapsed();
        eprintln!(
            "{name} was killed: a task was taken after {taken:.1?}, the next reminder told after {recovered:.1?}"
        );
    }

    let now = Timestamp::now();
    for (reminder, _) in reminders.iter().filter(|(_, at)| *at <= now) {
        told(lane, reminder).await;
    }
    eventually("every event is published", async || {
        (app.count("select count(*) from outbox where published_at is null").await == 0).then_some(())
    })
    .await;
    let due = instances(&ada, &series).await;
    let mut times: Vec<&str> = due.iter().map(|instance| instance["scheduled_for"].as_str().expect("a time")).collect();
    let fired = times.len();
    times.sort_unstable();
    times.dedup();
    assert_eq!(times.len(), fired, "an occurrence came twice: {times:?}");
    let minutes: Vec<Timestamp> = times.iter().map(|time| time.parse().expect("a time")).collect();
    assert!(fired >= 1, "the series fired");
    for pair in minutes.windows(2) {
        assert_eq!(
            pair[1].duration_since(pair[0]),
            SignedDuration::from_mins(1),
            "an occurrence is missing: {times:?}"
        );
    }
    for id in tasks {
        ada.task(&id).await.is(200);
    }
}

/// Reminders of tasks of their own, one after the other from now on, with their times.
async fn remind(user: &User) -> Vec<(String, Timestamp)> {
    let first = Timestamp::now() + SignedDuration::from_secs(10);
    let mut reminders = Vec::new();
    for number in 0..REMINDERS {
        let (task, at) = (user.new_task("Reminded").await.id(), first + REMINDER_EVERY * number);
        let body = json!({ "task_id": task, "scheduled_for": at.to_string() });
        reminders.push((user.create_reminder(body).await.is(201).id(), at));
    }
    reminders
}

/// Waits until somebody was told of a reminder, once.
async fn told(lane: &Lane, reminder: &str) {
    let query = "select count(*) from notifications where reminder_id = $1::text::uuid";
    eventually("a reminder is told", async || {
        // The database may be the one that is away.
        let times: i64 = asked(lane, query, reminder).await?;
        assert!(times <= 1, "the reminder {reminder} was told {times} times");
        (times == 1).then_some(())
    })
    .await;
}

/// The answer of the database, if it is there.
async fn asked(lane: &Lane, query: &str, id: &str) -> Option<i64> {
    let (client, connection) = tokio_postgres::connect(&lane.owner_url, NoTls).await.ok()?;
    tokio::spawn(connection);
    Some(client.query_one(query, &[&id]).await.ok()?.get(0))
}

/// Makes a task, asking again under one key until it is taken.
async fn new_task(user: &User, title: &str) -> String {
    eventually("a task is taken", async || {
        let call = user.create_task(json!({ "title": title })).header("idempotency-key", title);
        call.attempt().await.ok().filter(|reply| reply.status == 201).map(|reply| reply.id())
    })
    .await
}

async fn instances(user: &User, series: &str) -> Vec<Value> {
    let page = user.task_instances(series).query("page_size", "100").await.is(200);
    page["instances"].as_array().expect("a list").clone()
}

/// kill -9 of the processes of the lane whose command line has `mark`.
fn kill(name: &str, mark: &str) {
    let folder = std::env::var("RONDO_LANE").expect("the real lane");
    let found: Vec<String> =
        processes().filter(|(_, line)| line.contains(mark) && line.contains(&folder)).map(|(pid, _)| pid).collect();
    assert!(!found.is_empty(), "there is no process of {name} to kill");
    let status = Command::new("kill").arg("-9").args(&found).status().expect("kill runs");
    assert!(status.success(), "{name}");
}

/// Process ids and command lines.
fn processes() -> impl Iterator<Item = (String, String)> {
    let entries = fs::read_dir("/proc").expect("Linux").flatten();
    entries.filter_map(|entry| {
        let pid = entry.file_name().into_string().ok().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))?;
        let line = fs::read(PathBuf::from("/proc").join(&pid).join("cmdline")).ok()?;
        Some((pid, String::from_utf8_lossy(&line).replace('\0', " ")))
    })
}
