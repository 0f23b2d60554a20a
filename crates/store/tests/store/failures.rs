//! What an error of the database is: natively told by its code, inside a component by its text, both the same.

use std::mem::discriminant;

use rondo_native::Database;
use rondo_ports::{Sql, SqlError};

use crate::server::Scratch;

type Kind = fn(String) -> SqlError;

async fn by_code(database: &Database, statement: &str) -> SqlError {
    database.call(statement, &[]).await.expect_err("an error")
}

async fn by_text(database: &Database, statement: &str) -> SqlError {
    let error = database.client().query_typed(statement, &[]).await.expect_err("an error");
    SqlError::of_client(format!("{error:?}"))
}

#[tokio::test]
async fn an_error_is_what_its_code_says_whatever_its_words_say() {
    let scratch = Scratch::new().await;
    let database = scratch.connect().await;
    let cases: [(&str, &str, Kind); 4] = [
        ("40P01", "Verklemmung entdeckt", SqlError::Deadlock),
        ("57014", "storniere Anfrage", SqlError::Away),
        ("23505", "deadlock detected", SqlError::Refused),
        ("R1234", "terminating connection (57P01), kind: Closed", SqlError::Refused),
    ];
    for (code, words, expected) in cases {
        let detail = "Error { kind: Db, code: SqlState(E57P01)";
        let raise = format!(
            "do $$ begin raise exception '{words}' using errcode = '{code}', detail = '{detail}', hint = '{detail}'; end $$"
        );
        let expected = discriminant(&expected(String::new()));
        let (by_code, by_text) = (by_code(&database, &raise).await, by_text(&database, &raise).await);
        assert_eq!(discriminant(&by_code), expected, "{by_code}");
        assert_eq!(discriminant(&by_text), expected, "{by_text}");
    }
}

#[tokio::test]
async fn a_session_that_the_server_ended_is_away_when_it_ends_and_from_then_on() {
    let scratch = Scratch::new().await;
    let end = "select pg_terminate_backend(pg_backend_pid())";
    let database = scratch.connect().await;
    assert!(matches!(by_text(&database, end).await, SqlError::Away(_)));
    assert!(matches!(by_text(&database, "select 1").await, SqlError::Away(_)));
    let database = scratch.connect().await;
    assert!(matches!(by_code(&database, end).await, SqlError::Away(_)));
    assert!(matches!(by_code(&database, "select 1").await, SqlError::Away(_)));
}
