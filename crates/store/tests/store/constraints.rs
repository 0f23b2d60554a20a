//! Each constraint of the migrations refuses what its name says, and takes what lies just beside it.

mod cases;
mod uniques;

use std::collections::BTreeSet;

use rondo_native::Database;

use crate::server::{Scratch, number, run};
use cases::{CHECKS, Case, SCENE};
use uniques::UNIQUES;

/// Runs `statement` and takes it back; the name of the constraint that refused it.
async fn refusal(sql: &Database, statement: &str) -> Option<String> {
    run(sql, "begin").await;
    let outcome = sql.client().batch_execute(statement).await;
    run(sql, "rollback").await;
    let error = outcome.err()?;
    let constraint = error.as_db_error().and_then(|error| error.constraint());
    Some(constraint.unwrap_or_else(|| panic!("{statement}: {error:?}")).to_owned())
}

async fn hold(cases: &[Case]) {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    run(&sql, SCENE).await;
    for Case { constraint, refused, taken } in cases {
        for statement in *refused {
            assert_eq!(refusal(&sql, statement).await.as_deref(), Some(*constraint), "{statement}");
        }
        for statement in *taken {
            assert_eq!(refusal(&sql, statement).await, None, "{statement}");
        }
    }
}

#[tokio::test]
async fn each_check_refuses_what_its_name_says() {
    hold(CHECKS).await;
}

#[tokio::test]
async fn each_unique_constraint_refuses_a_second() {
    hold(UNIQUES).await;
}

async fn names(sql: &Database, query: &str) -> BTreeSet<String> {
    sql.client().query(query, &[]).await.expect("names").iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn no_check_and_no_unique_constraint_is_left_out_here() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    let listed = |cases: &[Case]| cases.iter().map(|case| case.constraint.to_owned()).collect::<BTreeSet<_>>();
    let checks = "select conname::text from pg_constraint
        where contype = 'c' and connamespace = 'public'::regnamespace";
    assert_eq!(names(&sql, checks).await, listed(CHECKS));
    let uniques = "select relname::text from pg_index join pg_class on pg_class.oid = indexrelid
        where indisunique and not indisprimary and relnamespace = 'public'::regnamespace";
    assert_eq!(names(&sql, uniques).await, listed(UNIQUES));
}

#[tokio::test]
async fn every_reference_is_indexed_on_the_side_that_refers() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    // Else deleting a user or a task would read whole tables.
    let missing = "select conname::text from pg_constraint
        where contype = 'f' and connamespace = 'public'::regnamespace and not exists (
            select from pg_index
            where indrelid = conrelid and indpred is null and (indkey::int2[])[0:cardinality(conkey) - 1] = conkey
        )";
    assert_eq!(names(&sql, missing).await, BTreeSet::new());
}

#[tokio::test]
async fn nothing_of_a_user_is_left_when_the_user_is_gone() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    run(&sql, SCENE).await;
    run(&sql, "delete from users").await;
    let owned = "select table_name::text from information_schema.columns
        where table_schema = 'public' and column_name = 'user_id'";
    for table in names(&sql, owned).await {
        let left = number(&sql, &format!("select count(*) from {table}")).await;
        assert_eq!(left, 0, "{table}");
    }
}
