//! What can keep the embedded Postgres from running, each in words that say what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why no server could be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be used.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Neither a cached, a downloadable nor an installed server was found.
    #[error(
        "no PostgreSQL to start: {download}; and no installed one (version 15 or newer) was found on PATH or in /usr/lib/postgresql. \
         Install PostgreSQL, or set DATABASE_URL to a server that runs already"
    )]
    NoBinaries {
        /// Why the archive could not be had.
        download: String,
    },
    /// The data folder was made by another major version than any that is to be had.
    #[error("{path} was made by PostgreSQL {major}, and no PostgreSQL {major} is to be had: install it, or use another data folder", path = path.display())]
    OtherMajor {
        /// The data folder.
        path: PathBuf,
        /// The version that made it.
        major: u32,
    },
    /// The archive is not the one that was pinned.
    #[error(
        "the PostgreSQL archive {archive} does not have the expected SHA-512; it was not used. Remove it if it is in the cache, and try again"
    )]
    Checksum {
        /// The archive's name.
        archive: String,
    },
    /// The data folder is there, but not the file with its passwords.
    #[error("{data} holds a database, but its passwords in {credentials} are gone: restore that file, or use another data folder", data = data.display(), credentials = credentials.display())]
    CredentialsLost {
        /// The data folder.
        data: PathBuf,
        /// Where the passwords should be.
        credentials: PathBuf,
    },
    /// A file of this crate's own does not parse.
    #[error("{path} is damaged: {reason}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// `initdb` failed.
    #[error("initdb could not make {path}: {output}", path = path.display())]
    Initdb {
        /// The data folder.
        path: PathBuf,
        /// What it printed.
        output: String,
    },
    /// This process is root, which Postgres refuses, and there is nobody else to run it as.
    #[error(
        "PostgreSQL does not run as root, and this system neither allows user namespaces nor has a user `postgres` or `nobody`: run as an ordinary user, or set DATABASE_URL"
    )]
    Root,
    /// The server ended instead of answering.
    #[error("PostgreSQL did not start; the end of {log}:\n{tail}", log = log.display())]
    Start {
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// Another process runs the server of this folder, and it does not answer.
    #[error("another process holds the database in {path}, and it does not answer: stop it, or use another data folder", path = path.display())]
    Held {
        /// The folder.
        path: PathBuf,
    },
    /// The server did not end when told to.
    #[error("PostgreSQL (pid {pid}) does not stop: end it by hand")]
    Stop {
        /// The server's process.
        pid: i32,
    },
    /// The server refused a connection or a statement.
    #[error("PostgreSQL refused")]
    Database(#[from] tokio_postgres::Error),
    /// The system has no randomness to make passwords from.
    #[error("no randomness for a password: {0}")]
    Randomness(#[from] getrandom::Error),
}

impl Error {
    /// Names the file that an input or output error is about.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
