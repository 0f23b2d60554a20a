//! Message encryption for web push: RFC 8291, which uses the content coding `aes128gcm` of RFC 8188.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Key, Nonce};
use hkdf::Hkdf;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey, ecdh};
use sha2::Sha256;

use crate::{KeyError, decode, private_key};

/// What a message may hold, in bytes. Every message is filled up to it, so that its length tells nothing, and the
/// largest that every push service takes (4096 bytes, RFC 8030 §7.2) leaves room for those that wrap it in base64.
pub const MAX_MESSAGE_BYTES: usize = 3051;

/// The record size that the header announces: one record holds the message.
const RECORD_BYTES: u32 = 4096;
/// Ends the content of the last record (RFC 8188 §2).
const LAST_RECORD: u8 = 2;

/// A message is longer than [`MAX_MESSAGE_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a push message holds at most {MAX_MESSAGE_BYTES} bytes, not {0}")]
pub struct TooLong(pub usize);

/// A browser that messages are encrypted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    public: PublicKey,
    auth: [u8; 16],
}

impl Receiver {
    /// Reads what the browser's `PushSubscription` calls `keys`, base64url.
    ///
    /// # Errors
    /// Which of them is no key.
    pub fn parse(p256dh: &str, auth: &str) -> Result<Self, KeyError> {
        let point = decode(p256dh, KeyError::Public)?;
        if point.len() != 65 {
            return Err(KeyError::Public);
        }
        let public = PublicKey::from_sec1_bytes(&point).map_err(|_| KeyError::Public)?;
        let auth = decode(auth, KeyError::Auth)?.try_into().map_err(|_| KeyError::Auth)?;
        Ok(Self { public, auth })
    }

    /// The body of a push with `message`, of `Content-Encoding: aes128gcm`. All are of one length. `salt` is random and
    /// used once, as is what `draw` gives.
    ///
    /// # Errors
    /// It is too long.
    pub fn encrypt(&self, message: &[u8], salt: [u8; 16], draw: impl FnMut() -> [u8; 32]) -> Result<Vec<u8>, TooLong> {
        if message.len() > MAX_MESSAGE_BYTES {
            return Err(TooLong(message.len()));
        }
        Ok(self.seal(message, MAX_MESSAGE_BYTES, salt, &private_key(draw)))
    }

    /// Encrypts `message`, filled up to `filled` bytes, with the sender's key for this message alone.
    fn seal(&self, message: &[u8], filled: usize, salt: [u8; 16], ephemeral: &SecretKey) -> Vec<u8> {
        let sender = ephemeral.public_key().to_sec1_point(false);
        let (key, nonce) = self.key_and_nonce(salt, ephemeral);
        let mut record = message.to_vec();
        record.push(LAST_RECORD);
        record.resize(filled.max(message.len()) + 1, 0);
        let sealed = Aes128Gcm::new(&Key::<Aes128Gcm>::from(key))
            .encrypt(&Nonce::from(nonce), record.as_slice())
            .expect("AES-GCM takes 64 GiB");

        let mut body = Vec::with_capacity(86 + sealed.len());
        body.extend_from_slice(&salt);
        body.extend_from_slice(&RECORD_BYTES.to_be_bytes());
        body.push(65);
        body.extend_from_slice(sender.as_bytes());
        body.extend_from_slice(&sealed);
        body
    }

    /// RFC 8291 §3.3 and §3.4.
    fn key_and_nonce(&self, salt: [u8; 16], ephemeral: &SecretKey) -> ([u8; 16], [u8; 12]) {
        let shared = ecdh::diffie_hellman(ephemeral.to_nonzero_scalar(), self.public.as_affine());
        let of_both = Hkdf::<Sha256>::new(Some(&self.auth), shared.raw_secret_bytes());
        let receiver = self.public.to_sec1_point(false);
        let sender = ephemeral.public_key().to_sec1_point(false);
        let input: [u8; 32] = expand(&of_both, &[b"WebPush: info\0", receiver.as_bytes(), sender.as_bytes()]);
        let of_message = Hkdf::<Sha256>::new(Some(&salt), &input);
        (expand(&of_message, &[b"Content-Encoding: aes128gcm\0"]), expand(&of_message, &[b"Content-Encoding: nonce\0"]))
    }
}

fn expand<const N: usize>(keys: &Hkdf<Sha256>, info: &[&[u8]]) -> [u8; N] {
    let mut key = [0; N];
    keys.expand_multi_info(info, &mut key).expect("HKDF gives 8 kilobytes");
    key
}

#[cfg(test)]
mod tests {
    use base64::Engine;

    use super::*;
    use crate::BASE64URL;

    // RFC 8291, appendix A.
    const MESSAGE: &[u8] = b"When I grow up, I want to be a watermelon";
    const SENDER: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";
    const BODY: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        BASE64URL.decode(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn the_example_of_rfc_8291_comes_out_as_printed() {
        let receiver = Receiver::parse(P256DH, AUTH).unwrap();
        let ephemeral = SecretKey::from_slice(&bytes::<32>(SENDER)).unwrap();
        let body = receiver.seal(MESSAGE, 0, bytes(SALT), &ephemeral);
        assert_eq!(BASE64URL.encode(body), BODY);
    }

    #[test]
    fn all_messages_are_of_one_length_and_small_enough_for_every_push_service() {
        let receiver = Receiver::parse(P256DH, AUTH).unwrap();
        let length = |bytes: usize| receiver.encrypt(&vec![b'x'; bytes], [1; 16], || [2; 32]).map(|body| body.len());
        assert_eq!(length(0), Ok(3154));
        assert_eq!(length(MAX_MESSAGE_BYTES), Ok(3154));
        assert_eq!(length(MAX_MESSAGE_BYTES + 1), Err(TooLong(3052)));
    }

    #[test]
    fn random_bytes_that_are_no_key_are_drawn_again() {
        let receiver = Receiver::parse(P256DH, AUTH).unwrap();
        let mut drawn = vec![[2; 32], [0xff; 32], [0; 32]];
        let again = receiver.encrypt(b"hello", [1; 16], || drawn.pop().unwrap()).unwrap();
        assert_eq!(again, receiver.encrypt(b"hello", [1; 16], || [2; 32]).unwrap());
    }

    #[test]
    fn keys_may_come_with_padding() {
        assert_eq!(Receiver::parse(&format!("{P256DH}="), &format!("{AUTH}==")), Receiver::parse(P256DH, AUTH));
    }

    #[test]
    fn what_is_no_key_of_a_browser_is_refused_and_named() {
        let off_the_curve = BASE64URL.encode([4; 65]);
        let infinity = BASE64URL.encode([0]);
        for p256dh in ["", "no base64!", &P256DH[2..], &off_the_curve, &infinity] {
            assert_eq!(Receiver::parse(p256dh, AUTH), Err(KeyError::Public), "{p256dh}");
        }
        for auth in ["", "AAAA", &AUTH[2..], "BTBZMqHH6r4Tts7J/aSIgg"] {
            assert_eq!(Receiver::parse(P256DH, auth), Err(KeyError::Auth), "{auth}");
        }
    }
}
