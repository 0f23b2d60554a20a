//! The yardstick: what one would write natively for the same endpoints, to compare Rondo's host with.
//!
//! axum on tokio with as many workers as the benchmark's machine has to spare, a pool of tokio-postgres connections
//! with prepared statements, the keys read once. It answers what Rondo answers, from the very same statements: they
//! come from `rondo-store`. It is kept a good server, so that the ratio to it is worth something.
//!
//! What it leaves undone, to its advantage: nothing is logged, errors are bare status codes, and a created task's
//! event stays in the outbox, as there is no sidecar to relay it to. What Rondo does after its reply counts as Rondo's.

mod caller;
mod pool;
mod routes;

use std::env;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use rondo_web_api::auth::jwt::Keys;
use tokio::net::TcpListener;

use pool::Pool;

/// Threads that serve requests.
pub const WORKERS: usize = 2;

/// What every request needs.
struct Server {
    keys: Keys,
    pool: Pool,
}

/// Serves at `listen` until the process is told to end. `DATABASE_URL` and `JWT_KEYS` say with what.
///
/// # Errors
/// A variable is missing or wrong, or the address is taken.
pub fn run(listen: SocketAddr) -> anyhow::Result<()> {
    let variable = |name: &str| env::var(name).with_context(|| format!("the variable {name}"));
    let server = Server { keys: Keys::read(&variable("JWT_KEYS")?)?, pool: Pool::of(&variable("DATABASE_URL")?)? };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        axum::serve(listener, routes::router(Arc::new(server))).await?;
        Ok(())
    })
}
