//! A recurrence rule as somebody wrote it.

use std::fmt;

use rondo_recurrence::Rule;

use crate::ValueError;

/// A rule, with the text that it was read from: people get back what they wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenRule {
    text: String,
    rule: Rule,
}

impl WrittenRule {
    /// The rule that `text` spells, with or without `RRULE:` before it.
    ///
    /// # Errors
    /// It is none; the part at fault.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let rule: Rule = text.parse().map_err(|error: rondo_recurrence::RuleError| at_fault(error.part(), &error))?;
        let text = text.trim();
        let bare = text.split_once(':').map_or(text, |(_, bare)| bare);
        Ok(Self { text: bare.to_owned(), rule })
    }

    /// What it says.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Whether it says itself when it ends.
    #[must_use]
    pub fn has_end(&self) -> bool {
        self.rule.count().is_some() || self.rule.until().is_some()
    }

    /// The same rule, not saying when it ends.
    #[must_use]
    pub fn without_end(&self) -> Self {
        if self.has_end() { Self::from(self.rule.without_end()) } else { self.clone() }
    }
}

impl From<Rule> for WrittenRule {
    fn from(rule: Rule) -> Self {
        Self { text: rule.to_string(), rule }
    }
}

impl fmt::Display for WrittenRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// What the engine says of a part of a rule, as the message of a field.
pub(super) fn at_fault(part: &str, error: &dyn fmt::Display) -> ValueError {
    let said = error.to_string();
    let said = said.trim_end_matches('.');
    if said.contains(part) {
        ValueError::new(format!("can't be taken: {said}"))
    } else {
        ValueError::new(format!("can't be taken: {part}: {said}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_stays_as_it_was_written() {
        let rule = WrittenRule::parse(" RRULE:FREQ=WEEKLY;BYDAY=FR;BYHOUR=14 ").expect("a rule");
        assert_eq!(rule.to_string(), "FREQ=WEEKLY;BYDAY=FR;BYHOUR=14");
        assert_eq!(rule.without_end(), rule);
    }

    #[test]
    fn a_rule_without_its_end_is_written_anew() {
        let rule = WrittenRule::parse("COUNT=3;FREQ=daily").expect("a rule");
        assert!(rule.has_end());
        assert_eq!(rule.without_end().to_string(), "FREQ=DAILY");
    }

    #[test]
    fn what_is_no_rule_is_refused_by_its_part() {
        for (text, part) in
            [("FREQ=SECONDLY", "FREQ"), ("FREQ=DAILY;INTERVAL=0", "INTERVAL"), ("FREQ=WEEKLY;BYDAY=2MO", "BYDAY")]
        {
            let refusal = WrittenRule::parse(text).expect_err(text).to_string();
            assert!(refusal.starts_with("can't be taken: ") && refusal.contains(part), "{text}: {refusal}");
            assert!(!refusal.ends_with('.'), "{refusal}");
        }
    }
}
