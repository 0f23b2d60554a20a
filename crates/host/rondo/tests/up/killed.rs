//! `rondo up` killed where it hurts: between a change and the publishing of its events, and between that and the note of
//! it, with its database and all. After the next start every event is with the broker and has had its effect once.
//!
//! The moment is held open by locks in the database, so that the kill hits it every time.

use std::time::{Duration, Instant};

use rondo_native::Database;
use rondo_postgres::{Options, Server, Silent};
use serde_json::{Value, json};

use crate::http::{get, post};
use crate::register;
use crate::rondo::{Folder, Rondo, signal, wait_until};

/// The sweep comes every 15 seconds, and the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(180);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_publishing_was_killed_is_published_after_the_restart() {
    let folder = Folder::new();
    let rondo = Rondo::start(&folder, &[]);
    let token = register(&rondo, "ada@example.org");
    let task = new_task(&rondo, &token);
    let database = Observer::of(&folder).await;
    database.until_all_is_published().await;

    let _broker_stands_still = database.hold("lock table dapr.messages in share mode").await;
    let completed = complete(&rondo, &token, &task);
    let publishing = database.waiting_for("dapr.messages").await;
    assert_eq!(database.unpublished().await, ["task.updated", "task.status_changed"]);
    kill(publishing, rondo, &folder);

    let rondo = Rondo::start(&folder, &[]);
    assert_eq!(read_task(&rondo, &token, &task), completed);
    let database = Observer::of(&folder).await;
    database.until_all_is_published().await;
    let told = database.messages_about(&task).await;
    assert_eq!(types(&told), ["task.created", "task.updated", "task.status_changed"]);
    assert_eq!(told[2]["data"]["status"], "completed");
    database.until_all_is_delivered().await;
    assert_eq!(database.notes_of(&told[2]).await, ["processed"]);

    // And life goes on: what is changed now is told as well.
    let next = new_task(&rondo, &token);
    database.until_all_is_published().await;
    assert_eq!(types(&database.messages_about(&next).await), ["task.created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_published_but_not_noted_as_such_has_its_effect_once() {
    let folder = Folder::new();
    let rondo = Rondo::start(&folder, &[]);
    let token = register(&rondo, "ada@example.org");
    let task = new_task(&rondo, &token);
    let database = Observer::of(&folder).await;
    database.until_all_is_published().await;

    let broker_stands_still = database.hold("lock table dapr.messages in share mode").await;
    complete(&rondo, &token, &task);
    database.waiting_for("dapr.messages").await;
    let _nothing_is_noted = database.hold("lock table event_sequences in exclusive mode").await;
    broker_stands_still.client().batch_execute("commit").await.expect("released");
    database.until_all_is_delivered().await;
    let noting = database.waiting_for("event_sequences").await;
    assert_eq!(database.unpublished().await, ["task.updated", "task.status_changed"]);
    kill(noting, rondo, &folder);

    let _rondo = Rondo::start(&folder, &[]);
    let database = Observer::of(&folder).await;
    database.until_all_is_published().await;
    let told = database.messages_about(&task).await;
    assert_eq!(
        types(&told),
        ["task.created", "task.updated", "task.updated", "task.status_changed", "task.status_changed"]
    );
    for member in ["id", "time", "data"] {
        assert_eq!((&told[1][member], &told[3][member]), (&told[2][member], &told[4][member]), "{member}");
    }
    database.until_all_is_delivered().await;
    assert_eq!(database.notes_of(&told[3]).await, ["processed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_killed_alone_is_started_again_with_all_that_was_acknowledged() {
    let folder = Folder::new();
    let rondo = Rondo::start(&folder, &[]);
    let token = register(&rondo, "ada@example.org");
    let task = new_task(&rondo, &token);

    let killed = folder.postmaster().expect("it runs");
    signal("KILL", &[killed]);
    wait_until("another database", || folder.postmaster().is_some_and(|pid| pid != killed));
    let path = format!("/api/tasks/{task}");
    wait_until("the task", || get(rondo.address, Some(&token), &path).status == 200);
    complete(&rondo, &token, &task);
}

/// kill -9 of all: first the sessions that wait, or they would go on when the one that holds them up is gone.
fn kill(waiting: Vec<u32>, rondo: Rondo, folder: &Folder) {
    let database = folder.postmaster().expect("it runs");
    signal("KILL", &[waiting, vec![rondo.pid(), database]].concat());
    drop(rondo);
    folder.wait_until_postgres_is_gone();
}

fn new_task(rondo: &Rondo, token: &str) -> String {
    let answer = post(rondo.address, Some(token), "/api/tasks", &json!({ "title": "pay rent" }));
    assert_eq!(answer.status, 201, "{}", answer.body);
    document(&answer.body)["id"].as_str().expect("an id").to_owned()
}

fn complete(rondo: &Rondo, token: &str, task: &str) -> Value {
    let answer = post(rondo.address, Some(token), &format!("/api/tasks/{task}/complete"), &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    document(&answer.body)
}

fn read_task(rondo: &Rondo, token: &str, task: &str) -> Value {
    let answer = get(rondo.address, Some(token), &format!("/api/tasks/{task}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    document(&answer.body)
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap_or("none")).collect()
}

/// A session beside those of the running system.
struct Observer {
    url: String,
    database: Database,
}

impl Observer {
    async fn of(folder: &Folder) -> Self {
        let server = Server::start(Options::new(folder.path().join("pg")), &Silent).await.expect("the running server");
        assert!(server.is_joined(), "the server is the one of `rondo up`");
        let url = server.owner_url();
        Self { database: Database::connect(&url).await.expect("a session"), url }
    }

    /// Takes `lock` in a session of its own; it lasts until that session ends or commits.
    async fn hold(&self, lock: &str) -> Database {
        let database = Database::connect(&self.url).await.expect("a session");
        database.client().batch_execute(&format!("begin; {lock}")).await.expect("the lock");
        database
    }

    /// The processes of the sessions that wait for a table that is held, once there are any.
    async fn waiting_for(&self, table: &str) -> Vec<u32> {
        let waiting = "select pid::text from pg_locks where relation = $1::text::regclass and not granted";
        let deadline = Instant::now() + PATIENCE;
        loop {
            let pids = self.texts(waiting, table).await;
            if !pids.is_empty() {
                return pids.iter().map(|pid| pid.parse().expect("a pid")).collect();
            }
            assert!(Instant::now() < deadline, "nobody waited for {table}");
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    async fn until_all_is_published(&self) {
        let published = "select (count(*) = 0)::text from outbox where published_at is null and topic <> $1";
        self.until_it_is("true", published, "none").await;
    }

    async fn until_all_is_delivered(&self) {
        let delivered = r#"
            select (count(*) = 0)::text
            from dapr.messages as message
            left join dapr.consumer_offsets as consumed using (pubsub, topic, partition)
            where message.topic = $1 and message."offset" >= coalesce(consumed.next_offset, 0)"#;
        self.until_it_is("true", delivered, "task-updates").await;
    }

    async fn until_it_is(&self, wanted: &str, query: &str, parameter: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.texts(query, parameter).await != [wanted] {
            assert!(Instant::now() < deadline, "not within {} seconds: {query}", PATIENCE.as_secs());
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// The types of the events that wait in the outbox, in order.
    async fn unpublished(&self) -> Vec<String> {
        let waiting = "select event_type from outbox where published_at is null and topic <> $1 order by sequence";
        self.texts(waiting, "none").await
    }

    /// The CloudEvents about a task that the broker has, in the order of what they tell; what came twice is there twice.
    async fn messages_about(&self, task: &str) -> Vec<Value> {
        let messages = "
            select event::text
            from dapr.messages cross join lateral (select convert_from(payload, 'UTF8')::jsonb as event) as read
            where key = $1
            order by (event -> 'data' ->> 'sequence')::bigint";
        self.texts(messages, task).await.iter().map(|text| document(text)).collect()
    }

    /// What consumers noted of an event.
    async fn notes_of(&self, event: &Value) -> Vec<String> {
        let id = event["id"].as_str().expect("an id");
        self.texts("select status from processed_event_logs where event_id = $1", id).await
    }

    async fn texts(&self, query: &str, parameter: &str) -> Vec<String> {
        let rows = self.database.client().query(query, &[&parameter]).await.expect("an answer");
        rows.iter().map(|row| row.get(0)).collect()
    }
}
