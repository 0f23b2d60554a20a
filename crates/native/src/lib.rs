//! The ports natively, for tests, the command line and migrations.

mod sql;

pub use sql::Database;
