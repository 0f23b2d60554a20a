//! What can be said on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Tasks, recurring tasks and reminders that you run yourself.
#[derive(Debug, Parser)]
#[command(name = "rondo", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run all of Rondo here: database, services, page.
    Up(Up),
    /// Bring the database to the newest schema, and stop.
    Migrate(Migrate),
    /// Serve components of spin.toml, with a database and a sidecar that run elsewhere.
    Serve(Serve),
}

#[derive(Debug, Args)]
pub struct Up {
    /// The port on 127.0.0.1 where Rondo answers; 0 takes a free one.
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// The folder of everything that this run keeps.
    #[arg(long, default_value = ".data")]
    pub data: PathBuf,
    /// Make a user with a month of tasks to look at, if there is none yet.
    #[arg(long)]
    pub demo: bool,
    /// What carries events and jobs.
    #[arg(long, value_enum, default_value_t = Sidecar::Embedded)]
    pub sidecar: Sidecar,
    /// With `--sidecar dapr`: Dapr's program daprd. `cargo xtask up` finds or makes it, and the next two.
    #[arg(long, value_name = "FILE")]
    pub daprd: Option<PathBuf>,
    /// With `--sidecar dapr`: Dapr's program scheduler.
    #[arg(long, value_name = "FILE")]
    pub scheduler: Option<PathBuf>,
    /// With `--sidecar dapr`: the folder of an installed Kafka.
    #[arg(long, value_name = "FOLDER")]
    pub kafka: Option<PathBuf>,
    /// A value of a variable of spin.toml, such as mail_url; repeat it for more. Secret ones rather by SPIN_VARIABLE_<NAME>.
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub variables: Vec<(String, String)>,
    /// Serve the host's own Prometheus metrics at this port of 127.0.0.1.
    #[arg(long)]
    pub metrics_port: Option<u16>,
    /// The manifest of the components.
    #[arg(long, default_value = "spin.toml")]
    pub manifest: PathBuf,
    /// A Postgres that runs already, to use instead of the embedded one.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sidecar {
    /// Dapr's HTTP API inside this process.
    Embedded,
    /// A real `daprd` beside each service.
    Dapr,
}

#[derive(Debug, Args)]
pub struct Migrate {
    /// The folder of the embedded database.
    #[arg(long, default_value = ".data")]
    pub data: PathBuf,
    /// A Postgres that runs already, to use instead of the embedded one.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Where to answer.
    #[arg(long, default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// A component to serve; repeat it for more. All of them by default.
    #[arg(long = "component", value_name = "ID")]
    pub components: Vec<String>,
    /// A value of a variable; repeat it for more.
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub variables: Vec<(String, String)>,
    /// A TOML file with `[[variable_provider]]` tables, as Spin reads them.
    #[arg(long, value_name = "FILE")]
    pub runtime_config_file: Option<PathBuf>,
    /// Sets the variables database_url, database_host and database_port.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Serve the host's own Prometheus metrics at this address.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// Where compiled components are kept.
    #[arg(long, default_value = ".data/cache")]
    pub cache: PathBuf,
    /// The manifest of the components.
    #[arg(long, default_value = "spin.toml")]
    pub manifest: PathBuf,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not NAME=VALUE")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_value_may_hold_an_equals_sign() {
        assert_eq!(name_and_value("key=a=b"), Ok(("key".into(), "a=b".into())));
        assert!(name_and_value("=b").is_err());
    }
}
