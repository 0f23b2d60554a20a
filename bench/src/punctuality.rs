//! On time: a thousand reminders that are due within one minute, and a thousand at one instant.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use rondo_web_api::auth::jwt::Keys;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::dataset::{DataSet, connect};
use crate::http_client::Connection;
use crate::people::Person;

/// How many reminders there are of each kind.
const REMINDERS: usize = 1_000;
/// How long the last of them may take before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(250);
/// From the first request for a reminder to the first that is due.
const AHEAD: SignedDuration = SignedDuration::from_secs(45);

/// How late notifications were, after the times of their reminders.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Lateness {
    /// Reminders that were due.
    pub reminders: usize,
    /// Those nobody was notified of.
    pub lost: i64,
    /// Notifications beyond the first of a reminder.
    pub doubled: i64,
    /// Half of them came within so many milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 did.
    pub p99_ms: f64,
    /// The latest.
    pub max_ms: f64,
}

/// Both kinds.
#[derive(Debug, Serialize, Deserialize)]
pub struct Punctuality {
    /// Spread evenly over a minute.
    pub within_a_minute: Lateness,
    /// All at one instant.
    pub at_one_instant: Lateness,
}

/// Sets reminders of new tasks of everybody through the API of `server`, and reads from its database when people were notified.
///
/// # Errors
/// The server or its database does not answer as it should.
pub async fn measure(
    server: SocketAddr,
    data: &Arc<DataSet>,
    jwt_keys: &str,
    database_url: &str,
) -> anyhow::Result<Punctuality> {
    let bench = Bench { server, data, jwt_keys, database_url };
    let step = SignedDuration::from_mins(1) / i32::try_from(REMINDERS)?;
    Ok(Punctuality {
        within_a_minute: bench.round(step).await?,
        at_one_instant: bench.round(SignedDuration::ZERO).await?,
    })
}

struct Bench<'a> {
    server: SocketAddr,
    data: &'a DataSet,
    jwt_keys: &'a str,
    database_url: &'a str,
}

impl Bench<'_> {
    /// Reminders that are due one after the other, each `step` after the one before.
    async fn round(&self, step: SignedDuration) -> anyhow::Result<Lateness> {
        let first = Timestamp::now() + AHEAD;
        let mut ids = Vec::with_capacity(REMINDERS);
        let mut connection = Connection::open(self.server).await?;
        for number in 0..REMINDERS {
            let at = first + step * i32::try_from(number)?;
            ids.push(self.remind(&mut connection, number, at).await?);
        }
        ensure!(Timestamp::now() < first, "setting {REMINDERS} reminders took more than {AHEAD}");
        self.notified(&ids, first + step * i32::try_from(REMINDERS)?).await
    }

    /// A reminder of a new task of one of the users; its id.
    async fn remind(&self, connection: &mut Connection, number: usize, at: Timestamp) -> anyhow::Result<String> {
        let user = &self.data.users[number % self.data.users.len()];
        let person = Person::sign_in(user.id, &Keys::read(self.jwt_keys)?)?;
        let task = json!({ "title": format!("Reminder {number}") });
        let task = person.post(connection, "/api/tasks", &task, StatusCode::CREATED).await?;
        let reminder = json!({ "task_id": task["id"], "scheduled_for": at.to_string() });
        let reminder = person.post(connection, "/api/reminders", &reminder, StatusCode::CREATED).await?;
        Ok(reminder["id"].as_str().context("an id")?.to_owned())
    }

    /// Waits until somebody was notified of each of `ids`, the last of which is due at `last`, and reads how late.
    async fn notified(&self, ids: &[String], last: Timestamp) -> anyhow::Result<Lateness> {
        let client = connect(self.database_url).await?;
        let wait = last.duration_since(Timestamp::now()).unsigned_abs() + PATIENCE;
        let deadline = Instant::now() + wait;
        loop {
            let row = client.query_one(include_str!("../sql/punctuality.sql"), &[&ids]).await?;
            let (notified, told): (i64, i64) = (row.get("notified"), row.get("told"));
            if usize::try_from(notified)? == ids.len() || Instant::now() >= deadline {
                return Ok(Lateness {
                    reminders: ids.len(),
                    lost: i64::try_from(ids.len())? - notified,
                    doubled: told - notified,
                    p50_ms: row.get("p50_ms"),
                    p99_ms: row.get("p99_ms"),
                    max_ms: row.get("max_ms"),
                });
            }
            sleep(POLL).await;
        }
    }
}
