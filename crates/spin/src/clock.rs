//! Time and randomness.

use jiff::{SignedDuration, Timestamp};
use rondo_ports::{Clock, Entropy};
use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::random::random::get_random_bytes;

use crate::SpinPlatform;

impl Clock for SpinPlatform {
    fn now(&self) -> Timestamp {
        let now = wall_clock::now();
        // Out of range only after the year 9999.
        Timestamp::new(now.seconds.cast_signed(), now.nanoseconds.cast_signed()).unwrap_or(Timestamp::MAX)
    }

    fn sleep_until(&self, instant: Timestamp) {
        // Whoever waits does not need the database: others may have the connection.
        self.connection.take();
        let wait = instant.duration_since(self.now());
        if wait > SignedDuration::ZERO {
            let nanoseconds = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
            monotonic_clock::subscribe_duration(nanoseconds).block();
        }
    }
}

impl Entropy for SpinPlatform {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&get_random_bytes(buffer.len() as u64));
    }
}
