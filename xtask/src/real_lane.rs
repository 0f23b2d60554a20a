//! The end-to-end suite on the real Dapr and the real Kafka.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::build;
use crate::project::Project;
use crate::test::Tally;
use crate::tools::Tools;

/// How long the first start may take: components are compiled, Kafka makes its topics.
const START_LIMIT: Duration = Duration::from_secs(300);
/// How long everything may take to end.
const STOP_LIMIT: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// What only the real lane can show.
pub const SUITE: &str = "real_lane";
/// What both sidecars must do alike.
pub const CONTRACT: &str = "sidecar_contract";
/// The tests that can't run there.
const EMBEDDED_ONLY: &str = "tests/embedded_only.txt";

/// Runs the suites, and `meanwhile` before the last of them, which mostly waits; says so, and runs nothing, where the tools can't
/// be had.
pub fn run(project: &Project, filters: &[String], tally: &mut Tally, meanwhile: impl FnOnce()) -> anyhow::Result<()> {
    let tools = match Tools::ensure(project) {
        Ok(tools) => tools,
        Err(error) => {
            tally.skip(format!("the end-to-end suite on the real Dapr and Kafka: {error:#}"));
            return Ok(());
        }
    };
    build::components(project)?;
    build::page(project)?;
    build::host(project)?;
    let embedded_only = embedded_only(project)?;
    let lane = Lane::start(project, &tools)?;
    let mut suite = lane.suite(project, "e2e")?;
    suite.args(filters);
    for name in &embedded_only {
        suite.args(["--skip", name]);
    }
    let mut tested = tally.count(&mut suite);
    tested = tested.and(tally.count(lane.suite(project, CONTRACT)?.args(filters)));
    if filters.is_empty() {
        meanwhile();
        // Takes the lane away from everybody, and so comes alone.
        tested = tested.and(tally.count(lane.suite(project, SUITE)?.arg("--nocapture")));
    }
    tested.and(lane.stop())
}

/// Names of tests, or their beginnings.
fn embedded_only(project: &Project) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(project.path(EMBEDDED_ONLY)).context(EMBEDDED_ONLY)?;
    Ok(text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect())
}

/// `rondo up --sidecar dapr`, on a folder of its own.
struct Lane {
    process: Child,
    folder: PathBuf,
}

impl Lane {
    fn start(project: &Project, tools: &Tools) -> anyhow::Result<Self> {
        // Its own to the last part: tests know its processes by this name in their command lines.
        let folder = project.target().join("lane");
        clear(&folder)?;
        let mut up = project.command(project.host());
        up.args(["up", "--sidecar", "dapr", "--port", "0", "--data"]).arg(&folder).env_remove("DATABASE_URL");
        // The webhooks and push services of tests are on this machine.
        up.args(["--variable", "blocked_networks="]);
        for (option, path) in tools.options() {
            up.arg(option).arg(path);
        }
        let mut lane = Self { process: up.spawn().context("rondo up")?, folder };
        let deadline = Instant::now() + START_LIMIT;
        while !lane.folder.join("dapr/run.json").exists() {
            if let Some(status) = lane.process.try_wait()? {
                bail!("`rondo up --sidecar dapr` ended with {status} before it was ready");
            }
            if Instant::now() >= deadline {
                lane.stop()?;
                bail!("`rondo up --sidecar dapr` was not ready after {} s", START_LIMIT.as_secs());
            }
            sleep(LOOK_EVERY);
        }
        Ok(lane)
    }

    /// A suite, to be run on it.
    fn suite(&self, project: &Project, name: &str) -> anyhow::Result<Command> {
        let mut suite = project.cargo_test()?;
        suite.args(["--test", name]).env("RONDO_LANE", &self.folder).arg("--");
        Ok(suite)
    }

    /// Ends it as Ctrl-C does, and waits.
    fn stop(mut self) -> anyhow::Result<()> {
        let interrupted = Command::new("kill").arg("-INT").arg(self.process.id().to_string()).status();
        interrupted.context("kill")?;
        let deadline = Instant::now() + STOP_LIMIT;
        loop {
            match self.process.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("`rondo up --sidecar dapr` ended with {status}"),
                None if Instant::now() >= deadline => {
                    self.process.kill()?;
                    bail!("`rondo up --sidecar dapr` did not end within {} s", STOP_LIMIT.as_secs());
                }
                None => sleep(LOOK_EVERY),
            }
        }
    }
}

impl Drop for Lane {
    /// What could not be stopped in order takes its children along.
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            let _ = self.process.kill();
        }
    }
}

/// Leaves nothing of an earlier run but what was compiled.
fn clear(folder: &Path) -> anyhow::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(_) => return Ok(()),
    };
    for entry in entries {
        let path = entry?.path();
        if path.ends_with("cache") {
            continue;
        }
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.with_context(|| path.display().to_string())?;
    }
    Ok(())
}
