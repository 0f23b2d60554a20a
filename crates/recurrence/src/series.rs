//! A rule with its start and its zone, and when it occurs.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use crate::calendar::{Day, Local, START_YEARS};
use crate::civil::{Civil, CivilStream};
use crate::dates::Dates;
use crate::elapsed::{Elapsed, ElapsedStream};
use crate::error::SeriesError;
use crate::proof;
use crate::rule::{Rule, Until};
use crate::words;
use crate::work::{self, Work, WorkLimit};
use crate::zone::{Place, Zone, timestamp};

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
    zone: TimeZone,
    gap: Gap,
    plan: Plan,
    /// In order of their instants.
    added: Vec<Raw>,
    /// In order.
    skipped: Vec<i64>,
    last: Last,
}

/// A rule with its start, in no zone yet.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    dates: Dates,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Civil(Civil),
    Elapsed(Elapsed),
}

/// How far `UNTIL` lets a rule go, inclusive.
#[derive(Debug, Clone, Copy, Default)]
struct Last {
    local: Option<Local>,
    instant: Option<i64>,
}

/// Something that happens at one instant, from civil time 1900 to 9998.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// The civil time that names it, before a gap moved it. In a series by elapsed time two occurrences may have the
    /// same one, where clocks go back; their instants differ.
    pub local: DateTime,
    /// When it is.
    pub at: Timestamp,
    /// Its number among the rule's occurrences, from 1, as `COUNT` counts: before `EXDATE`. One of `added` has the
    /// number of the rule's last before it.
    pub number: u32,
    /// What the zone does to it, if anything.
    pub note: Option<Note>,
}

/// What a zone's clock changes do to an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Note {
    /// Its civil time does not exist: it is as much later as the gap is long.
    Moved,
    /// Its civil time comes twice: this is the first.
    FirstOfTwo,
    /// Its civil time comes twice: this is the second, an hour that elapsed like any other.
    SecondOfTwo,
}

/// An occurrence as numbers, before it is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw {
    pub(crate) at: i64,
    pub(crate) local: Local,
    pub(crate) note: Option<Note>,
}

impl Raw {
    pub(crate) fn new(local: Local, place: Place) -> Self {
        let note = match place {
            Place::Once(_) => None,
            Place::FirstOfTwo(_) => Some(Note::FirstOfTwo),
            Place::Missing { .. } => Some(Note::Moved),
        };
        Self { at: place.instant(), local, note }
    }
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
        let unskipped = Occurrences { ignores_skipped: true, ..self.occurrences() };
        match unskipped.first() {
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
        let number = self.count_through(after)?;
        Occurrences::after(self, after, number).first()
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
        Occurrences::after(self, after, occurrence.number).first()
    }

    /// All occurrences, in order.
    pub fn occurrences(&self) -> Occurrences<'_> {
        Occurrences::new(self, None, 0)
    }

    /// The rule in words, with the time of day that the start gives it: "Every 2 weeks on Tuesday at 09:00, 4 times".
    pub fn summary(&self) -> String {
        words::summary(&self.rule, Some(self.start))
    }

    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// How many of the rule's occurrences are not after an instant.
    fn count_through(&self, at: i64) -> Result<u32, WorkLimit> {
        if let Kind::Elapsed(elapsed) = &self.plan.kind {
            let stream = ElapsedStream::new(elapsed, &self.plan.dates, Zone::new(&self.zone), None);
            if let Some(count) = stream.count_through(at) {
                return Ok(u32::try_from(count).unwrap_or(u32::MAX));
            }
        }
        let Some(most) = self.rule.count() else { return Ok(0) };
        let mut stream = self.plan.stream(&self.zone, self.gap, None, self.last.local);
        let mut work = Work::of(work::PER_OCCURRENCE);
        let mut count = 0;
        while count < most && stream.next(&mut work)?.is_some_and(|raw| raw.at <= at) {
            count += 1;
        }
        Ok(count)
    }
}

impl Plan {
    pub(crate) fn new(rule: &Rule, start: DateTime) -> Self {
        let kind = if rule.counts_elapsed_time() {
            Kind::Elapsed(Elapsed::new(rule, start))
        } else {
            Kind::Civil(Civil::new(rule, start))
        };
        Self { dates: Dates::new(rule, start.date()), kind }
    }

    /// The rule's occurrences in a zone that may be after an instant (a few may be before it).
    pub(crate) fn stream<'a>(
        &'a self,
        zone: &'a TimeZone,
        gap: Gap,
        after: Option<i64>,
        until: Option<Local>,
    ) -> RuleStream<'a> {
        let mut zone = Zone::new(zone);
        match &self.kind {
            Kind::Civil(civil) => {
                let from = after.map_or(Local(i64::MIN), |after| zone.seek(after));
                RuleStream::Civil(CivilStream::new(civil, &self.dates, zone, gap, from, until))
            }
            Kind::Elapsed(elapsed) => RuleStream::Elapsed(ElapsedStream::new(elapsed, &self.dates, zone, after)),
        }
    }
}

