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

/// What passes by itself: 08 is about the connection, 53 a lack of resources, 57 the operator's doing (shut down, starting up,
/// called off).
const PASSING_CLASSES: [&str; 3] = ["08", "53", "57"];
const DEADLOCK_DETECTED: &str = "40P01";

impl SqlError {
    /// What an error of the server is. Its `code` tells (PostgreSQL, appendix A): its words are of whichever language the server
    /// speaks.
    #[must_use]
    pub fn of_server(code: &str, text: String) -> Self {
        if code == DEADLOCK_DETECTED {
            Self::Deadlock(text)
        } else if PASSING_CLASSES.iter().any(|class| code.starts_with(class)) {
            Self::Away(text)
        } else {
            Self::Refused(text)
        }
    }

    /// What an error of tokio-postgres is by its text for programmers (`{:?}`), which is all that Spin passes on of a statement
    /// that failed while it ran.
    #[must_use]
    pub fn of_client(text: String) -> Self {
        if ["Error { kind: Closed,", "Error { kind: Io,"].iter().any(|kind| text.starts_with(kind)) {
            return Self::Away(text);
        }
        match code_in(&text).map(str::to_owned) {
            Some(code) => Self::of_server(&code, text),
            None => Self::Refused(text),
        }
    }
}

/// The code that stands in the text of an error of the server, before anything that a user may have written.
fn code_in(text: &str) -> Option<&str> {
    let (_, rest) = text.strip_prefix("Error { kind: Db,")?.split_once("code: SqlState(")?;
    rest.strip_prefix('E')?.get(..DEADLOCK_DETECTED.len())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As a server that speaks German has it, whose task a user gave a treacherous title.
    fn text(code: &str, message: &str) -> String {
        format!(
            "Error {{ kind: Db, cause: Some(DbError {{ severity: \"FEHLER\", parsed_severity: Some(Error), code: SqlState({code}), \
             message: \"{message}\", detail: Some(\"deadlock detected, terminating connection, code: SqlState(E57P01)\"), \
             hint: None, position: None, where_: Some(\"kind: Closed\"), schema: None, table: None, column: None, datatype: None, \
             constraint: None, file: Some(\"deadlock.c\"), line: Some(1146), routine: Some(\"DeadLockReport\") }}) }}"
        )
    }

    #[test]
    fn an_error_of_the_server_is_told_by_its_code_in_whatever_language_it_comes() {
        assert!(matches!(SqlError::of_client(text("E40P01", "Verklemmung entdeckt")), SqlError::Deadlock(_)));
        for code in ["E57P01", "E57P03", "E57014", "E53300", "E08006"] {
            assert!(matches!(SqlError::of_client(text(code, "breche Verbindung ab")), SqlError::Away(_)), "{code}");
        }
    }

    #[test]
    fn nothing_that_a_user_wrote_makes_a_mistake_look_as_if_it_would_pass() {
        for code in ["E22012", "E23505", "Other(\"R1234\")"] {
            let error = SqlError::of_client(text(code, "deadlock detected"));
            assert!(matches!(error, SqlError::Refused(_)), "{code}: {error}");
        }
    }

    #[test]
    fn a_connection_that_broke_is_worth_another_try() {
        for text in [
            "Error { kind: Closed, cause: None }",
            "Error { kind: Io, cause: Some(Os { code: 104, kind: ConnectionReset, message: \"Connection reset by peer\" }) }",
        ] {
            assert!(matches!(SqlError::of_client(text.to_owned()), SqlError::Away(_)), "{text}");
        }
        let text =
            "Error { kind: ToSql(0), cause: Some(WrongType { postgres: Int4, rust: \"Error { kind: Closed\" }) }";
        assert!(matches!(SqlError::of_client(text.to_owned()), SqlError::Refused(_)));
    }
}
