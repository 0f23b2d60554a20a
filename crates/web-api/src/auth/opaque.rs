//! Tokens that say nothing by themselves: random, and stored as their hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rondo_ports::Entropy;
use sha2::{Digest, Sha256};

use crate::idempotency::hex;

/// What personal API tokens begin with, so that one that leaked can be recognised.
pub(crate) const API_TOKEN_PREFIX: &str = "rondo_";

/// A new refresh token.
pub(crate) fn refresh_token(entropy: &impl Entropy) -> String {
    URL_SAFE_NO_PAD.encode(entropy.bytes::<32>())
}

/// A personal API token of these bytes.
pub(crate) fn api_token(bytes: [u8; 32]) -> String {
    format!("{API_TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The token of a calendar feed, of these bytes.
pub(crate) fn feed_token(bytes: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is stored of a token: SHA-256 in hex. It is random, so it needs no slow hash.
pub(crate) fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
