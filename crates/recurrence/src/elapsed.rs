//! `HOURLY` and `MINUTELY`: periods of elapsed time, whose local times are looked at through the BY parts.
//!
//! From 23:30 on, `HOURLY` is every 3600 seconds, whatever the clocks do meanwhile: nothing is lost or doubled where they
//! change. The `k`th period begins `k × INTERVAL` hours or minutes after the one that holds the start. Where the parts
//! rule out a stretch of time, it is jumped over, from change to change of the zone's offset.

use std::collections::VecDeque;

use jiff::civil::DateTime;

use crate::calendar::{LAST_YEAR, Local, SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE, start_of_year};
use crate::civil::positions;
use crate::dates::Dates;
use crate::occurrence::Note;
use crate::plan::Raw;
use crate::rule::{Frequency, Rule};
use crate::work::{Work, WorkLimit};
use crate::zone::Zone;

/// A rule of hours or minutes with its start; the same in every zone.
#[derive(Debug, Clone)]
pub(crate) struct Elapsed {
    start: Local,
    /// The length of a period and the distance from one to the next, in seconds.
    length: i64,
    pub(crate) step: i64,
    /// A bit for each hour of the day and minute of the hour that may be.
    pub(crate) hours: u32,
    pub(crate) minutes: u64,
    /// Whether each minute of a period may be one (every few hours, `BYMINUTE`); else only the one `offset` after it begins.
    pub(crate) expands_minutes: bool,
    pub(crate) offset: i64,
    second: i64,
}

impl Elapsed {
    pub(crate) fn new(rule: &Rule, start: DateTime) -> Self {
        let names_minutes = !rule.by_minute.is_empty();
        // Each hour at some minutes is each minute that is one of them.
        let is_hourly = rule.frequency == Frequency::Hourly && !(names_minutes && rule.interval == 1);
        let length = if is_hourly { SECONDS_PER_HOUR } else { SECONDS_PER_MINUTE };
        let second = rule.by_second.map_or(i64::from(start.second()), i64::from);
        let minute_of_period = if is_hourly { i64::from(start.minute()) } else { 0 };
        Self {
            start: Local::of(start),
            length,
            step: length * i64::from(rule.interval),
            hours: bits(&rule.by_hour, 24) as u32,
            minutes: chosen_minutes(rule),
            expands_minutes: is_hourly && names_minutes,
            offset: minute_of_period * SECONDS_PER_MINUTE + second,
            second,
        }
    }

    /// Whether nothing but the period decides.
    pub(crate) fn is_plain(&self, dates: &Dates) -> bool {
        dates.are_all() && !self.expands_minutes && self.hours == bits(&[], 24) as u32 && self.minutes == bits(&[], 60)
    }

    /// Whether, on a clock that is never changed, the hours and minutes of any week can be met at all: the periods come to
    /// the same times of the week again and again, at most 10 080 of them.
    pub(crate) fn can_meet_its_times(&self, weekdays: &[i64]) -> bool {
        const SECONDS_PER_WEEK: i64 = 7 * SECONDS_PER_DAY;
        let stride = greatest_common_divisor(self.step, SECONDS_PER_WEEK);
        let begin = self.start.0 - self.start.0.rem_euclid(self.length);
        let first = if self.expands_minutes { begin } else { begin + self.offset };
        let meets = |local: Local| {
            let minute = local.second_of_day() / SECONDS_PER_MINUTE;
            let fits =
                if self.expands_minutes { self.hours >> (minute / 60) & 1 == 1 } else { self.may_be_at(minute * 60) };
            fits && (weekdays.is_empty() || weekdays.contains(&local.day().weekday()))
        };
        self.minutes != 0 && (0..SECONDS_PER_WEEK / stride).any(|turn| meets(Local(first + turn * stride)))
    }

