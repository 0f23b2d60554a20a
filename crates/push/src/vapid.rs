//! Who sends a push: Voluntary Application Server Identification, RFC 8292.

use base64::Engine;
use jiff::{SignedDuration, Timestamp};
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::sec1::ToSec1Point;
use serde_json::json;

use crate::{BASE64URL, KeyError, decode};

/// How long an identification holds; push services take at most 24 hours (RFC 8292 §2).
const HOLDS: SignedDuration = SignedDuration::from_hours(12);

/// The key that identifies this installation to push services. Browsers subscribe for its public part: with another key,
/// none of their subscriptions can be used any more.
pub struct VapidKey(SecretKey);

impl VapidKey {
    /// Reads a private key: 32 bytes (almost any are one), base64url, as [`Self::to_text`] and other web push tools write it.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bytes = decode(text, KeyError::Private)?;
        SecretKey::from_slice(&bytes).map(Self).map_err(|_| KeyError::Private)
    }

    /// The private key, base64url: a secret.
    #[must_use]
    pub fn to_text(&self) -> String {
        BASE64URL.encode(self.0.to_bytes())
    }

    /// The public key as browsers want it (`applicationServerKey`): 65 bytes, uncompressed, base64url.
    #[must_use]
    pub fn public_key(&self) -> String {
        BASE64URL.encode(self.0.public_key().to_sec1_point(false))
    }

    /// The value of the header `Authorization` of a push to a push service. `audience` is the endpoint's origin
    /// (`https://push.example.net`), `subject` where the operator can be reached (`mailto:` or `https:`), if that is known.
    #[must_use]
    pub fn authorization(&self, audience: &str, subject: Option<&str>, now: Timestamp) -> String {
        let mut claims = json!({ "aud": audience, "exp": (now + HOLDS).as_second() });
        if let Some(subject) = subject {
            claims["sub"] = subject.into();
        }
        let head = BASE64URL.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", BASE64URL.encode(claims.to_string()));
        // Deterministic (RFC 6979): no randomness that could be bad.
        let signature: Signature = SigningKey::from(&self.0).sign(signed.as_bytes());
        format!("vapid t={signed}.{}, k={}", BASE64URL.encode(signature.to_bytes()), self.public_key())
    }
}

#[cfg(test)]
mod tests {
    use p256::PublicKey;
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;
    use serde_json::Value;

    use super::*;

    // RFC 8292 §2.4: the token and the public key of the example.
    const TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA";
    const KEY: &str = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";

    /// The claims of a token that the key has signed, as a push service checks it (RFC 8292 §4.2).
    fn verified(token: &str, key: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let key = PublicKey::from_sec1_bytes(&BASE64URL.decode(key).ok()?).ok()?;
        let signature = Signature::from_slice(&BASE64URL.decode(signature).ok()?).ok()?;
        VerifyingKey::from(&key).verify(signed.as_bytes(), &signature).ok()?;
        serde_json::from_slice(&BASE64URL.decode(signed.split_once('.')?.1).ok()?).ok()
    }

    fn key() -> VapidKey {
        VapidKey::parse(&BASE64URL.encode([7; 32])).unwrap()
    }

    fn token_and_key(header: &str) -> (&str, &str) {
        let rest = header.strip_prefix("vapid t=").unwrap();
        rest.split_once(", k=").unwrap()
    }

    #[test]
    fn the_example_of_rfc_8292_verifies_and_no_other() {
        let claims = verified(TOKEN, KEY).unwrap();
        assert_eq!(claims["aud"], "https://push.example.net");
        assert_eq!(verified(TOKEN, &key().public_key()), None);
        assert_eq!(verified(&TOKEN.replacen("eyJhdWQi", "eyJhdWci", 1), KEY), None);
    }

    #[test]
    fn a_push_is_identified_by_origin_time_and_operator() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let header = key().authorization("https://push.example.net", Some("mailto:ada@example.org"), now);
        let (token, public) = token_and_key(&header);
        assert_eq!(public, key().public_key());
        let expected = json!({
            "aud": "https://push.example.net", "exp": now.as_second() + 43_200, "sub": "mailto:ada@example.org",
        });
        assert_eq!(verified(token, public), Some(expected));
    }

    #[test]
    fn an_operator_who_is_not_known_is_not_made_up() {
        let header = key().authorization("https://push.example.net", None, Timestamp::UNIX_EPOCH);
        let (token, public) = token_and_key(&header);
        assert_eq!(verified(token, public).unwrap().get("sub"), None);
    }

    #[test]
    fn a_key_is_the_same_after_it_was_kept() {
        let kept = VapidKey::parse(&key().to_text()).unwrap();
        assert_eq!(kept.public_key(), key().public_key());
        assert_eq!(kept.to_text().len(), 43);
    }

    #[test]
    fn what_is_no_private_key_is_refused() {
        let zero = BASE64URL.encode([0; 32]);
        for text in ["", "short", &zero, KEY] {
            assert_eq!(VapidKey::parse(text).err(), Some(KeyError::Private), "{text}");
        }
    }
}
