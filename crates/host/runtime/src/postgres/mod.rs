//! `spin:postgres@4.0.0`: what a component says to Postgres.
//!
//! A [`Connection`] borrows a connection of the pool when the component first uses it, and gives it back when the component
//! drops it, so that a component sees one session; a streaming component, which lives long, borrows for each statement. What
//! a component leaves behind without dropping it (it trapped, or took too long) is closed: nobody knows what state the
//! session is in. Read `pool`, then `parameters` and `rows`.

#![allow(clippy::result_large_err, reason = "the error is the one of the WIT, with all that the server says")]

mod errors;
mod parameters;
pub mod pool;
mod rows;

use std::sync::Arc;

use deadpool_postgres::Object;
use futures_util::TryStreamExt;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};
use wasmtime::component::Resource;

use crate::guest::{Guest, RequestContext};
use crate::observer::{Directive, ImportKind};
use crate::spin::spin::postgres::postgres::{Error, Host, HostConnection, ParameterValue, QueryError, RowSet};
use errors::{connection_failed, ends_session, execution_failed, is_stale_plan, preparation_failed};
use pool::DatabasePool;

/// A component's connection to a database.
pub struct Connection {
    pool: Arc<DatabasePool>,
    borrowed: Option<Borrowed>,
}

struct Borrowed {
    client: Object,
    /// Whether a statement ran, so that the session is not exchangeable any more.
    is_used: bool,
}

impl Connection {
    fn new(pool: Arc<DatabasePool>) -> Self {
        Self { pool, borrowed: None }
    }

    /// A statement, ready to be executed. When the connection turns out to be dead, nothing was executed yet: another one
    /// is taken, once.
    async fn prepared(&mut self, text: &str) -> Result<(&mut Borrowed, Statement), Error> {
        let mut is_second_try = false;
        loop {
            let borrowed = match self.borrowed.take() {
                Some(borrowed) => borrowed,
                None => Borrowed { client: self.pool.get().await.map_err(connection_failed)?, is_used: false },
            };
            match borrowed.client.prepare_cached(text).await {
                Ok(statement) => return Ok((self.borrowed.insert(borrowed), statement)),
                Err(error) if ends_session(&error) && !borrowed.is_used && !is_second_try => {
                    is_second_try = true;
                    drop(Object::take(borrowed.client));
                }
                Err(error) => {
                    self.borrowed = Some(borrowed);
                    return Err(preparation_failed(&error));
                }
            }
        }
    }

    async fn query(&mut self, text: &str, parameters: &[ParameterValue]) -> Result<RowSet, Error> {
        let limit = self.pool.result_bytes;
        let parameters = parameters::parameters(parameters)?;
        let rows = loop {
            let (borrowed, statement) = self.prepared(text).await?;
            borrowed.is_used = true;
            match rows_of(borrowed, &statement, &parameters, limit).await {
                Err(Stopped::Failed(error)) if is_stale_plan(&error) => borrowed.forget(text),
                Err(Stopped::Failed(error)) => return Err(execution_failed(&error)),
                Err(Stopped::TooLarge) => return Err(Error::Other(format!("the result has more than {limit} bytes"))),
                Ok(rows) => break rows,
            }
        };
        rows::row_set(rows)
    }

    async fn execute(&mut self, text: &str, parameters: &[ParameterValue]) -> Result<u64, Error> {
        let parameters = parameters::parameters(parameters)?;
        loop {
            let (borrowed, statement) = self.prepared(text).await?;
            borrowed.is_used = true;
            match borrowed.client.execute_raw(&statement, as_sql(&parameters)).await {
                Err(error) if is_stale_plan(&error) => borrowed.forget(text),
                Err(error) => return Err(execution_failed(&error)),
                Ok(rows) => return Ok(rows),
            }
        }
    }
}

impl Borrowed {
    /// Has a statement prepared anew: a migration changed what it returns.
    fn forget(&self, text: &str) {
        self.client.statement_cache.remove(text, &[]);
    }
}

enum Stopped {
    Failed(tokio_postgres::Error),
    TooLarge,
}

fn as_sql(parameters: &[parameters::Parameter]) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
    parameters.iter().map(|parameter| &**parameter as &(dyn ToSql + Sync))
}

async fn rows_of(
    borrowed: &Borrowed,
    statement: &Statement,
    parameters: &[parameters::Parameter],
    limit: usize,
) -> Result<Vec<Row>, Stopped> {
    let stream = borrowed.client.query_raw(statement, as_sql(parameters)).await.map_err(Stopped::Failed)?;
    let mut stream = std::pin::pin!(stream);
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = stream.try_next().await.map_err(Stopped::Failed)? {
        bytes += row.raw_size_bytes();
        if bytes > limit {
            return Err(Stopped::TooLarge);
        }
        rows.push(row);
    }
    Ok(rows)
}

/// A connection that goes down with its store was not given back by the component.
impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(borrowed) = self.borrowed.take() {
            drop(Object::take(borrowed.client));
        }
    }
}

impl Host for Guest {}

impl HostConnection for Guest {
    async fn open(&mut self, address: String) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let pool = match self.request.shared.databases.pool(&address, &self.request.component.allowed) {
            Ok(pool) => pool,
            Err(error) => return Ok(Err(Error::ConnectionFailed(error.to_string()))),
        };
        Ok(Ok(self.table.push(Connection::new(pool))?))
    }

    async fn query(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<RowSet, Error>> {
        let request = Arc::clone(&self.request);
        let index = request.next_call();
        let kind = || ImportKind::Query { statement: &statement };
        obey(&request, request.before(index, kind()))?;
        let connection = self.table.get_mut(&connection)?;
        let result = connection.query(&statement, &parameters).await;
        settle(&request, connection, result.as_ref().err());
        obey(&request, request.after(index, kind()))?;
        Ok(result)
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<u64, Error>> {
        let request = Arc::clone(&self.request);
        let index = request.next_call();
        let kind = || ImportKind::Execute { statement: &statement };
        obey(&request, request.before(index, kind()))?;
        let connection = self.table.get_mut(&connection)?;
        let result = connection.execute(&statement, &parameters).await;
        settle(&request, connection, result.as_ref().err());
        obey(&request, request.after(index, kind()))?;
        Ok(result)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        let mut connection = self.table.delete(connection)?;
        drop(connection.borrowed.take());
        Ok(())
    }
}

fn obey(request: &RequestContext, directive: Directive) -> wasmtime::Result<()> {
    match directive {
        Directive::Proceed => Ok(()),
        Directive::Trap => Err(wasmtime::format_err!("trapped at a call to Postgres ({})", request.component.id)),
    }
}

/// Logs a failure with its cause, and gives the connection back early where it would be kept for long.
fn settle(request: &RequestContext, connection: &mut Connection, error: Option<&Error>) {
    if let Some(error) = error {
        let cause = match error {
            Error::QueryFailed(QueryError::DbError(error)) => &error.as_text,
            Error::QueryFailed(QueryError::Text(text))
            | Error::ConnectionFailed(text)
            | Error::BadParameter(text)
            | Error::ValueConversionFailed(text)
            | Error::Other(text) => text,
        };
        tracing::warn!(
            component = request.component.id,
            request_id = request.request_id.as_str(),
            cause,
            "a call to Postgres failed"
        );
    }
    if request.component.stream {
        connection.borrowed = None;
    }
}
