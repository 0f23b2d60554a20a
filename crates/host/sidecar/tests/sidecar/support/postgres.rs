//! One server for all tests, a database for each.

use std::sync::atomic::{AtomicU32, Ordering};

use rondo_postgres::Server;
use support::postgres;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

static SERVER: OnceCell<Server> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database of one test.
pub(crate) struct Database {
    url: String,
    name: String,
    pub(crate) client: Client,
    server: &'static Server,
}

impl Database {
    pub(crate) async fn new() -> Self {
        let server = SERVER.get_or_init(|| postgres::start_anew("sidecar-postgres", "sidecar_")).await;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("sidecar_{}_{number}", std::process::id());
        let urls = server.create_database(&name, None).await.expect("a database");
        let client = connect(&urls.owner).await;
        Self { url: urls.owner, name, client, server }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn connect(&self) -> Client {
        connect(&self.url).await
    }

    /// A number that a statement returns.
    pub(crate) async fn number(&self, statement: &str) -> i64 {
        let row = self.client.query_one(statement, &[]).await;
        row.expect("the statement runs").get(0)
    }

    /// Takes their sessions from the sidecars, and with these what they own.
    pub(crate) async fn end_sessions(&self) {
        let sessions = "application_name = 'rondo-sidecar session' and datname = current_database()";
        let end = format!("select count(pg_terminate_backend(pid)) from pg_stat_activity where {sessions}");
        assert_eq!(self.number(&end).await, 1);
    }

    /// Nobody gets in any more, and who is in is thrown out: as good as a server that is away.
    pub(crate) async fn close(&self) {
        let elsewhere = connect(&self.server.owner_url()).await;
        elsewhere
            .batch_execute(&format!(
                "alter database {0} with allow_connections false;
                 select pg_terminate_backend(pid) from pg_stat_activity where datname = '{0}';",
                self.name
            ))
            .await
            .expect("the database closes");
    }

    pub(crate) async fn open(&mut self) {
        let elsewhere = connect(&self.server.owner_url()).await;
        elsewhere
            .batch_execute(&format!("alter database {} with allow_connections true", self.name))
            .await
            .expect("the database opens");
        self.client = self.connect().await;
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("Postgres answers");
    tokio::spawn(connection);
    client
}
