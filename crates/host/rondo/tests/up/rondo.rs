//! A `rondo` of its own for each test, ended with it.

use std::cell::RefCell;
use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);

/// A data folder that shares only the compiled components with others.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
        // What was compiled is run as us: the host takes it from no folder that is open to others.
        DirBuilder::new().recursive(true).mode(0o700).create(&cache).expect("a folder");
        let folder = tempfile::tempdir().expect("a temporary folder");
        symlink(&cache, folder.path().join("cache")).expect("a link");
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The pid of the embedded server, while it claims the folder.
    pub fn postmaster(&self) -> Option<u32> {
        let text = fs::read_to_string(self.path().join("pg/data/postmaster.pid")).ok()?;
        text.lines().next()?.parse().ok()
    }

    pub fn wait_for(&self, file: &str) {
        wait_until(file, || self.path().join(file).exists());
    }

    pub fn wait_until_postgres_is_gone(&self) {
        wait_until("the end of PostgreSQL", || !self.postmaster().is_some_and(is_alive));
    }
}

/// A running `rondo up`; killed when dropped.
pub struct Rondo {
    process: Child,
    pub address: SocketAddr,
    log: Receiver<String>,
    said: RefCell<Vec<String>>,
}

impl Rondo {
    /// Starts on a free port, and waits until it is ready.
    pub fn start(folder: &Folder, options: &[&str]) -> Self {
        let mut rondo = Self::spawn(folder, options);
        let line = rondo.hear("ready at http://");
        rondo.address = address_in(&line);
        rondo
    }

    /// Starts, and waits for nothing.
    pub fn spawn(folder: &Folder, options: &[&str]) -> Self {
        let mut command = command("up", folder);
        if !options.contains(&"--port") {
            command.args(["--port", "0"]);
        }
        let mut process = command.args(options).stderr(Stdio::piped()).spawn().expect("rondo is built");
        let log = listen_to(process.stderr.take().expect("a pipe"));
        let address = ([127, 0, 0, 1], 0).into();
        Self { process, address, log, said: RefCell::default() }
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The frame at the end of the start.
    pub fn greeting(&self) -> String {
        self.hear("╰");
        self.said.borrow().join("\n")
    }

    /// Where the host's own metrics are, as it said.
    pub fn metrics_address(&self) -> SocketAddr {
        let said = self.said.borrow();
        let line = said.iter().find(|line| line.contains("metrics are at")).expect("it said so");
        address_in(line)
    }

    /// What it says when it will not start.
    pub fn refusal(mut self) -> String {
        let rest: Vec<_> = self.log.iter().collect();
        let status = self.process.wait().expect("it ends");
        assert!(!status.success());
        rest.join("\n")
    }

    /// Sends a signal and waits for the end.
    pub fn stop(mut self, name: &str) -> ExitStatus {
        signal(name, &[self.pid()]);
        self.log.iter().for_each(|line| eprintln!("{line}"));
        self.process.wait().expect("it ends")
    }

    /// Lets it have so many files open; those that it has open stay so.
    pub fn limit_files(&self, most: u32) {
        let (pid, limit) = (self.pid().to_string(), format!("--nofile={most}:"));
        let status = Command::new("prlimit").args(["--pid", &pid, &limit]).status();
        assert!(status.expect("prlimit runs").success());
    }

    /// The next line that holds `text`.
    pub fn hear(&self, text: &str) -> String {
        for line in self.log.iter() {
            eprintln!("{line}");
            self.said.borrow_mut().push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
        panic!("it ended without saying `{text}`");
    }
}

/// The lines that a process says, read as they come: it would stand still if nobody did.
fn listen_to(errors: ChildStderr) -> Receiver<String> {
    let (tell, hear) = channel();
    thread::spawn(move || {
        for line in BufReader::new(errors).lines().map_while(Result::ok) {
            // Whoever has heard enough has gone.
            let _ = tell.send(line);
        }
    });
    hear
}

impl Drop for Rondo {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            let ended = self.process.kill().and_then(|()| self.process.wait());
            assert!(ended.is_ok() || thread::panicking(), "{ended:?}");
        }
    }
}

/// The binary, in the project's root, where `spin.toml` is.
pub fn command(name: &str, folder: &Folder) -> Command {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rondo"));
    command
        .current_dir(root)
        .env_remove("DATABASE_URL")
        .arg(name)
        .arg("--data")
        .arg(folder.path())
        .stdin(Stdio::null());
    command
}

fn address_in(line: &str) -> SocketAddr {
    let (_, rest) = line.split_once("http://").expect("an address");
    let address: String =
        rest.chars().take_while(|character| character.is_ascii_digit() || ".:".contains(*character)).collect();
    address.parse().unwrap_or_else(|error| panic!("{line}: {error}"))
}

pub fn signal(name: &str, pids: &[u32]) {
    let pids = pids.iter().map(u32::to_string);
    let status = Command::new("kill").arg(format!("-{name}")).args(pids).status();
    assert!(status.expect("kill runs").success());
}

/// Alive, and no zombie that waits for its parent.
pub fn is_alive(pid: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

pub fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what} never came");
        thread::sleep(LOOK_AGAIN_AFTER);
    }
}
