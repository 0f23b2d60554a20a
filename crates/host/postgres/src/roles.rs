//! The roles and databases that Rondo connects to, and their URLs.

use tokio_postgres::{Client, NoTls};
use tracing::warn;

use crate::Error;
use crate::credentials::Credentials;

/// Owns the databases and what migrations make in them.
pub const OWNER_ROLE: &str = "rondo_owner";
/// What components connect as: it reads and writes rows, and can change no table.
pub const APP_ROLE: &str = "rondo_app";
/// The database of a normal run.
pub const DATABASE: &str = "rondo";

pub(crate) const SUPERUSER: &str = "postgres";

/// Where one database is reached, as each of the two roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrls {
    /// As [`OWNER_ROLE`]: for migrations and for the sidecar's own schema.
    pub owner: String,
    /// As [`APP_ROLE`]: for components.
    pub app: String,
}

impl DatabaseUrls {
    pub(crate) fn new(credentials: &Credentials, database: &str) -> Self {
        Self {
            owner: url(OWNER_ROLE, &credentials.owner_password, credentials.port, database),
            app: url(APP_ROLE, &credentials.app_password, credentials.port, database),
        }
    }
}

fn url(role: &str, password: &str, port: u16, database: &str) -> String {
    format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}")
}

/// Connects as the superuser to the database that always exists.
pub(crate) async fn connect(credentials: &Credentials) -> Result<Client, Error> {
    let url = url(SUPERUSER, &credentials.superuser_password, credentials.port, "postgres");
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            warn!(%error, "the connection to PostgreSQL ended");
        }
    });
    Ok(client)
}

/// Makes both roles and [`DATABASE`] where they are missing.
pub(crate) async fn ensure(client: &Client, credentials: &Credentials) -> Result<(), Error> {
    if !exists(client, "select from pg_roles where rolname = $1", APP_ROLE).await? {
        create_roles(client, credentials).await?;
    }
    if !exists(client, "select from pg_database where datname = $1", DATABASE).await? {
        create_database(client, DATABASE, None).await?;
    }
    Ok(())
}

async fn exists(client: &Client, query: &str, name: &str) -> Result<bool, Error> {
    Ok(client.query_opt(query, &[&name]).await?.is_some())
}

/// One batch is one transaction: both roles exist with their limits, or neither. Passwords are made here, of
/// letters that need no quoting. A statement is planned once for a connection: each says only what it is asked, so one plan
/// serves whatever values come, and planning a list anew for each call would cost as much as running it.
async fn create_roles(client: &Client, credentials: &Credentials) -> Result<(), Error> {
    let Credentials { owner_password, app_password, .. } = credentials;
    let statements = format!(
        "create role {OWNER_ROLE} login password '{owner_password}';
         create role {APP_ROLE} login password '{app_password}';
         alter role {APP_ROLE} set statement_timeout = '10s';
         alter role {APP_ROLE} set lock_timeout = '5s';
         alter role {APP_ROLE} set idle_in_transaction_session_timeout = '10s';
         alter role {APP_ROLE} set plan_cache_mode = force_generic_plan"
    );
    Ok(client.batch_execute(&statements).await?)
}

/// Makes a database that [`OWNER_ROLE`] owns and only the two roles may enter.
pub(crate) async fn create_database(client: &Client, name: &str, template: Option<&str>) -> Result<(), Error> {
    let name = quoted(name);
    let template = quoted(template.unwrap_or("template1"));
    client.batch_execute(&format!("create database {name} template {template} owner {OWNER_ROLE}")).await?;
    let rights = format!("revoke all on database {name} from public; grant connect on database {name} to {APP_ROLE}");
    Ok(client.batch_execute(&rights).await?)
}

/// Removes a database and throws out who is still connected; that it is not there is fine.
pub(crate) async fn drop_database(client: &Client, name: &str) -> Result<(), Error> {
    Ok(client.batch_execute(&format!("drop database if exists {} with (force)", quoted(name))).await?)
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
