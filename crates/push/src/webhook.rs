//! Signatures of webhooks: Standard Webhooks (<https://www.standardwebhooks.com>), symmetric.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::KeyError;

/// What a secret's text begins with.
const PREFIX: &str = "whsec_";

/// A secret that a webhook's receiver shares with us.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A secret of random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(random.to_vec())
    }

    /// Reads a secret: `whsec_` and its bytes, base64.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bytes = text.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok());
        bytes.filter(|bytes| (24..=64).contains(&bytes.len())).map(Self).ok_or(KeyError::Webhook)
    }

    /// As a person copies it: `whsec_…`.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The value of the header `webhook-signature` of a call with this `body`. `id` is that of `webhook-id`, `at` that of
    /// `webhook-timestamp` (in seconds).
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{}.", at.as_second()).as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the specification and of its reference implementations.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_published_example_is_signed_as_published() {
        let signature = Secret::parse(SECRET).unwrap().sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            Timestamp::from_second(1_614_265_330).unwrap(),
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn id_time_and_body_are_all_signed() {
        let secret = Secret::new([1; 32]);
        let sign = |id, second, body: &str| secret.sign(id, Timestamp::from_second(second).unwrap(), body.as_bytes());
        let signed = sign("a", 1, "{}");
        for other in [sign("b", 1, "{}"), sign("a", 2, "{}"), sign("a", 1, "{ }")] {
            assert_ne!(signed, other);
        }
        assert_ne!(signed, Secret::new([2; 32]).sign("a", Timestamp::from_second(1).unwrap(), b"{}"));
    }

    #[test]
    fn a_secret_is_read_as_it_is_written() {
        assert_eq!(Secret::parse(SECRET).unwrap().to_text(), SECRET);
        let made = Secret::new([0xfb; 32]);
        assert!(Secret::parse(&made.to_text()).unwrap() == made);
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in ["", "whsec_", "whsec_c2hvcnQ=", &SECRET[6..], "whsec_no base64 at all, but long enough for one"] {
            assert_eq!(Secret::parse(text).err(), Some(KeyError::Webhook), "{text}");
        }
    }
}
