//! The database of a run: the embedded one, or one that runs elsewhere.

use std::path::Path;

use anyhow::Context;
use rondo_native::migrate;
use rondo_postgres::{APP_ROLE, Options, Progress, Server};
use tokio_postgres::config::Host;

/// A migrated database that answers.
pub struct Database {
    embedded: Option<Server>,
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
    pub async fn open(foreign: Option<String>, folder: &Path, progress: &dyn Progress) -> anyhow::Result<Self> {
        let database = match foreign {
            Some(url) => {
                progress.step("Using the PostgreSQL of DATABASE_URL");
                Self { embedded: None, owner_url: url.clone(), app_url: url }
            }
            None => Self::embedded(folder, progress).await?,
        };
        database.migrate(progress).await?;
        Ok(database)
    }

    async fn embedded(folder: &Path, progress: &dyn Progress) -> anyhow::Result<Self> {
        let server = Server::start(Options::new(folder), progress).await?;
        progress.step(&format!("PostgreSQL answers at 127.0.0.1:{}", server.port()));
        let (owner_url, app_url) = (server.owner_url(), server.app_url());
        Ok(Self { embedded: Some(server), owner_url, app_url })
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
            Some(server) => Ok(server.stop().await?),
            None => Ok(()),
        }
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
