//! The whole benchmark, from an empty folder to the report.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rondo_postgres::{DatabaseUrls, Server};
use serde::{Deserialize, Serialize};

use crate::cli::{Options, Part};
use crate::dataset::{self, DataSet, FULL};
use crate::events::{self, Events};
use crate::flood::{self, Flood};
use crate::load::{Draw, Load, put};
use crate::pgbench::Pgbench;
use crate::punctuality::{self, Punctuality};
use crate::report;
use crate::scenario::{Requests, Scenario};
use crate::servers::{Rondo, Running, yardstick};
use crate::startup::{self, Startup};
use crate::usage::{Usage, family, load_average, postmaster, resident_bytes};

/// What is not counted of each measurement.
const WARM_UP: Duration = Duration::from_secs(1);

/// All that was measured.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Results {
    /// How many processes wanted a core before the start: with more than a few, not all of it is Rondo's doing.
    pub load_before: f64,
    /// Each scenario at each number of connections.
    pub measurements: Vec<Measurement>,
    /// See [`Flood`].
    pub flood: Option<Flood>,
    /// See [`Punctuality`].
    pub punctuality: Option<Punctuality>,
    /// See [`Events`].
    pub events: Option<Events>,
    /// See [`Startup`].
    pub startup: Option<Startup>,
}

impl Results {
    /// These, and what was not measured this time as it was `kept`.
    pub fn over(self, kept: Self) -> Self {
        Self {
            load_before: kept.load_before,
            measurements: if self.measurements.is_empty() { kept.measurements } else { self.measurements },
            flood: self.flood.or(kept.flood),
            punctuality: self.punctuality.or(kept.punctuality),
            events: self.events.or(kept.events),
            startup: self.startup.or(kept.startup),
        }
    }
}

/// A scenario at a number of connections.
#[derive(Debug, Serialize, Deserialize)]
pub struct Measurement {
    /// What was asked.
    pub scenario: Scenario,
    /// By how many at once.
    pub connections: u32,
    /// Of Rondo's host.
    pub rondo: Figures,
    /// Of the native server.
    pub yardstick: Figures,
    /// Of the database alone, where there is a pgbench.
    pub pgbench: Option<DatabaseFigures>,
}

/// How a server did.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Figures {
    /// Replies a second.
    pub per_second: f64,
    /// Half of them came within so many milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 did.
    pub p99_ms: f64,
    /// The server's CPU time for each.
    pub server_cpu_us: f64,
    /// Postgres's CPU time for each.
    pub postgres_cpu_us: f64,
    /// The server's memory at the end.
    pub resident_mb: f64,
}

/// How the database did, asked by pgbench.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DatabaseFigures {
    /// Statements a second.
    pub per_second: f64,
    /// Postgres's CPU time for each.
    pub postgres_cpu_us: f64,
}

/// Runs what `options` ask for.
///
/// # Errors
/// Something does not start, or does not answer as it should.
pub async fn run(options: Options) -> anyhow::Result<()> {
    ensure!(options.rondo.is_file(), "{} is not there: build it first", options.rondo.display());
    let scenarios = options.scenarios().count();
    ensure!(!options.keep || [0, Scenario::ALL.len()].contains(&scenarios), "requests are kept all together");
    let mut results = Results { load_before: load_average()?, ..Results::default() };
    if options.needs_data() {
        with_data(&options, &mut results).await?;
    }
    if options.wants(Part::Events) {
        results.events = Some(events::measure(&options).await?);
    }
    report::write(results, &options)
}

/// Measures what needs the data set.
async fn with_data(options: &Options, results: &mut Results) -> anyhow::Result<()> {
    let bench = Bench::prepare(options).await?;
    for scenario in options.scenarios() {
        for &connections in &options.connections {
            results.measurements.push(bench.measure(scenario, connections).await?);
        }
    }
    if options.wants(Part::Flood) {
        results.flood = Some(bench.flood().await?);
    }
    if options.wants(Part::Reminders) {
        results.punctuality = Some(bench.punctuality().await?);
    }
    let rondo = bench.finish().await?;
    if options.wants(Part::Startup) {
        step("Starting Rondo again, a few times");
        results.startup = Some(startup::measure(&rondo).await?);
    }
    Ok(())
}

