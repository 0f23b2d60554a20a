//! Passwords: hashed with Argon2id, at the OWASP minimum (19 MiB, 2 passes, 1 lane).
//!
//! A hash costs tens of milliseconds of a core, so hashes take turns: the database hands them out, spaced, and who
//! would wait too long is told to come back later. So a flood of logins leaves the other routes their share.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::SignedDuration;
use rondo_domain::user::Password;
use rondo_ports::Platform;
use rondo_store::user::HashPace;

use crate::Problem;

/// How hashes are spaced: at about 45 ms each, one after the other on one core.
pub const PACE: HashPace = HashPace { spacing_milliseconds: 50, longest_wait_milliseconds: 1_000 };

/// A hash that no password has, so that an e-mail nobody has costs as much as one that somebody has.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Waits for the turn that the database gave out, in seconds from now.
///
/// # Errors
/// 429 if there was none to give: too many wait.
pub(crate) fn await_turn<P: Platform>(platform: &P, turn: Option<f64>) -> Result<(), Problem> {
    let seconds = turn.ok_or_else(|| Problem::too_many("Too many people sign in at this moment. Try again.", 1))?;
    if seconds > 0.0 {
        let wait = SignedDuration::try_from_secs_f64(seconds).map_err(|error| Problem::internal(&error))?;
        platform.sleep_until(platform.now() + wait);
    }
    Ok(())
}

/// The hash of `password`, as a PHC string.
///
/// # Errors
/// 500; it does not happen with these parameters.
pub(crate) fn hash<P: Platform>(platform: &P, password: &Password) -> Result<String, Problem> {
    let salt = platform.bytes::<16>();
    argon2()?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| Problem::internal(&error))
}

/// Whether `password` has the hash `stored`; with none stored it takes as long, and has not.
pub(crate) fn matches(password: &[u8], stored: Option<&str>) -> bool {
    PasswordHash::new(stored.unwrap_or(NOBODYS))
        .is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
        && stored.is_some()
}

fn argon2() -> Result<Argon2<'static>, Problem> {
    let parameters = Params::new(19 * 1024, 2, 1, None).map_err(|error| Problem::internal(&error))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_nobody_has_is_hashed_like_any_other_and_never_matches() {
        assert!(PasswordHash::new(NOBODYS).is_ok());
        assert!(!matches(b"whatever it is", None));
    }
}
