//! Tags: short names that a user's tasks share.

use std::collections::BTreeSet;

use crate::{ValueError, text};

/// A tag's name: trimmed, lower case, 1 to 50 characters, no comma, no control character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagName(String);

impl TagName {
    /// The most characters of a name.
    pub const MAX_CHARACTERS: usize = 50;

    /// The name that `text` means.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let name = text::line(&text.to_lowercase(), Self::MAX_CHARACTERS)?;
        if name.contains(',') {
            return Err(ValueError::new("must not contain a comma"));
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The tags of one task: at most 20, each once, in alphabetical order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagNames(BTreeSet<TagName>);

impl TagNames {
    /// The most tags of a task.
    pub const MAX: usize = 20;

    /// The names, if they are not too many.
    ///
    /// # Errors
    /// There are more than [`Self::MAX`], be they the same or not.
    pub fn new(names: impl IntoIterator<Item = TagName>) -> Result<Self, ValueError> {
        let names: Vec<_> = names.into_iter().collect();
        if names.len() > Self::MAX {
            return Err(ValueError::new(format!("must be at most {} tags, not {}", Self::MAX, names.len())));
        }
        Ok(Self(names.into_iter().collect()))
    }

    /// The names in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(TagName::as_str)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(texts: &[&str]) -> Result<TagNames, ValueError> {
        TagNames::new(texts.iter().map(|text| TagName::parse(text)).collect::<Result<Vec<_>, _>>()?)
    }

    #[test]
    fn tags_are_trimmed_lower_cased_sorted_and_once_each() {
        let tags = names(&[" Work", "Q1", "work "]).expect("right tags");
        assert_eq!(tags.iter().collect::<Vec<_>>(), ["q1", "work"]);
    }

    #[test]
    fn wrong_tags_are_refused() {
        for refused in ["", " ", "a,b", "a\nb", &"x".repeat(51)] {
            assert!(TagName::parse(refused).is_err(), "{refused:?} was taken");
        }
    }

    #[test]
    fn twenty_tags_are_enough() {
        let texts: Vec<String> = (0..21).map(|n| format!("t{n}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert!(names(&texts[..20]).is_ok());
        assert!(names(&texts).is_err());
        assert!(names(&["same"; 21]).is_err());
    }
}