    /// The first civil time from `local` on whose day, hour and minute may be.
    fn next_window(&self, local: Local, dates: &Dates, work: &mut Work) -> Result<Option<Local>, WorkLimit> {
        let Some(day) = dates.next_from(local.day(), work)? else { return Ok(None) };
        let minute_of_day = if day == local.day() { local.second_of_day() / SECONDS_PER_MINUTE } else { 0 };
        if let Some(minute) = self.next_minute(minute_of_day) {
            return Ok(Some(Local::at(day, minute * SECONDS_PER_MINUTE).max(local)));
        }
        let day = dates.next_from(day.plus(1), work)?;
        Ok(day.zip(self.next_minute(0)).map(|(day, minute)| Local::at(day, minute * SECONDS_PER_MINUTE)))
    }

    /// The first minute of the day from this one on whose hour and minute may be.
    fn next_minute(&self, from: i64) -> Option<i64> {
        let (hour, minute) = (from / 60, from % 60);
        let in_hour = self.minutes >> minute << minute;
        if self.hours >> hour & 1 == 1 && in_hour != 0 {
            return Some(hour * 60 + i64::from(in_hour.trailing_zeros()));
        }
        let later = (self.hours >> hour >> 1 << 1).checked_shl(hour as u32).unwrap_or(0);
        (later != 0).then(|| i64::from(later.trailing_zeros()) * 60 + i64::from(self.minutes.trailing_zeros()))
    }

    fn may_be(&self, local: Local, dates: &Dates) -> bool {
        self.may_be_at(local.second_of_day()) && dates.contain(local.day())
    }

    fn may_be_at(&self, second_of_day: i64) -> bool {
        let minute = second_of_day / SECONDS_PER_MINUTE;
        self.hours >> (minute / 60) & 1 == 1 && self.minutes >> (minute % 60) & 1 == 1
    }
}

/// The minutes that may be. `BYSETPOS` picks among those of an hour of the clock, or says whether the only one is taken.
fn chosen_minutes(rule: &Rule) -> u64 {
    if rule.by_set_pos.is_empty() {
        return bits(&rule.by_minute, 60);
    }
    if rule.frequency == Frequency::Hourly && !rule.by_minute.is_empty() {
        let places = positions(&rule.by_set_pos, rule.by_minute.len());
        return places.into_iter().fold(0, |bits, place| bits | 1 << rule.by_minute[place]);
    }
    if positions(&rule.by_set_pos, 1).is_empty() { 0 } else { bits(&rule.by_minute, 60) }
}

pub(crate) fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// A bit for each value; all of them if none is named.
fn bits(values: &[i16], count: u32) -> u64 {
    if values.is_empty() { (1 << count) - 1 } else { values.iter().fold(0, |bits, value| bits | 1 << value) }
}

/// The occurrences of a rule of hours or minutes, in order.
#[derive(Debug)]
pub(crate) struct ElapsedStream<'a> {
    elapsed: &'a Elapsed,
    dates: &'a Dates,
    pub(crate) zone: Zone<'a>,
    /// The instant of the start, and where the period that holds it begins.
    pub(crate) start: i64,
    pub(crate) origin: i64,
    period: i64,
    /// What is left of a period.
    pub(crate) ready: VecDeque<Raw>,
}

impl<'a> ElapsedStream<'a> {
    /// All that a rule gives after an instant; from its start on if there is none.
    pub(crate) fn new(elapsed: &'a Elapsed, dates: &'a Dates, mut zone: Zone<'a>, after: Option<i64>) -> Self {
        let start = zone.place(elapsed.start).instant();
        let origin = start - elapsed.start.0.rem_euclid(elapsed.length);
        let period = after.map_or(0, |after| (after - origin).div_euclid(elapsed.step).max(0));
        Self { elapsed, dates, zone, start, origin, period, ready: VecDeque::new() }
    }

