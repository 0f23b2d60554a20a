//! See `rondo_bench` for what this does.

use std::process::ExitCode;

use clap::Parser;
use rondo_bench::cli::{Cli, Command};
use rondo_bench::{run, yardstick};

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(Cli { command, options }: Cli) -> anyhow::Result<()> {
    match command {
        Some(Command::Yardstick { listen }) => yardstick::run(listen),
        None => tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run::run(options)),
    }
}
