//! Brings a database to the schema of `migrations/`, which is embedded here.
//!
//! Each migration is one transaction, kept with its checksum: one that changed after it was applied is an
//! error. Any number of processes may migrate at once: an advisory lock lets one do the work.

use std::time::Duration;

use refinery::error::Kind;
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, NoTls};
use tracing::warn;

/// "rondo" in ASCII: who migrates holds this advisory lock.
const LOCK: i64 = 0x72_6f_6e_64_6f;
const LOCK_LIMIT: Duration = Duration::from_secs(300);
const LOCK_POLL: Duration = Duration::from_millis(50);

/// Why a database could not be migrated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The database did not answer, or refused.
    #[error("the database refused")]
    Database(#[from] tokio_postgres::Error),
    /// An applied migration is not what the file of that name says now.
    #[error(
        "the migration {applied} was changed after it was applied (the file is {file} now): restore the file, and put the change into a new migration"
    )]
    Changed {
        /// As the database remembers it.
        applied: String,
        /// As the program has it.
        file: String,
    },
    /// The database and the program disagree on which migrations there are.
    #[error(
        "the migration {0} is in the database or in the program, but not in both: this database was migrated by another version of Rondo"
    )]
    Unknown(String),
    /// A migration's own SQL failed; the ones before it stay applied.
    #[error("{what}: {reason}")]
    Failed {
        /// What was being done, with the migration's name.
        what: String,
        /// What the database said.
        reason: String,
    },
    /// Somebody else has been migrating this database for too long.
    #[error("another process has been migrating this database for {} seconds", LOCK_LIMIT.as_secs())]
    Busy,
}

impl From<refinery::Error> for MigrateError {
    fn from(error: refinery::Error) -> Self {
        match error.kind() {
            Kind::DivergentVersion(applied, file) => {
                Self::Changed { applied: applied.to_string(), file: file.to_string() }
            }
            Kind::MissingVersion(migration) => Self::Unknown(migration.to_string()),
            Kind::Connection(what, source) => Self::Failed { what: what.clone(), reason: chain(source.as_ref()) },
            other => Self::Failed { what: "the embedded migrations".into(), reason: other.to_string() },
        }
    }
}

/// An error and its causes in one line: a database's own words are in the cause.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Applies what is missing to the database at `url`, a direct connection as its owner, and returns the names of
/// what was applied. Where the role `app_role` exists, it may afterwards read and write rows, and nothing more.
///
/// # Errors
/// See [`MigrateError`]; running again after an error continues where it stopped.
pub async fn migrate(url: &str, app_role: &str) -> Result<Vec<String>, MigrateError> {
    run(url, app_role, embedded::migrations::runner()).await
}

async fn run(url: &str, app_role: &str, runner: refinery::Runner) -> Result<Vec<String>, MigrateError> {
    let (mut client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            warn!(%error, "the migrating connection ended");
        }
    });
    lock(&client).await?;
    let report = runner.run_async(&mut client).await?;
    grant(&client, app_role).await?;
    // Ending the session lets go of the lock, however this function ends.
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}

/// Polls, since a session that waits for the lock would hold a snapshot that blocks the other's work.
async fn lock(client: &Client) -> Result<(), MigrateError> {
    let deadline = Instant::now() + LOCK_LIMIT;
    while !client.query_one("select pg_try_advisory_lock($1)", &[&LOCK]).await?.get::<_, bool>(0) {
        if Instant::now() >= deadline {
            return Err(MigrateError::Busy);
        }
        sleep(LOCK_POLL).await;
    }
    Ok(())
}

/// Rights on what the migrations made. The history of migrations is nobody else's business.
async fn grant(client: &Client, role: &str) -> Result<(), MigrateError> {
    if client.query_opt("select from pg_roles where rolname = $1", &[&role]).await?.is_none() {
        return Ok(());
    }
    let rights = format!(
        "grant usage on schema public to {role};
         grant select, insert, update, delete on all tables in schema public to {role};
         grant usage on all sequences in schema public to {role};
         grant execute on all functions in schema public to {role};
         revoke all on refinery_schema_history from {role}"
    );
    Ok(client.batch_execute(&rights).await?)
}

mod embedded {
    #![allow(clippy::unwrap_used, missing_docs, unused_qualifications)]
    refinery::embed_migrations!("../../migrations");
}

#[cfg(test)]
mod tests;
