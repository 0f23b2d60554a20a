//! One pool per database URL, shared by all components.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use tokio_postgres::config::Host;
use tokio_postgres::{Config, NoTls};

use crate::config::Limits;
use crate::outbound::allowed::AllowedHosts;

/// The statements that a connection keeps prepared.
const STATEMENTS: usize = 256;

/// Why there is no pool for an address.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It is none.
    #[error("this is no address of a Postgres: {0}")]
    Invalid(tokio_postgres::Error),
    /// The component may not connect there.
    #[error("postgres://{0} is not in allowed_outbound_hosts")]
    NotAllowed(String),
}

/// The pools of all databases.
pub struct Databases {
    limits: Limits,
    pools: RwLock<HashMap<String, Arc<DatabasePool>>>,
}

/// The connections to one database.
pub struct DatabasePool {
    /// What the rows of a query may hold.
    pub result_bytes: usize,
    hosts: Vec<(String, u16)>,
    pool: Pool,
}

impl Databases {
    /// No pool yet.
    pub fn new(limits: &Limits) -> Self {
        Self { limits: limits.clone(), pools: RwLock::default() }
    }

    /// The pool of an address, for a component that may connect there.
    ///
    /// # Errors
    /// When it is no address, or the component may not.
    pub fn pool(&self, address: &str, allowed: &AllowedHosts) -> Result<Arc<DatabasePool>, AddressError> {
        let known = self.pools.read().unwrap_or_else(PoisonError::into_inner).get(address).cloned();
        let pool = match known {
            Some(pool) => pool,
            None => self.insert(address, allowed)?,
        };
        pool.check(allowed)?;
        Ok(pool)
    }

    fn insert(&self, address: &str, allowed: &AllowedHosts) -> Result<Arc<DatabasePool>, AddressError> {
        let pool = DatabasePool::new(address, &self.limits)?;
        pool.check(allowed)?;
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(pools.entry(address.to_owned()).or_insert_with(|| Arc::new(pool))))
    }

    /// What the pools are doing, as Prometheus has it.
    pub fn write_metrics(&self, text: &mut String) {
        let pools = self.pools.read().unwrap_or_else(PoisonError::into_inner);
        let of_all = |count: fn(&deadpool_postgres::Status) -> usize| -> usize {
            pools.values().map(|pool| count(&pool.pool.status())).sum()
        };
        for (name, help, value) in [
            ("rondo_postgres_connections", "Connections to Postgres.", of_all(|pool| pool.size)),
            (
                "rondo_postgres_connections_idle",
                "Connections to Postgres that nobody uses.",
                of_all(|pool| pool.available),
            ),
            (
                "rondo_postgres_connections_max",
                "Connections to Postgres that there may be.",
                of_all(|pool| pool.max_size),
            ),
            ("rondo_postgres_waiting", "Requests that wait for a connection.", of_all(|pool| pool.waiting)),
        ] {
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
        }
    }

    /// Closes all connections.
    pub fn close(&self) {
        for pool in self.pools.read().unwrap_or_else(PoisonError::into_inner).values() {
            pool.pool.close();
        }
    }
}

impl DatabasePool {
    fn new(address: &str, limits: &Limits) -> Result<Self, AddressError> {
        let mut config: Config = address.parse().map_err(AddressError::Invalid)?;
        if config.get_application_name().is_none() {
            config.application_name("rondo");
        }
        config.connect_timeout(limits.postgres_wait).keepalives_idle(Duration::from_secs(60));
        let hosts = hosts(&config);
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let pool = Pool::builder(manager)
            .max_size(limits.postgres_connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(limits.postgres_wait))
            .create_timeout(Some(limits.postgres_wait))
            .build()
            .unwrap_or_else(|error| unreachable!("the runtime that time-outs need is given: {error}"));
        Ok(Self { result_bytes: limits.postgres_result_bytes, hosts, pool })
    }

    fn check(&self, allowed: &AllowedHosts) -> Result<(), AddressError> {
        for (host, port) in &self.hosts {
            if !allowed.permits("postgres", host, *port) {
                return Err(AddressError::NotAllowed(format!("{host}:{port}")));
            }
        }
        Ok(())
    }

    /// A connection that was alive a moment ago.
    ///
    /// # Errors
    /// When none becomes free in time, or none can be made.
    pub async fn get(&self) -> Result<Object, PoolError> {
        let client = self.pool.get().await?;
        if client.statement_cache.size() > STATEMENTS {
            client.statement_cache.clear();
        }
        Ok(client)
    }
}

/// A socket in the file system is a host as well: its path must be allowed, which no pattern but `*` does.
fn hosts(config: &Config) -> Vec<(String, u16)> {
    let ports = config.get_ports();
    let port = |index: usize| ports.get(index).or(ports.first()).copied().unwrap_or(5432);
    let named = config.get_hosts().iter().enumerate().map(|(index, host)| match host {
        Host::Tcp(name) => (name.clone(), port(index)),
        Host::Unix(path) => (path.display().to_string(), port(index)),
    });
    let addressed =
        config.get_hostaddrs().iter().enumerate().map(|(index, address)| (address.to_string(), port(index)));
    named.chain(addressed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(address: &str, allowed: &str) -> Result<Arc<DatabasePool>, AddressError> {
        Databases::new(&Limits::default()).pool(address, &AllowedHosts::parse([allowed]).unwrap())
    }

    #[tokio::test]
    async fn only_allowed_hosts_are_connected_to() {
        assert!(open("postgres://u:p@db:5433/x", "postgres://db:5433").is_ok());
        assert!(open("host=db user=u", "postgres://db:5432").is_ok());
        for address in ["postgres://u:p@db/x", "host=db,other user=u port=5433", "host=db hostaddr=10.0.0.1 port=5433"]
        {
            assert!(matches!(open(address, "postgres://db:5433"), Err(AddressError::NotAllowed(_))), "{address}");
        }
    }

    #[tokio::test]
    async fn what_is_no_address_is_refused_without_telling_it() {
        let error = open("postgres://u:secret@db:port/x", "*://*:*").err().unwrap();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
