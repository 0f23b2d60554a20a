//! Servers of Postgres for tests. Of the end-to-end suite: one server and one migrated template for all tests of a run, and a
//! database for each test.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, OnceLock};

use rondo_native::{Database, migrate};
use rondo_postgres::{APP_ROLE, DatabaseUrls, Durability, Options, Server, Silent};
use rondo_sidecar::Sidecar;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::OnceCell;

use crate::glue::{self, root};

static SERVER: OnceCell<Server> = OnceCell::const_new();
static MADE: AtomicU32 = AtomicU32::new(0);
/// What outlives a test runs here: a test's own runtime ends with it.
static BACKGROUND: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime"));

/// A folder for what tests leave behind, outside the sources.
pub fn scratch_folder(name: &str) -> PathBuf {
    root().join("target/tmp").join(name)
}

/// A server in a folder of its own, quick rather than durable.
pub async fn start(folder: &str) -> Server {
    let options = Options { durability: Durability::Off, ..Options::new(scratch_folder(folder)) };
    Server::start(options, &Silent).await.expect("a server")
}

/// The same, without the databases that earlier runs have left there, whose names begin with `prefix`.
pub async fn start_anew(folder: &str, prefix: &str) -> Server {
    let server = start(folder).await;
    if !server.is_joined() {
        let database = Database::connect(&server.owner_url()).await.expect("a connection");
        let names = "select datname::text from pg_database where starts_with(datname::text, $1)";
        for row in database.client().query(names, &[&prefix]).await.expect("names") {
            server.drop_database(row.get(0)).await.expect("dropped");
        }
    }
    server
}

/// The server of this run, which ends with the process. Its folder is kept for the next run, its databases are not.
async fn server() -> &'static Server {
    SERVER
        .get_or_init(|| async {
            let prepared = BACKGROUND.spawn(async {
                let server = start_anew("e2e-postgres", "e2e_").await;
                make_template(&server).await;
                server
            });
            prepared.await.expect("a prepared server")
        })
        .await
}

/// Two runs at once share the server, and so have names of their own.
fn template() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| format!("e2e_{}_template", std::process::id()))
}

/// The template has both schemas, so that a test's sidecar finds its own as well.
async fn make_template(server: &Server) {
    let urls = server.create_database(template(), None).await.expect("a template");
    prepare(&urls).await;
    let end_sessions =
        format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'", template());
    let database = Database::connect(&server.owner_url()).await.expect("a connection");
    database.client().batch_execute(&end_sessions).await.expect("no more sessions");
}

/// Brings an empty database to the newest schema.
pub async fn prepare(urls: &DatabaseUrls) {
    migrate(&urls.owner, APP_ROLE).await.expect("migrated");
    let sidecar = Sidecar::start(glue::sidecar_config(&urls.owner), glue::nobody()).await.expect("a sidecar");
    sidecar.shutdown().await;
}

/// A database of a test's own, migrated and empty; removed with the test.
pub struct Scratch {
    name: String,
    pub urls: DatabaseUrls,
}

impl Scratch {
    pub async fn new() -> Self {
        let server = server().await;
        let name = format!("e2e_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let urls = server.create_database(&name, Some(template())).await.expect("a database");
        Self { name, urls }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        if let Some(server) = SERVER.get() {
            BACKGROUND.spawn(async move { server.drop_database(&name).await });
        }
    }
}