/// What measurements are made with. One server runs at a time: each would do what the other one leaves for later.
struct Bench {
    postgres: Server,
    postmaster: u32,
    rondo: Rondo,
    data: Arc<DataSet>,
    jwt_keys: String,
    pgbench: Option<Pgbench>,
    duration: Duration,
}

impl Bench {
    async fn prepare(options: &Options) -> anyhow::Result<Self> {
        fs::create_dir_all(&options.data)?;
        let rondo = Rondo { program: options.rondo.clone(), data: fs::canonicalize(&options.data)? };
        let folder = rondo.data.join("pg");
        let postgres = database(folder.clone(), options.reuse).await?;
        step("Starting Rondo for the first time");
        running(rondo.up()?, "/ready").await?.stop().await?;
        let jwt_keys = rondo.secrets()?.jwt_keys;
        let pgbench = Pgbench::find();
        if pgbench.is_none() {
            step("There is no pgbench here: the database alone is not measured (Debian: apt install postgresql)");
        }
        Ok(Self {
            postmaster: postmaster(&folder)?,
            data: Arc::new(dataset::read(&postgres.owner_url()).await?),
            duration: options.duration(),
            postgres,
            rondo,
            jwt_keys,
            pgbench,
        })
    }

    async fn host(&self) -> anyhow::Result<Running> {
        running(self.rondo.up()?, "/ready").await
    }

    async fn yardstick(&self) -> anyhow::Result<Running> {
        let urls = DatabaseUrls { owner: self.postgres.owner_url(), app: self.postgres.app_url() };
        running(yardstick(&self.rondo.data, &urls, &self.jwt_keys)?, "/health").await
    }

    async fn measure(&self, scenario: Scenario, connections: u32) -> anyhow::Result<Measurement> {
        let rondo = self.measure_server(self.host().await?, scenario, connections).await?;
        self.settle(scenario).await?;
        let yardstick = self.measure_server(self.yardstick().await?, scenario, connections).await?;
        self.settle(scenario).await?;
        let pgbench = self.measure_database(scenario, connections).await?;
        self.settle(scenario).await?;
        step(&format!(
            "{:<6} ×{connections:<2}  Rondo {:>6.0}/s {:>5.0} µs   yardstick {:>6.0}/s {:>5.0} µs   pgbench {}",
            scenario.name(),
            rondo.per_second,
            rondo.server_cpu_us,
            yardstick.per_second,
            yardstick.server_cpu_us,
            pgbench.map_or("–".to_owned(), |figures| format!("{:>6.0}/s", figures.per_second)),
        ));
        Ok(Measurement { scenario, connections, rondo, yardstick, pgbench })
    }

    async fn measure_server(&self, server: Running, scenario: Scenario, connections: u32) -> anyhow::Result<Figures> {
        let requests = Requests::new(Arc::clone(&self.data), &self.jwt_keys)?;
        let draw: Draw = Arc::new(move |dice| requests.draw(scenario, dice));
        let load = |duration| Load { connections, duration, rate: None };
        put(server.address, Arc::clone(&draw), load(WARM_UP)).await?;
        let before = Usage::read(server.pid, self.postmaster)?;
        let outcome = put(server.address, draw, load(self.duration)).await?;
        let used = Usage::read(server.pid, self.postmaster)? - before;
        let expected = scenario.expected().as_u16();
        ensure!(
            outcome.statuses.keys().all(|status| *status == expected),
            "{} at {}: {:?} instead of {expected}",
            scenario.name(),
            server.address,
            outcome.statuses
        );
        let resident_mb = resident_bytes(server.pid)? as f64 / (1024.0 * 1024.0);
        server.stop().await?;
        Ok(Figures {
            per_second: outcome.per_second,
            p50_ms: outcome.p50_ms,
            p99_ms: outcome.p99_ms,
            server_cpu_us: microseconds_each(used.server, outcome.requests),
            postgres_cpu_us: microseconds_each(used.postgres, outcome.requests),
            resident_mb,
        })
    }

