//! Where a series stands, and where each of its instances does.

use std::str::FromStr;

use crate::ValueError;

/// Where a series stands. The database holds the same transitions (`migrations/V10__series.sql`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesStatus {
    /// Not begun. Rondo itself makes no such series: one is active from the statement on that makes it.
    Pending,
    /// Its occurrences are made as they fall due.
    Active,
    /// Nothing is made; what falls due meanwhile is not owed.
    Paused,
    /// Its last occurrence was made.
    Completed,
    /// Its owner ended it.
    Cancelled,
}

impl SeriesStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Active, Self::Paused, Self::Completed, Self::Cancelled];

    /// Its name in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether a series that stands here never runs again.
    #[must_use]
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }

    /// Whether a series that stands here may come to stand at `next`, or stands there already.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use SeriesStatus::{Active, Cancelled, Completed, Paused, Pending};
        self == next
            || match self {
                Pending => matches!(next, Active | Cancelled),
                Active => matches!(next, Paused | Completed | Cancelled),
                Paused => matches!(next, Active | Completed | Cancelled),
                Completed | Cancelled => false,
            }
    }
}

impl FromStr for SeriesStatus {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or_else(|| ValueError::new("must be pending, active, paused, completed or cancelled"))
    }
}

/// Where an instance stands. One that was missed or skipped stays so, and so does a completed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceStatus {
    /// To be done.
    Pending,
    /// Done; has a completion time.
    Completed,
    /// Not to be done: its owner said so, or the one before was still pending.
    Skipped,
    /// It fell due while nothing ran.
    Missed,
}

impl InstanceStatus {
    /// Its name in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
        }
    }
}

impl FromStr for InstanceStatus {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        [Self::Pending, Self::Completed, Self::Skipped, Self::Missed]
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or_else(|| ValueError::new("must be pending, completed, skipped or missed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_completed_or_cancelled() {
        for ended in [SeriesStatus::Completed, SeriesStatus::Cancelled] {
            let reached: Vec<_> = SeriesStatus::ALL.into_iter().filter(|next| ended.may_become(*next)).collect();
            assert_eq!(reached, [ended]);
        }
    }

    #[test]
    fn whatever_runs_may_be_cancelled_and_only_what_has_begun_may_pause() {
        for running in SeriesStatus::ALL.into_iter().filter(|status| !status.has_ended()) {
            assert!(running.may_become(SeriesStatus::Cancelled), "{running:?}");
        }
        assert!(!SeriesStatus::Pending.may_become(SeriesStatus::Paused));
        assert!(!SeriesStatus::Active.may_become(SeriesStatus::Pending));
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        for status in SeriesStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        for name in ["pending", "completed", "skipped", "missed"] {
            assert_eq!(name.parse().map(InstanceStatus::as_str), Ok(name));
        }
        assert!("stopped".parse::<SeriesStatus>().is_err());
        assert!("active".parse::<InstanceStatus>().is_err());
    }
}