    pub(crate) fn next(&mut self, work: &mut Work) -> Result<Option<Raw>, WorkLimit> {
        loop {
            work.step()?;
            if let Some(raw) = self.ready.pop_front() {
                return Ok(Some(raw));
            }
            let Some(begin) = self.begin_of_period() else { return Ok(None) };
            self.fill(begin);
            self.period += 1;
            if self.ready.is_empty() && !self.jump(work)? {
                return Ok(None);
            }
        }
    }

    /// Where the period begins, unless it is behind the end of the calendar.
    fn begin_of_period(&self) -> Option<i64> {
        let begin = self.origin.checked_add(self.period.checked_mul(self.elapsed.step)?)?;
        (begin < start_of_year(LAST_YEAR + 1).0 * SECONDS_PER_DAY).then_some(begin)
    }

    /// Goes on to the period in which the next time lies that may be; as far as the next change of offset at most.
    fn jump(&mut self, work: &mut Work) -> Result<bool, WorkLimit> {
        let Some(begin) = self.begin_of_period() else { return Ok(false) };
        let span = self.zone.span(begin);
        let Some(window) = self.elapsed.next_window(Local(begin + span.offset), self.dates, work)? else {
            return Ok(false);
        };
        let window = (window.0 - span.offset).min(span.until);
        let reached = (window - self.origin - self.elapsed.length).div_euclid(self.elapsed.step) + 1;
        self.period = self.period.max(reached);
        Ok(true)
    }

    /// What occurs in the period that begins at `begin`.
    pub(crate) fn fill(&mut self, begin: i64) {
        let elapsed = self.elapsed;
        if elapsed.expands_minutes {
            self.offer_minutes(begin);
        } else {
            self.offer(begin + elapsed.offset);
        }
        while self.ready.front().is_some_and(|raw| raw.at < self.start) {
            self.ready.pop_front();
        }
    }

    /// Each minute of the clock once, in the order in which they elapse.
    fn offer_minutes(&mut self, begin: i64) {
        let span = self.zone.span(begin);
        let second_of_hour = (begin + span.offset).rem_euclid(SECONDS_PER_HOUR);
        if begin + SECONDS_PER_HOUR > span.until {
            return self.offer_minutes_of_change(begin);
        }
        let minutes = (0..60).filter(|minute| self.elapsed.minutes >> minute & 1 == 1);
        let after = |minute: i64| {
            (minute * SECONDS_PER_MINUTE + self.elapsed.second - second_of_hour).rem_euclid(SECONDS_PER_HOUR)
        };
        let mut instants: Vec<i64> = minutes.map(|minute| begin + after(minute)).collect();
        instants.sort_unstable();
        instants.into_iter().for_each(|at| self.offer(at));
    }

    /// In an hour in which clocks change, each minute is asked what it is by the clock.
    fn offer_minutes_of_change(&mut self, begin: i64) {
        for minute in 0..60 {
            let at = begin + minute * SECONDS_PER_MINUTE;
            let second = self.zone.local(at).0.rem_euclid(SECONDS_PER_MINUTE);
            self.offer(at + (self.elapsed.second - second).rem_euclid(SECONDS_PER_MINUTE));
        }
    }

    fn offer(&mut self, at: i64) {
        let local = self.zone.local(at);
        if self.elapsed.may_be(local, self.dates) {
            let note = self.zone.is_second_of_two(at).then_some(Note::SecondOfTwo);
            self.ready.push_back(Raw { at, local, note });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_minute_is_the_first_that_hours_and_minutes_allow() {
        let rule: Rule = "FREQ=MINUTELY;BYHOUR=9,23;BYMINUTE=5,59".parse().expect("a rule");
        let elapsed = Elapsed::new(&rule, DateTime::constant(2024, 1, 1, 0, 0, 0, 0));
        let admitted = |minute: &i64| [9, 23].contains(&(minute / 60)) && [5, 59].contains(&(minute % 60));
        for from in 0..1440 {
            assert_eq!(elapsed.next_minute(from), (from..1440).find(admitted), "from minute {from}");
        }
    }
}
