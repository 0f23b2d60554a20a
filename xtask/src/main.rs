//! `cargo xtask`: what a developer does with Rondo.
//!
//! It builds what changed and starts other programs; what those do is theirs. Reading order: [`project`] (where
//! things are, how programs are run), [`build`], then the commands.

mod build;
mod page_e2e;
mod project;
mod stamp;
mod test;
mod tools;

use std::env;
use std::os::unix::process::CommandExt;
use std::process::ExitCode;

use anyhow::bail;

use project::Project;

const HELP: &str = "\
cargo xtask <command>

  up [--port 3000] [--data .data] [--demo] [--sidecar embedded|dapr]
                     build what changed and run all of Rondo here; see `up --help`
  build              build what changed: components, page, host
  migrate            bring the database to the newest schema (DATABASE_URL, or the one in --data)
  test [stage] [filter...]
                     all that CI runs, or one stage: fmt, clippy, tidy, unit, web, e2e
  tidy               the rules of the architecture alone
  bench [...]        measure; see `bench --help`
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> anyhow::Result<()> {
    let project = Project::find()?;
    let Some((command, rest)) = arguments.split_first() else {
        bail!("which command?\n\n{HELP}");
    };
    match command.as_str() {
        "up" => up(&project, rest),
        "build" => build::everything(&project),
        "migrate" => migrate(&project, rest),
        "test" => test::run(&project, rest),
        "tidy" => test::run(&project, &["tidy".to_owned()]),
        "bench" => bench(&project, rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => bail!("there is no command `{unknown}`\n\n{HELP}"),
    }
}

/// Becomes `rondo up`, so that signals and the terminal are its own.
fn up(project: &Project, arguments: &[String]) -> anyhow::Result<()> {
    let asks_for_help = arguments.iter().any(|argument| argument == "--help" || argument == "-h");
    if asks_for_help {
        build::host(project)?;
    } else {
        build::everything(project)?;
    }
    become_host(project, "up", arguments)
}

fn migrate(project: &Project, arguments: &[String]) -> anyhow::Result<()> {
    build::host(project)?;
    become_host(project, "migrate", arguments)
}

fn become_host(project: &Project, command: &str, arguments: &[String]) -> anyhow::Result<()> {
    let mut host = project.command(project.host());
    let error = host.arg(command).args(arguments).exec();
    bail!("{}: {error}", project.host().display())
}

fn bench(project: &Project, arguments: &[String]) -> anyhow::Result<()> {
    build::everything(project)?;
    build::bench(project)?;
    let bench = project.target().join("release/bench");
    let error = project.command(&bench).args(arguments).exec();
    bail!("{}: {error}", bench.display())
}
