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
use crate::rule::{Frequency, Rule};
use crate::series::{Note, Raw};
use crate::work::{Work, WorkLimit};
use crate::zone::Zone;

/// A rule of hours or minutes with its start; the same in every zone.
#[derive(Debug, Clone)]
pub(crate) struct Elapsed {
    start: Local,
    /// The length of a period and the distance from one to the next, in seconds.
    length: i64,
    step: i64,
    /// A bit for each hour of the day and minute of the hour that may be.
    hours: u32,
    minutes: u64,
    /// Whether a period has several minutes of its own (`HOURLY` with `BYMINUTE`); else its only one is `offset` after it.
    expands_minutes: bool,
    offset: i64,
    second: i64,
    set_positions: Vec<i16>,
}

impl Elapsed {
    pub(crate) fn new(rule: &Rule, start: DateTime) -> Self {
        let hourly = rule.frequency == Frequency::Hourly;
        let length = if hourly { SECONDS_PER_HOUR } else { SECONDS_PER_MINUTE };
        let second = rule.by_second.map_or(i64::from(start.second()), i64::from);
        let minute_of_period = if hourly { i64::from(start.minute()) } else { 0 };
        Self {
            start: Local::of(start),
            length,
            step: length * i64::from(rule.interval),
            hours: bits(&rule.by_hour, 24) as u32,
            minutes: bits(&rule.by_minute, 60),
            expands_minutes: hourly && !rule.by_minute.is_empty(),
            offset: minute_of_period * SECONDS_PER_MINUTE + second,
            second,
            set_positions: rule.by_set_pos.clone(),
        }
    }

    /// Whether each period has exactly one occurrence, so that they can be counted by dividing.
    fn is_plain(&self, dates: &Dates) -> bool {
        dates.are_all()
            && !self.expands_minutes
            && self.hours == bits(&[], 24) as u32
            && self.minutes == bits(&[], 60)
            && self.set_positions.is_empty()
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
        let minute = local.second_of_day() / SECONDS_PER_MINUTE;
        self.hours >> (minute / 60) & 1 == 1 && self.minutes >> (minute % 60) & 1 == 1 && dates.contain(local.day())
    }
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
    zone: Zone<'a>,
    /// The instant of the start, and where the period that holds it begins.
    start: i64,
    origin: i64,
    period: i64,
    /// What is left of a period.
    ready: VecDeque<Raw>,
}

impl<'a> ElapsedStream<'a> {
    /// All that a rule gives after an instant; from its start on if there is none.
    pub(crate) fn new(elapsed: &'a Elapsed, dates: &'a Dates, mut zone: Zone<'a>, after: Option<i64>) -> Self {
        let start = zone.place(elapsed.start).instant();
        let origin = start - elapsed.start.0.rem_euclid(elapsed.length);
        let period = after.map_or(0, |after| (after - origin).div_euclid(elapsed.step).max(0));
        Self { elapsed, dates, zone, start, origin, period, ready: VecDeque::new() }
    }

    /// How many occurrences there are up to an instant, if that can be said by dividing.
    pub(crate) fn count_through(&self, at: i64) -> Option<u64> {
        let first = self.origin + self.elapsed.offset;
        let before_start = u64::from(first < self.start);
        let periods = (at - first).div_euclid(self.elapsed.step) + 1;
        self.elapsed.is_plain(self.dates).then(|| u64::try_from(periods).unwrap_or(0).saturating_sub(before_start))
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
    fn fill(&mut self, begin: i64) {
        let elapsed = self.elapsed;
        if elapsed.expands_minutes {
            for minute in 0..60 {
                let at = begin + minute * SECONDS_PER_MINUTE;
                let second = self.zone.local(at).0.rem_euclid(SECONDS_PER_MINUTE);
                self.offer(at + (elapsed.second - second).rem_euclid(SECONDS_PER_MINUTE));
            }
        } else {
            self.offer(begin + elapsed.offset);
        }
        if !elapsed.set_positions.is_empty() {
            let places = positions(&elapsed.set_positions, self.ready.len());
            self.ready = places.into_iter().map(|place| self.ready[place]).collect();
        }
        while self.ready.front().is_some_and(|raw| raw.at < self.start) {
            self.ready.pop_front();
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
        let rule: Rule = "FREQ=MINUTELY;BYHOUR=9,23;BYMINUTE=5,59".parse().unwrap();
        let elapsed = Elapsed::new(&rule, DateTime::constant(2024, 1, 1, 0, 0, 0, 0));
        let admitted = |minute: &i64| [9, 23].contains(&(minute / 60)) && [5, 59].contains(&(minute % 60));
        for from in 0..1440 {
            assert_eq!(elapsed.next_minute(from), (from..1440).find(admitted), "from minute {from}");
        }
    }
}
