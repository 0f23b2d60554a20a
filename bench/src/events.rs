//! How soon an event is handled, how many a second go through the relay, and how much memory all of it takes: with the embedded
//! sidecar, and on the real Dapr and Kafka.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use anyhow::{Context, ensure};
use http::StatusCode;
use jiff::Timestamp;
use rondo_domain::ids::UserId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};
use tokio_postgres::Client;

use crate::cli::Options;
use crate::dataset::connect;
use crate::http_client::Connection;
use crate::memory::{self, Memory};
use crate::people::Person;
use crate::topology::{Sidecar, Topology};
use crate::usage::load_average;

/// How many events are timed, and how long after one another they are made.
const TIMED: usize = 300;
const EVERY: Duration = Duration::from_millis(50);
/// How many events are made at once, to see how many a second are relayed.
const BURST: usize = 1_000;
/// By how many people on as many connections, where it is not one.
const CROWD: usize = 20;
/// How long the last event may take.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// How events fared.
#[derive(Debug, Serialize, Deserialize)]
pub struct Events {
    /// How many processes wanted a core before the start.
    pub load_before: f64,
    /// With each sidecar that could be had.
    pub sidecars: BTreeMap<Sidecar, Figures>,
}

/// How events fared with one sidecar.
#[derive(Debug, Serialize, Deserialize)]
pub struct Figures {
    /// From the request that completes a task to notification-service's note of it.
    pub noted: Lateness,
    /// From the request that makes a series to recurring-service's note that its job is set.
    pub scheduled: Lateness,
    /// Events a second of one person's import, from its answer to the last on its topic.
    pub import_per_second: f64,
    /// Events a second while many people make tasks, from the first request to the last event on its topic.
    pub crowd_per_second: f64,
    /// What each process has in use after all that.
    pub memory: BTreeMap<String, Memory>,
}

impl Figures {
    /// All but the memory, in the order in which they are shown: noted p50 and p99, scheduled p50 and p99, of one, of many.
    pub fn in_a_row(&self) -> [f64; 6] {
        let Self { noted, scheduled, import_per_second, crowd_per_second, .. } = self;
        let [noted, scheduled] = [noted, scheduled].map(|late| (late.p50_ms, late.p99_ms));
        [noted.0, noted.1, scheduled.0, scheduled.1, *import_per_second, *crowd_per_second]
    }
}

/// How long events took.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Lateness {
    /// Half of them came within so many milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 did.
    pub p99_ms: f64,
}

/// Measures with the embedded sidecar, and with the real one if `options` say where it is.
///
/// # Errors
/// Rondo does not start, or not answer as it should.
pub async fn measure(options: &Options) -> anyhow::Result<Events> {
    let load_before = load_average()?;
    let mut sidecars = BTreeMap::new();
    for sidecar in options.tools.sidecars() {
        eprintln!("Starting Rondo on a new folder, with the sidecar {}", sidecar.name());
        let folder = options.data.join(format!("events-{}", sidecar.name()));
        let topology = Topology::start(&options.rondo, &folder, sidecar, &options.tools).await?;
        let figures = Bench::on(&topology).await?.figures().await?;
        topology.host.stop().await?;
        let [noted_p50, noted_p99, scheduled_p50, scheduled_p99, one, many] = figures.in_a_row();
        eprintln!(
            "events, {:<8}  noted p50 {noted_p50:.0} p99 {noted_p99:.0} ms   scheduled p50 {scheduled_p50:.0} p99 \
             {scheduled_p99:.0} ms   {one:.0}/s of one, {many:.0}/s of many",
            sidecar.name(),
        );
        sidecars.insert(sidecar, figures);
    }
    Ok(Events { load_before, sidecars })
}

struct Bench<'a> {
    topology: &'a Topology,
    database: Client,
}

impl<'a> Bench<'a> {
    async fn on(topology: &'a Topology) -> anyhow::Result<Self> {
        Ok(Self { topology, database: connect(&topology.database_url).await? })
    }

    async fn figures(&self) -> anyhow::Result<Figures> {
        Ok(Figures {
            noted: self.noted().await?,
            scheduled: self.scheduled().await?,
            import_per_second: self.import().await?,
            crowd_per_second: self.crowd().await?,
            memory: memory::of_all(self.topology.host.pid)?,
        })
    }

    async fn noted(&self) -> anyhow::Result<Lateness> {
        let (people, mut connection) = (self.people(CROWD).await?, self.connection().await?);
        let mut paths = Vec::with_capacity(TIMED);
        for number in 0..TIMED {
            let task = json!({ "title": format!("Task {number}") });
            let task = people[number % CROWD].post(&mut connection, "/api/tasks", &task, StatusCode::CREATED).await?;
            paths.push(format!("/api/tasks/{}/complete", task["id"].as_str().context("an id")?));
        }
        let complete = |number: usize| (paths[number].clone(), json!({}));
        self.timed(&people, "task.status_changed", StatusCode::OK, complete).await
    }