    async fn measure_database(&self, scenario: Scenario, connections: u32) -> anyhow::Result<Option<DatabaseFigures>> {
        let Some(pgbench) = &self.pgbench else { return Ok(None) };
        let before = family(self.postmaster)?;
        let rate = pgbench.measure(&self.postgres.app_url(), FULL, scenario, connections, self.duration).await?;
        let used = family(self.postmaster)?.saturating_sub(before);
        let postgres_cpu_us = microseconds_each(used, rate.count);
        Ok(Some(DatabaseFigures { per_second: rate.per_second, postgres_cpu_us }))
    }

    /// Takes the events that nobody relayed out of the outbox, so that the sweep does not in the next measurement.
    async fn settle(&self, scenario: Scenario) -> anyhow::Result<()> {
        if scenario == Scenario::Create {
            let client = dataset::connect(&self.postgres.owner_url()).await?;
            client.batch_execute(include_str!("../sql/settle.sql")).await?;
        }
        Ok(())
    }

    async fn flood(&self) -> anyhow::Result<Flood> {
        let requests = Requests::new(Arc::clone(&self.data), &self.jwt_keys)?;
        let host = self.host().await?;
        let flood = flood::measure(host.address, &requests, &self.data, self.duration * 2).await?;
        host.stop().await?;
        step(&format!(
            "flood: p95 of the others {:.1} ms, {:.1} ms without; logins {:?}",
            flood.flooded_p95_ms, flood.calm_p95_ms, flood.logins
        ));
        Ok(flood)
    }

    async fn punctuality(&self) -> anyhow::Result<Punctuality> {
        step("Waiting for reminders, which takes two minutes");
        let (host, owner_url) = (self.host().await?, self.postgres.owner_url());
        let punctuality = punctuality::measure(host.address, &self.data, &self.jwt_keys, &owner_url).await?;
        host.stop().await?;
        let (spread, at_once) = (punctuality.within_a_minute, punctuality.at_one_instant);
        step(&format!(
            "reminders: the latest of {} within a minute came after {:.0} ms, at one instant after {:.0} ms",
            spread.reminders, spread.max_ms, at_once.max_ms
        ));
        Ok(punctuality)
    }

    async fn finish(self) -> anyhow::Result<Rondo> {
        self.postgres.stop().await?;
        Ok(self.rondo)
    }
}

/// A server that answers `path`.
async fn running(mut server: Running, path: &str) -> anyhow::Result<Running> {
    server.until_answered(path).await?;
    Ok(server)
}

/// A running Postgres with the data set: a fresh one, or that of an earlier run.
async fn database(folder: PathBuf, reuse: bool) -> anyhow::Result<Server> {
    if !reuse {
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).context(folder.display().to_string());
            }
            _ => {}
        }
    }
    let has_data = folder.join("data").exists();
    let postgres = Server::start(rondo_postgres::Options::new(folder), &step).await?;
    ensure!(!postgres.is_joined(), "another process runs a database in this folder");
    if !has_data {
        let started = Instant::now();
        step(&format!("Loading {} users with {} tasks each", FULL.users, FULL.tasks_each));
        let urls = DatabaseUrls { owner: postgres.owner_url(), app: postgres.app_url() };
        dataset::load(&urls, FULL).await?;
        step(&format!("Loaded in {:.1} s", started.elapsed().as_secs_f64()));
    }
    Ok(postgres)
}

fn microseconds_each(used: Duration, count: u64) -> f64 {
    used.as_secs_f64() * 1e6 / count.max(1) as f64
}

fn step(what: &str) {
    eprintln!("{what}");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::aims::judge;

    const KEPT: &str = include_str!("../results/latest.json");

    fn kept() -> Results {
        serde_json::from_str(KEPT).expect("the kept figures")
    }

    #[test]
    fn what_is_measured_anew_is_judged_with_what_was_kept() {
        let flood = Flood {
            logins_per_second: 100.0,
            logins: BTreeMap::new(),
            calm_p95_ms: 5.0,
            flooded_p95_ms: 5000.0,
            flooded_p99_ms: 5000.0,
        };
        let before = judge(&kept());
        let after = judge(&Results { flood: Some(flood), ..Results::default() }.over(kept()));
        let differs: Vec<_> = after.iter().zip(&before).filter(|(now, then)| now.measured != then.measured).collect();
        assert_eq!((after.len(), differs.len()), (before.len(), 1));
        assert!(differs[0].0.what.starts_with("the other routes") && !differs[0].0.met);
    }
}
