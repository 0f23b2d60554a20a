//! What can be wrong with a rule or a series.

use std::fmt;

/// A rule's text that can't be taken: which part is at fault, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError(Fault);

/// A series that can't be: its rule never matches, or never from its start on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesError(Fault);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    part: &'static str,
    message: String,
}

impl RuleError {
    pub(crate) fn new(part: &'static str, message: impl Into<String>) -> Self {
        Self(Fault { part, message: message.into() })
    }

    /// The part of the rule that is at fault: `FREQ`, `BYDAY`, …; `RRULE` if it is the text as a whole.
    pub fn part(&self) -> &'static str {
        self.0.part
    }
}

impl SeriesError {
    pub(crate) fn new(part: &'static str, message: impl Into<String>) -> Self {
        Self(Fault { part, message: message.into() })
    }

    /// The part of the rule that is at fault, or `DTSTART` if it is the start.
    pub fn part(&self) -> &'static str {
        self.0.part
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Display for SeriesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for RuleError {}
impl std::error::Error for SeriesError {}
