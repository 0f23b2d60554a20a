//! `Idempotency-Key`: the same request again gives the first reply.

use rondo_store::IdempotencyKey;
use sha2::{Digest, Sha256};

use crate::{Problem, Request};

impl Request {
    /// The key that the client gave, with what the request was.
    ///
    /// # Errors
    /// It is no key: 1 to 255 printable characters.
    pub(crate) fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, Problem> {
        let Some(value) = self.headers.get("idempotency-key") else { return Ok(None) };
        let key =
            value.to_str().ok().map(str::trim).filter(|key| (1..=255).contains(&key.len())).ok_or_else(|| {
                Problem::invalid_value("Idempotency-Key", "must be 1 to 255 printable ASCII characters")
            })?;
        let mut hash = Sha256::new();
        for part in [self.method.as_str(), &self.path, &self.query] {
            hash.update(part);
            hash.update([0]);
        }
        hash.update(self.bytes()?);
        Ok(Some(IdempotencyKey { key: key.to_owned(), request_hash: hex(&hash.finalize()) }))
    }
}

/// 422 for a key that was used for another request.
pub(crate) fn key_reused() -> Problem {
    Problem::invalid_value("Idempotency-Key", "was used for another request before; take a new one")
}

/// `bytes` in hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
