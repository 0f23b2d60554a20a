//! The ports natively, for tests, the command line and migrations.

mod migrations;
mod sql;

pub use migrations::{MigrateError, migrate};
pub use sql::Database;
