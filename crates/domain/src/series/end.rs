//! How a series ends. It may be said in the rule (COUNT, UNTIL) or in fields of their own; said in both, it has to be the
//! same.

use std::num::NonZeroU32;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rondo_recurrence::{Rule, Until};

use super::rule::{WrittenRule, at_fault};
use super::schedule::ScheduleFault;
use crate::ValueError;
use crate::task::Clearable;
use crate::time::Moment;

/// How a series ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It does not.
    Never,
    /// After so many occurrences, counted from its start, those left out included.
    Count(NonZeroU32),
    /// With the last occurrence at or before this instant.
    Until(Timestamp),
}

/// Which way a series ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndType {
    /// It does not.
    Never,
    /// After a number of occurrences.
    Count,
    /// At a time.
    Until,
}

/// What is said of how a series ends, in fields of their own.
#[derive(Debug, Clone, Copy, Default)]
pub struct EndChange {
    /// `recurrence_end_type`.
    pub kind: Option<EndType>,
    /// `recurrence_max_count`.
    pub max_count: Clearable<NonZeroU32>,
    /// `recurrence_end_date`.
    pub end_date: Clearable<Moment>,
}

const TYPE: &str = "recurrence_end_type";
const MAX_COUNT: &str = "recurrence_max_count";
const END_DATE: &str = "recurrence_end_date";

impl End {
    /// The most occurrences that can be counted.
    pub const MAX_COUNT: u32 = i32::MAX.unsigned_abs();

    /// Which way it is.
    #[must_use]
    pub fn kind(self) -> EndType {
        match self {
            Self::Never => EndType::Never,
            Self::Count(_) => EndType::Count,
            Self::Until(_) => EndType::Until,
        }
    }

    /// After how many occurrences, if that is how.
    #[must_use]
    pub fn count(self) -> Option<u32> {
        if let Self::Count(count) = self { Some(count.get()) } else { None }
    }

    /// At which instant, if that is how.
    #[must_use]
    pub fn until(self) -> Option<Timestamp> {
        if let Self::Until(until) = self { Some(until) } else { None }
    }

    /// The end that `rule` itself says in `zone`.
    fn of(rule: &WrittenRule, zone: &TimeZone) -> Result<Option<Self>, ScheduleFault> {
        if let Some(count) = rule.rule().count() {
            let count = NonZeroU32::new(count).filter(|count| count.get() <= Self::MAX_COUNT);
            let too_many =
                || ScheduleFault::new("rrule", format!("can't be taken: COUNT must be at most {}", Self::MAX_COUNT));
            return count.map(|count| Some(Self::Count(count))).ok_or_else(too_many);
        }
        let moment = match rule.rule().until() {
            None => return Ok(None),
            Some(Until::Date(day)) => Moment::Day(day),
            Some(Until::Local(civil)) => Moment::Civil(civil),
            Some(Until::Utc(instant)) => Moment::Instant(instant),
        };
        let until = moment.last_instant(zone).map_err(|error| ScheduleFault { field: "rrule", error })?;
        Ok(Some(Self::Until(until)))
    }

    /// `rule`, ending so.
    pub(super) fn applied_to(self, rule: &Rule) -> Result<Rule, ScheduleFault> {
        match self {
            Self::Never => Ok(rule.without_end()),
            Self::Count(count) => rule
                .with_count(count.get())
                .map_err(|error| ScheduleFault { field: MAX_COUNT, error: at_fault(error.part(), &error) }),
            Self::Until(until) => Ok(rule.with_until(Until::Utc(until))),
        }
    }
}

impl EndType {
    /// Its name in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Count => "count",
            Self::Until => "until",
        }
    }
}

impl FromStr for EndType {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        [Self::Never, Self::Count, Self::Until]
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| ValueError::new("must be never, count or until"))
    }
}

impl EndChange {
    /// The end of a series that gets the rule `rule` and had the end and the rule `before`. What neither `rule` nor the
    /// fields say stays, unless it was said in the rule that goes.
    ///
    /// # Errors
    /// The fields contradict one another or the rule.
    pub(super) fn resolve(
        &self,
        rule: &WrittenRule,
        before: Option<(End, &WrittenRule)>,
        zone: &TimeZone,
    ) -> Result<End, ScheduleFault> {
        let stays = before.filter(|(_, rule)| !rule.has_end()).map_or(End::Never, |(end, _)| end);
        match (End::of(rule, zone)?, self.said(stays, zone)?) {
            (Some(of_rule), None) => Ok(of_rule),
            (Some(of_rule), Some(said)) if of_rule == said => Ok(of_rule),
            (Some(_), Some(_)) => {
                let part = if rule.rule().count().is_some() { "COUNT" } else { "UNTIL" };
                Err(ScheduleFault::new(
                    "rrule",
                    format!("says by {part} another end than {}: leave one of them out", self.names_it()),
                ))
            }
            (None, said) => Ok(said.unwrap_or(stays)),
        }
    }

