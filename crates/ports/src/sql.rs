//! The database: one statement in, one JSON document out.

use serde::Deserialize;

/// The database, reached one statement at a time.
pub trait Sql {
    /// Runs `statement`, which has one row with one text column: a JSON document. Its parameters are text; it casts
    /// them (`$1::text::uuid`). A statement that changes something does all of it or nothing.
    ///
    /// # Errors
    /// See [`SqlError`].
    fn call(&self, statement: &str, parameters: &[Option<&str>]) -> impl Future<Output = Result<Document, SqlError>>;
}

/// Why a statement gave no document.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// The database can't be reached, or broke off: whether the change was made is not known. Worth another try.
    #[error("the database is away: {0}")]
    Away(String),
    /// Statements waited for each other in a circle, and the database gave this one up for the others: it changed nothing.
    #[error("the database gave the statement up for another: {0}")]
    Deadlock(String),
    /// The database refused the statement. A mistake of ours.
    #[error("the database refused the statement: {0}")]
    Refused(String),
    /// The document is not what the statement promises. A mistake of ours.
    #[error("the database's answer was not understood: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// How often a statement is said before its deadlocks are the caller's matter.
const ATTEMPTS: usize = 4;

/// Says a statement again that was given up in a deadlock: being a transaction of its own, it changed nothing, and those
/// that it stood in the way of are through when it comes again.
///
/// # Errors
/// What the last `attempt` gave.
pub async fn despite_deadlocks<T>(mut attempt: impl AsyncFnMut() -> Result<T, SqlError>) -> Result<T, SqlError> {
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(SqlError::Deadlock(_)) => {}
            outcome => return outcome,
        }
    }
    attempt().await
}

/// A JSON document as the database made it. It often goes to the client as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document(String);

impl Document {
    /// The document that `json` is.
    #[must_use]
    pub fn new(json: String) -> Self {
        Self(json)
    }

    /// Its text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    /// What it says.
    ///
    /// # Errors
    /// It is no `T`.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, SqlError> {
        Ok(serde_json::from_str(&self.0)?)
    }
}
