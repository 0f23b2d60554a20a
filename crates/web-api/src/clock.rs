//! Whose clock decides what is due.

use jiff::Timestamp;
use rondo_ports::Platform;

use crate::Problem;

/// The time that statements about what is due are told: `None`, so that the one clock of the database decides for all, or
/// the host's, where the variable `clock` is `host` because a test drives it.
///
/// # Errors
/// The variable is neither `database` nor `host`.
pub(crate) fn told_time<P: Platform>(platform: &P) -> Result<Option<Timestamp>, Problem> {
    match platform.variable("clock")?.as_str() {
        "database" => Ok(None),
        "host" => Ok(Some(platform.now())),
        other => Err(Problem::internal(&format!("the variable clock is {other}: it must be database or host"))),
    }
}
