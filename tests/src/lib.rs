//! What tests stand on: an application of their own ([`App`]), people who use it ([`User`], [`Client`]), a server of Postgres
//! ([`postgres`]), and patience ([`eventually`]).
//!
//! One Postgres and one migrated template serve all tests of a run ([`postgres`]); each test has a database, a host and a
//! sidecar of its own ([`app`]). Only [`client`] knows how a request looks, and it knows it from the OpenAPI document
//! ([`openapi`]), against which it holds every reply. On the real lane all tests share one application and one database ([`lane`]):
//! each looks at what is its own.

#![allow(missing_docs, reason = "it is for the suites beside it")]

pub mod app;
pub mod call;
pub mod client;
pub mod clock;
pub mod gate;
pub mod glue;
pub mod kafka;
pub mod lane;
pub mod mortality;
pub mod openapi;
pub mod oracle;
pub mod people;
pub mod postgres;
pub mod receiver;
pub mod reply;
pub mod sidecar;
pub mod stream;
pub mod topics;

use std::time::Duration;

use tokio::time::{Instant, sleep};

pub use app::{App, Setup};
pub use call::Call;
pub use client::Client;
pub use people::User;
pub use reply::Reply;

/// How long a condition may take to come true: long, for a machine that does much else.
pub const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);

/// Waits until `look` finds something, and returns it.
///
/// # Panics
/// Where it never does; `what` says what was waited for.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {} seconds", PATIENCE.as_secs());
        sleep(LOOK_AGAIN_AFTER).await;
    }
}
