//! Finding tasks: filters, order and pages.

use std::str::FromStr;

use jiff::Timestamp;

use crate::ValueError;
use crate::tag::TagNames;
use crate::task::{Priority, Status};

/// Which tasks are wanted. All that is said must hold.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Any of these; all if empty.
    pub status: Vec<Status>,
    /// Any of these; all if empty.
    pub priority: Vec<Priority>,
    /// All of these are on the task.
    pub tags: TagNames,
    /// Words of the title or the description.
    pub search: Option<SearchText>,
    /// Due before this instant.
    pub due_before: Option<Timestamp>,
    /// Due at or after this instant.
    pub due_after: Option<Timestamp>,
}

/// What somebody typed into the search box: 1 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// The most characters of a search.
    pub const MAX_CHARACTERS: usize = 200;

    /// The search that `text` means; `None` if it is blank.
    ///
    /// # Errors
    /// It is too long or has control characters.
    pub fn parse(text: &str) -> Result<Option<Self>, ValueError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        crate::text::line(text, Self::MAX_CHARACTERS).map(|text| Some(Self(text)))
    }

    /// The text as it was typed, without the space around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its words, in lower case: runs of letters and digits.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.0.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    }
}

/// What tasks are ordered by. Ties are always ordered by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    /// When they were made.
    #[default]
    CreatedAt,
    /// When they last changed.
    UpdatedAt,
    /// When they are due; those without a due time come last either way.
    DueAt,
    /// High comes first under descending order.
    Priority,
    /// The title, without regard to case.
    Title,
    /// How well they match the search.
    Relevance,
}

impl FromStr for SortBy {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        Ok(match name {
            "created_at" => Self::CreatedAt,
            "updated_at" => Self::UpdatedAt,
            "due_at" => Self::DueAt,
            "priority" => Self::Priority,
            "title" => Self::Title,
            "relevance" => Self::Relevance,
            _ => {
                return Err(ValueError::new(
                    "must be created_at, updated_at, due_at, priority, title, or relevance when searching",
                ));
            }
        })
    }
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    /// The smallest, oldest, first in the alphabet.
    Ascending,
    /// The largest, newest, last in the alphabet.
    #[default]
    Descending,
}

impl FromStr for SortOrder {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        match name {
            "asc" => Ok(Self::Ascending),
            "desc" => Ok(Self::Descending),
            _ => Err(ValueError::new("must be asc or desc")),
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    number: u32,
    size: u32,
}

impl Page {
    /// The most items of a page.
    pub const MAX_SIZE: u32 = 100;
    /// The items of a page if nothing is said.
    pub const DEFAULT_SIZE: u32 = 20;
    /// The last page that can be asked for.
    pub const MAX_NUMBER: u32 = 1_000_000;

    /// Which page, from 1.
    #[must_use]
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many items it has at most.
    #[must_use]
    pub fn size(self) -> u32 {
        self.size
    }

    /// How many items come before it.
    #[must_use]
    pub fn offset(self) -> u64 {
        u64::from(self.number - 1) * u64::from(self.size)
    }

    /// This page, with another number.
    ///
    /// # Errors
    /// `text` is no number from 1 to [`Self::MAX_NUMBER`].
    pub fn with_number(self, text: &str) -> Result<Self, ValueError> {
        Ok(Self { number: whole(text, Self::MAX_NUMBER)?, ..self })
    }

    /// This page, with another size.
    ///
    /// # Errors
    /// `text` is no number from 1 to [`Self::MAX_SIZE`].
    pub fn with_size(self, text: &str) -> Result<Self, ValueError> {
        Ok(Self { size: whole(text, Self::MAX_SIZE)?, ..self })
    }
}

impl Default for Page {
    fn default() -> Self {
        Self { number: 1, size: Self::DEFAULT_SIZE }
    }
}

fn whole(text: &str, max: u32) -> Result<u32, ValueError> {
    text.parse()
        .ok()
        .filter(|number| (1..=max).contains(number))
        .ok_or_else(|| ValueError::new(format!("must be a whole number from 1 to {max}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_counts_from_one() {
        let page = Page::default().with_number("3").and_then(|page| page.with_size("50")).expect("a page");
        assert_eq!((page.number(), page.size(), page.offset()), (3, 50, 100));
        for refused in ["0", "-1", "101", "", "ten", "1.5"] {
            assert!(Page::default().with_size(refused).is_err(), "{refused:?} was taken");
        }
    }

    #[test]
    fn a_search_is_read_as_words() {
        let search = SearchText::parse(" Don't; DROP \"table\"! ").expect("right").expect("not blank");
        assert_eq!(search.words(), ["don", "t", "drop", "table"]);
        assert_eq!(SearchText::parse("  "), Ok(None));
        assert!(SearchText::parse(&"x".repeat(201)).is_err());
    }
}
