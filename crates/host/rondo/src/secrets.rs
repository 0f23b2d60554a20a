//! The secrets of a local run: made at the first start, kept in a 0600 file, the same ever after.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rondo_push::VapidKey;
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
    /// Identifies this installation to push services (RFC 8292). Browsers subscribe for it: with another, they have to anew.
    pub vapid_private_key: String,
}

/// The file, perhaps of an earlier version.
#[derive(Deserialize)]
struct Kept {
    jwt_keys: String,
    dapr_api_token: String,
    app_api_token: String,
    vapid_private_key: Option<String>,
}

impl Secrets {
    /// Those of the file at `path`. What is missing of them is made.
    pub fn load_or_make(path: &Path) -> anyhow::Result<Self> {
        let kept = match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Kept::generate()?,
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let is_whole = kept.vapid_private_key.is_some();
        let secrets = Self {
            jwt_keys: kept.jwt_keys,
            dapr_api_token: kept.dapr_api_token,
            app_api_token: kept.app_api_token,
            vapid_private_key: kept.vapid_private_key.map_or_else(vapid_key, Ok)?,
        };
        if !is_whole {
            secrets.write(path).with_context(|| path.display().to_string())?;
        }
        Ok(secrets)
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

impl Kept {
    fn generate() -> anyhow::Result<Self> {
        Ok(Self {
            jwt_keys: format!("local:{}", random_text()?),
            dapr_api_token: random_text()?,
            app_api_token: random_text()?,
            vapid_private_key: None,
        })
    }
}

fn vapid_key() -> anyhow::Result<String> {
    loop {
        if let Ok(key) = VapidKey::parse(&random_text()?) {
            return Ok(key.to_text());
        }
    }
}

/// 32 random bytes, base64url.
fn random_text() -> anyhow::Result<String> {
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
        assert!(VapidKey::parse(&made.vapid_private_key).is_ok());
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_of_before_web_push_gets_its_key_and_keeps_the_rest() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("secrets.json");
        fs::write(&path, r#"{"jwt_keys":"a:b","dapr_api_token":"c","app_api_token":"d"}"#).expect("written");
        let made = Secrets::load_or_make(&path).expect("made");
        assert_eq!((made.jwt_keys.as_str(), made.app_api_token.as_str()), ("a:b", "d"));
        assert_eq!(Secrets::load_or_make(&path).expect("read"), made);
    }
}
