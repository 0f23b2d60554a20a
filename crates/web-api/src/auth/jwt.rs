//! Access tokens: JWTs (RFC 7519), signed with HMAC-SHA-256 (RFC 7515, `HS256`).
//!
//! Only what we issue is read: one algorithm, so there is none to confuse. Two keys may be valid at once, told apart by
//! `kid`, so that keys can be changed without signing anybody out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rondo_domain::ids::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// For how long an access token is valid.
pub const LIFETIME_SECONDS: i64 = 15 * 60;

/// The keys: the first signs, all verify.
pub struct Keys(Vec<Key>);

struct Key {
    id: String,
    secret: Vec<u8>,
}

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// Whose it is (`sub`).
    pub user: UserId,
    /// Their session (`sid`).
    pub session: SessionId,
}

/// The variable that holds the keys is not right.
#[derive(Debug, thiserror::Error)]
#[error("jwt_keys must be one or more <kid>:<base64url of at least 32 bytes>, separated by commas")]
pub struct BadKeys;

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not one of ours.
    #[error("The access token is not valid. Sign in again.")]
    Invalid,
    /// Its time is over.
    #[error("The access token has expired. Refresh it, or sign in again.")]
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

impl Keys {
    /// The keys as the variable `jwt_keys` has them: `<kid>:<base64url key>`, separated by commas.
    ///
    /// # Errors
    /// They are not spelled so, or a key has fewer than 32 bytes (RFC 7518 §3.2).
    pub fn read(variable: &str) -> Result<Self, BadKeys> {
        let keys = variable
            .split(',')
            .map(|entry| {
                let (id, secret) = entry.trim().split_once(':')?;
                let secret = URL_SAFE_NO_PAD.decode(secret.trim_end_matches('=')).ok()?;
                (!id.is_empty() && secret.len() >= 32).then(|| Key { id: id.to_owned(), secret })
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(BadKeys)?;
        Ok(Self(keys))
    }

    /// A token that says `claims`, valid for [`LIFETIME_SECONDS`].
    ///
    /// # Errors
    /// There is no key.
    pub fn sign(&self, claims: Claims, now: Timestamp) -> Result<String, BadKeys> {
        let key = self.0.first().ok_or(BadKeys)?;
        let header = Header { alg: "HS256".into(), typ: "JWT".into(), kid: key.id.clone() };
        let now = now.as_second();
        let payload = Payload { sub: claims.user, sid: claims.session, iat: now, exp: now + LIFETIME_SECONDS };
        let signed = format!("{}.{}", encode(&header), encode(&payload));
        let signature = URL_SAFE_NO_PAD.encode(key.mac(signed.as_bytes())?.finalize().into_bytes());
        Ok(format!("{signed}.{signature}"))
    }

    /// What `token` says, if we signed it and its time is not over.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Refusal> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Invalid)?;
        let (header, payload) = signed.split_once('.').ok_or(Refusal::Invalid)?;
        let header: Header = decode(header)?;
        let key = self.0.iter().find(|key| key.id == header.kid).ok_or(Refusal::Invalid)?;
        if header.alg != "HS256" {
            return Err(Refusal::Invalid);
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refusal::Invalid)?;
        // Compares in constant time.
        key.mac(signed.as_bytes())
            .map_err(|_| Refusal::Invalid)?
            .verify_slice(&signature)
            .map_err(|_| Refusal::Invalid)?;
        let payload: Payload = decode(payload)?;
        if payload.exp <= now.as_second() {
            return Err(Refusal::Expired);
        }
        Ok(Claims { user: payload.sub, session: payload.sid })
    }
}

impl Keys {
    /// Secrets that only these keys give for `label`, the signing key's first. No token is ever a label: labels have a NUL.
    pub(crate) fn derive(&self, label: &str) -> Vec<[u8; 32]> {
        let labelled = format!("rondo\0{label}");
        self.0
            .iter()
            .filter_map(|key| key.mac(labelled.as_bytes()).ok())
            .map(|mac| mac.finalize().into_bytes().into())
            .collect()
    }
}

impl Key {
    fn mac(&self, message: &[u8]) -> Result<Hmac<Sha256>, BadKeys> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).map_err(|_| BadKeys)?;
        mac.update(message);
        Ok(mac)
    }
}

fn encode(part: &impl Serialize) -> String {
    // Serialising plain data into memory does not fail.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).unwrap_or_default())
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Invalid)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "2025:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const NEW: &str = "2026:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn claims() -> Claims {
        Claims { user: UserId::new(at(1), [1; 10]), session: SessionId::new(at(1), [2; 10]) }
    }

    fn keys(variable: &str) -> Keys {
        Keys::read(variable).unwrap_or_else(|error| panic!("{error}"))
    }

    fn signed(variable: &str) -> String {
        keys(variable).sign(claims(), at(1_000)).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_was_signed_is_read_until_its_time_is_over() {
        let token = signed(NEW);
        assert_eq!(keys(NEW).verify(&token, at(1_000 + LIFETIME_SECONDS - 1)), Ok(claims()));
        assert_eq!(keys(NEW).verify(&token, at(1_000 + LIFETIME_SECONDS)), Err(Refusal::Expired));
    }

    #[test]
    fn an_older_key_still_verifies_while_a_newer_one_signs() {
        let rotated = format!("{NEW},{OLD}");
        assert_eq!(keys(&rotated).verify(&signed(OLD), at(1_001)), Ok(claims()));
        assert_eq!(keys(NEW).verify(&signed(OLD), at(1_001)), Err(Refusal::Invalid));
    }

    #[test]
    fn a_token_that_was_touched_is_refused() {
        let token = signed(NEW);
        let (signed_part, signature) = token.rsplit_once('.').expect("three parts");
        let other = signed_part.replacen(&signed_part[..10], "eyJhbGciOi", 1);
        let unsigned = format!("{}.{}.", encode(&serde_json::json!({"alg":"none","typ":"JWT","kid":"2026"})), "e30");
        for wrong in [
            format!("{signed_part}x.{signature}"),
            format!(
                "{other}.{}",
                signature.replace(&signature[..1], if signature.starts_with('A') { "B" } else { "A" })
            ),
            unsigned,
            "a.b.c".into(),
            String::new(),
        ] {
            assert_eq!(keys(NEW).verify(&wrong, at(1_001)), Err(Refusal::Invalid), "{wrong}");
        }
    }

    #[test]
    fn short_keys_are_refused() {
        assert!(Keys::read("k:c2hvcnQ").is_err());
        assert!(Keys::read("").is_err());
    }
}
