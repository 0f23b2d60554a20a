//! How many occurrences a rule of hours or minutes has up to an instant, without going through them.

use crate::calendar::{Day, Local, SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE};
use crate::dates::Dates;
use crate::elapsed::{Elapsed, ElapsedStream, greatest_common_divisor};
use crate::work::{Work, WorkLimit};
use crate::zone::{Span, Zone};

const ALL_MINUTES: u64 = (1 << 60) - 1;

impl Elapsed {
    /// How many occurrences there are up to an instant.
    pub(crate) fn count_through(&self, at: i64, dates: &Dates, zone: Zone, work: &mut Work) -> Result<u64, WorkLimit> {
        let stream = ElapsedStream::new(self, dates, zone, None);
        if at < stream.start {
            return Ok(0);
        }
        if self.expands_minutes {
            return Periods { steps: Steps::new(self, dates, ALL_MINUTES), stream }.count(at, work);
        }
        let first = stream.origin + self.offset;
        let first = if first < stream.start { first + self.step } else { first };
        Steps::new(self, dates, self.minutes).count(first, at, stream.zone, work)
    }
}

/// Counts periods of an hour with several minutes each.
struct Periods<'a> {
    steps: Steps<'a>,
    stream: ElapsedStream<'a>,
}

impl Periods<'_> {
    fn count(mut self, at: i64, work: &mut Work) -> Result<u64, WorkLimit> {
        let step = self.steps.elapsed.step;
        let mut begin = self.stream.origin;
        let mut count = 0;
        while begin <= at {
            work.step()?;
            let span = self.stream.zone.span(begin);
            // Those that begin before this are whole, and no clock changes in them.
            let end = span.until.min(at + 1) - SECONDS_PER_HOUR + 1;
            if begin == self.stream.origin || begin >= end {
                count += self.in_period(begin, at);
                begin += step;
            } else {
                count += self.in_span(begin, end, span, work)?;
                begin += (end - begin + step - 1) / step * step;
            }
        }
        Ok(count)
    }

    fn in_period(&mut self, begin: i64, at: i64) -> u64 {
        self.stream.fill(begin);
        self.stream.ready.drain(..).filter(|raw| raw.at <= at).count() as u64
    }

    /// Where periods don't begin with an hour of the clock, their minutes belong to two.
    fn in_span(&mut self, begin: i64, end: i64, span: Span, work: &mut Work) -> Result<u64, WorkLimit> {
        let late = (begin + span.offset).rem_euclid(SECONDS_PER_HOUR);
        let of_next_hour = self.steps.elapsed.minutes & ((1 << (late / SECONDS_PER_MINUTE)) - 1);
        let of_this_hour = self.steps.elapsed.minutes & !of_next_hour;
        let mut count = 0;
        for (minutes, shift) in [(of_this_hour, span.offset), (of_next_hour, span.offset + SECONDS_PER_HOUR - late)] {
            if minutes != 0 {
                let hours = self.steps.count_in_span(Local(begin + shift), Local(end + shift), work)?;
                count += hours * u64::from(minutes.count_ones());
            }
        }
        Ok(count)
    }
}

/// Counts instants that are `step` apart and that the BY parts admit, a day at once.
struct Steps<'a> {
    elapsed: &'a Elapsed,
    dates: &'a Dates,
    minutes: u64,
    /// How many a whole day has, by the first of its instants; `u32::MAX` if not counted yet.
    of_whole_days: Vec<u32>,
}

impl<'a> Steps<'a> {
    fn new(elapsed: &'a Elapsed, dates: &'a Dates, minutes: u64) -> Self {
        let phases = elapsed.step.min(SECONDS_PER_DAY) / SECONDS_PER_MINUTE;
        Self { elapsed, dates, minutes, of_whole_days: vec![u32::MAX; phases as usize + 1] }
    }

    /// How many there are from `first` to `last`, inclusive.
    fn count(mut self, first: i64, last: i64, mut zone: Zone, work: &mut Work) -> Result<u64, WorkLimit> {
        let step = self.elapsed.step;
        if last < first {
            return Ok(0);
        }
        if self.elapsed.is_plain(self.dates) {
            return Ok(((last - first) / step + 1) as u64);
        }
        let (mut count, mut at) = (0, first);
        while at <= last {
            let span = zone.span(at);
            let end = span.until.min(last + 1);
            count += self.count_in_span(Local(at + span.offset), Local(end + span.offset), work)?;
            at += (end - at + step - 1) / step * step;
        }
        Ok(count)
    }

