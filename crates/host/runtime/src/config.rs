//! What a host is told when it is loaded.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::observer::{ImportObserver, Unobserved};
use crate::outbound::InProcess;

/// How a host is set up.
pub struct HostConfig {
    /// The path of `spin.toml`.
    pub manifest: PathBuf,
    /// Values of variables; they stand before the declared defaults.
    pub variables: BTreeMap<String, String>,
    /// The components to serve; `None` means all.
    pub components: Option<Vec<String>>,
    /// Where compiled components are kept. Only the user may be able to write there: what is loaded from it is trusted.
    pub cache_dir: PathBuf,
    /// The limits of everything.
    pub limits: Limits,
    /// Authorities (`host:port`) that are answered in this process instead of over the network.
    pub in_process: Vec<(String, Arc<dyn InProcess>)>,
    /// Sees, and may stop, what components do to the world.
    pub imports: Arc<dyn ImportObserver>,
    /// The clock of the components; `None` means the system's.
    pub clock: Option<Arc<dyn Clock>>,
    /// The randomness of the components; `None` means the system's.
    pub randomness: Option<Arc<dyn Randomness>>,
}

impl HostConfig {
    /// A host of all the components of a manifest, with the usual limits.
    pub fn new(manifest: impl Into<PathBuf>, cache_dir: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            variables: BTreeMap::new(),
            components: None,
            cache_dir: cache_dir.into(),
            limits: Limits::default(),
            in_process: Vec::new(),
            imports: Arc::new(Unobserved),
            clock: None,
            randomness: None,
        }
    }
}

/// What anything may take at most.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From a request's arrival to the end of all the work on it; longer is answered 504. Streams are not limited.
    pub request_time: Duration,
    /// For a client to send a request's head.
    pub header_read_time: Duration,
    /// The body of a request; more is answered 413.
    pub request_body_bytes: u64,
    /// The memory of one instance.
    pub memory_bytes: usize,
    /// Instances alive at once; more is answered 503.
    pub instances: u32,
    /// Connections to one database.
    pub postgres_connections: usize,
    /// For a connection to become free, or to be made.
    pub postgres_wait: Duration,
    /// The rows of one query, as Postgres sends them.
    pub postgres_result_bytes: usize,
    /// For the work in progress to end when the host stops.
    pub drain: Duration,
    /// A request that took longer is logged.
    pub slow_request: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_time: Duration::from_secs(10),
            header_read_time: Duration::from_secs(10),
            request_body_bytes: 1 << 20,
            memory_bytes: 64 << 20,
            instances: 1000,
            postgres_connections: connections(),
            postgres_wait: Duration::from_secs(5),
            postgres_result_bytes: 32 << 20,
            drain: Duration::from_secs(10),
            slow_request: Duration::from_secs(1),
        }
    }
}

/// Two for each processor and two that wait for the disk. More would not be answered sooner: they would take turns on the
/// processors that the host needs as well, and the slowest of a hundred lists takes twice as long with 16 as with 6 on two.
fn connections() -> usize {
    2 * std::thread::available_parallelism().map_or(1, usize::from) + 2
}

/// A clock for components.
pub trait Clock: Send + Sync + 'static {
    /// The time since 1970-01-01T00:00:00Z.
    fn wall(&self) -> Duration;
    /// The time since some fixed moment; never goes back.
    fn monotonic(&self) -> Duration;
}

/// Randomness for components.
pub trait Randomness: Send + Sync + 'static {
    /// Fills a buffer.
    fn fill(&self, buffer: &mut [u8]);
}
