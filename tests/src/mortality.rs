//! Components that die in the middle of their work.

use std::sync::atomic::{AtomicU32, Ordering};

use rondo_runtime::{Directive, ImportCall, ImportObserver};

/// Ends a component where its request says so: a request `die-3-after…` at its fourth call, once that has had its effect.
#[derive(Default)]
pub struct Mortality {
    deaths: AtomicU32,
}

impl Mortality {
    /// How many have died.
    pub fn deaths(&self) -> u32 {
        self.deaths.load(Ordering::Relaxed)
    }

    fn at(&self, call: &ImportCall<'_>, moment: &str) -> Directive {
        let mut words = call.request_id.split('-');
        let is_here = words.next() == Some("die")
            && words.next() == Some(call.index.to_string().as_str())
            && words.next() == Some(moment);
        if !is_here {
            return Directive::Proceed;
        }
        self.deaths.fetch_add(1, Ordering::Relaxed);
        Directive::Trap
    }
}

impl ImportObserver for Mortality {
    fn before(&self, call: &ImportCall<'_>) -> Directive {
        self.at(call, "before")
    }

    fn after(&self, call: &ImportCall<'_>) -> Directive {
        self.at(call, "after")
    }
}

/// The id of a request whose component dies at one of its first `calls` calls, or, one time in three, does not.
pub fn fate(dice: &mut fastrand::Rng, calls: u32) -> String {
    let moment = if dice.bool() { "before" } else { "after" };
    match dice.u32(..3) {
        0 => format!("lives-{}", dice.u64(..)),
        _ => format!("die-{}-{moment}-{}", dice.u32(..calls), dice.u64(..)),
    }
}
