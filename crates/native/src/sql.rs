//! The database over tokio-postgres.

use rondo_ports::{Document, Sql, SqlError, despite_deadlocks};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls};

/// One connection to Postgres.
pub struct Database {
    client: Client,
}

impl Database {
    /// Connects to `url`. The connection is served by a task of the current tokio runtime.
    ///
    /// # Errors
    /// The server can't be reached, or refuses.
    pub async fn connect(url: &str) -> Result<Self, SqlError> {
        let (client, connection) =
            tokio_postgres::connect(url, NoTls).await.map_err(|error| SqlError::Away(error.to_string()))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "the connection to the database broke off");
            }
        });
        Ok(Self { client })
    }

    /// The connection itself, for what goes beyond single statements: migrations, tests.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl Sql for Database {
    async fn call(&self, statement: &str, parameters: &[Option<&str>]) -> Result<Document, SqlError> {
        // Text it is on Spin, so text it is here: a statement that forgets a cast must not work here only.
        let typed: Vec<(&(dyn ToSql + Sync), Type)> =
            parameters.iter().map(|parameter| (parameter as &(dyn ToSql + Sync), Type::TEXT)).collect();
        let query = async || self.client.query_typed(statement, &typed).await.map_err(classify);
        let rows = despite_deadlocks(query).await?;
        match rows.as_slice() {
            [row] => row.try_get(0).map(Document::new).map_err(classify),
            rows => Err(SqlError::Refused(format!("{} rows came back where one was promised", rows.len()))),
        }
    }
}

fn classify(error: tokio_postgres::Error) -> SqlError {
    match error.as_db_error() {
        Some(db) => SqlError::of_server(db.code().code(), format!("{} ({})", db.message(), db.code().code())),
        None => SqlError::of_client(format!("{error:?}")),
    }
}
