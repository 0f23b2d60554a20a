//! What the real lane runs beside Rondo's own processes: Apache Kafka, Dapr's scheduler, and a `daprd` for each service.
//!
//! Each is a child process that is started again when it ends ([`Supervised`]), keeps what it keeps in a folder of the caller's,
//! and listens on the loopback interface only. Reading order: [`supervised`](Supervised), then [`Kafka`], [`Scheduler`],
//! [`Daprd`], which say how each is started and when it is ready; `resources` makes the files that `daprd` reads of those
//! in `dapr/`.

mod daprd;
mod kafka;
mod orphan;
mod ports;
mod ready;
mod resources;
mod scheduler;
mod supervised;

use std::io;
use std::path::{Path, PathBuf};

pub use daprd::{App, Daprd, Tokens};
pub use kafka::Kafka;
pub use ports::free_port;
pub use ready::Ready;
pub use resources::Resources;
pub use scheduler::Scheduler;
pub use supervised::{Program, Supervised};

/// Why a part does not run.
#[derive(Debug, thiserror::Error)]
pub enum LaneError {
    /// A file or a folder can't be used.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A program can't be started.
    #[error("{name} can't be started ({}): {source}", program.display())]
    Spawn {
        /// What it is called.
        name: String,
        /// Where it is.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A program ended, or said nothing, before it was ready.
    #[error("{name} {what} before it was ready. The end of {}:\n{tail}", log.display())]
    NotReady {
        /// What it is called.
        name: String,
        /// What it did instead.
        what: String,
        /// What it wrote.
        log: PathBuf,
        /// The last lines of that.
        tail: String,
    },
    /// A file of `dapr/` is not what Dapr reads.
    #[error("{}: {problem}", path.display())]
    Resource {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl LaneError {
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
