//! See `rondo_bench` for what this does.

use clap::Parser;
use rondo_bench::cli::{Cli, Command};
use rondo_bench::{run, yardstick};

fn main() -> anyhow::Result<()> {
    let Cli { command, options } = Cli::parse();
    match command {
        Some(Command::Yardstick { listen }) => yardstick::run(listen),
        None => tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run::run(options)),
    }
}
