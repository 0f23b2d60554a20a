//! What can be said on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::scenario::Scenario;
use crate::topology::Tools;

/// How many ask at the same time, where nobody says otherwise.
const CONNECTIONS: [u32; 3] = [1, 16, 64];
/// For how long, in seconds.
const SECONDS: u64 = 6;

/// Measures Rondo beside a native server of the same endpoints.
#[derive(Debug, Parser)]
#[command(name = "bench", args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What else this program is.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to measure, and how.
    #[command(flatten)]
    pub options: Options,
}

/// What else this program is.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Be the native server that Rondo is measured against. DATABASE_URL and JWT_KEYS say with what.
    #[command(hide = true)]
    Yardstick {
        /// Where to answer.
        listen: SocketAddr,
    },
}

/// What to measure, and how.
#[derive(Debug, Args)]
pub struct Options {
    /// Two seconds for each measurement, to see whether all of it works.
    #[arg(long)]
    pub quick: bool,
    /// Only these, separated by commas; the committed figures stay as they are, unless these are to be kept.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<Part>,
    /// Keep the figures of `--only` in the place of the committed ones, and leave the others as they are.
    #[arg(long, requires = "only", conflicts_with = "quick")]
    pub keep: bool,
    /// Connections that ask at the same time, separated by commas.
    #[arg(long, value_delimiter = ',', default_values_t = CONNECTIONS)]
    pub connections: Vec<u32>,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = SECONDS)]
    pub seconds: u64,
    /// The folder of the database that is measured on.
    #[arg(long, default_value = ".data/bench")]
    pub data: PathBuf,
    /// Use the data set that is in the folder from an earlier run.
    #[arg(long)]
    pub reuse: bool,
    /// The program `rondo` to measure.
    #[arg(long, default_value = "target/release/rondo")]
    pub rondo: PathBuf,
    /// What events are also measured on.
    #[command(flatten)]
    pub tools: Tools,
}

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The newest twenty of a user's tasks.
    List,
    /// Those of one status and priority with a tag.
    Filter,
    /// Those with a word that begins like this.
    Search,
    /// One task.
    Get,
    /// A new task.
    Create,
    /// Everything else while a hundred people a second sign in.
    Flood,
    /// How late people are notified of a thousand reminders.
    Reminders,
    /// How soon events are handled, how many a second, and the memory of each process; with the real Dapr and Kafka, too.
    Events,
    /// How soon Rondo answers after its start, and how big it is.
    Startup,
}

impl Options {
    /// Whether `part` is asked for.
    pub fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// The scenarios that are asked for.
    pub fn scenarios(&self) -> impl Iterator<Item = Scenario> {
        Scenario::ALL.into_iter().filter(|scenario| {
            self.wants(match scenario {
                Scenario::List => Part::List,
                Scenario::Filter => Part::Filter,
                Scenario::Search => Part::Search,
                Scenario::Get => Part::Get,
                Scenario::Create => Part::Create,
            })
        })
    }

    /// Whether something is asked for that needs the data set.
    pub fn needs_data(&self) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| *part != Part::Events)
    }

    /// Whether all figures are to be kept: nothing was left out, and each was measured for long enough.
    pub fn is_complete(&self) -> bool {
        self.only.is_empty() && !self.quick && self.seconds >= SECONDS && self.connections == CONNECTIONS
    }

    /// For how long each measurement takes.
    pub fn duration(&self) -> Duration {
        Duration::from_secs(if self.quick { 2 } else { self.seconds })
    }
}
