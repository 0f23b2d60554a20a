//! The sidecar's Postgres: two pools, the schema, and one log line per outage.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, NoTls, Row};

const CONNECTIONS_PER_POOL: usize = 6;
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
const STATEMENT_LIMIT: Duration = Duration::from_secs(10);

/// Every statement finds its rows by a key: planning it for its values, which takes four times as long as running it, gains
/// nothing.
const KEPT_PLANS: &str = "-c plan_cache_mode=force_generic_plan";

/// Held while the schema is brought up to date.
const MIGRATION_LOCK: i64 = 0x7261_7064_6d69_6772;
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001_topics_jobs_and_state.sql")];

/// A statement that did not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    /// Postgres is away or does not answer: the same will work later.
    #[error("the broker is not reachable")]
    Away,
    /// Postgres refused the statement.
    #[error("the broker refused the request")]
    Refused(#[source] tokio_postgres::Error),
}

/// Where a statement's commit may be lost in a crash of the server, at the cost of doing its work again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commit {
    /// Acknowledged means kept.
    Durable,
    /// For what is redone after a crash anyway.
    Relaxed,
}

/// The database of one sidecar.
pub(crate) struct Database {
    durable: Pool,
    relaxed: Pool,
    away: AtomicBool,
}

impl Database {
    /// Prepares the pools; connects when first asked.
    pub(crate) fn new(url: &str) -> Result<Self, tokio_postgres::Error> {
        let mut durable: Config = url.parse()?;
        let mut relaxed = durable.clone();
        durable.options(KEPT_PLANS);
        relaxed.options(format!("{KEPT_PLANS} -c synchronous_commit=off"));
        Ok(Self { durable: pool(durable), relaxed: pool(relaxed), away: AtomicBool::new(false) })
    }

    /// Runs a statement and returns its rows.
    pub(crate) async fn query(
        &self,
        commit: Commit,
        statement: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, DatabaseError> {
        let work = async |client: &mut Object| {
            let prepared = client.prepare_cached(statement).await?;
            client.query(&prepared, parameters).await
        };
        self.judge(self.limited(commit, work).await)
    }

    /// Runs a statement and returns how many rows it changed.
    pub(crate) async fn execute(
        &self,
        commit: Commit,
        statement: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, DatabaseError> {
        let work = async |client: &mut Object| {
            let prepared = client.prepare_cached(statement).await?;
            client.execute(&prepared, parameters).await
        };
        self.judge(self.limited(commit, work).await)
    }

    /// Runs what needs a transaction of its own; it must commit itself, and is rolled back otherwise.
    pub(crate) async fn transaction<T>(
        &self,
        work: impl AsyncFnOnce(&mut Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, DatabaseError> {
        self.judge(self.limited(Commit::Durable, work).await)
    }

    /// Creates the schema or brings it up to date. Safe when several start at once.
    pub(crate) async fn migrate(&self) -> Result<(), DatabaseError> {
        self.transaction(async |client| {
            let transaction = client.transaction().await?;
            transaction.execute("select pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK]).await?;
            transaction
                .batch_execute(
                    "create schema if not exists dapr;
                     create table if not exists dapr.migrations (version integer primary key);",
                )
                .await?;
            let done: i64 = transaction.query_one("select count(*) from dapr.migrations", &[]).await?.get(0);
            for (version, migration) in (1_i32..).zip(MIGRATIONS).skip(done as usize) {
                transaction.batch_execute(migration).await?;
                transaction.execute("insert into dapr.migrations values ($1)", &[&version]).await?;
            }
            transaction.commit().await
        })
        .await
    }

    /// Does `work` on a connection of the pool, until the limit.
    async fn limited<T>(
        &self,
        commit: Commit,
        work: impl AsyncFnOnce(&mut Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Failure> {
        let pool = match commit {
            Commit::Durable => &self.durable,
            Commit::Relaxed => &self.relaxed,
        };
        let deadline = Instant::now() + STATEMENT_LIMIT;
        let mut client = timeout_at(deadline, pool.get()).await.map_err(|_| Failure::Timeout)??;
        match timeout_at(deadline, work(&mut client)).await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => {
                tokio::spawn(call_off(Object::take(client)));
                Err(Failure::Timeout)
            }
        }
    }

    /// Turns a failure into what the caller can act on, and logs the begin and the end of an outage.
    fn judge<T>(&self, outcome: Result<T, Failure>) -> Result<T, DatabaseError> {
        match outcome {
            Ok(value) => {
                if self.away.swap(false, Ordering::Relaxed) {
                    tracing::info!("the database answers again");
                }
                Ok(value)
            }
            Err(Failure::Statement(error)) if was_refused(&error) => Err(DatabaseError::Refused(error)),
            Err(failure) => {
                if !self.away.swap(true, Ordering::Relaxed) {
                    tracing::error!(error = %failure, "the database is away");
                }
                Err(DatabaseError::Away)
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Pool(#[from] PoolError),
    #[error(transparent)]
    Statement(#[from] tokio_postgres::Error),
    #[error("no answer in time")]
    Timeout,
}

/// Ends a connection and what the server still does for it: whoever got it next would wait behind that.
async fn call_off(client: ClientWrapper) {
    let called_off = timeout(CONNECT_LIMIT, client.cancel_token().cancel_query(NoTls)).await;
    if !matches!(called_off, Ok(Ok(()))) {
        tracing::debug!("a statement that took too long goes on: the server can't be told");
    }
}

/// Class 57 is the operator's doing (shutdown, crash, starting up), 53 a lack of resources, 08 the connection.
fn was_refused(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|state| !["57", "53", "08"].iter().any(|class| state.code().starts_with(class)))
}

fn pool(mut config: Config) -> Pool {
    config.connect_timeout(CONNECT_LIMIT);
    config.application_name("rondo-sidecar");
    let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(CONNECTIONS_PER_POOL)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts { wait: Some(STATEMENT_LIMIT), create: Some(CONNECT_LIMIT), recycle: None })
        .build()
        .expect("a pool with a runtime for its time-outs")
}
