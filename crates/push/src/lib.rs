//! What makes a push message and a webhook trustworthy. Pure: time and randomness come in as arguments, and whoever calls
//! does the sending.
//!
//! - [`Receiver`]: a browser that messages are encrypted for, so that its push service can't read them (RFC 8291, RFC 8188);
//! - [`VapidKey`]: who sends them, as push services are told (RFC 8292);
//! - [`webhook`]: signatures by which a receiver knows that a call is ours (Standard Webhooks).

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod encryption;
mod vapid;
pub mod webhook;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use p256::SecretKey;

pub use encryption::{MAX_MESSAGE_BYTES, Receiver, TooLong};
pub use vapid::VapidKey;

/// Base64url, written without padding; read with or without: browsers differ.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_encode_padding(false).with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text is no key. Names which; never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A browser's public key is not.
    #[error("is no public key of P-256: 65 bytes, uncompressed, base64url")]
    Public,
    /// A browser's shared secret is not.
    #[error("is no shared secret: 16 bytes, base64url")]
    Auth,
    /// A private key is not.
    #[error("is no private key of P-256: 32 bytes, base64url")]
    Private,
    /// A webhook's secret is not.
    #[error("is no webhook secret: whsec_ and 24 to 64 bytes, base64")]
    Webhook,
}

fn decode(text: &str, error: KeyError) -> Result<Vec<u8>, KeyError> {
    BASE64URL.decode(text).map_err(|_| error)
}

/// A private key of 32 random bytes; `draw` is asked again for the one in four thousand million that is none.
fn private_key(mut draw: impl FnMut() -> [u8; 32]) -> SecretKey {
    loop {
        if let Ok(key) = SecretKey::from_slice(&draw()) {
            return key;
        }
    }
}
