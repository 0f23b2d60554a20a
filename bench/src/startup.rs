//! Quick to start: from the start of a process to its first answer, and how big everything is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use rondo_postgres::{Options, Server, Silent};
use serde::{Deserialize, Serialize};

use crate::servers::Rondo;
use crate::usage::resident_bytes;

const TIMES: usize = 5;

/// How soon, and how big.
#[derive(Debug, Serialize, Deserialize)]
pub struct Startup {
    /// `rondo serve` with compiled components cached, until `GET /health` is answered.
    pub serve_to_health_ms: f64,
    /// `rondo up` on an existing folder, until `GET /ready` is answered 200.
    pub up_to_ready_ms: f64,
    /// The memory of `rondo up` when it is ready.
    pub resident_mb: f64,
    /// The program `rondo`.
    pub program_mb: f64,
    /// The components of spin.toml.
    pub components_kb: BTreeMap<String, f64>,
}

/// Starts and stops Rondo a few times, on a folder in which nothing runs.
///
/// # Errors
/// It does not start or stop.
pub async fn measure(rondo: &Rondo) -> anyhow::Result<Startup> {
    let (up_to_ready, resident) = time_up(rondo).await?;
    Ok(Startup {
        serve_to_health_ms: milliseconds(time_serve(rondo).await?),
        up_to_ready_ms: milliseconds(up_to_ready),
        resident_mb: megabytes(resident),
        program_mb: megabytes(fs::metadata(&rondo.program)?.len()),
        components_kb: component_sizes(Path::new("spin.toml"))?,
    })
}

async fn time_up(rondo: &Rondo) -> anyhow::Result<(Duration, u64)> {
    let mut times = Vec::new();
    let mut resident = 0;
    for _ in 0..TIMES {
        let started = Instant::now();
        let mut server = rondo.up()?;
        server.until_answered("/ready").await?;
        times.push(started.elapsed());
        resident = resident_bytes(server.pid)?;
        server.stop().await?;
    }
    Ok((median(times), resident))
}

async fn time_serve(rondo: &Rondo) -> anyhow::Result<Duration> {
    let database = Server::start(Options::new(rondo.data.join("pg")), &Silent).await?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let started = Instant::now();
        let mut server = rondo.serve(&database.app_url())?;
        server.until_answered("/health").await?;
        times.push(started.elapsed());
        server.stop().await?;
    }
    database.stop().await?;
    Ok(median(times))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn component_sizes(manifest: &Path) -> anyhow::Result<BTreeMap<String, f64>> {
    let text = fs::read_to_string(manifest).with_context(|| manifest.display().to_string())?;
    let sources = text.lines().filter_map(|line| line.strip_prefix("source = \"")?.strip_suffix('"'));
    let size = |source: &str| {
        let name = Path::new(source).file_stem().context("a component's name")?.to_string_lossy().into_owned();
        Ok((name, fs::metadata(source).with_context(|| source.to_owned())?.len() as f64 / 1024.0))
    };
    sources.map(size).collect()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
