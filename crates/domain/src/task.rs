//! Tasks.

use std::str::FromStr;

use jiff::Timestamp;

use crate::tag::TagNames;
use crate::{ValueError, text};

/// What a task is called: one line of 1 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// The most characters of a title.
    pub const MAX_CHARACTERS: usize = 200;

    /// The title that `text` means.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        text::line(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// The title.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What else there is to say of a task: at most 10 000 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// The most characters of a description.
    pub const MAX_CHARACTERS: usize = 10_000;

    /// The description that `text` is.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        text::paragraphs(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// The description.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// Not begun.
    #[default]
    Pending,
    /// Begun.
    InProgress,
    /// Done; has a completion time.
    Completed,
}

impl Status {
    /// Its name in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
        }
    }
}

impl FromStr for Status {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        [Self::Pending, Self::InProgress, Self::Completed]
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or_else(|| ValueError::new("must be pending, in_progress or completed"))
    }
}

/// How much a task matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// First.
    High,
    /// The usual.
    #[default]
    Medium,
    /// When there is time.
    Low,
}

impl Priority {
    /// Its name in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        }
    }
}

impl FromStr for Priority {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        [Self::High, Self::Medium, Self::Low]
            .into_iter()
            .find(|priority| priority.as_str() == name)
            .ok_or_else(|| ValueError::new("must be High, Medium or Low"))
    }
}

/// A task that is to be made.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// What it is called.
    pub title: Title,
    /// What else there is to say.
    pub description: Option<Description>,
    /// Where it stands.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// Its tags.
    pub tags: TagNames,
    /// When it should be done.
    pub due_at: Option<Timestamp>,
}

/// A change of one field that may also be cleared: `None` leaves it, `Some(None)` clears it.
pub type Clearable<T> = Option<Option<T>>;

/// What is to change of a task; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct TaskPatch {
    /// A new title.
    pub title: Option<Title>,
    /// A new description.
    pub description: Clearable<Description>,
    /// A new status.
    pub status: Option<Status>,
    /// A new priority.
    pub priority: Option<Priority>,
    /// All the tags that it shall have.
    pub tags: Option<TagNames>,
    /// A new due time.
    pub due_at: Clearable<Timestamp>,
}

/// What is to be done with several tasks at once.
#[derive(Debug, Clone)]
pub enum BulkAction {
    /// Complete them.
    Complete,
    /// Reopen them.
    Reopen,
    /// Delete them.
    Delete,
    /// Give them this priority.
    SetPriority(Priority),
    /// Tie these tags to them.
    AddTags(TagNames),
    /// Take these tags off them.
    RemoveTags(TagNames),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_priorities_are_read_as_they_are_written() {
        for status in [Status::Pending, Status::InProgress, Status::Completed] {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        for priority in [Priority::High, Priority::Medium, Priority::Low] {
            assert_eq!(priority.as_str().parse(), Ok(priority));
        }
        assert!("high".parse::<Priority>().is_err());
        assert!("done".parse::<Status>().is_err());
    }
}
