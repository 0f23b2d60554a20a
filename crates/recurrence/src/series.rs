//! A rule with its start and its zone, and when it occurs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::calendar::{Day, Local, START_YEARS};
use crate::count;
use crate::error::SeriesError;
use crate::occurrence::{Note, Occurrence};
use crate::occurrences::Occurrences;
use crate::plan::{Kind, Plan, Raw};
use crate::proof;
use crate::rule::{Rule, Until};
use crate::words;
use crate::work::WorkLimit;
use crate::zone::Zone;

/// What happens to an occurrence whose civil time the clock jumps over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Gap {
    /// It moves forward by the length of the gap: 02:30 becomes 03:30 (RFC 5545 §3.3.5).
    #[default]
    Shift,
    /// There is none (RFC 5545 §3.3.10, RFC 7529).
    Skip,
}

/// What a series is made of.
#[derive(Debug, Clone)]
pub struct SeriesSpec {
    /// When it recurs.
    pub rule: Rule,
    /// `DTSTART` in the zone: anchors the rule, and is an occurrence only if the rule says so. Fractions of a second are cut off.
    pub starts_at: DateTime,
    /// Where its civil times are.
    pub zone: TimeZone,
    /// What to do with civil times that do not exist.
    pub gap: Gap,
    /// `EXDATE`: civil times that do not occur. They count for `COUNT` all the same.
    pub skipped: BTreeSet<DateTime>,
    /// `RDATE`: civil times that occur besides the rule's. They don't count for `COUNT`.
    pub added: BTreeSet<DateTime>,
}

/// A recurring series that is known to occur at least once, before `EXDATE`.
#[derive(Debug, Clone)]
pub struct Series {
    rule: Rule,
    start: DateTime,
    pub(crate) zone: TimeZone,
    pub(crate) gap: Gap,
    pub(crate) plan: Plan,
    /// In order of their instants.
    pub(crate) added: Vec<Raw>,
    /// In order.
    pub(crate) skipped: Vec<i64>,
    pub(crate) last: Last,
}

/// How far `UNTIL` lets a rule go, inclusive.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Last {
    pub(crate) local: Option<Local>,
    pub(crate) instant: Option<i64>,
}

impl Series {
    /// Puts a series together and proves that it occurs.
    ///
    /// Refuses a rule that can never match and one that ends before it begins, naming the part at fault.
    pub fn new(spec: SeriesSpec) -> Result<Self, SeriesError> {
        let start = whole_seconds(spec.starts_at);
        if !START_YEARS.contains(&start.year()) {
            let (first, last) = (START_YEARS.start(), START_YEARS.end());
            return Err(SeriesError::new("DTSTART", format!("A series starts between the years {first} and {last}.")));
        }
        proof::matches_sometimes(&spec.rule, start)?;
        let mut series = Self {
            plan: Plan::new(&spec.rule, start),
            added: Vec::new(),
            skipped: Vec::new(),
            last: Last::default(),
            rule: spec.rule,
            start,
            zone: spec.zone,
            gap: spec.gap,
        };
        series.add_dates(&spec.added, &spec.skipped);
        series.last = series.last_of_rule();
        series.occurs()?;
        Ok(series)
    }

    fn add_dates(&mut self, added: &BTreeSet<DateTime>, skipped: &BTreeSet<DateTime>) {
        let mut zone = Zone::new(&self.zone);
        let mut place = |time: &DateTime| {
            let local = Local::of(*time);
            Raw::new(local, zone.place(local))
        };
        let mut added: Vec<Raw> = added.iter().map(&mut place).collect();
        if self.gap == Gap::Skip {
            added.retain(|raw| raw.note != Some(Note::Moved));
        }
        added.sort_by_key(|raw| (raw.at, raw.note == Some(Note::Moved)));
        added.dedup_by_key(|raw| raw.at);
        self.added = added;
        self.skipped = skipped.iter().map(|time| place(time).at).collect();
        self.skipped.sort_unstable();
    }

    /// Rules on the wall clock are compared on the wall clock, those by elapsed time by instants.
    fn last_of_rule(&self) -> Last {
        let (local, is_whole_day) = match self.rule.until() {
            None => return Last::default(),
            Some(Until::Utc(at)) => return Last { local: None, instant: Some(at.as_second()) },
            Some(Until::Local(time)) => (Local::of(time), false),
            Some(Until::Date(date)) => (Local::at(Day::of(date).plus(1), -1), true),
        };
        match self.plan.kind {
            Kind::Civil(_) => Last { local: Some(local), instant: None },
            Kind::Elapsed(_) => {
                let after = Local(local.0 + i64::from(is_whole_day));
                let instant = Zone::new(&self.zone).place(after).instant() - i64::from(is_whole_day);
                Last { local: None, instant: Some(instant) }
            }
        }
    }

    fn occurs(&self) -> Result<(), SeriesError> {
        match self.occurrences().with_skipped().first() {
            Ok(Some(_)) => Ok(()),
            Ok(None) if self.rule.until().is_some() => {
                Err(SeriesError::new("UNTIL", "UNTIL is before the first occurrence: choose a later end."))
            }
            Ok(None) => Err(SeriesError::new("RRULE", "This rule never occurs in its zone.")),
            Err(limit) => Err(SeriesError::new("RRULE", limit.to_string())),
        }
    }

    /// The first occurrence of all.
    pub fn first(&self) -> Result<Option<Occurrence>, WorkLimit> {
        self.occurrences().first()
    }

    /// The first occurrence strictly after an instant. Costs the same however old the series is.
    pub fn next_after_instant(&self, after: Timestamp) -> Result<Option<Occurrence>, WorkLimit> {
        let after = floor_second(after);
        let number = count::through(&self.plan, &self.zone, self.gap, after)?;
        Occurrences::new(self, Some(after), number).first()
    }

    /// The occurrence that follows one of this series. Costs the same however old the series is.
    ///
    /// Of a series on the wall clock only `local` and `number` of the given one are looked at, so that it goes on rightly
    /// when its zone's rules have changed since; of one by elapsed time `at` and `number`.
    pub fn resume_after(&self, occurrence: &Occurrence) -> Result<Option<Occurrence>, WorkLimit> {
        let after = match self.plan.kind {
            Kind::Civil(_) => Zone::new(&self.zone).place(Local::of(occurrence.local)).instant(),
            Kind::Elapsed(_) => floor_second(occurrence.at),
        };
        Occurrences::new(self, Some(after), occurrence.number).first()
    }

    /// All occurrences, in order.
    pub fn occurrences(&self) -> Occurrences<'_> {
        Occurrences::new(self, None, 0)
    }

    /// The rule in words, with the time of day that the start gives it: "Every 2 weeks on Tuesday at 09:00, 4 times". All times are
    /// those of its zone.
    pub fn summary(&self) -> String {
        words::summary(&self.rule, Some(self.start), Some(&self.zone))
    }

    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }
}

/// The start of a series for which none is given: now, cut to the minute, and to the hour if the rule names hours.
pub fn default_start(now: DateTime, rule: &Rule) -> DateTime {
    let minute = if rule.by_hour.is_empty() { now.minute() } else { 0 };
    now.date().at(now.hour(), minute, 0, 0)
}

fn whole_seconds(time: DateTime) -> DateTime {
    time.date().at(time.hour(), time.minute(), time.second(), 0)
}

/// The second that an instant is in, also before 1970.
fn floor_second(at: Timestamp) -> i64 {
    at.as_second() - i64::from(at.subsec_nanosecond() < 0)
}
