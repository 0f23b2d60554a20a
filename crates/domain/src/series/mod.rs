//! Series: tasks that recur, in which states they are, and what is done when time goes wrong.
//!
//! Read [`Plan`] first: it is what is kept of a series, and says how that changes. [`Schedule`] says when it recurs.

mod due;
mod end;
mod plan;
mod rule;
mod schedule;
mod status;

use std::str::FromStr;

pub use due::{DueOccurrence, FallenDue};
pub use end::{End, EndChange, EndType};
pub use plan::{Plan, PlanChange, Revision, RevisionError};
pub use rule::WrittenRule;
pub use schedule::{NextOccurrence, Schedule, ScheduleChange, ScheduleFault};
pub use status::{InstanceStatus, SeriesStatus};

use crate::ValueError;

/// What is done with occurrences that fell due while nothing ran. Whichever get no instance that waits to be done are
/// recorded as missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnMissed {
    /// The latest gets an instance.
    #[default]
    Latest,
    /// Each gets one.
    All,
    /// None does.
    Skip,
}

impl OnMissed {
    /// Its name in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::All => "all",
            Self::Skip => "skip",
        }
    }
}

impl FromStr for OnMissed {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        [Self::Latest, Self::All, Self::Skip]
            .into_iter()
            .find(|policy| policy.as_str() == name)
            .ok_or_else(|| ValueError::new("must be latest, all or skip"))
    }
}

/// What is done with an occurrence that falls due while the instance before it is pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlap {
    /// It gets an instance all the same.
    #[default]
    Create,
    /// It is recorded as skipped.
    Skip,
}

impl Overlap {
    /// Its name in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Skip => "skip",
        }
    }
}

impl FromStr for Overlap {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        [Self::Create, Self::Skip]
            .into_iter()
            .find(|policy| policy.as_str() == name)
            .ok_or_else(|| ValueError::new("must be create or skip"))
    }
}

/// What becomes of an occurrence whose civil time does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gap {
    /// It is later, by as much as the clocks are put forward.
    #[default]
    Shift,
    /// There is none.
    Skip,
}

impl Gap {
    /// Its name in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shift => "shift",
            Self::Skip => "skip",
        }
    }
}

impl FromStr for Gap {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        [Self::Shift, Self::Skip]
            .into_iter()
            .find(|policy| policy.as_str() == name)
            .ok_or_else(|| ValueError::new("must be shift or skip"))
    }
}

impl From<Gap> for rondo_recurrence::Gap {
    fn from(gap: Gap) -> Self {
        match gap {
            Gap::Shift => Self::Shift,
            Gap::Skip => Self::Skip,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_as_they_are_written() {
        for policy in [OnMissed::Latest, OnMissed::All, OnMissed::Skip] {
            assert_eq!(policy.as_str().parse(), Ok(policy));
        }
        for policy in [Overlap::Create, Overlap::Skip] {
            assert_eq!(policy.as_str().parse(), Ok(policy));
        }
        for policy in [Gap::Shift, Gap::Skip] {
            assert_eq!(policy.as_str().parse(), Ok(policy));
        }
        assert!("none".parse::<OnMissed>().is_err());
        assert!("".parse::<Overlap>().is_err());
    }
}
