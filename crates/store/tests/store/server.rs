//! One server and one migrated template for all tests, and a database for each.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rondo_native::{Database, migrate};
use rondo_postgres::{APP_ROLE, DatabaseUrls, Server};
use support::postgres;
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// How long a condition may take to come true.
const PATIENCE: Duration = Duration::from_secs(20);

static SERVER: OnceCell<Server> = OnceCell::const_new();
static MADE: AtomicU32 = AtomicU32::new(0);
/// Databases of tests that have ended: dropped by the next test that needs one.
static LEFT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The server, which ends with this process. Its folder is kept for the next run, its databases are not.
async fn server() -> &'static Server {
    SERVER
        .get_or_init(|| async {
            let server = postgres::start_anew("store-postgres", "store_").await;
            let template = server.create_database(&template(), None).await.expect("a template");
            migrate(&template.owner, APP_ROLE).await.expect("migrated");
            server
        })
        .await
}

/// Two runs at once share the server, and so have names of their own.
fn template() -> String {
    format!("store_{}_template", std::process::id())
}

/// A database of a test's own, migrated and empty.
pub struct Scratch {
    name: String,
    urls: DatabaseUrls,
}

impl Scratch {
    pub async fn new() -> Self {
        let server = server().await;
        let left = std::mem::take(&mut *LEFT.lock().expect("no test panics while it holds this"));
        for name in left {
            server.drop_database(&name).await.expect("dropped");
        }
        let name = format!("store_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let urls = server.create_database(&name, Some(&template())).await.expect("a database");
        Self { name, urls }
    }

    /// A connection as components have it.
    pub async fn connect(&self) -> Database {
        Database::connect(&self.urls.app).await.expect("a connection")
    }

    /// A connection as the owner of the database, who may change how locks work.
    pub async fn connect_as_owner(&self) -> Database {
        Database::connect(&self.urls.owner).await.expect("a connection")
    }

    /// Runs `second` while `first` has a transaction open, commits that once `second` waits for it, and says what came
    /// of `second`.
    pub async fn after_commit_of<T>(&self, first: &Database, second: impl Future<Output = T>) -> T {
        self.after(first, "commit", second).await
    }

    /// The same, but `first` is rolled back.
    pub async fn after_rollback_of<T>(&self, first: &Database, second: impl Future<Output = T>) -> T {
        self.after(first, "rollback", second).await
    }

    async fn after<T>(&self, first: &Database, end: &str, second: impl Future<Output = T>) -> T {
        let watcher = self.connect().await;
        let ending = async {
            until_waiting(&watcher, 1).await;
            run(first, end).await;
        };
        tokio::join!(second, ending).0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Ok(mut left) = LEFT.lock() {
            left.push(std::mem::take(&mut self.name));
        }
    }
}

/// Until so many sessions of this database wait for others' locks.
pub async fn until_waiting(watcher: &Database, sessions: i64) {
    let waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    until(watcher, waiting, sessions).await;
}

/// Until a query whose one row has one number says this one.
pub async fn until(watcher: &Database, query: &str, expected: i64) {
    let deadline = Instant::now() + PATIENCE;
    while number(watcher, query).await != expected {
        assert!(Instant::now() < deadline, "this never came to be {expected}: {query}");
    }
}

/// Runs statements as they stand: to set the scene, or to move time.
pub async fn run(database: &Database, statements: &str) {
    if let Err(error) = database.client().batch_execute(statements).await {
        panic!("{statements}: {error:?}");
    }
}

/// What a query says whose one row has one number.
pub async fn number(database: &Database, query: &str) -> i64 {
    database.client().query_one(query, &[]).await.expect(query).get(0)
}
