//! The runtime, from outside: a fixture component that does what a host must survive, served on a port of its own.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

mod cache;
mod limits;
mod lingering;
mod outbound;
mod postgres;
mod requests;
mod streams;
mod support;
