//! The secrets of a local run: made at the first start, kept in a 0600 file, the same ever after.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// What components and sidecar prove themselves with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// `<kid>:<base64url key>`, comma separated: the first signs, all verify.
    pub jwt_keys: String,
    /// Proves the app to its sidecar.
    pub dapr_api_token: String,
    /// Proves the sidecar to its app.
    pub app_api_token: String,
}

impl Secrets {
    /// Those of the file at `path`, which is made if it is missing.
    pub fn load_or_make(path: &Path) -> anyhow::Result<Self> {
        match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let secrets = Self::generate()?;
                secrets.write(path).with_context(|| path.display().to_string())?;
                Ok(secrets)
            }
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    fn generate() -> anyhow::Result<Self> {
        Ok(Self { jwt_keys: format!("local:{}", random()?), dapr_api_token: random()?, app_api_token: random()? })
    }

    /// Written beside and renamed, so that a file of this name is always whole.
    fn write(&self, path: &Path) -> anyhow::Result<()> {
        let temporary = path.with_extension("new");
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        Ok(fs::rename(&temporary, path)?)
    }
}

/// 32 random bytes.
fn random() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_are_made_once_and_only_their_user_can_read_them() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("secrets.json");
        let made = Secrets::load_or_make(&path).expect("made");
        assert_eq!(Secrets::load_or_make(&path).expect("read"), made);
        assert_ne!(made.dapr_api_token, made.app_api_token);
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
}
