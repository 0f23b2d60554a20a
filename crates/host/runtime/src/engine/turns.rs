//! Turns: who computes for long gives way to others.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

/// How long somebody computes before others get their turn.
const TURN: Duration = Duration::from_millis(2);
/// So many turns pass without anybody before the clock is stopped: whoever computes next has to wake it.
const IDLE_TURNS: u32 = 10;

/// A clock that ticks at the end of each turn, but only while somebody computes: a machine that has nothing to do stays asleep.
#[derive(Debug)]
pub struct Turns {
    /// How many compute right now.
    taken: AtomicUsize,
    /// Set when the clock is there.
    clock: OnceLock<Thread>,
}

impl Turns {
    pub const fn new() -> Self {
        Self { taken: AtomicUsize::new(0), clock: OnceLock::new() }
    }

    /// Makes the clock, which calls `tick`, unless it is there. One caller at a time.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn start(&'static self, mut tick: impl FnMut() + Send + 'static) -> io::Result<()> {
        if self.clock.get().is_some() {
            return Ok(());
        }
        let clock = thread::Builder::new().name("rondo-turns".to_owned()).spawn(move || {
            let mut idle = 0;
            loop {
                idle = if self.taken.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
                if idle > IDLE_TURNS {
                    thread::park();
                    idle = 0;
                }
                thread::sleep(TURN);
                tick();
            }
        })?;
        self.clock.get_or_init(|| clock.thread().clone());
        Ok(())
    }

    /// Does `work` with the clock ticking whenever it computes.
    pub async fn take<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|task| {
            let _turn = self.begin();
            work.as_mut().poll(task)
        })
        .await
    }

    fn begin(&self) -> Turn<'_> {
        if self.taken.fetch_add(1, Ordering::SeqCst) == 0
            && let Some(clock) = self.clock.get()
        {
            clock.unpark();
        }
        Turn(self)
    }
}

/// Somebody computes for as long as it lives.
struct Turn<'a>(&'a Turns);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    static TURNS: Turns = Turns::new();
    static TICKS: AtomicUsize = AtomicUsize::new(0);

    fn wait_until(what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is_so() {
            assert!(Instant::now() < deadline, "not within 30 s: {what}");
            thread::sleep(TURN);
        }
    }

    #[test]
    fn the_clock_ticks_while_somebody_computes_and_stops_after_that() {
        let ticks = || TICKS.load(Ordering::SeqCst);
        let ticks_on = || {
            let before = ticks();
            wait_until("a tick", || ticks() > before + 2 * IDLE_TURNS as usize);
        };
        let tick = || {
            TICKS.fetch_add(1, Ordering::SeqCst);
        };
        TURNS.start(tick).expect("a thread");
        for _ in 0..2 {
            let turns = [TURNS.begin(), TURNS.begin()];
            ticks_on();
            let [first, second] = turns;
            drop(first);
            ticks_on();
            drop(second);
            wait_until("no tick in the time of ten", || {
                let before = ticks();
                thread::sleep(10 * TURN);
                ticks() == before
            });
        }
    }
}
