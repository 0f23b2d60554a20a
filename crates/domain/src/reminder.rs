//! Reminders: what they are about, when they come, and where they stand.

use std::str::FromStr;

use jiff::Timestamp;

use crate::ValueError;
use crate::ids::{TaskId, TaskInstanceId};

/// A reminder that somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewReminder {
    /// What it is about.
    pub about: ReminderSubject,
    /// When it comes.
    pub time: ReminderTime,
    /// How it comes.
    pub kind: ReminderType,
}

impl NewReminder {
    /// The most reminders about one thing that wait.
    pub const AT_MOST: u32 = 50;
}

/// What a reminder is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReminderSubject {
    /// A task.
    Task(TaskId),
    /// One occurrence of a recurring task.
    Instance(TaskInstanceId),
}

/// When a reminder comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReminderTime {
    /// At this time, whatever becomes of the due time.
    At(Timestamp),
    /// So long before the due time, which it follows.
    Before(MinutesBefore),
}

/// How long before a due time, in minutes: 0 to four weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinutesBefore(u16);

impl MinutesBefore {
    /// The longest: four weeks.
    pub const MAX: u16 = 28 * 24 * 60;

    /// So many minutes.
    ///
    /// # Errors
    /// They are more than [`Self::MAX`].
    pub fn new(minutes: u64) -> Result<Self, ValueError> {
        within(minutes, 0).map(Self)
    }

    /// As a number of minutes.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

/// For how long a reminder is put off, in minutes: 1 to four weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnoozeMinutes(u16);

impl SnoozeMinutes {
    /// So many minutes.
    ///
    /// # Errors
    /// They are none, or more than [`MinutesBefore::MAX`].
    pub fn new(minutes: u64) -> Result<Self, ValueError> {
        within(minutes, 1).map(Self)
    }

    /// As a number of minutes.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

fn within(minutes: u64, least: u16) -> Result<u16, ValueError> {
    u16::try_from(minutes)
        .ok()
        .filter(|minutes| (least..=MinutesBefore::MAX).contains(minutes))
        .ok_or_else(|| ValueError::new(format!("must be a whole number from {least} to {}", MinutesBefore::MAX)))
}

/// Until when a reminder is put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snooze {
    /// Until this time.
    Until(Timestamp),
    /// So long from now.
    For(SnoozeMinutes),
}

/// How a reminder comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReminderType {
    /// In the page, and by the channels that its owner chose.
    #[default]
    InApp,
}

impl ReminderType {
    /// Its name in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InApp => "in_app",
        }
    }
}

impl FromStr for ReminderType {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        match name {
            "in_app" => Ok(Self::InApp),
            _ => Err(ValueError::new("must be in_app")),
        }
    }
}

/// Where a reminder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReminderStatus {
    /// Its time is to come.
    Pending,
    /// It was told.
    Sent,
    /// It was called off.
    Cancelled,
    /// Its time was too long ago when it could be told.
    Failed,
}

impl ReminderStatus {
    /// Its name in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for ReminderStatus {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        [Self::Pending, Self::Sent, Self::Cancelled, Self::Failed]
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or_else(|| ValueError::new("must be pending, sent, cancelled or failed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_comes_at_most_four_weeks_before_and_is_put_off_by_at_least_a_minute() {
        assert_eq!(MinutesBefore::new(0).map(MinutesBefore::get), Ok(0));
        assert_eq!(MinutesBefore::new(40_320).map(MinutesBefore::get), Ok(40_320));
        assert!(MinutesBefore::new(40_321).is_err());
        assert!(MinutesBefore::new(u64::from(u16::MAX) + 2).is_err());
        assert!(SnoozeMinutes::new(0).is_err());
        assert_eq!(SnoozeMinutes::new(1).map(SnoozeMinutes::get), Ok(1));
        assert!(SnoozeMinutes::new(40_321).is_err());
    }

    #[test]
    fn states_and_types_are_read_as_they_are_written() {
        for name in ["pending", "sent", "cancelled", "failed"] {
            assert_eq!(name.parse().map(ReminderStatus::as_str), Ok(name));
        }
        assert_eq!("in_app".parse().map(ReminderType::as_str), Ok("in_app"));
        assert!("done".parse::<ReminderStatus>().is_err());
        assert!("email".parse::<ReminderType>().is_err());
    }
}