    /// The end of a series that keeps its rule, and that rule: without an end of its own if the fields say another.
    ///
    /// # Errors
    /// The fields contradict one another.
    pub(super) fn replace(
        &self,
        before: End,
        rule: &WrittenRule,
        zone: &TimeZone,
    ) -> Result<(End, WrittenRule), ScheduleFault> {
        // In another zone, the same UNTIL is another instant.
        let of_rule = End::of(rule, zone)?;
        let before = of_rule.unwrap_or(before);
        let end = self.said(before, zone)?.unwrap_or(before);
        let rule = if of_rule.is_some_and(|of_rule| of_rule != end) { rule.without_end() } else { rule.clone() };
        Ok((end, rule))
    }

    /// The end that the fields say; `before` fills in what a type alone leaves open. `None` if they say none.
    fn said(&self, before: End, zone: &TimeZone) -> Result<Option<End>, ScheduleFault> {
        let (count, date) = (self.max_count.flatten(), self.end_date.flatten());
        let kind = match (self.kind, count, date) {
            (Some(kind), ..) => kind,
            (None, Some(_), None) => EndType::Count,
            (None, None, Some(_)) => EndType::Until,
            (None, Some(_), Some(_)) => return Err(ScheduleFault::new(TYPE, "must say which counts: count or until")),
            (None, None, None) => return Ok(self.cleared(before).then_some(End::Never)),
        };
        if count.is_some() && kind != EndType::Count {
            return Err(ScheduleFault::new(MAX_COUNT, "goes with the recurrence_end_type count only"));
        }
        if date.is_some() && kind != EndType::Until {
            return Err(ScheduleFault::new(END_DATE, "goes with the recurrence_end_type until only"));
        }
        let end = match (kind, before) {
            (EndType::Never, _) => End::Never,
            (EndType::Count, End::Count(_)) if self.max_count.is_none() => before,
            (EndType::Until, End::Until(_)) if self.end_date.is_none() => before,
            (EndType::Count, _) => End::Count(
                count.ok_or_else(|| ScheduleFault::new(MAX_COUNT, "is required with the recurrence_end_type count"))?,
            ),
            (EndType::Until, _) => {
                let date =
                    date.ok_or_else(|| ScheduleFault::new(END_DATE, "is required with the recurrence_end_type until"))?;
                End::Until(date.last_instant(zone).map_err(ScheduleFault::of(END_DATE))?)
            }
        };
        Ok(Some(end))
    }

    /// Whether null is said of what makes `before` the end.
    fn cleared(&self, before: End) -> bool {
        match before {
            End::Never => false,
            End::Count(_) => self.max_count == Some(None),
            End::Until(_) => self.end_date == Some(None),
        }
    }

    /// The field that says the end.
    fn names_it(&self) -> &'static str {
        match (self.max_count.flatten(), self.end_date.flatten()) {
            (Some(_), _) => MAX_COUNT,
            (None, Some(_)) => END_DATE,
            (None, None) => TYPE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> WrittenRule {
        WrittenRule::parse(text).expect(text)
    }

    fn count(count: u32) -> End {
        End::Count(NonZeroU32::new(count).expect("not 0"))
    }

    fn max_count(count: u32) -> EndChange {
        EndChange { max_count: Some(NonZeroU32::new(count)), ..EndChange::default() }
    }

    fn end_date(text: &str) -> EndChange {
        EndChange { end_date: Some(Some(Moment::parse(text).expect(text))), ..EndChange::default() }
    }

    fn of_type(kind: EndType) -> EndChange {
        EndChange { kind: Some(kind), ..EndChange::default() }
    }

    /// The end of a new series, or the field at fault.
    fn resolved(said: EndChange, text: &str) -> Result<End, &'static str> {
        said.resolve(&rule(text), None, &TimeZone::UTC).map_err(|fault| fault.field)
    }