    async fn scheduled(&self) -> anyhow::Result<Lateness> {
        let people = self.people(CROWD).await?;
        let series = |number: usize| {
            let title = format!("Series {number}");
            let body = json!({ "title": title, "rrule": "FREQ=DAILY", "timezone_iana": "Europe/Berlin" });
            ("/api/tasks/recurring".to_owned(), body)
        };
        self.timed(&people, "recurring.scheduled", StatusCode::CREATED, series).await
    }

    /// Sends requests, each some time after the one before, and reads when the events that they told were noted.
    async fn timed(
        &self,
        people: &[Person],
        event_type: &str,
        expected: StatusCode,
        request: impl Fn(usize) -> (String, Value),
    ) -> anyhow::Result<Lateness> {
        let (mut connection, mut clock) = (self.connection().await?, interval(EVERY));
        let mut sent = HashMap::with_capacity(TIMED);
        for number in 0..TIMED {
            let (path, body) = request(number);
            clock.tick().await;
            let at = Timestamp::now();
            let reply = people[number % people.len()].post(&mut connection, &path, &body, expected).await?;
            let task = reply["task_id"].as_str().or(reply["id"].as_str()).context("the id of a task")?;
            sent.insert(task.to_owned(), at);
        }
        self.lateness(event_type, &sent).await
    }

    /// How long after their requests the events of tasks were noted, once all of them are.
    async fn lateness(&self, event_type: &str, sent: &HashMap<String, Timestamp>) -> anyhow::Result<Lateness> {
        let tasks: Vec<&String> = sent.keys().collect();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rows = self.database.query(include_str!("../sql/handled.sql"), &[&event_type, &tasks]).await?;
            if rows.len() < sent.len() {
                let missing = sent.len() - rows.len();
                ensure!(Instant::now() < deadline, "{missing} × {event_type} are not noted after {PATIENCE:?}");
                sleep(POLL).await;
                continue;
            }
            let late = rows.iter().map(|row| {
                let (task, noted): (String, f64) = (row.get("task"), row.get("noted"));
                (noted - seconds(sent[&task])) * 1e3
            });
            return Ok(Lateness::of(late.collect()));
        }
    }

    /// One person's thousand tasks, in one request.
    async fn import(&self) -> anyhow::Result<f64> {
        let people = self.people(1).await?;
        let tasks: Vec<Value> = (0..BURST).map(|number| json!({ "title": format!("Imported {number}") })).collect();
        let mut connection = self.connection().await?;
        let body = json!({ "tasks": tasks });
        people[0].post(&mut connection, "/api/tasks/import", &body, StatusCode::OK).await?;
        self.relayed(&people, Timestamp::now(), BURST).await
    }

    /// A thousand tasks, made by many people as fast as they are answered.
    async fn crowd(&self) -> anyhow::Result<f64> {
        let (people, began) = (self.people(CROWD).await?, Timestamp::now());
        let mut working = JoinSet::new();
        for person in people.clone() {
            let mut connection = self.connection().await?;
            working.spawn(async move {
                for number in 0..BURST / CROWD {
                    let task = json!({ "title": format!("Task {number}") });
                    person.post(&mut connection, "/api/tasks", &task, StatusCode::CREATED).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(worked) = working.join_next().await {
            worked??;
        }
        self.relayed(&people, began, BURST).await
    }

    /// Events a second from `began` until the last of so many created tasks was told of.
    async fn relayed(&self, people: &[Person], began: Timestamp, events: usize) -> anyhow::Result<f64> {
        let users: Vec<String> = people.iter().map(|person| person.id.to_string()).collect();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let row = self.database.query_one(include_str!("../sql/published.sql"), &[&users]).await?;
            let published: i64 = row.get("published");
            if usize::try_from(published)? == events {
                return Ok(events as f64 / (row.get::<_, f64>("last") - seconds(began)));
            }
            ensure!(Instant::now() < deadline, "{published} of {events} events are published after {PATIENCE:?}");
            sleep(POLL).await;
        }
    }

    /// People who were not there before.
    async fn people(&self, many: usize) -> anyhow::Result<Vec<Person>> {
        let insert =
            "insert into users (id, email, password_hash) values ($1::text::uuid, $1::text || '@bench.example', '')";
        let mut people = Vec::with_capacity(many);
        for _ in 0..many {
            let mut random = [0; 10];
            getrandom::fill(&mut random)?;
            let id = UserId::new(Timestamp::now(), random);
            self.database.execute(insert, &[&id.to_string()]).await?;
            people.push(Person::sign_in(id, &self.topology.keys)?);
        }
        Ok(people)
    }

    async fn connection(&self) -> anyhow::Result<Connection> {
        Connection::open(self.topology.host.address).await
    }
}

impl Lateness {
    fn of(mut late_ms: Vec<f64>) -> Self {
        late_ms.sort_by(f64::total_cmp);
        let at = |share: f64| late_ms[((late_ms.len() - 1) as f64 * share).round() as usize];
        Self { p50_ms: at(0.5), p99_ms: at(0.99) }
    }
}

/// Since 1970.
fn seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_events_came_within_the_median_and_nearly_all_within_the_other() {
        let Lateness { p50_ms, p99_ms } = Lateness::of((0..=100).rev().map(f64::from).collect());
        assert_eq!((p50_ms, p99_ms), (50.0, 99.0));
    }
}
