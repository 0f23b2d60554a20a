//! The life of a server: joined or started, asked for databases, stopped.
//!
//! The folder `Options::folder` holds
//!
//! - `data/`, Postgres's own;
//! - `connection.json` (0600), the passwords and the port, by which a second start joins the first;
//! - `postgres.log`, of the last start;
//! - `start.lock`, held while somebody starts, and `run.lock`, held as long as somebody runs the server.
//!   The system releases both when their holder ends, however it ends.

use std::env;
use std::fs::{self, File, TryLockError};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::archive::lock;
use crate::binaries::Binaries;
use crate::credentials::Credentials;
use crate::identity::Identity;
use crate::process::{Process, end_orphan};
use crate::roles::{self, DATABASE, DatabaseUrls};
use crate::{Error, Progress, cluster};

/// How long a start may take in all, retries and crash recovery included.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How many times a server that ends at once is started again: what a killed one left clears within a second.
const START_ATTEMPTS: u32 = 20;
/// How long somebody else's server may take to answer, or to go.
const JOIN_LIMIT: Duration = Duration::from_secs(60);
const RETRY_EVERY: Duration = Duration::from_millis(10);
const RETRY_CRASHED_EVERY: Duration = Duration::from_millis(250);

/// Whether an acknowledged write survives a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// It does.
    #[default]
    On,
    /// It may not, and writes are faster: for tests.
    Off,
}

/// Which server to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything of this server is kept; made if missing.
    pub folder: PathBuf,
    /// Whether writes are synced.
    pub durability: Durability,
    /// Where the server's programs are unpacked; by default a folder of the user's cache.
    pub cache: Option<PathBuf>,
    /// The port on 127.0.0.1 that it is to listen at, where others know it already; by default one that is free.
    pub port: Option<u16>,
}

impl Options {
    /// A durable server in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), durability: Durability::On, cache: None, port: None }
    }
}

/// A server that answers, started by this process or joined.
#[derive(Debug)]
pub struct Server {
    credentials: Credentials,
    /// `None`: another process runs it.
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    process: Process,
    _run_lock: File,
}

impl Server {
    /// Joins the server of this folder if one runs, else starts it, fetching and initialising what is missing.
    ///
    /// # Errors
    /// Where no server can be had or started; the error says what to do.
    pub async fn start(options: Options, progress: &dyn Progress) -> Result<Self, Error> {
        let folder = prepare(&options.folder)?;
        let _start_lock = lock(&folder.join("start.lock")).await?;
        match hold_or_join(&folder).await? {
            Held::ByUs(run_lock) => start(&folder, &options, run_lock, progress).await,
            Held::ByOther(credentials) => {
                progress.step("Joining the PostgreSQL that runs in this folder");
                Ok(Self { credentials, own: None })
            }
        }
    }

    /// Whether another process runs the server, and this one only uses it.
    pub fn is_joined(&self) -> bool {
        self.own.is_none()
    }

    /// Waits until the server ends that this process started; where it joined one, that is never.
    pub async fn ended(&self) {
        match &self.own {
            Some(own) => own.process.until_ended().await,
            None => std::future::pending().await,
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.credentials.port
    }

    /// The database [`DATABASE`] as its owner.
    pub fn owner_url(&self) -> String {
        DatabaseUrls::new(&self.credentials, DATABASE).owner
    }

    /// The database [`DATABASE`] as components connect to it.
    pub fn app_url(&self) -> String {
        DatabaseUrls::new(&self.credentials, DATABASE).app
    }

    /// Makes a database, empty or as a copy of `template`, to which nobody may be connected.
    ///
    /// # Errors
    /// Where it exists already, or the template doesn't or is in use.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<DatabaseUrls, Error> {
        let client = roles::connect(&self.credentials).await?;
        roles::create_database(&client, name, template).await?;
        Ok(DatabaseUrls::new(&self.credentials, name))
    }

    /// Removes a database, ending the connections to it; that it is not there is fine.
    ///
    /// # Errors
    /// Where the server does not answer.
    pub async fn drop_database(&self, name: &str) -> Result<(), Error> {
        let client = roles::connect(&self.credentials).await?;
        roles::drop_database(&client, name).await
    }

    /// Stops the server if this process started it; a joined one goes on.
    ///
    /// # Errors
    /// Where it does not end.
    pub async fn stop(self) -> Result<(), Error> {
        match &self.own {
            Some(own) => own.process.stop().await,
            None => Ok(()),
        }
    }
}

impl Drop for Own {
    /// A server that nobody stopped is told to; the next start waits for it to be gone.
    fn drop(&mut self) {
        if !self.process.has_ended() {
            self.process.interrupt();
        }
    }
}

/// Makes the folder, private to its owner, and says where it really is.
fn prepare(folder: &Path) -> Result<PathBuf, Error> {
    fs::create_dir_all(folder).map_err(Error::at(folder))?;
    fs::canonicalize(folder).map_err(Error::at(folder))
}

