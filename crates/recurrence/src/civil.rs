//! Rules of a day and longer, expanded on the wall clock.
//!
//! A rule cuts the calendar into periods (years, months, weeks, days), of which every `INTERVAL`th counts. In each, the
//! days that match times the times of the day are its civil times, in order; `BYSETPOS` picks among them by number, so
//! neither a year of minutes nor a far away period is ever written out. Only then are they placed in the zone.

use jiff::civil::DateTime;

use crate::calendar::{Day, LAST_YEAR, Local, start_of_month, start_of_week_year, start_of_year, week_year};
use crate::calendar::{SECONDS_PER_HOUR, SECONDS_PER_MINUTE, weekday_number};
use crate::dates::Dates;
use crate::rule::{Frequency, Rule};
use crate::work::{Work, WorkLimit};

/// A rule of a day and longer with its start; the same in every zone.
#[derive(Debug, Clone)]
pub(crate) struct Civil {
    start: Local,
    periods: Periods,
    times: Times,
    set_positions: Vec<i16>,
}

impl Civil {
    pub(crate) fn new(rule: &Rule, start: DateTime) -> Self {
        Self {
            start: Local::of(start),
            periods: Periods::new(rule, start),
            times: Times::new(rule, start),
            set_positions: rule.by_set_pos.clone(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Unit {
    Year,
    /// The days of the numbered weeks of a year: what `BYWEEKNO` speaks of.
    WeekYear,
    Month,
    Week,
    Day,
}

/// Every `interval`th unit of the calendar, from the one that holds the start.
#[derive(Debug, Clone)]
struct Periods {
    unit: Unit,
    week_start: i64,
    first: i64,
    interval: i64,
}

impl Periods {
    fn new(rule: &Rule, start: DateTime) -> Self {
        let unit = match rule.frequency {
            Frequency::Yearly if rule.by_week_no.is_empty() => Unit::Year,
            Frequency::Yearly => Unit::WeekYear,
            Frequency::Monthly => Unit::Month,
            Frequency::Weekly => Unit::Week,
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely => Unit::Day,
        };
        let mut periods =
            Self { unit, week_start: weekday_number(rule.week_start), first: 0, interval: i64::from(rule.interval) };
        periods.first = periods.unit_of(Day::of(start.date()));
        periods
    }

    fn unit_of(&self, day: Day) -> i64 {
        match self.unit {
            Unit::Year => day.year(),
            Unit::WeekYear => week_year(day, self.week_start),
            Unit::Month => day.month_index(),
            Unit::Week => day.start_of_week(self.week_start).0.div_euclid(7),
            Unit::Day => day.0,
        }
    }

    fn start_of(&self, unit: i64) -> Day {
        match self.unit {
            Unit::Year => start_of_year(unit),
            Unit::WeekYear => start_of_week_year(unit, self.week_start),
            Unit::Month => start_of_month(unit),
            // A day number that is a multiple of 7 is a Thursday.
            Unit::Week => Day(unit * 7 + 6).start_of_week(self.week_start),
            Unit::Day => Day(unit),
        }
    }

    /// The first and the day after the last of the `number`th period (from 0), within the calendar.
    fn days(&self, number: i64) -> Option<(Day, Day)> {
        let unit = self.first + number * self.interval;
        let last = self.unit_of(start_of_year(LAST_YEAR));
        (unit <= last).then(|| (self.start_of(unit), self.start_of(unit + 1)))
    }

    /// The days of all periods are one after the other, without a break.
    fn are_adjacent(&self) -> bool {
        self.interval == 1
    }

    /// The number of the first period that ends after a day begins.
    fn reaching(&self, day: Day) -> i64 {
        let units = self.unit_of(day) - self.first;
        if units <= 0 { 0 } else { (units + self.interval - 1) / self.interval }
    }
}

/// The times of a day at which a rule occurs: each hour with each minute.
#[derive(Debug, Clone)]
struct Times {
    hours: Vec<i64>,
    minutes: Vec<i64>,
    second: i64,
}

impl Times {
    fn new(rule: &Rule, start: DateTime) -> Self {
        let or_start = |values: &[i16], start: i8| {
            if values.is_empty() {
                vec![i64::from(start)]
            } else {
                values.iter().map(|value| i64::from(*value)).collect()
            }
        };
        Self {
            hours: or_start(&rule.by_hour, start.hour()),
            minutes: or_start(&rule.by_minute, start.minute()),
            second: rule.by_second.map_or(i64::from(start.second()), i64::from),
        }
    }

    fn count(&self) -> usize {
        self.hours.len() * self.minutes.len()
    }

    fn second_of_day(&self, index: usize) -> i64 {
        let (hour, minute) = (self.hours[index / self.minutes.len()], self.minutes[index % self.minutes.len()]);
        hour * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE + self.second
    }
}

/// The civil times of one period, in order, by number.
#[derive(Debug)]
struct Slots {
    days: Vec<Day>,
    /// Which of the days' times, if not all.
    chosen: Option<Vec<usize>>,
}

impl Slots {
    fn new(civil: &Civil, days: Vec<Day>) -> Self {
        let all = days.len() * civil.times.count();
        let chosen = (!civil.set_positions.is_empty()).then(|| positions(&civil.set_positions, all));
        Self { days, chosen }
    }

    fn count(&self, times: &Times) -> usize {
        self.chosen.as_ref().map_or(self.days.len() * times.count(), Vec::len)
    }

    fn get(&self, index: usize, times: &Times) -> Local {
        let index = self.chosen.as_ref().map_or(index, |chosen| chosen[index]);
        Local::at(self.days[index / times.count()], times.second_of_day(index % times.count()))
    }

    /// The number of the first time that is not before `local`.
    fn first_from(&self, local: Local, times: &Times) -> usize {
        let (mut low, mut high) = (0, self.count(times));
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle, times) < local { low = middle + 1 } else { high = middle }
        }
        low
    }
}

impl Civil {
    pub(crate) fn start(&self) -> Local {
        self.start
    }

    /// How many civil times there are from the start to before `end`.
    pub(crate) fn count_before(&self, end: Local, dates: &Dates, work: &mut Work) -> Result<u64, WorkLimit> {
        if end <= self.start {
            return Ok(0);
        }
        if self.periods.are_adjacent() && self.set_positions.is_empty() {
            let whole_days = dates.count(self.start.day(), end.day(), work)? * self.times.count() as u64;
            let before =
                |local: Local| self.slots_of(local.day(), local.day().plus(1), dates).first_from(local, &self.times);
            return Ok(whole_days + before(end) as u64 - before(self.start) as u64);
        }
        if matches!(self.periods.unit, Unit::Day) && self.set_positions.is_empty() {
            return self.count_days_before(end, dates, work);
        }
        let mut count = 0;
        let mut period = 0;
        while let Some((first, after)) = self.periods.days(period).filter(|(first, _)| Local::at(*first, 0) < end) {
            work.step()?;
            let is_whole = period > 0 && Local::at(after, 0) <= end;
            count += if is_whole {
                self.slots_in(dates.count(first, after, work)?)
            } else {
                let slots = self.slots_of(first, after, dates);
                (slots.first_from(end, &self.times) - slots.first_from(self.start, &self.times)) as u64
            };
            period += 1;
        }
        Ok(count)
    }

    /// As [`Self::count_before`], for every few days.
    fn count_days_before(&self, end: Local, dates: &Dates, work: &mut Work) -> Result<u64, WorkLimit> {
        let (start, interval) = (self.start.day(), self.periods.interval);
        let days = dates.count_every(start, end.day(), interval, work)?;
        let before = |local: Local| {
            let counts = (local.day().0 - start.0) % interval == 0;
            let slots = self.slots_of(local.day(), local.day().plus(i64::from(counts)), dates);
            slots.first_from(local, &self.times) as u64
        };
        Ok(days * self.times.count() as u64 + before(end) - before(self.start))
    }

    /// How many civil times a period with so many days has.
    fn slots_in(&self, days: u64) -> u64 {
        let all = days * self.times.count() as u64;
        if self.set_positions.is_empty() || all == 0 {
            all
        } else {
            positions(&self.set_positions, all as usize).len() as u64
        }
    }

    fn slots_of(&self, first: Day, after: Day, dates: &Dates) -> Slots {
        Slots::new(self, dates.between(first, after))
    }

    /// Whether a time of day is in a stretch of civil time; where that is a day or longer, it is not looked at closely.
    pub(crate) fn may_be_within(&self, from: Local, until: Local) -> bool {
        from.day() != until.day() || {
            let seconds = from.second_of_day()..until.second_of_day();
            (0..self.times.count()).any(|index| seconds.contains(&self.times.second_of_day(index)))
        }
    }

    /// The civil times from `from` to before `end`.
    pub(crate) fn between(
        &self,
        from: Local,
        end: Local,
        dates: &Dates,
        work: &mut Work,
    ) -> Result<Vec<Local>, WorkLimit> {
        let mut locals = Locals::new(self, dates, from, Some(Local(end.0 - 1)));
        let mut between = Vec::new();
        while let Some(local) = locals.next(work)? {
            between.push(local);
        }
        Ok(between)
    }
}

/// The places from 0 that `BYSETPOS` names among `count`, in order.
pub(crate) fn positions(set_positions: &[i16], count: usize) -> Vec<usize> {
    let place = |position: &i16| match usize::from(position.unsigned_abs()) {
        from_end if *position < 0 => count.checked_sub(from_end),
        from_start => (from_start <= count).then(|| from_start - 1),
    };
    let mut places: Vec<usize> = set_positions.iter().filter_map(place).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// The civil times of a rule from some time on.
#[derive(Debug)]
pub(crate) struct Locals<'a> {
    civil: &'a Civil,
    dates: &'a Dates,
    /// The first that may come, and the last.
    from: Local,
    until: Option<Local>,
    period: i64,
    slots: Option<(Slots, usize)>,
}

impl<'a> Locals<'a> {
    pub(crate) fn new(civil: &'a Civil, dates: &'a Dates, from: Local, until: Option<Local>) -> Self {
        let from = from.max(civil.start);
        Self { civil, dates, from, until, period: civil.periods.reaching(from.day()), slots: None }
    }

    pub(crate) fn next(&mut self, work: &mut Work) -> Result<Option<Local>, WorkLimit> {
        loop {
            work.step()?;
            if let Some((slots, index)) = &mut self.slots {
                if *index < slots.count(&self.civil.times) {
                    let local = slots.get(*index, &self.civil.times);
                    *index += 1;
                    return Ok(Some(local).filter(|local| self.until.is_none_or(|until| *local <= until)));
                }
                self.period += 1;
                self.slots = None;
            }
            let Some(slots) = self.slots_of_next_period(work)? else { return Ok(None) };
            let index = slots.first_from(self.from, &self.civil.times);
            self.slots = Some((slots, index));
        }
    }

    /// Goes on to the first period in which a day matches, jumping over those in which none does.
    fn slots_of_next_period(&mut self, work: &mut Work) -> Result<Option<Slots>, WorkLimit> {
        loop {
            work.step()?;
            let Some((start, end)) = self.civil.periods.days(self.period) else { return Ok(None) };
            if self.until.is_some_and(|until| Local::at(start, 0) > until) {
                return Ok(None);
            }
            let Some(first) = self.dates.next_from(start, work)? else { return Ok(None) };
            if first < end {
                return Ok(Some(self.civil.slots_of(first, end, self.dates)));
            }
            self.period = self.civil.periods.reaching(first);
        }
    }
}
