//! Every statement of the store on a real Postgres: a server and a migrated template for all tests, a database for each.
//!
//! The modules mirror `src/`. `server` and `people` are what they stand on; `constraints` holds the migrations to the
//! names of their constraints; `relay_race` lets writers and relays loose on one another.

mod api_token;
mod calendar;
mod constraints;
mod deadlock;
mod failures;
mod hash_queue;
mod housekeeping;
mod idempotency;
mod metrics;
mod notification;
mod notification_delivery;
mod notification_settings;
mod occurrence;
mod outbox;
mod people;
mod processed_event;
mod relay_race;
mod reminder;
mod series;
mod server;
mod session;
mod tag;
mod task;
mod task_bulk;
mod task_instance;
mod task_list;
mod task_search;
mod task_status;
mod task_transfer;
mod user;
