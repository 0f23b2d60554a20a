//! The database of a run: the embedded one, or one that runs elsewhere.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rondo_native::migrate;
use rondo_postgres::{APP_ROLE, Options, Progress, Server};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_postgres::config::Host;
use tokio_util::sync::CancellationToken;

/// The wait before a server that could not be started is tried again.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// A migrated database that answers.
pub struct Database {
    embedded: Option<Kept>,
    owner_url: String,
    app_url: String,
}

/// Where a database listens, as `allowed_outbound_hosts` needs it.
pub struct Address {
    pub host: String,
    pub port: u16,
}

impl Database {
    /// Uses `foreign` if given, else the embedded server in `folder`, and brings it to the newest schema.
    pub async fn open(foreign: Option<String>, folder: &Path, progress: Arc<dyn Progress>) -> anyhow::Result<Self> {
        let database = match foreign {
            Some(url) => {
                progress.step("Using the PostgreSQL of DATABASE_URL");
                Self { embedded: None, owner_url: url.clone(), app_url: url }
            }
            None => Self::embedded(folder, Arc::clone(&progress)).await?,
        };
        database.migrate(progress.as_ref()).await?;
        Ok(database)
    }

    async fn embedded(folder: &Path, progress: Arc<dyn Progress>) -> anyhow::Result<Self> {
        let server = Server::start(Options::new(folder), progress.as_ref()).await?;
        progress.step(&format!("PostgreSQL answers at 127.0.0.1:{}", server.port()));
        let (owner_url, app_url) = (server.owner_url(), server.app_url());
        let options = Options { port: Some(server.port()), ..Options::new(folder) };
        Ok(Self { embedded: Some(Kept::keep(server, options, progress)), owner_url, app_url })
    }

    async fn migrate(&self, progress: &dyn Progress) -> anyhow::Result<()> {
        let applied = migrate(&self.owner_url, APP_ROLE).await?;
        match applied.as_slice() {
            [] => progress.step("The schema is up to date"),
            names => progress.step(&format!("Migrated: {}", names.join(", "))),
        }
        Ok(())
    }

    /// With the right to change tables.
    pub fn owner_url(&self) -> &str {
        &self.owner_url
    }

    /// As components connect.
    pub fn app_url(&self) -> &str {
        &self.app_url
    }

    /// Stops the server, if it is ours.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.embedded {
            Some(kept) => kept.stop().await,
            None => Ok(()),
        }
    }
}

/// The embedded server, which is started again at its port whenever it ends.
struct Kept {
    stop: CancellationToken,
    keeper: JoinHandle<anyhow::Result<()>>,
}

impl Kept {
    fn keep(server: Server, options: Options, progress: Arc<dyn Progress>) -> Self {
        let stop = CancellationToken::new();
        let keeper = tokio::spawn(keep(server, options, progress, stop.clone()));
        Self { stop, keeper }
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.keeper.await.context("the keeper of PostgreSQL broke")?
    }
}

async fn keep(
    mut server: Server,
    options: Options,
    progress: Arc<dyn Progress>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            () = server.ended() => {}
            () = stop.cancelled() => return Ok(server.stop().await?),
        }
        progress.step("PostgreSQL ended and is started again");
        drop(server);
        server = tokio::select! {
            again = start_again(&options, progress.as_ref()) => again,
            () = stop.cancelled() => return Ok(()),
        };
        progress.step("PostgreSQL is back");
    }
}

async fn start_again(options: &Options, progress: &dyn Progress) -> Server {
    loop {
        match Server::start(options.clone(), progress).await {
            Ok(server) => return server,
            Err(error) => progress.step(&format!("PostgreSQL does not start, it is tried again: {error}")),
        }
        sleep(TRY_AGAIN_AFTER).await;
    }
}

impl Address {
    /// The first host and port of a Postgres URL.
    pub fn of(url: &str) -> anyhow::Result<Self> {
        let config: tokio_postgres::Config = url.parse().context("DATABASE_URL is no PostgreSQL URL")?;
        let host = config.get_hosts().iter().find_map(|host| match host {
            Host::Tcp(name) => Some(name.clone()),
            Host::Unix(_) => None,
        });
        Ok(Self {
            host: host.context("DATABASE_URL names no host")?,
            port: config.get_ports().first().copied().unwrap_or(5432),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_port_means_the_usual_one() {
        let address = Address::of("postgres://me@db.example/rondo").expect("a URL");
        assert_eq!((address.host.as_str(), address.port), ("db.example", 5432));
    }

    #[test]
    fn what_is_no_url_is_refused() {
        assert!(Address::of("not a url").is_err());
    }
}
