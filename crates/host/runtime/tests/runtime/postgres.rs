//! Components and a real Postgres.

use http::Method;
use http_body_util::Full;
use rondo_postgres::Server;
use support::postgres;
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

use crate::support::{Answer, Served, manifest, variables};

/// One server for all tests of this file; it ends with the process.
async fn server() -> &'static Server {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    SERVER.get_or_init(|| postgres::start("runtime-postgres")).await
}

struct Database {
    host: Served,
    client: tokio_postgres::Client,
}

impl Database {
    async fn start(name: &str) -> Self {
        let server = server().await;
        server.drop_database(name).await.unwrap();
        let url = server.create_database(name, None).await.unwrap().owner;
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let more = format!(
            "allowed_outbound_hosts = [\"postgres://127.0.0.1:{}\"]\nvariables = {{ database_url = \"{{{{ url }}}}\" }}\n[variables]\nurl = {{ required = true }}",
            server.port()
        );
        let host = Served::start_with(&manifest(&more), |config| {
            config.variables = variables([("url", url)]);
            config.limits.postgres_connections = 2;
        })
        .await;
        Self { host, client }
    }

    async fn select(&self, statement: &'static str) -> String {
        post(&self.host, "/select", statement).await.text
    }
}

/// The fixture runs what it is sent.
async fn post(host: &Served, path: &str, statement: &'static str) -> Answer {
    host.send(host.request(Method::POST, path).body(Full::from(statement)).unwrap()).await
}

#[tokio::test]
async fn values_arrive_as_spin_has_them() {
    let database = Database::start("values").await;
    for (statement, value) in [
        ("select 'text'", "text"),
        ("select true", "Some(DbValue::Boolean(true))"),
        ("select 7::int2", "Some(DbValue::Int16(7))"),
        ("select 7", "Some(DbValue::Int32(7))"),
        ("select 7::int8", "Some(DbValue::Int64(7))"),
        ("select 1.5::float8", "Some(DbValue::Floating64(1.5))"),
        ("select null::text", "Some(DbValue::DbNull)"),
        ("select 1.50::numeric", "Some(DbValue::Decimal(\"1.50\"))"),
        ("select date '2026-02-28'", "Some(DbValue::Date((2026, 2, 28)))"),
        ("select time '10:20:30.5'", "Some(DbValue::Time((10, 20, 30, 500000000)))"),
        ("select timestamp '2026-02-28 10:20:30'", "Some(DbValue::Datetime((2026, 2, 28, 10, 20, 30, 0)))"),
        ("select array['a',null]", "Some(DbValue::ArrayStr([Some(\"a\"), None]))"),
        (
            "select '[1,5)'::int4range",
            "Some(DbValue::RangeInt32((Some((1, RangeBoundKind::Inclusive)), Some((5, RangeBoundKind::Exclusive)))))",
        ),
        ("select '{\"a\": 1}'::jsonb", "Some(DbValue::Jsonb([123, 34, 97, 34, 58, 32, 49, 125]))"),
        ("select where false", "None"),
    ] {
        assert_eq!(database.select(statement).await, value, "{statement}");
    }
}

#[tokio::test]
async fn what_spin_can_not_carry_is_an_error_here_too() {
    let database = Database::start("refusals").await;
    assert!(database.select("select now()").await.contains("QueryFailed"));
    assert!(database.select("select 1 where $1 = ''").await.contains("QueryFailed"));
    assert!(database.select("select 1; select 2").await.contains("42601"), "several statements are refused");
    assert!(database.select("select nothing").await.contains("code: \"42703\""), "a statement refused has its code");
    let division = database.select("select 1/(random()*0)::int").await;
    assert!(division.contains("QueryError::Text"), "a statement that fails has its text only: {division}");
}

#[tokio::test]
async fn a_connection_that_died_in_the_pool_is_noticed() {
    let database = Database::start("deaths").await;
    assert_eq!(database.select("select 'before'").await, "before");
    let kill = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rondo' and datname = current_database()";
    assert!(!database.client.query(kill, &[]).await.unwrap().is_empty());
    assert_eq!(database.select("select 'after'").await, "after");
}

#[tokio::test]
async fn a_transaction_that_a_trap_left_open_is_gone() {
    let database = Database::start("leaks").await;
    database.client.batch_execute("create table notes (note text)").await.unwrap();
    for _ in 0..5 {
        let answer = post(&database.host, "/leak", "insert into notes values ('lost')").await;
        assert_eq!(answer.status, 500);
    }
    assert_eq!(
        database.select("with w as (insert into notes values ('kept') returning note) select note from w").await,
        "kept"
    );
    let notes = database.client.query("select note from notes", &[]).await.unwrap();
    assert_eq!(notes.iter().map(|row| row.get(0)).collect::<Vec<&str>>(), ["kept"]);
}

#[tokio::test]
async fn a_statement_whose_result_a_migration_changed_is_prepared_anew() {
    let database = Database::start("migrations").await;
    database.client.batch_execute("create table notes (note text); insert into notes values ('7')").await.unwrap();
    assert_eq!(database.select("select note from notes").await, "7");
    database.client.batch_execute("alter table notes alter column note type int using note::int").await.unwrap();
    assert_eq!(database.select("select note from notes").await, "Some(DbValue::Int32(7))");
}

#[tokio::test]
async fn a_database_that_is_not_allowed_is_not_connected_to() {
    let more = "allowed_outbound_hosts = [\"postgres://db:5432\"]\nvariables = { database_url = \"postgres://u:hidden@127.0.0.1:5432/x\" }";
    let host = Served::start(&manifest(more)).await;
    let answer = post(&host, "/select", "select 1").await;
    assert!(answer.text.contains("allowed_outbound_hosts") && !answer.text.contains("hidden"), "{}", answer.text);
}

#[tokio::test]
async fn many_requests_share_few_connections() {
    let database = Database::start("sharing").await;
    let answers = futures_util::future::join_all((0..40).map(|_| database.select("select 'x'"))).await;
    assert!(answers.iter().all(|answer| answer == "x"), "{answers:?}");
    assert_eq!(database.host.metric("rondo_postgres_connections_max"), Some(2.0));
    assert!(database.host.metric("rondo_postgres_connections").unwrap() <= 2.0);
}
