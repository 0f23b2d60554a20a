//! How fast Rondo is: the tool behind `cargo xtask bench`.
//!
//! It loads a big data set, then puts the same load on `rondo up` and on a [`yardstick`], a native server of the same
//! endpoints and statements, one after the other, and asks `pgbench` how fast the database alone is. What came out is
//! a table against the aims, `bench/results/latest.json`, and `docs/benchmarks.md`.
//!
//! Reading order: [`run`] is the whole from top to bottom; [`dataset`] and [`scenario`] say what is asked of what;
//! [`load`] asks, [`usage`] reads what it cost, [`flood`], [`punctuality`], [`events`] and [`startup`] are measurements of their own,
//! [`aims`] judges, and [`report`] writes. [`events`] needs none of the data: it starts Rondo anew, in each [`topology`].

pub mod aims;
pub mod cli;
pub mod dataset;
pub mod events;
pub mod flood;
pub mod http_client;
pub mod load;
pub mod memory;
pub mod page;
pub mod people;
pub mod pgbench;
#[cfg(test)]
mod plans;
pub mod punctuality;
pub mod report;
pub mod run;
pub mod scenario;
pub mod servers;
pub mod startup;
pub mod statements;
pub mod topology;
pub mod usage;
pub mod yardstick;
