//! The sidecar from outside, on a real Postgres: a file per building block, a database per test.

mod delivery;
mod faults;
mod http;
mod invoke;
mod jobs;
mod jobs_firing;
mod publish;
mod resources;
mod secrets;
mod state;
mod support;
