//! Ends a component at a call that it makes to the world.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rondo_runtime::{Directive, ImportCall, ImportObserver};
use support::eventually;

/// Whether the call has had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Before,
    After,
}

/// Traps, each for one request.
#[derive(Default)]
pub struct Traps(Mutex<BTreeMap<String, Trap>>);

/// Where a request's component dies, if anywhere, and how far it has come.
#[derive(Default)]
struct Trap {
    place: Option<(u32, Moment)>,
    calls: u32,
    sprung: bool,
}

impl Traps {
    /// Lets the component that answers the request `id` die at its call of this number.
    pub fn set(&self, id: &str, index: u32, moment: Moment) {
        let trap = Trap { place: Some((index, moment)), ..Trap::default() };
        self.lock().insert(id.to_owned(), trap);
    }

    /// Waits until the component of the request `id` has died, which it may do after its answer.
    pub async fn sprung(&self, id: &str) {
        eventually("a component dies", async || self.lock().get(id).filter(|trap| trap.sprung).map(drop)).await;
    }

    /// How many calls were made for the request `id` so far.
    pub fn calls(&self, id: &str) -> u32 {
        self.lock().get(id).map_or(0, |trap| trap.calls)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Trap>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self, call: &ImportCall<'_>, moment: Moment) -> Directive {
        let mut traps = self.lock();
        let trap = traps.entry(call.request_id.to_owned()).or_default();
        trap.calls = trap.calls.max(call.index + 1);
        if trap.place != Some((call.index, moment)) {
            return Directive::Proceed;
        }
        trap.sprung = true;
        Directive::Trap
    }
}

impl ImportObserver for Traps {
    fn before(&self, call: &ImportCall<'_>) -> Directive {
        self.at(call, Moment::Before)
    }

    fn after(&self, call: &ImportCall<'_>) -> Directive {
        self.at(call, Moment::After)
    }
}
