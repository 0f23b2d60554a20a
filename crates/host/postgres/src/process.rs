//! The server's process: started on a thread that waits for it, stopped by a signal.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, timeout};
use tracing::warn;

use crate::binaries::Binaries;
use crate::identity::{Identity, OrphanSignal};
use crate::{Durability, Error};

/// How long a fast shutdown may take before connections are cut off hard.
const FAST_STOP_SECONDS: u64 = 30;
/// How long an immediate shutdown may take.
const IMMEDIATE_STOP_SECONDS: u64 = 10;
/// How often a process that isn't our child is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A running server that this process started.
#[derive(Debug)]
pub(crate) struct Process {
    pid: Pid,
    ended: watch::Receiver<bool>,
}

impl Process {
    /// Starts `postgres` on `data`, listening on 127.0.0.1 and `port`, writing to `log`.
    pub(crate) async fn start(
        binaries: &Binaries,
        identity: Identity,
        data: &Path,
        log: &Path,
        port: u16,
        durability: Durability,
    ) -> Result<Self, Error> {
        let mut command = Command::new(binaries.postgres());
        command.arg("-D").arg(data).args(settings(port, durability));
        let output = File::create(log).map_err(Error::at(log))?;
        let errors = output.try_clone().map_err(Error::at(log))?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        // A group of its own, so that Ctrl-C in a terminal reaches it through us, when nobody needs it any more.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        identity.apply(&mut command, OrphanSignal::Interrupt);
        spawn_and_wait(command).await.map_err(Error::at(&binaries.postgres()))
    }

    pub(crate) fn has_ended(&self) -> bool {
        *self.ended.borrow()
    }

    pub(crate) async fn until_ended(&self) {
        // An error says that its thread is gone, and so is it.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// Asks for a fast shutdown without waiting for it.
    pub(crate) fn interrupt(&self) {
        signal(self.pid, Signal::SIGINT);
    }

    /// Shuts down: open transactions end, what was acknowledged is on disk.
    pub(crate) async fn stop(&self) -> Result<(), Error> {
        for (how, seconds) in [(Signal::SIGINT, FAST_STOP_SECONDS), (Signal::SIGQUIT, IMMEDIATE_STOP_SECONDS)] {
            signal(self.pid, how);
            let mut ended = self.ended.clone();
            if timeout(Duration::from_secs(seconds), ended.wait_for(|ended| *ended)).await.is_ok() {
                return Ok(());
            }
            warn!(pid = self.pid.as_raw(), ?how, "PostgreSQL is slow to stop");
        }
        Err(Error::Stop { pid: self.pid.as_raw() })
    }
}

/// Settings that differ from the server's own defaults, and why.
fn settings(port: u16, durability: Durability) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        // Loopback only, no sockets to leave behind; the archive's OpenSSL is old.
        "listen_addresses=127.0.0.1".into(),
        "unix_socket_directories=".into(),
        "ssl=off".into(),
        "timezone=UTC".into(),
        "log_timezone=UTC".into(),
        // Every component has a pool of its own.
        "max_connections=200".into(),
        "shared_buffers=128MB".into(),
        // Short statements: compiling them costs more than it saves, and disks are no longer slow to seek.
        "jit=off".into(),
        "random_page_cost=1.1".into(),
    ];
    if durability == Durability::Off {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(String::from));
    }
    settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]).collect()
}

/// Starts `command` on a thread that lives exactly as long as the child: the kernel binds "tell me when my
/// parent dies" to the thread that started it, and threads of a runtime's pool come and go.
async fn spawn_and_wait(mut command: Command) -> io::Result<Process> {
    let (started, start) = oneshot::channel();
    let (end, ended) = watch::channel(false);
    thread::Builder::new().name("postgres".into()).spawn(move || {
        match command.spawn() {
            Ok(mut child) => {
                let told = started.send(Ok(child.id()));
                let status = child.wait();
                if told.is_err() || status.is_err() {
                    warn!(?status, "nobody waits for PostgreSQL");
                }
            }
            Err(error) => drop(started.send(Err(error))),
        }
        end.send_replace(true);
    })?;
    let pid = start.await.map_err(io::Error::other)??;
    Ok(Process { pid: Pid::from_raw(pid.cast_signed()), ended })
}

/// Ends what a dead process left of the server on `data`, and removes the file that claims it still runs.
///
/// Called under the folder's locks only: nobody else starts or runs a server there.
pub(crate) async fn end_orphan(data: &Path) -> Result<(), Error> {
    let claim = data.join("postmaster.pid");
    if let Some(pid) = claimed_by(&claim).filter(|pid| serves(*pid, data)) {
        for (how, seconds) in [(Signal::SIGINT, FAST_STOP_SECONDS), (Signal::SIGQUIT, IMMEDIATE_STOP_SECONDS)] {
            signal(pid, how);
            if gone_within(pid, data, Duration::from_secs(seconds)).await {
                return Ok(());
            }
        }
        return Err(Error::Stop { pid: pid.as_raw() });
    }
    match fs::remove_file(&claim) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::at(&claim)(error)),
        _ => Ok(()),
    }
}

async fn gone_within(pid: Pid, data: &Path, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while serves(pid, data) {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(LOOK_EVERY).await;
    }
    true
}

/// The process that `postmaster.pid` names in its first line.
fn claimed_by(claim: &Path) -> Option<Pid> {
    let text = fs::read_to_string(claim).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    (pid > 1).then(|| Pid::from_raw(pid))
}

/// Whether `pid` is a live server on `data`. Numbers are used again (in a container: soon), so being alive is not enough.
#[cfg(target_os = "linux")]
fn serves(pid: Pid, data: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let is_postgres = fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim() == "postgres");
    let works_in = fs::read_link(process.join("cwd")).ok();
    is_postgres && works_in.is_some() && works_in == fs::canonicalize(data).ok()
}

/// Whether `pid` is alive: nothing more is known of it here.
#[cfg(not(target_os = "linux"))]
fn serves(pid: Pid, _data: &Path) -> bool {
    kill(pid, None).is_ok()
}

fn signal(pid: Pid, signal: Signal) {
    if let Err(error) = kill(pid, signal) {
        warn!(pid = pid.as_raw(), %error, "PostgreSQL could not be signalled");
    }
}
