//! Errors of Postgres as Spin reports them.

use deadpool_postgres::PoolError;
use tokio_postgres::error::{DbError as ServerError, Severity, SqlState};

use crate::spin::spin::postgres::postgres::{DbError, Error, QueryError};

/// No connection: none was free in time, or none can be made.
pub fn connection_failed(error: PoolError) -> Error {
    Error::ConnectionFailed(match error {
        PoolError::Timeout(_) => "no connection became free in time".to_owned(),
        error => error.to_string(),
    })
}

/// A statement was refused before it ran: the server's error in full.
pub fn preparation_failed(error: &tokio_postgres::Error) -> Error {
    if error.is_closed() {
        return Error::ConnectionFailed(error.to_string());
    }
    let as_text = format!("{error:?}");
    Error::QueryFailed(match error.as_db_error() {
        None => QueryError::Text(as_text),
        Some(server) => QueryError::DbError(DbError {
            as_text,
            severity: server.severity().to_owned(),
            code: server.code().code().to_owned(),
            message: server.message().to_owned(),
            detail: server.detail().map(str::to_owned),
            extras: extras(server),
        }),
    })
}

/// A statement failed while it ran. Spin 4.0 gives only the text of such an error, so that is all a component gets here.
pub fn execution_failed(error: &tokio_postgres::Error) -> Error {
    Error::QueryFailed(QueryError::Text(format!("{error:?}")))
}

/// Whether the session is over: the connection broke, or the server ended it and said so.
pub fn ends_session(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(ServerError::parsed_severity);
    error.is_closed() || matches!(severity, Some(Severity::Fatal | Severity::Panic))
}

/// Whether a statement was refused, before it ran, because what it returns has changed since it was prepared.
pub fn is_stale_plan(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|server| {
        *server.code() == SqlState::FEATURE_NOT_SUPPORTED && server.routine() == Some("RevalidateCachedQuery")
    })
}

fn extras(server: &ServerError) -> Vec<(String, String)> {
    let named = [
        ("hint", server.hint()),
        ("where", server.where_()),
        ("schema", server.schema()),
        ("table", server.table()),
        ("column", server.column()),
        ("datatype", server.datatype()),
        ("constraint", server.constraint()),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
}
