//! `rondo`: the composition root of a local run.
//!
//! It puts together what the other crates below `crates/host` make: the embedded Postgres, the host that serves
//! the components of `spin.toml`, and the sidecar that they speak to. `up` is all of it in one process; `migrate`
//! is the database alone; `serve` is the host alone, as one of several services.
//!
//! Reading order: [`cli`], then [`up`] from top to bottom.

mod cli;
mod client;
mod console;
mod data_folder;
mod database;
mod demo;
mod glue;
mod memory;
mod metrics;
mod migrate;
mod real_lane;
mod secrets;
mod serve;
mod signals;
mod up;
mod variables;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(workers()).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Up(options) => up::run(options).await,
            Command::Migrate(options) => migrate::run(options).await,
            Command::Serve(options) => serve::run(options).await,
        }
    });
    // Work that nobody waits for any more must not keep the process.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Threads that do the work: half as many as there are processors, for Postgres on the same machine takes more than half of what
/// a request costs. One more would mostly be woken to find that the first has done the work: with two on two processors a
/// `get` takes 40 % more of them.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| processors.get().div_ceil(2))
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("rondo: {error:#}");
    ExitCode::FAILURE
}
