//! Which days a rule matches, as a bit for each day of a year: RFC 5545 §3.3.10, the table of expansions and limits.
//!
//! All parts that name days are taken together: a day matches if it satisfies each of them. What a rule leaves open is
//! filled in from the start, as the RFC says. `INTERVAL` and `BYSETPOS` are not looked at here.

use std::sync::OnceLock;

use jiff::civil::Date;

use crate::calendar::{
    Day, LAST_YEAR, days_in_month, days_in_year, is_leap, start_of_week_year, start_of_year, week_year, weekday_number,
};
use crate::rule::{Frequency, NthWeekday, Rule};
use crate::work::{Work, WorkLimit};

/// The days that a rule matches.
#[derive(Debug, Clone)]
pub(crate) struct Dates {
    parts: Parts,
    /// Years of the same kind have the same days: those that agree in their first weekday and in whether they and
    /// their neighbours are leap years (which week numbers depend on).
    years: Box<[OnceLock<YearBits>; KINDS]>,
}

const KINDS: usize = 56;
const WORDS: usize = 6;
type YearBits = [u64; WORDS];

#[derive(Debug, Clone)]
struct Parts {
    /// A bit for each month, from bit 1 on.
    months: u16,
    week_nos: Vec<i16>,
    year_days: Vec<i16>,
    month_days: Vec<i16>,
    weekdays: Vec<NthWeekday>,
    ordinals_are_of_month: bool,
    week_start: i64,
}

const ALL_MONTHS: u16 = 0b1_1111_1111_1110;

impl Dates {
    pub(crate) fn new(rule: &Rule, start: Date) -> Self {
        Self { parts: Parts::new(rule, start), years: Box::new([const { OnceLock::new() }; KINDS]) }
    }

    /// Whether each day matches.
    pub(crate) fn are_all(&self) -> bool {
        let parts = &self.parts;
        parts.months == ALL_MONTHS
            && parts.week_nos.is_empty()
            && parts.year_days.is_empty()
            && parts.month_days.is_empty()
            && parts.weekdays.is_empty()
    }

    pub(crate) fn contain(&self, day: Day) -> bool {
        self.are_all() || {
            let year = day.year();
            let index = (day.0 - start_of_year(year).0) as usize;
            self.year(year)[index / 64] >> (index % 64) & 1 == 1
        }
    }

    /// The first day from `day` on that matches, or `None` if there is none within the calendar.
    pub(crate) fn next_from(&self, day: Day, work: &mut Work) -> Result<Option<Day>, WorkLimit> {
        if self.are_all() {
            return Ok((day.year() <= LAST_YEAR).then_some(day));
        }
        let mut year = day.year();
        let mut from = (day.0 - start_of_year(year).0) as usize;
        while year <= LAST_YEAR {
            work.step()?;
            if let Some(index) = next_bit(self.year(year), from) {
                return Ok(Some(start_of_year(year).plus(index as i64)));
            }
            year += 1;
            from = 0;
        }
        Ok(None)
    }

    /// How many days match from `from` to before `end`.
    pub(crate) fn count(&self, from: Day, end: Day, work: &mut Work) -> Result<u64, WorkLimit> {
        if end <= from {
            return Ok(0);
        }
        if self.are_all() {
            return Ok((end.0 - from.0) as u64);
        }
        let mut count = 0;
        let mut start = start_of_year(from.year());
        for year in from.year()..=end.plus(-1).year() {
            work.step()?;
            let next = start_of_year(year + 1);
            let (first, after) = ((from.max(start).0 - start.0) as usize, (end.min(next).0 - start.0) as usize);
            count += count_bits(self.year(year), first, after);
            start = next;
        }
        Ok(count)
    }

    /// How many of every few days match from `from` to before `end`, `from` being the first of them.
    pub(crate) fn count_every(&self, from: Day, end: Day, interval: i64, work: &mut Work) -> Result<u64, WorkLimit> {
        if self.are_all() {
            return Ok(((end.0 - from.0).max(0) as u64).div_ceil(interval as u64));
        }
        let (mut count, mut day) = (0, from);
        while day < end {
            let year = day.year();
            let (start, next) = (start_of_year(year), start_of_year(year + 1).min(end));
            let bits = self.year(year);
            while day < next {
                work.step()?;
                let index = (day.0 - start.0) as usize;
                count += bits[index / 64] >> (index % 64) & 1;
                day = day.plus(interval);
            }
        }
        Ok(count)
    }

    /// The days that match from `from` to before `end`.
    pub(crate) fn between(&self, from: Day, end: Day) -> Vec<Day> {
        if self.are_all() {
            return (from.0..end.0).map(Day).collect();
        }
        let mut days = Vec::new();
        let mut day = from;
        while day < end {
            let year = day.year();
            let (start, next) = (start_of_year(year), start_of_year(year + 1));
            let mut index = (day.0 - start.0) as usize;
            while let Some(found) = next_bit(self.year(year), index).filter(|found| start.plus(*found as i64) < end) {
                days.push(start.plus(found as i64));
                index = found + 1;
            }
            day = next;
        }
        days
    }

