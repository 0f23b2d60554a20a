//! A rule as values, and its canonical text.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};

use crate::error::RuleError;

/// A recurrence rule: RFC 5545 §3.3.10, without `SECONDLY`.
///
/// Made by parsing; printing gives the canonical text, from which the same rule is read again. Lists are kept sorted and
/// without repetition, so two rules that say the same with their lists in another order are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rule {
    pub(crate) frequency: Frequency,
    /// From 1.
    pub(crate) interval: u32,
    pub(crate) end: End,
    pub(crate) week_start: Weekday,
    pub(crate) by_month: Vec<i16>,
    pub(crate) by_week_no: Vec<i16>,
    pub(crate) by_year_day: Vec<i16>,
    pub(crate) by_month_day: Vec<i16>,
    pub(crate) by_day: Vec<NthWeekday>,
    pub(crate) by_hour: Vec<i16>,
    pub(crate) by_minute: Vec<i16>,
    pub(crate) by_second: Option<i16>,
    pub(crate) by_set_pos: Vec<i16>,
}

/// How often, from the most seldom on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// `YEARLY`
    Yearly,
    /// `MONTHLY`
    Monthly,
    /// `WEEKLY`
    Weekly,
    /// `DAILY`
    Daily,
    /// `HOURLY`: by elapsed time.
    Hourly,
    /// `MINUTELY`: by elapsed time.
    Minutely,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum End {
    Never,
    Count(u32),
    Until(Until),
}

/// The last moment at which a rule may occur, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Until {
    /// The whole day in the zone of the series: `20261231`.
    Date(Date),
    /// A civil time in the zone of the series: `20261231T090000`.
    Local(DateTime),
    /// An instant: `20261231T090000Z`.
    Utc(Timestamp),
}

/// A weekday, all of them (`n` is 0), or the nth of the month or year, negative from its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NthWeekday {
    pub(crate) n: i16,
    /// 0 is Monday.
    pub(crate) weekday: i8,
}

pub(crate) const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

pub(crate) const FREQUENCIES: [(&str, Frequency); 6] = [
    ("YEARLY", Frequency::Yearly),
    ("MONTHLY", Frequency::Monthly),
    ("WEEKLY", Frequency::Weekly),
    ("DAILY", Frequency::Daily),
    ("HOURLY", Frequency::Hourly),
    ("MINUTELY", Frequency::Minutely),
];

impl Rule {
    /// How often, before `INTERVAL`.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// Every how many years, months, …; at least 1.
    pub fn interval(&self) -> u32 {
        self.interval
    }

    /// `COUNT`, if that is how it ends.
    pub fn count(&self) -> Option<u32> {
        match self.end {
            End::Count(count) => Some(count),
            End::Never | End::Until(_) => None,
        }
    }

    /// `UNTIL`, if that is how it ends.
    pub fn until(&self) -> Option<Until> {
        match self.end {
            End::Until(until) => Some(until),
            End::Never | End::Count(_) => None,
        }
    }

    /// The same rule without `COUNT` and `UNTIL`.
    pub fn without_end(&self) -> Self {
        self.ending(End::Never)
    }

    /// The same rule with this `COUNT` and no `UNTIL`; a count of 0 is refused.
    pub fn with_count(&self, count: u32) -> Result<Self, RuleError> {
        if count == 0 {
            return Err(RuleError::new("COUNT", "COUNT must be at least 1."));
        }
        Ok(self.ending(End::Count(count)))
    }

    /// The same rule with this `UNTIL` and no `COUNT`. Fractions of a second are cut off.
    pub fn with_until(&self, until: Until) -> Self {
        self.ending(End::Until(until.in_whole_seconds()))
    }

    fn ending(&self, end: End) -> Self {
        Self { end, ..self.clone() }
    }

    /// Whether it has a BY part besides `BYSETPOS`.
    pub(crate) fn has_set(&self) -> bool {
        let lists =
            [&self.by_month, &self.by_week_no, &self.by_year_day, &self.by_month_day, &self.by_hour, &self.by_minute];
        lists.iter().any(|list| !list.is_empty()) || !self.by_day.is_empty() || self.by_second.is_some()
    }

    /// Whether it is expanded by elapsed time instead of on the wall clock.
    pub(crate) fn counts_elapsed_time(&self) -> bool {
        self.frequency >= Frequency::Hourly
    }
}

impl Until {
    fn in_whole_seconds(self) -> Self {
        match self {
            Self::Date(date) => Self::Date(date),
            Self::Local(time) => Self::Local(time.with().subsec_nanosecond(0).build().unwrap_or(time)),
            Self::Utc(at) => Self::Utc(Timestamp::from_second(at.as_second()).unwrap_or(at)),
        }
    }
}

/// The canonical text: parts in the order of the RFC's grammar, what is the default left out.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", name_of(&FREQUENCIES, self.frequency))?;
        match self.end {
            End::Never => {}
            End::Count(count) => write!(f, ";COUNT={count}")?,
            End::Until(until) => write!(f, ";UNTIL={until}")?,
        }
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        if let Some(second) = self.by_second {
            write!(f, ";BYSECOND={second}")?;
        }
        write_list(f, "BYMINUTE", &self.by_minute)?;
        write_list(f, "BYHOUR", &self.by_hour)?;
        write_list(f, "BYDAY", &self.by_day)?;
        write_list(f, "BYMONTHDAY", &self.by_month_day)?;
        write_list(f, "BYYEARDAY", &self.by_year_day)?;
        write_list(f, "BYWEEKNO", &self.by_week_no)?;
        write_list(f, "BYMONTH", &self.by_month)?;
        write_list(f, "BYSETPOS", &self.by_set_pos)?;
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", name_of(&WEEKDAYS, self.week_start))?;
        }
        Ok(())
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{:04}{:02}{:02}", date.year(), date.month(), date.day()),
            Self::Local(time) => write_time(f, *time),
            Self::Utc(at) => {
                write_time(f, jiff::tz::Offset::UTC.to_datetime(*at))?;
                f.write_str("Z")
            }
        }
    }
}

impl fmt::Display for NthWeekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.n != 0 {
            write!(f, "{}", self.n)?;
        }
        f.write_str(WEEKDAYS[self.weekday.rem_euclid(7) as usize].0)
    }
}

fn write_time(f: &mut fmt::Formatter<'_>, time: DateTime) -> fmt::Result {
    write!(f, "{}T{:02}{:02}{:02}", Until::Date(time.date()), time.hour(), time.minute(), time.second())
}

fn write_list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, part: &str, values: &[T]) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        if index == 0 {
            write!(f, ";{part}={value}")?;
        } else {
            write!(f, ",{value}")?;
        }
    }
    Ok(())
}

pub(crate) fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: T) -> &'static str {
    names.iter().find(|(_, named)| *named == value).map_or("", |(name, _)| name)
}
