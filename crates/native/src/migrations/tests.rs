use refinery::{Migration, Runner};
use rondo_postgres::{APP_ROLE, Durability, Options, Server, Silent};

use super::*;

struct Scratch {
    server: Server,
    _folder: tempfile::TempDir,
}

impl Scratch {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = Options { durability: Durability::Off, ..Options::new(folder.path()) };
        let server = Server::start(options, &Silent).await.expect("a server");
        Self { server, _folder: folder }
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

fn runner(sql: &str) -> Runner {
    Runner::new(&[Migration::unapplied("V1__first", sql).expect("a valid name")])
}

#[tokio::test]
async fn six_at_once_all_succeed_and_one_does_the_work() {
    let scratch = Scratch::new().await;
    let url = scratch.server.owner_url();
    let runs: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { migrate(&url, APP_ROLE).await })
        })
        .collect();
    let mut workers = 0;
    for run in runs {
        let applied = run.await.expect("no panic").expect("migrated");
        workers += usize::from(!applied.is_empty());
    }
    assert_eq!(workers, 1);
    scratch.server.stop().await.expect("stopped");
}

#[tokio::test]
async fn the_app_may_write_rows_and_change_no_table() {
    let scratch = Scratch::new().await;
    migrate(&scratch.server.owner_url(), APP_ROLE).await.expect("migrated");
    let app = connect(&scratch.server.app_url()).await;
    app.execute("delete from users", &[]).await.expect("rows are the app's");
    for forbidden in ["drop table users", "create table mine ()", "select from refinery_schema_history"] {
        let error = app.batch_execute(forbidden).await.expect_err(forbidden);
        let code = error.code().cloned();
        assert_eq!(code, Some(tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE), "{forbidden}");
    }
    let timeout: String = app.query_one("show statement_timeout", &[]).await.expect("a setting").get(0);
    assert_eq!(timeout, "10s");
    scratch.server.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_migration_that_changed_after_it_was_applied_is_named() {
    let scratch = Scratch::new().await;
    let url = scratch.server.owner_url();
    run(&url, APP_ROLE, runner("create table first ()")).await.expect("migrated");
    let error = run(&url, APP_ROLE, runner("create table second ()")).await.expect_err("it changed");
    assert!(matches!(&error, MigrateError::Changed { applied, .. } if applied == "V1__first"), "{error}");
    scratch.server.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind_and_says_why() {
    let scratch = Scratch::new().await;
    let url = scratch.server.owner_url();
    let error = run(&url, APP_ROLE, runner("create table first (); select no_such_thing")).await.expect_err("bad SQL");
    assert!(error.to_string().contains("no_such_thing"), "{error}");
    run(&url, APP_ROLE, runner("create table first ()")).await.expect("the failed one was rolled back");
    scratch.server.stop().await.expect("stopped");
}