    fn until(text: &str) -> End {
        End::Until(text.parse().expect("a time"))
    }

    #[test]
    fn the_end_of_the_rule_is_the_end_of_the_series() {
        assert_eq!(resolved(EndChange::default(), "FREQ=DAILY;COUNT=3"), Ok(count(3)));
        assert_eq!(resolved(EndChange::default(), "FREQ=DAILY;UNTIL=20261231"), Ok(until("2026-12-31T23:59:59Z")));
        assert_eq!(resolved(EndChange::default(), "FREQ=DAILY"), Ok(End::Never));
    }

    #[test]
    fn a_count_or_a_date_needs_no_type() {
        assert_eq!(resolved(max_count(3), "FREQ=DAILY"), Ok(count(3)));
        assert_eq!(resolved(end_date("2026-12-31"), "FREQ=DAILY"), Ok(until("2026-12-31T23:59:59Z")));
        assert_eq!(resolved(EndChange { kind: Some(EndType::Count), ..max_count(3) }, "FREQ=DAILY"), Ok(count(3)));
    }

    #[test]
    fn an_end_that_is_said_twice_must_be_the_same() {
        assert_eq!(resolved(max_count(3), "FREQ=DAILY;COUNT=3"), Ok(count(3)));
        assert_eq!(
            resolved(end_date("2026-12-31"), "FREQ=DAILY;UNTIL=20261231T235959Z"),
            Ok(until("2026-12-31T23:59:59Z"))
        );
        for said in [max_count(4), end_date("2026-12-31"), of_type(EndType::Never)] {
            assert_eq!(resolved(said, "FREQ=DAILY;COUNT=3"), Err("rrule"), "{said:?}");
        }
    }

    #[test]
    fn a_type_and_what_it_does_not_go_with_are_refused() {
        assert_eq!(resolved(of_type(EndType::Count), "FREQ=DAILY"), Err(MAX_COUNT));
        assert_eq!(resolved(of_type(EndType::Until), "FREQ=DAILY"), Err(END_DATE));
        assert_eq!(resolved(EndChange { kind: Some(EndType::Never), ..max_count(3) }, "FREQ=DAILY"), Err(MAX_COUNT));
        assert_eq!(
            resolved(EndChange { kind: Some(EndType::Count), ..end_date("2026-12-31") }, "FREQ=DAILY"),
            Err(END_DATE)
        );
        let both = EndChange { end_date: end_date("2026-12-31").end_date, ..max_count(3) };
        assert_eq!(resolved(both, "FREQ=DAILY"), Err(TYPE));
    }

    #[test]
    fn a_new_rule_takes_the_end_of_the_old_one_with_it_but_not_that_of_the_fields() {
        let (bare, counted) = (rule("FREQ=DAILY"), rule("FREQ=WEEKLY;COUNT=3"));
        let end = |new: &WrittenRule, before| EndChange::default().resolve(new, Some(before), &TimeZone::UTC);
        assert_eq!(end(&bare, (count(3), &counted)), Ok(End::Never));
        assert_eq!(end(&bare, (count(5), &bare)), Ok(count(5)));
        assert_eq!(end(&counted, (count(5), &bare)), Ok(count(3)));
    }

    #[test]
    fn fields_replace_the_end_that_the_rule_says() {
        let counted = rule("FREQ=DAILY;COUNT=3");
        let replaced = |said: EndChange| {
            let (end, rule) = said.replace(count(3), &counted, &TimeZone::UTC).expect("an end");
            (end, rule.to_string())
        };
        assert_eq!(replaced(max_count(5)), (count(5), "FREQ=DAILY".to_owned()));
        assert_eq!(replaced(max_count(3)), (count(3), "FREQ=DAILY;COUNT=3".to_owned()));
        let cleared = EndChange { max_count: Some(None), ..EndChange::default() };
        assert_eq!(replaced(cleared), (End::Never, "FREQ=DAILY".to_owned()));
        assert_eq!(replaced(of_type(EndType::Count)), (count(3), "FREQ=DAILY;COUNT=3".to_owned()));
    }

    #[test]
    fn more_than_can_be_counted_is_refused() {
        assert_eq!(resolved(EndChange::default(), "FREQ=DAILY;COUNT=2147483648"), Err("rrule"));
        assert!(resolved(EndChange::default(), "FREQ=DAILY;COUNT=2147483647").is_ok());
    }
}
