//! What Rondo relies on of Dapr's HTTP API, asked of both sidecars: the embedded one, and, by
//! `cargo xtask test e2e --sidecar dapr`, a real `daprd` on the lane's Kafka, scheduler and Postgres.
//!
//! Each test says once what holds. Both sidecars are given the same resource files and stand between the same two apps, which
//! are plain HTTP servers that record what they are asked and answer as a test says. Where the two differ is found here, and
//! mended in the embedded one. What stays different is said in `dapr/README.md`, and no test asks for it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

mod app;
mod client;
mod topology;

mod health;
mod invocation;
mod jobs;
mod publish;
mod secrets;
mod state;
mod subscriptions;