    fn year(&self, year: i64) -> &YearBits {
        let kind =
            (usize::from(is_leap(year - 1)) * 4 + usize::from(is_leap(year)) * 2 + usize::from(is_leap(year + 1))) * 7
                + start_of_year(year).weekday() as usize;
        self.years[kind].get_or_init(|| self.parts.days_of(year))
    }
}

fn next_bit(bits: &YearBits, from: usize) -> Option<usize> {
    let mut mask = u64::MAX << (from % 64);
    for (index, word) in bits.iter().enumerate().skip(from / 64) {
        let rest = word & mask;
        if rest != 0 {
            return Some(index * 64 + rest.trailing_zeros() as usize);
        }
        mask = u64::MAX;
    }
    None
}

/// How many bits are set from `first` to before `after`.
fn count_bits(bits: &YearBits, first: usize, after: usize) -> u64 {
    let below = |word: usize, end: usize| match end.saturating_sub(word * 64) {
        64.. => u64::MAX,
        bits => (1 << bits) - 1,
    };
    let counts =
        bits.iter().enumerate().map(|(word, set)| (set & below(word, after) & !below(word, first)).count_ones());
    u64::from(counts.sum::<u32>())
}

impl Parts {
    fn new(rule: &Rule, start: Date) -> Self {
        let mut parts = Self {
            months: rule.by_month.iter().fold(0, |months, month| months | 1 << month),
            week_nos: rule.by_week_no.clone(),
            year_days: rule.by_year_day.clone(),
            month_days: rule.by_month_day.clone(),
            weekdays: rule.by_day.clone(),
            ordinals_are_of_month: rule.frequency == Frequency::Monthly || !rule.by_month.is_empty(),
            week_start: weekday_number(rule.week_start),
        };
        parts.fill_in(rule.frequency, start);
        parts
    }

    /// What the rule leaves open is as in the start (RFC 5545 §3.3.10, the paragraph on missing BY parts).
    fn fill_in(&mut self, frequency: Frequency, start: Date) {
        let names_days = !self.weekdays.is_empty() || !self.month_days.is_empty() || !self.year_days.is_empty();
        let weekday = NthWeekday { n: 0, weekday: start.weekday().to_monday_zero_offset() };
        match frequency {
            Frequency::Yearly if names_days => {}
            Frequency::Yearly if !self.week_nos.is_empty() => self.weekdays.push(weekday),
            Frequency::Yearly => {
                self.month_days.push(i16::from(start.day()));
                if self.months == 0 {
                    self.months = 1 << start.month();
                }
            }
            Frequency::Monthly if !names_days => self.month_days.push(i16::from(start.day())),
            Frequency::Weekly if !names_days => self.weekdays.push(weekday),
            Frequency::Monthly | Frequency::Weekly | Frequency::Daily | Frequency::Hourly | Frequency::Minutely => {}
        }
        if self.months == 0 {
            self.months = ALL_MONTHS;
        }
    }

    fn days_of(&self, year: i64) -> YearBits {
        let mut bits = [0; WORDS];
        let (start, length) = (start_of_year(year), days_in_year(year));
        let mut year_day = 0;
        for month in 1..=12 {
            let month_length = days_in_month(year, month);
            for month_day in 0..month_length {
                let day = start.plus(year_day);
                let in_month = Place { index: month_day, length: month_length };
                let in_year = Place { index: year_day, length };
                if self.months >> month & 1 == 1 && self.matches(day, in_month, in_year) {
                    bits[year_day as usize / 64] |= 1 << (year_day % 64);
                }
                year_day += 1;
            }
        }
        bits
    }

    fn matches(&self, day: Day, in_month: Place, in_year: Place) -> bool {
        let ordinals = if self.ordinals_are_of_month { in_month } else { in_year };
        (self.month_days.is_empty() || in_month.is_one_of(&self.month_days))
            && (self.year_days.is_empty() || in_year.is_one_of(&self.year_days))
            && (self.weekdays.is_empty() || self.weekdays.iter().any(|weekday| ordinals.is(day, *weekday)))
            && (self.week_nos.is_empty() || self.is_in_weeks(day))
    }

    fn is_in_weeks(&self, day: Day) -> bool {
        let year = week_year(day, self.week_start);
        let start = start_of_week_year(year, self.week_start);
        let weeks = (start_of_week_year(year + 1, self.week_start).0 - start.0) / 7;
        let week = (day.0 - start.0) / 7;
        Place { index: week, length: weeks }.is_one_of(&self.week_nos)
    }
}

/// A place in a month, a year or among weeks, from 0 on, and how many there are.
#[derive(Clone, Copy)]
struct Place {
    index: i64,
    length: i64,
}

impl Place {
    fn is_one_of(self, numbers: &[i16]) -> bool {
        let (from_start, from_end) = (self.index + 1, self.index - self.length);
        numbers.iter().any(|number| i64::from(*number) == from_start || i64::from(*number) == from_end)
    }

    fn is(self, day: Day, weekday: NthWeekday) -> bool {
        let nth_from_start = self.index / 7 + 1;
        let nth_from_end = -((self.length - 1 - self.index) / 7 + 1);
        let n = i64::from(weekday.n);
        day.weekday() == i64::from(weekday.weekday) && (n == 0 || n == nth_from_start || n == nth_from_end)
    }
}
