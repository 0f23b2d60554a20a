//! Load on a server, by [rlt](https://docs.rs/rlt): so many connections, each asking again as soon as it is answered.
//!
//! Of the load tools it is the one in which each request can be another user's: others take one `Authorization` for
//! all of a run, and one user's changes wait for one another.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use async_trait::async_trait;
use bytes::Bytes;
use clap::Parser;
use http::Request;
use http_body_util::Full;
use rlt::cli::BenchCli;
use rlt::{BenchSuite, IterInfo, IterReport};
use serde::Deserialize;
use tempfile::NamedTempFile;
use tokio::time::Instant;

use crate::http_client::Connection;
use crate::scenario::Dice;

/// Makes the next request.
pub type Draw = Arc<dyn Fn(&mut Dice) -> http::Result<Request<Full<Bytes>>> + Send + Sync>;

/// How much load.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Connections that ask at the same time.
    pub connections: u32,
    /// For how long.
    pub duration: Duration,
    /// Requests a second in all; without it as many as are answered.
    pub rate: Option<u32>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Replies.
    pub requests: u64,
    /// Replies a second.
    pub per_second: f64,
    /// Half of the replies came within so many milliseconds.
    pub p50_ms: f64,
    /// 95 of 100 did.
    pub p95_ms: f64,
    /// 99 of 100 did.
    pub p99_ms: f64,
    /// How many replies had which status.
    pub statuses: BTreeMap<u16, u64>,
}

/// Puts `load` on `server`.
///
/// # Errors
/// The server is not there, breaks off, or answers nothing.
pub async fn put(server: SocketAddr, draw: Draw, load: Load) -> anyhow::Result<Outcome> {
    let report = NamedTempFile::new()?;
    let mut arguments = vec!["bench".to_owned(), "--quiet".into(), "--output=json".into()];
    arguments.push(format!("--output-file={}", report.path().display()));
    arguments.push(format!("--concurrency={}", load.connections));
    arguments.push(format!("--duration={}ms", load.duration.as_millis()));
    arguments.extend(load.rate.map(|rate| format!("--rate={rate}")));
    rlt::cli::run(BenchCli::try_parse_from(arguments)?, Asker { server, draw }).await?;
    let report: Report = serde_json::from_slice(&fs::read(report.path())?)?;
    report.outcome()
}

#[derive(Clone)]
struct Asker {
    server: SocketAddr,
    draw: Draw,
}

struct Worker {
    connection: Connection,
    dice: Dice,
}

#[async_trait]
impl BenchSuite for Asker {
    type WorkerState = Worker;

    async fn state(&self, number: u32) -> anyhow::Result<Worker> {
        Ok(Worker { connection: Connection::open(self.server).await?, dice: Dice::number(number) })
    }

    async fn bench(&mut self, worker: &mut Worker, _: &IterInfo) -> anyhow::Result<IterReport> {
        let request = (self.draw)(&mut worker.dice)?;
        let sent = Instant::now();
        let reply = worker.connection.send(request).await?;
        Ok(IterReport {
            duration: sent.elapsed(),
            status: reply.status().into(),
            bytes: reply.body().len() as u64,
            items: 1,
        })
    }
}

/// The report of rlt, as far as it is needed.
#[derive(Deserialize)]
struct Report {
    summary: Summary,
    latency: Option<Latency>,
    status: BTreeMap<String, u64>,
    errors: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Summary {
    iters: Iterations,
}

#[derive(Deserialize)]
struct Iterations {
    total: u64,
    rate: f64,
}

#[derive(Deserialize)]
struct Latency {
    percentiles: BTreeMap<String, f64>,
}

impl Report {
    fn outcome(self) -> anyhow::Result<Outcome> {
        ensure!(self.errors.is_empty(), "requests broke off: {:?}", self.errors);
        let latency = self.latency.context("nothing was answered")?;
        let milliseconds = |name: &str| latency.percentiles.get(name).map_or(f64::NAN, |seconds| seconds * 1e3);
        Ok(Outcome {
            requests: self.summary.iters.total,
            per_second: self.summary.iters.rate,
            p50_ms: milliseconds("p50"),
            p95_ms: milliseconds("p95"),
            p99_ms: milliseconds("p99"),
            statuses: self
                .status
                .iter()
                .map(|(name, count)| Ok((status(name)?, *count)))
                .collect::<anyhow::Result<_>>()?,
        })
    }
}

/// The number in `Success(200)`.
fn status(name: &str) -> anyhow::Result<u16> {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    digits.parse().with_context(|| format!("the status {name}"))
}