enum Held {
    ByUs(File),
    ByOther(Credentials),
}

/// Takes `run.lock`, or, where somebody has it, waits until their server answers or they let go.
async fn hold_or_join(folder: &Path) -> Result<Held, Error> {
    let path = folder.join("run.lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(Error::at(&path))?;
    let deadline = Instant::now() + JOIN_LIMIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Held::ByUs(file)),
            Err(TryLockError::Error(error)) => return Err(Error::at(&path)(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if let Some(credentials) = Credentials::read(&folder.join("connection.json"))?
            && roles::connect(&credentials).await.is_ok()
        {
            return Ok(Held::ByOther(credentials));
        }
        if Instant::now() >= deadline {
            return Err(Error::Held { path: folder.to_owned() });
        }
        sleep(RETRY_EVERY).await;
    }
}

async fn start(folder: &Path, options: &Options, run_lock: File, progress: &dyn Progress) -> Result<Server, Error> {
    let data = folder.join("data");
    end_orphan(&data).await?;
    let cache = options.cache.clone().unwrap_or_else(cache_folder);
    let binaries = Binaries::find(&data, &cache, progress).await?;
    let identity = Identity::choose(&binaries.postgres())?;
    let connection_file = folder.join("connection.json");
    let mut credentials = credentials(&data, &connection_file)?;
    if !data.exists() {
        progress.step(&format!("Making a database in {}", data.display()));
        cluster::initialise(&binaries, identity, &data, &credentials.superuser_password).await?;
    }
    identity.give(&data)?;

    let log = folder.join("postgres.log");
    let launch = Launch { binaries: &binaries, identity, data: &data, log: &log, options };
    let process = launch.until_it_answers(&mut credentials).await?;
    let own = Own { process, _run_lock: run_lock };
    let client = roles::connect(&credentials).await?;
    roles::ensure(&client, &credentials).await?;
    credentials.write(&connection_file)?;
    Ok(Server { credentials, own: Some(own) })
}

/// The passwords of this folder, made and written before the data that they lock.
fn credentials(data: &Path, file: &Path) -> Result<Credentials, Error> {
    match Credentials::read(file)? {
        Some(credentials) => Ok(credentials),
        None if data.exists() => Err(Error::CredentialsLost { data: data.to_owned(), credentials: file.to_owned() }),
        None => {
            let credentials = Credentials::generate()?;
            credentials.write(file)?;
            Ok(credentials)
        }
    }
}

struct Launch<'a> {
    binaries: &'a Binaries,
    identity: Identity,
    data: &'a Path,
    log: &'a Path,
    options: &'a Options,
}

impl Launch<'_> {
    /// Starts the server until one stays and answers: right after a crash the killed one's memory is still
    /// claimed for a moment, and a port that was free may be taken meanwhile.
    async fn until_it_answers(&self, credentials: &mut Credentials) -> Result<Process, Error> {
        let deadline = Instant::now() + START_LIMIT;
        for _ in 0..START_ATTEMPTS {
            credentials.port = self.options.port.map_or_else(free_port, Ok)?;
            let durability = self.options.durability;
            let process =
                Process::start(self.binaries, self.identity, self.data, self.log, credentials.port, durability).await?;
            if answers(&process, credentials, deadline).await {
                return Ok(process);
            }
            if !process.has_ended() {
                process.stop().await?;
                break;
            }
            sleep(RETRY_CRASHED_EVERY).await;
        }
        Err(Error::Start { log: self.log.to_owned(), tail: tail(self.log) })
    }
}

/// Waits until the server answers; false where it ends, or the deadline comes, before it does.
async fn answers(process: &Process, credentials: &Credentials, deadline: Instant) -> bool {
    while !process.has_ended() && Instant::now() < deadline {
        if roles::connect(credentials).await.is_ok() {
            return true;
        }
        sleep(RETRY_EVERY).await;
    }
    false
}

fn free_port() -> Result<u16, Error> {
    let at = Path::new("127.0.0.1");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::at(at))?;
    Ok(listener.local_addr().map_err(Error::at(at))?.port())
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_else(|error| format!("(unreadable: {error})"));
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}

/// The folder for caches: programs are shared by all work trees and data folders. Root's home is closed to
/// whom the server may have to run as, so root has the system's.
fn cache_folder() -> PathBuf {
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/var/cache/rondo/postgresql");
    }
    let home = || env::var_os("HOME").map(PathBuf::from);
    let set = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = match set {
        Some(base) => Some(base),
        None if cfg!(target_vendor = "apple") => home().map(|home| home.join("Library/Caches")),
        None => home().map(|home| home.join(".cache")),
    };
    base.unwrap_or_else(env::temp_dir).join("rondo").join("postgresql")
}
