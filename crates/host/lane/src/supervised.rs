//! A program that is started again when it ends.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rondo_postgres::Progress;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::orphan::bind_to_parent;
use crate::{LaneError, Ready};

/// How long a program may take to be ready.
const READY_LIMIT: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long a program may take to end when it is asked to.
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// The wait before a program is started again, at first and at most.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// What has been ready for so long ended for a reason of its own.
const STAYS_UP: Duration = Duration::from_secs(30);

/// How a program is run.
#[derive(Debug, Clone)]
pub struct Program {
    /// What a person knows it by.
    pub name: String,
    /// The file that is run.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// What its environment has beside that of this process; secrets go here, since arguments are for everybody to see.
    pub environment: Vec<(String, String)>,
    /// Where it works.
    pub folder: PathBuf,
    /// The file that what it says goes to.
    pub log: PathBuf,
    /// By what it is known to be ready.
    pub ready: Ready,
}

/// A program that runs, again whenever it ends, until it is stopped.
#[derive(Debug)]
pub struct Supervised {
    stop: CancellationToken,
    task: JoinHandle<()>,
    pid: watch::Receiver<Option<u32>>,
}

impl Supervised {
    /// Starts `program` and waits until it is ready.
    ///
    /// # Errors
    /// It can't be started, ends, or isn't ready in time.
    pub async fn start(program: Program, progress: Arc<dyn Progress>) -> Result<Self, LaneError> {
        let (tell_pid, pid) = watch::channel(None);
        let mut running = Running::start(&program, false).await?;
        tell_pid.send_replace(Some(running.pid));
        if let Err(error) = running.until_ready(&program).await {
            running.stop().await;
            return Err(error);
        }
        let stop = CancellationToken::new();
        let task = tokio::spawn(supervise(program, running, tell_pid, progress, stop.clone()));
        Ok(Self { stop, task, pid })
    }

    /// The process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        *self.pid.borrow()
    }

    /// Ends it, and waits for that.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Err(error) = (&mut self.task).await {
            warn!(%error, "a supervisor broke");
        }
    }
}

impl Drop for Supervised {
    /// What nobody stopped, because a start failed half-way, is told to end.
    fn drop(&mut self) {
        self.stop.cancel();
        if let (false, Some(pid)) = (self.task.is_finished(), self.pid()) {
            let _ = kill(Pid::from_raw(pid.cast_signed()), Signal::SIGTERM);
        }
    }
}

/// Waits for the end of a program and starts it again, until it is to stop.
async fn supervise(
    program: Program,
    mut running: Running,
    tell_pid: watch::Sender<Option<u32>>,
    progress: Arc<dyn Progress>,
    stop: CancellationToken,
) {
    let mut wait = FIRST_WAIT;
    loop {
        let ready_since = Instant::now();
        let status = tokio::select! {
            status = running.until_ended() => status,
            () = stop.cancelled() => return running.stop().await,
        };
        tell_pid.send_replace(None);
        let name = &program.name;
        progress.step(&format!("{name} ended ({}) and is started again", in_words(status)));
        let began = Instant::now();
        // What does not stay up is not tried again all the time.
        wait = if ready_since.elapsed() < STAYS_UP { (wait * 2).min(LONGEST_WAIT) } else { FIRST_WAIT };
        let restarted = tokio::select! {
            restarted = restart(&program, wait) => restarted,
            () = stop.cancelled() => return,
        };
        running = restarted;
        tell_pid.send_replace(Some(running.pid));
        progress.step(&format!("{name} is back after {:.1} s", began.elapsed().as_secs_f64()));
    }
}

/// Starts a program until it stays, and is ready.
async fn restart(program: &Program, mut wait: Duration) -> Running {
    loop {
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
        match Running::start(program, true).await {
            Ok(mut running) => match running.until_ready(program).await {
                Ok(()) => return running,
                Err(error) => {
                    warn!(%error, "it is tried again");
                    running.stop().await;
                }
            },
            Err(error) => warn!(%error, "it is tried again"),
        }
    }
}

fn in_words(status: Option<ExitStatus>) -> String {
    status.map_or_else(|| "nobody knows how".to_owned(), |status| status.to_string())
}

/// A process.
#[derive(Debug)]
struct Running {
    pid: u32,
    ended: watch::Receiver<Option<Option<ExitStatus>>>,
}

impl Running {
    /// Starts it on a thread that lives exactly as long as the child: the kernel binds "tell me when my parent dies" to the thread
    /// that started it, and threads of a runtime's pool come and go.
    async fn start(program: &Program, append: bool) -> Result<Self, LaneError> {
        let log = File::options().create(true).append(append).truncate(!append).write(true).open(&program.log);
        let output = log.map_err(LaneError::at(&program.log))?;
        let errors = output.try_clone().map_err(LaneError::at(&program.log))?;
        let mut command = Command::new(&program.path);
        command
            .args(&program.arguments)
            .envs(program.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&program.folder)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        bind_to_parent(&mut command);
        let failed = |source| LaneError::Spawn { name: program.name.clone(), program: program.path.clone(), source };

        let (started, start) = oneshot::channel();
        let (end, ended) = watch::channel(None);
        let wait = move || {
            let status = match command.spawn() {
                Ok(mut child) => {
                    let _ = started.send(Ok(child.id()));
                    child.wait().ok()
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                    None
                }
            };
            end.send_replace(Some(status));
        };
        thread::Builder::new().name(program.name.clone()).spawn(wait).map_err(failed)?;
        match start.await {
            Ok(Ok(pid)) => Ok(Self { pid, ended }),
            Ok(Err(error)) => Err(failed(error)),
            Err(error) => Err(failed(std::io::Error::other(error))),
        }
    }

    async fn until_ready(&mut self, program: &Program) -> Result<(), LaneError> {
        let deadline = Instant::now() + READY_LIMIT;
        let not_ready = |what: String| LaneError::NotReady {
            name: program.name.clone(),
            what,
            log: program.log.clone(),
            tail: tail(&program.log),
        };
        loop {
            let ended = *self.ended.borrow();
            if let Some(status) = ended {
                return Err(not_ready(format!("ended ({})", in_words(status))));
            }
            if program.ready.holds().await {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(not_ready(format!("took more than {} s", READY_LIMIT.as_secs())));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    async fn until_ended(&mut self) -> Option<ExitStatus> {
        self.ended.wait_for(Option::is_some).await.ok().and_then(|status| *status).flatten()
    }

    async fn stop(&mut self) {
        let pid = Pid::from_raw(self.pid.cast_signed());
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            if self.ended.borrow().is_some() {
                return;
            }
            // It may have ended in this moment.
            let _ = kill(pid, signal);
            if timeout(STOP_LIMIT, self.until_ended()).await.is_ok() {
                return;
            }
        }
    }
}

impl Drop for Running {
    /// A start that is given up leaves no process behind.
    fn drop(&mut self) {
        if self.ended.borrow().is_none() {
            let _ = kill(Pid::from_raw(self.pid.cast_signed()), Signal::SIGTERM);
        }
    }
}

/// The last lines of a log.
fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
