//! A clock that a test drives.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use rondo_runtime::Clock;

/// Shows what it was set to, to the millisecond.
pub struct DrivenClock(AtomicI64);

impl DrivenClock {
    pub fn at(time: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(time.as_millisecond())))
    }

    /// Moves it forward.
    pub fn set(&self, time: Timestamp) {
        self.0.fetch_max(time.as_millisecond(), Ordering::Relaxed);
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Relaxed)).expect("in range")
    }
}

impl Clock for DrivenClock {
    fn wall(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed).unsigned_abs())
    }

    fn monotonic(&self) -> Duration {
        self.wall()
    }
}
