//! The database over pooled connections, each of which prepares a statement once.

use deadpool_postgres::{ManagerConfig, PoolError, RecyclingMethod, Runtime};
use rondo_ports::{Document, Sql, SqlError};
use tokio_postgres::NoTls;
use tokio_postgres::types::ToSql;

/// As many connections as Rondo's host keeps to a database: `Limits::postgres_connections` of `crates/host/runtime`.
fn connections() -> usize {
    2 * std::thread::available_parallelism().map_or(1, usize::from) + 2
}

/// A pool of connections.
pub struct Pool(deadpool_postgres::Pool);

impl Pool {
    /// A pool of connections to `url`; the first request opens the first.
    pub fn of(url: &str) -> anyhow::Result<Self> {
        let mut config = deadpool_postgres::Config::new();
        config.url = Some(url.to_owned());
        config.manager = Some(ManagerConfig { recycling_method: RecyclingMethod::Fast });
        config.pool = Some(deadpool_postgres::PoolConfig::new(connections()));
        Ok(Self(config.create_pool(Some(Runtime::Tokio1), NoTls)?))
    }
}

impl Sql for Pool {
    async fn call(&self, statement: &str, parameters: &[Option<&str>]) -> Result<Document, SqlError> {
        let client = self.0.get().await.map_err(away)?;
        let prepared = client.prepare_cached(statement).await.map_err(refused)?;
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|value| value as _).collect();
        let row = client.query_one(&prepared, &parameters).await.map_err(refused)?;
        row.try_get(0).map(Document::new).map_err(refused)
    }
}

fn away(error: PoolError) -> SqlError {
    SqlError::Away(error.to_string())
}

fn refused(error: tokio_postgres::Error) -> SqlError {
    SqlError::Refused(error.to_string())
}
