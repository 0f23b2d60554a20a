//! The embedded Postgres: found or fetched, initialised, started, joined and stopped.
//!
//! Nothing needs to be installed: the server's binaries come as a pinned, checked archive into the user's
//! cache, its data lives in one folder, and it ends with the process that started it, however that ends.
//!
//! Reading order: [`server`] is the life of a server from start to stop; [`archive`] and [`binaries`] say
//! where its programs come from, [`cluster`] makes the data folder, [`process`] runs the server, and
//! [`roles`] makes the roles and databases that Rondo connects to.
//!
//! Architecture invariant: nothing here knows Rondo's tables. Migrations are another crate's.

mod archive;
mod binaries;
mod cluster;
mod credentials;
mod error;
mod identity;
mod process;
mod progress;
mod roles;
mod server;

pub use error::Error;
pub use progress::{Progress, Silent};
pub use roles::{APP_ROLE, DATABASE, DatabaseUrls, OWNER_ROLE};
pub use server::{Durability, Options, Server};
