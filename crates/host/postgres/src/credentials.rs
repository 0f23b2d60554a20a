//! The passwords of the server's roles and the port that it listens on: a 0600 file beside the data.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::Error;

/// What a second start needs to join the first, and the next to use the same data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    /// Where the server listens on 127.0.0.1, or last did.
    pub port: u16,
    pub superuser_password: String,
    pub owner_password: String,
    pub app_password: String,
}

impl Credentials {
    pub(crate) fn generate() -> Result<Self, Error> {
        Ok(Self { port: 0, superuser_password: password()?, owner_password: password()?, app_password: password()? })
    }

    /// Reads the file; `None` if there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::at(path)(error)),
        };
        let damaged = |error: serde_json::Error| Error::Damaged { path: path.to_owned(), reason: error.to_string() };
        serde_json::from_str(&text).map(Some).map_err(damaged)
    }

    /// Writes the file so that whoever reads it sees the old or the new, whole.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Damaged { path: path.to_owned(), reason: error.to_string() })?;
        let temporary = path.with_extension("new");
        write_private(&temporary, &text).map_err(Error::at(&temporary))?;
        fs::rename(&temporary, path).map_err(Error::at(path))
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// 24 random bytes in letters that need no escaping in a URL.
fn password() -> Result<String, Error> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
