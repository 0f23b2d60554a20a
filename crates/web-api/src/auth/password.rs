//! Passwords: hashed with Argon2id, at the OWASP minimum (19 MiB, 2 passes, 1 lane).
//!
//! A hash costs tens of milliseconds of a core, so hashes take turns: the database keeps the queue, and who would wait too
//! long is told to come back later. So a flood of logins leaves the other routes their share, however slow the machine.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::SignedDuration;
use rondo_domain::user::Password;
use rondo_ports::Platform;
use rondo_store::hash_queue::{self, HashLimits, HashTurn};

use crate::Problem;

/// One hash at a time, and no more in the queue than get their turn before [`LONGEST_WAIT`] where a hash takes 90 ms.
pub const LIMITS: HashLimits = HashLimits { at_once: 1, longest_queue: 10, lease_milliseconds: 2_000 };

/// For how long somebody waits for their turn.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(1);
/// What a hash takes, more or less: how long to wait for each that is ahead before asking again.
const ONE_HASH: SignedDuration = SignedDuration::from_millis(45);

/// A hash that no password has, so that an e-mail nobody has costs as much as one that somebody has.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Does `hashing` when it is `turn`'s turn, and lets the next one in.
///
/// # Errors
/// 429 if too many wait.
pub(crate) async fn in_turn<P: Platform, T>(
    platform: &P,
    turn: Option<HashTurn>,
    hashing: impl FnOnce() -> T,
) -> Result<T, Problem> {
    let ticket = await_turn(platform, turn.ok_or_else(too_many)?).await?;
    let outcome = hashing();
    hash_queue::leave(platform, ticket).await?;
    Ok(outcome)
}

/// Waits until nobody is ahead; returns the ticket.
async fn await_turn<P: Platform>(platform: &P, mut turn: HashTurn) -> Result<i64, Problem> {
    let deadline = platform.now() + LONGEST_WAIT;
    while turn.ahead > 0 {
        let now = platform.now();
        if now >= deadline {
            hash_queue::leave(platform, turn.ticket).await?;
            return Err(too_many());
        }
        let hashes_ahead = i32::try_from(turn.ahead).unwrap_or(i32::MAX);
        platform.sleep_until((now + ONE_HASH.saturating_mul(hashes_ahead)).min(deadline));
        turn = hash_queue::advance(platform, turn.ticket, LIMITS).await?.ok_or_else(too_many)?;
    }
    Ok(turn.ticket)
}

fn too_many() -> Problem {
    Problem::too_many("Too many people sign in at this moment. Try again.", 1)
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
