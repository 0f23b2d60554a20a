//! The work that one question may cost.

use std::fmt;

/// The steps that finding one occurrence may take; each is a few dozen nanoseconds. Admitted rules need far fewer: it is
/// there so that a rule that nobody thought of can't stall the service.
pub(crate) const PER_OCCURRENCE: u32 = 100_000;

/// The steps that counting all occurrences up to an instant may take: some for each day between.
pub(crate) const PER_COUNT: u32 = 4_000_000;

/// Finding the next occurrence would take too long: such a rule matches less than once in centuries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkLimit;

impl fmt::Display for WorkLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The rule matches so rarely that its next occurrence could not be found. Use a simpler rule.")
    }
}

impl std::error::Error for WorkLimit {}

/// What is left of the steps.
#[derive(Debug)]
pub(crate) struct Work {
    left: u32,
}

impl Work {
    pub(crate) fn of(steps: u32) -> Self {
        Self { left: steps }
    }

    /// Takes a step.
    pub(crate) fn step(&mut self) -> Result<(), WorkLimit> {
        self.left = self.left.checked_sub(1).ok_or(WorkLimit)?;
        Ok(())
    }
}
