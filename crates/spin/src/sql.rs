//! The database by `spin:postgres`.

use rondo_ports::{Document, Settings, Sql, SqlError, despite_deadlocks};
use spin_sdk::pg4::{Connection, DbValue, ParameterValue, PgError, QueryError};

use crate::SpinPlatform;

impl Sql for SpinPlatform {
    async fn call(&self, statement: &str, parameters: &[Option<&str>]) -> Result<Document, SqlError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let parameters: Vec<ParameterValue> = parameters
            .iter()
            .map(|parameter| parameter.map_or(ParameterValue::DbNull, |text| ParameterValue::Str(text.to_owned())))
            .collect();
        let rows = despite_deadlocks(async || connection.query(statement, &parameters).map_err(classify)).await?;
        self.connection.replace(Some(connection));
        match rows.rows.into_iter().next().and_then(|row| row.into_iter().next()) {
            Some(DbValue::Str(json)) => Ok(Document::new(json)),
            _ => Err(SqlError::Refused("the statement did not give one text".to_owned())),
        }
    }
}

impl SpinPlatform {
    fn connect(&self) -> Result<Connection, SqlError> {
        let url = self.variable("database_url").map_err(|missing| SqlError::Refused(missing.to_string()))?;
        Connection::open(&url).map_err(classify)
    }
}

/// Tells what will pass from what will not.
fn classify(error: PgError) -> SqlError {
    match error {
        PgError::ConnectionFailed(text) => SqlError::Away(text),
        PgError::QueryFailed(QueryError::DbError(db)) => {
            SqlError::of_server(&db.code, format!("{} ({})", db.message, db.code))
        }
        PgError::QueryFailed(QueryError::Text(text)) => SqlError::of_client(text),
        PgError::BadParameter(text) | PgError::ValueConversionFailed(text) | PgError::Other(text) => {
            SqlError::Refused(text)
        }
    }
}
