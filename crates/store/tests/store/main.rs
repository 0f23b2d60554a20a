//! Every statement of the store on a real Postgres: a server and a migrated template for all tests, a database for each.
//!
//! The modules mirror `src/`. `server` and `people` are what they stand on; `constraints` holds the migrations to the
//! names of their constraints; `relay_race` lets writers and relays loose on one another.

mod api_token;
mod metrics;
mod people;
mod processed_event;
mod server;
mod task;
mod task_list;
mod user;
