//! The page's end-to-end suite: a real browser on a real `rondo up`.

use std::fs::{self, DirBuilder};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;

use anyhow::{Context, bail};

use crate::project::Project;
use crate::test::Tally;

/// Runs the suite against a Rondo with a data folder of its own.
pub fn run(project: &Project, tally: &mut Tally) -> anyhow::Result<()> {
    let browser = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    if !Path::new(&browser).exists() {
        bail!("the page's tests need Chromium: install it, or set CHROMIUM to where it is");
    }
    let data = project.target().join("xtask/page-e2e");
    make_anew(&data, &project.target().join("tmp/compiled")).with_context(|| data.display().to_string())?;
    let rondo = Rondo::start(project, &data)?;
    tally.count(project.npm(&["run", "--silent", "e2e"]).env("RONDO_URL", &rondo.url))
}

/// A data folder with nothing in it but the components that other suites have `compiled`.
fn make_anew(data: &Path, compiled: &Path) -> io::Result<()> {
    if data.exists() {
        fs::remove_dir_all(data)?;
    }
    fs::create_dir_all(data)?;
    // What was compiled is run as us: the host takes it from no folder that is open to others.
    DirBuilder::new().recursive(true).mode(0o700).create(compiled)?;
    symlink(compiled, data.join("cache"))
}

/// A running `rondo up`, stopped when dropped.
struct Rondo {
    process: Child,
    url: String,
}

impl Rondo {
    fn start(project: &Project, data: &Path) -> anyhow::Result<Self> {
        let mut host = project.command(project.host());
        host.args(["up", "--port", "0", "--data"]).arg(data).stdin(Stdio::null()).stderr(Stdio::piped());
        let mut process = host.spawn().with_context(|| project.host().display().to_string())?;
        let log = process.stderr.take().context("the host's log")?;
        let url = until_ready(log)?;
        Ok(Self { process, url })
    }
}

/// Passes on the host's log, and returns the address once it is ready.
fn until_ready(log: ChildStderr) -> anyhow::Result<String> {
    let mut lines = BufReader::new(log).lines();
    while let Some(line) = lines.next().transpose()? {
        eprintln!("{line}");
        if let Some((_, rest)) = line.split_once("ready at ") {
            thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
            return Ok(rest.split_whitespace().next().unwrap_or_default().to_owned());
        }
    }
    bail!("rondo ended before it was ready")
}

impl Drop for Rondo {
    fn drop(&mut self) {
        let told = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let ended = self.process.wait();
        if !told.is_ok_and(|status| status.success()) || ended.is_err() {
            eprintln!("rondo (pid {}) could not be stopped", self.process.id());
        }
    }
}
