//! `cargo xtask`: what a developer does with Rondo.
//!
//! It builds what changed and starts other programs; what those do is theirs. Reading order: [`project`] (where
//! things are, how programs are run), [`build`], then the commands.

mod beside;
mod build;
mod page_e2e;
mod prerequisites;
mod project;
mod real_lane;
mod stamp;
mod test;
mod tools;

use std::env;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};

use project::{Project, succeed};

/// Where `rondo up` listens unless it is told another port.
const DEFAULT_PORT: u16 = 3000;

const HELP: &str = "\
cargo xtask <command>

  up [--port 3000] [--data .data] [--demo] [--sidecar embedded|dapr]
                     build what changed and run all of Rondo here; see `up --help`
  build              build what changed: components, page, host
  migrate            bring the database to the newest schema (DATABASE_URL, or the one in --data)
  test [stage] [filter...]
                     all that CI runs, or one stage: fmt, tidy, web, clippy, unit, e2e, fuzz;
                     `e2e --sidecar dapr` runs the end-to-end suite on the real Dapr and Kafka
  tidy               the rules of the architecture alone
  tools              find or make the real Dapr and Kafka, which `up --sidecar dapr` runs on
  bench [...]        measure Rondo; see `bench --help`
  bench recurrence   measure the recurrence engine alone, as WebAssembly
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
        "tools" => tools::run(&project),
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
    } else if project.host().exists() && port_is_taken(arguments) {
        // It won't start: it says so, and who has the port, better at once than after a build.
    } else {
        build::everything(project)?;
    }
    let mut arguments = arguments.to_vec();
    if !asks_for_help && option(&arguments, "--sidecar") == Some("dapr") {
        arguments.extend(as_arguments(&tools::Tools::ensure(project)?));
    }
    become_host(project, "up", &arguments)
}

fn as_arguments(tools: &tools::Tools) -> impl Iterator<Item = String> {
    tools.options().into_iter().flat_map(|(name, path)| [name.to_owned(), path.display().to_string()])
}

/// What an option is given, after it or after its `=`.
fn option<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix(name) {
            Some("") => return arguments.next().map(String::as_str),
            Some(rest) if rest.starts_with('=') => return Some(&rest[1..]),
            _ => {}
        }
    }
    None
}

fn port_is_taken(arguments: &[String]) -> bool {
    let port = option(arguments, "--port").and_then(|port| port.parse().ok()).unwrap_or(DEFAULT_PORT);
    port != 0 && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
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
    if arguments.first().is_some_and(|what| what == "recurrence") {
        return bench_recurrence(project);
    }
    build::everything(project)?;
    build::bench(project)?;
    let mut arguments = arguments.to_vec();
    if option(&arguments, "--only").is_none_or(|parts| parts.split(',').any(|part| part == "events")) {
        match tools::Tools::ensure(project) {
            Ok(tools) => arguments.extend(as_arguments(&tools)),
            Err(error) => eprintln!("Events are not measured on the real Dapr and Kafka: {error:#}"),
        }
    }
    let bench = project.target().join("release/bench");
    let error = project.command(&bench).args(arguments).exec();
    bail!("{}: {error}", bench.display())
}

/// Node runs WebAssembly of preview 1 only.
fn bench_recurrence(project: &Project) -> anyhow::Result<()> {
    const TARGET: &str = "wasm32-wasip1";
    let package = ["-p", "rondo-recurrence", "--example", "adversary"];
    let mut build = project.cargo(&["build", "--profile", "component", "--target", TARGET]);
    succeed(build.args(package)).with_context(|| format!("is the target there? `rustup target add {TARGET}`"))?;
    let program = project.target().join(TARGET).join("component/examples/adversary.wasm");
    let script = project.path("crates/recurrence/benches/wasm.mjs");
    succeed(project.command(Path::new("node")).arg(script).arg(program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_in_both_ways_to_give_it() {
        for line in
            ["--demo --sidecar dapr --port 1", "--sidecar=dapr --port=1", "--sidecars=no --port 1 --sidecar dapr"]
        {
            let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(option(&arguments, "--sidecar"), Some("dapr"), "{line}");
            assert_eq!(option(&arguments, "--port"), Some("1"), "{line}");
            assert_eq!(option(&arguments, "--only"), None, "{line}");
        }
    }
}