/// What a rule gives in a zone, in the order of instants.
#[derive(Debug)]
pub(crate) enum RuleStream<'a> {
    Civil(CivilStream<'a>),
    Elapsed(ElapsedStream<'a>),
}

impl RuleStream<'_> {
    pub(crate) fn next(&mut self, work: &mut Work) -> Result<Option<Raw>, WorkLimit> {
        match self {
            Self::Civil(stream) => stream.next(work),
            Self::Elapsed(stream) => stream.next(work),
        }
    }
}

/// The occurrences of a series, in the order of their instants, each once.
#[derive(Debug)]
pub struct Occurrences<'a> {
    series: &'a Series,
    after: Option<i64>,
    stream: RuleStream<'a>,
    /// The rule's next, read but not given yet.
    of_rule: Option<Raw>,
    rule_is_over: bool,
    /// Those of `added` that are still to come.
    added: &'a [Raw],
    number: u32,
    ignores_skipped: bool,
}

impl<'a> Occurrences<'a> {
    fn new(series: &'a Series, after: Option<i64>, number: u32) -> Self {
        let first_added = series.added.partition_point(|raw| after.is_some_and(|after| raw.at <= after));
        Self {
            series,
            after,
            stream: series.plan.stream(&series.zone, series.gap, after, series.last.local),
            of_rule: None,
            rule_is_over: false,
            added: &series.added[first_added..],
            number,
            ignores_skipped: false,
        }
    }

    fn after(series: &'a Series, after: i64, number: u32) -> Self {
        Self::new(series, Some(after), number)
    }

    fn first(mut self) -> Result<Option<Occurrence>, WorkLimit> {
        self.next().transpose()
    }

    fn step(&mut self) -> Result<Option<Occurrence>, WorkLimit> {
        let mut work = Work::of(work::PER_OCCURRENCE);
        loop {
            let of_rule = self.peek_rule(&mut work)?;
            let raw = match (of_rule, self.added.first().copied()) {
                (None, None) => return Ok(None),
                (Some(raw), Some(added)) if raw.at <= added.at => {
                    self.take_of_rule();
                    if raw.at == added.at {
                        self.added = &self.added[1..];
                    }
                    raw
                }
                (Some(raw), None) => {
                    self.take_of_rule();
                    raw
                }
                (_, Some(added)) => {
                    self.added = &self.added[1..];
                    added
                }
            };
            if self.ignores_skipped || self.series.skipped.binary_search(&raw.at).is_err() {
                return Ok(Some(self.occurrence(raw)));
            }
        }
    }

    fn take_of_rule(&mut self) {
        self.of_rule = None;
        self.number = self.number.saturating_add(1);
    }

    fn peek_rule(&mut self, work: &mut Work) -> Result<Option<Raw>, WorkLimit> {
        self.rule_is_over |= self.series.rule.count().is_some_and(|count| self.number >= count);
        while self.of_rule.is_none() && !self.rule_is_over {
            let raw = self.stream.next(work)?;
            self.rule_is_over = raw.is_none_or(|raw| self.series.last.instant.is_some_and(|last| raw.at > last));
            self.of_rule = raw.filter(|raw| !self.rule_is_over && self.after.is_none_or(|after| raw.at > after));
        }
        Ok(self.of_rule)
    }

    fn occurrence(&self, raw: Raw) -> Occurrence {
        Occurrence { local: raw.local.datetime(), at: timestamp(raw.at), number: self.number, note: raw.note }
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Result<Occurrence, WorkLimit>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.step().transpose();
        if matches!(next, Some(Err(WorkLimit))) {
            self.rule_is_over = true;
            self.added = &[];
        }
        next
    }
}

impl Occurrence {
    /// What the clocks do to it, as a sentence for the user.
    pub fn remark(&self) -> Option<String> {
        let (date, time) = (self.local.date(), ShortTime(self.local.time()));
        Some(match self.note? {
            Note::Moved => {
                format!("{time} does not exist on {date}: the clock jumps over it, so it is later by as much")
            }
            Note::FirstOfTwo => format!("{time} comes twice on {date}: the first is meant"),
            Note::SecondOfTwo => format!("{time} comes twice on {date}: this is the second"),
        })
    }
}

/// `09:00`, or `09:00:30` if it has seconds.
pub(crate) struct ShortTime(pub(crate) Time);

impl fmt::Display for ShortTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())?;
        if self.0.second() == 0 { Ok(()) } else { write!(f, ":{:02}", self.0.second()) }
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
