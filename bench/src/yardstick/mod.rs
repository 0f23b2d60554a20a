//! The yardstick: what one would write natively for the same endpoints, to compare Rondo's host with.
//!
//! axum on tokio, a pool of tokio-postgres connections with prepared statements, the keys read once; as many threads and
//! connections as Rondo's host has, which were chosen for a machine that Postgres shares. It answers what Rondo answers, from
//! the very same statements: they come from `rondo-store`. It is kept a good server, so that the ratio to it is worth something.
//!
//! A created task is told of, as the contract wants it: its event is relayed through the sidecar that Rondo's host has, here in
//! the yardstick's own process, to the same consumers, native as well. What it leaves undone, to its advantage: nothing is logged,
//! and errors are bare status codes.

mod caller;
mod consumers;
mod platform;
mod pool;
mod routes;

use std::collections::BTreeMap;
use std::env;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use rondo_sidecar::{Acknowledgement, Sidecar, SidecarConfig};
use rondo_web_api::auth::jwt::Keys;
use tokio::net::TcpListener;

use consumers::{APP_API_TOKEN, APP_IDS, Consumers};
use platform::NativePlatform;
use pool::Pool;

/// Threads that serve requests: as many as `rondo` has, see `workers` in `crates/host/rondo/src/main.rs`.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| processors.get().div_ceil(2))
}

/// What every request needs.
struct Server {
    keys: Keys,
    platform: Arc<NativePlatform>,
}

/// Serves at `listen` until the process is told to end. `DATABASE_URL`, `SIDECAR_DATABASE_URL` (a role that may create a
/// schema) and `JWT_KEYS` say with what; the folder `dapr` is read as Rondo reads it.
///
/// # Errors
/// A variable is missing or wrong, the database is away, or the address is taken.
pub fn run(listen: SocketAddr) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers()).enable_all().build()?;
    runtime.block_on(async {
        let keys = Keys::read(&variable("JWT_KEYS")?)?;
        let pool = Pool::of(&variable("DATABASE_URL")?)?;
        let server = Server { keys, platform: platform(pool, variable("SIDECAR_DATABASE_URL")?).await? };
        let listener = TcpListener::bind(listen).await?;
        axum::serve(listener, routes::router(Arc::new(server))).await?;
        Ok(())
    })
}

fn variable(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("the variable {name}"))
}

async fn platform(pool: Pool, database_url: String) -> anyhow::Result<Arc<NativePlatform>> {
    let consumers = Arc::new(Consumers::default());
    let config = SidecarConfig {
        resources: "dapr".into(),
        database_url,
        app_api_token: APP_API_TOKEN.to_owned(),
        dapr_api_token: String::new(),
        secrets: BTreeMap::new(),
        app_ids: APP_IDS.map(str::to_owned).into(),
        acknowledgement: Acknowledgement::Written,
    };
    let sidecar = Sidecar::start(config, Arc::<Consumers>::clone(&consumers)).await?;
    let platform = Arc::new(NativePlatform { pool, sidecar });
    consumers.run_on(Arc::clone(&platform));
    Ok(platform)
}
