//! The local runtime: serves the components of a `spin.toml` on wasmtime, as Spin would.
//!
//! Reading order: [`manifest`] (what an application is), [`router`], [`variables`], then [`Host`] (loading and serving), `request` (one
//! request from its head to the end of the work on it), `response` (how a body flows out of a component), `server` and
//! [`lingering`] (how a connection ends). What a component can reach is in `guest` (WASI), [`outbound`] (HTTP) and [`postgres`].
//!
//! Invariants: an instance lives for one request. Nothing that a component does, such as looping, growing, hanging or
//! trapping, reaches another request. What this host does not support is refused by name when the application is loaded.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

pub mod lingering;
pub mod logging;
pub mod manifest;
pub mod outbound;
pub mod postgres;
pub mod router;
pub mod variables;

mod accept;
mod component;
mod config;
mod engine;
mod error;
mod files;
mod guest;
mod headers;
mod host;
mod metrics;
mod observer;
mod problem;
mod request;
mod request_body;
mod request_id;
mod response;
mod server;
mod spin;

pub use accept::accept;
pub use config::{Clock, HostConfig, Limits, Randomness};
pub use engine::cache::CacheError;
pub use error::{CallError, HostError};
pub use host::Host;
pub use observer::{Directive, ImportCall, ImportKind, ImportObserver, Unobserved};
pub use outbound::{Caller, InProcess};
pub use response::ResponseBody;