    /// From the instant at `first` to before `end`, with one offset.
    fn count_in_span(&mut self, first: Local, end: Local, work: &mut Work) -> Result<u64, WorkLimit> {
        let step = self.elapsed.step;
        // Where all are at the same minute of the hour, that may rule out the whole span.
        let minute = first.second_of_day() / SECONDS_PER_MINUTE % 60;
        if step % SECONDS_PER_HOUR == 0 && self.minutes >> minute & 1 == 0 {
            return Ok(0);
        }
        let mut count = 0;
        let mut local = first;
        while local < end {
            work.step()?;
            let Some(day) = self.dates.next_from(local.day(), work)? else { break };
            let day_start = Local::at(day, 0).0;
            local = Local(local.0 + ((day_start - local.0).max(0) + step - 1) / step * step);
            let (second, day_end) = (local.0 - day_start, SECONDS_PER_DAY.min(end.0 - day_start));
            if let Some((counted, days)) = self.whole_cycles(local, end, work)? {
                count += counted;
                local = Local(local.0 + days * SECONDS_PER_DAY);
                continue;
            }
            let is_whole = second < step && day_end == SECONDS_PER_DAY;
            count += u64::from(if is_whole { self.of_whole_day(second) } else { self.of_day(second, day_end) });
            local = Local(local.0 + ((day_start + SECONDS_PER_DAY - local.0).max(0) + step - 1) / step * step);
        }
        Ok(count)
    }

    /// Those of all the days to the end after which the steps come to the same times of the day again, and how many days
    /// these are. Where that takes several days, only if each day of the calendar matches.
    fn whole_cycles(&mut self, local: Local, end: Local, work: &mut Work) -> Result<Option<(u64, i64)>, WorkLimit> {
        let step = self.elapsed.step;
        let days_of_cycle = step / greatest_common_divisor(step, SECONDS_PER_DAY);
        let (day, first) = (local.day(), local.second_of_day());
        let cycles = (end.day().0 - day.0) / days_of_cycle;
        if first >= step || cycles < 2 {
            return Ok(None);
        }
        let days = cycles * days_of_cycle;
        if days_of_cycle == 1 {
            let matching = self.dates.count(day, Day(day.0 + days), work)?;
            return Ok(Some((matching * u64::from(self.of_whole_day(first)), days)));
        }
        if !self.dates.are_all() {
            return Ok(None);
        }
        let (mut of_cycle, mut second) = (0, first);
        while second < days_of_cycle * SECONDS_PER_DAY {
            work.step()?;
            let second_of_day = second % SECONDS_PER_DAY;
            of_cycle += u64::from(self.of_whole_day(second_of_day));
            second += (SECONDS_PER_DAY - second_of_day + step - 1) / step * step;
        }
        Ok(Some((of_cycle * cycles as u64, days)))
    }

    fn of_whole_day(&mut self, first: i64) -> u32 {
        let phase = (first.min(SECONDS_PER_DAY) / SECONDS_PER_MINUTE) as usize;
        if self.of_whole_days[phase] == u32::MAX {
            self.of_whole_days[phase] = self.of_day(first, SECONDS_PER_DAY);
        }
        self.of_whole_days[phase]
    }

    /// Those from `first` to before `end`, in seconds of one day.
    fn of_day(&self, first: i64, end: i64) -> u32 {
        if self.elapsed.step == SECONDS_PER_MINUTE {
            return self.minutes_of_day(
                first / SECONDS_PER_MINUTE,
                (end - first % SECONDS_PER_MINUTE + SECONDS_PER_MINUTE - 1) / SECONDS_PER_MINUTE,
            );
        }
        let mut count = 0;
        let mut second = first;
        while second < end {
            let minute = second / SECONDS_PER_MINUTE;
            let may_be = self.elapsed.hours >> (minute / 60) & (self.minutes >> (minute % 60)) as u32 & 1;
            count += may_be;
            second += self.elapsed.step;
        }
        count
    }

    /// How many minutes may be from one to before another of a day, an hour at once.
    fn minutes_of_day(&self, first: i64, end: i64) -> u32 {
        let below = |minute: i64| (1_u64 << minute.clamp(0, 60)) - 1;
        let hours = first / 60..(end + 59) / 60;
        let admitted = hours.filter(|hour| self.elapsed.hours >> hour & 1 == 1);
        let counts = admitted.map(|hour| self.minutes & below(end - hour * 60) & !below(first - hour * 60));
        counts.map(u64::count_ones).sum()
    }
}
