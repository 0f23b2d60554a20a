//! Secrets that one reply shows and nothing keeps. With an idempotency key they are derived from it, so that the same
//! request can be answered again without the secret having been stored.

use rondo_domain::ids::UserId;
use rondo_ports::Platform;
use rondo_store::IdempotencyKey;

use super::jwt::Keys;
use super::opaque;
use crate::Problem;

/// The secret that something new gets, and those that the same request may have given it earlier.
pub(crate) struct Secrets {
    newest: String,
    earlier: Vec<String>,
}

impl Secrets {
    /// Those for something of `user`, spelled by `spell`. `what` it is for keeps one key's secrets apart.
    ///
    /// # Errors
    /// The keys that secrets are derived from are not to be had.
    pub(crate) fn draw<P: Platform>(
        platform: &P,
        user: UserId,
        what: &str,
        key: Option<&IdempotencyKey>,
        spell: fn([u8; 32]) -> String,
    ) -> Result<Self, Problem> {
        let Some(key) = key else { return Ok(Self { newest: spell(platform.bytes()), earlier: Vec::new() }) };
        let keys = Keys::read(&platform.variable("jwt_keys")?).map_err(|error| Problem::internal(&error))?;
        let mut secrets = keys.derive(&format!("{what}\0{user}\0{}", key.key)).into_iter().map(spell);
        let newest = secrets.next().ok_or_else(|| Problem::internal(&"there is no key to make a token of"))?;
        Ok(Self { newest, earlier: secrets.collect() })
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> String {
        opaque::hash(&self.newest)
    }

    /// The one of which `hash` was stored.
    pub(crate) fn of(&self, hash: &str) -> Option<&str> {
        let mut all = std::iter::once(&self.newest).chain(&self.earlier);
        all.find(|secret| opaque::hash(secret) == hash).map(String::as_str)
    }
}
