//! A rule in words.

use jiff::civil::DateTime;

use crate::rule::Rule;

impl Rule {
    /// The rule in words, without what only a start can tell: "Every 2 weeks on Tuesday and Sunday, 4 times".
    pub fn summary(&self) -> String {
        summary(self, None)
    }
}

pub(crate) fn summary(rule: &Rule, _start: Option<DateTime>) -> String {
    rule.to_string()
}
