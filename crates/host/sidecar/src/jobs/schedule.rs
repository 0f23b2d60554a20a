//! When a job comes round: six-field cron in UTC, the `@` shorthands, and `@every`.

use jiff::civil::{Date, DateTime, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::duration::parse_go;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A cron expression that nothing matches within so many years never will.
const YEARS_TO_SEARCH: i16 = 5;

/// A repeating schedule.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Schedule {
    Every(SignedDuration),
    Cron(Box<Cron>),
}

impl Schedule {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(interval) = text.strip_prefix("@every ") {
            let interval = parse_go(interval)
                .filter(|interval| interval.is_positive())
                .ok_or(format!("failed to parse duration {text}"))?;
            return Ok(Self::Every(interval.max(SignedDuration::from_millis(1))));
        }
        let expression = match text {
            "@yearly" | "@annually" => "0 0 0 1 1 *",
            "@monthly" => "0 0 0 1 * *",
            "@weekly" => "0 0 0 * * 0",
            "@daily" | "@midnight" => "0 0 0 * * *",
            "@hourly" => "0 0 * * * *",
            _ if text.starts_with('@') => return Err(format!("unrecognized descriptor: {text}")),
            other => other,
        };
        Ok(Self::Cron(Box::new(Cron::parse(expression)?)))
    }

    /// The first time after the given one.
    pub(super) fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(interval) => time.checked_add(*interval).ok(),
            Self::Cron(cron) => cron.next_after(time),
        }
    }

    /// As `next_after`, but no earlier than `horizon`; an interval keeps its beat.
    pub(super) fn next_after_within(&self, time: Timestamp, horizon: Timestamp) -> Option<Timestamp> {
        if horizon <= time {
            return self.next_after(time);
        }
        match self {
            Self::Every(interval) => {
                let behind = horizon.duration_since(time).as_nanos();
                let skipped = behind / interval.as_nanos();
                let distance = i64::try_from(skipped * interval.as_nanos()).ok()?;
                self.next_after(time.checked_add(SignedDuration::from_nanos(distance)).ok()?)
            }
            Self::Cron(cron) => cron.next_after(horizon),
        }
    }
}

/// `second minute hour day-of-month month day-of-week`, each a set of bits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cron {
    seconds: u64,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Both day fields are restricted: a day needs to match only one of them.
    either_day: bool,
}

impl Cron {
    fn parse(expression: &str) -> Result<Self, String> {
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let [second, minute, hour, day, month, weekday] = fields[..] else {
            return Err(format!("expected exactly 6 fields, found {}: {fields:?}", fields.len()));
        };
        let is_any = |field: &str| field.starts_with(['*', '?']);
        Ok(Self {
            seconds: parse_field(second, 0, 59, &[])?,
            minutes: parse_field(minute, 0, 59, &[])?,
            hours: parse_field(hour, 0, 23, &[])?,
            days: parse_field(day, 1, 31, &[])?,
            months: parse_field(month, 1, 12, &MONTHS)?,
            weekdays: parse_field(weekday, 0, 6, &WEEKDAYS)?,
            either_day: !is_any(day) && !is_any(weekday),
        })
    }

    fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let mut at = time
            .to_zoned(TimeZone::UTC)
            .datetime()
            .with()
            .subsec_nanosecond(0)
            .build()
            .ok()?
            .checked_add(1.second())
            .ok()?;
        let last_year = at.year() + YEARS_TO_SEARCH;
        while at.year() <= last_year {
            match self.later_than(at) {
                Some(later) => at = later.ok()?,
                None => return Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp()),
            }
        }
        None
    }

    /// The begin of the next unit where the largest unit of `at` does not match; nothing when all do.
    fn later_than(&self, at: DateTime) -> Option<Result<DateTime, jiff::Error>> {
        let midnight = |date: Date| date.to_datetime(time(0, 0, 0, 0));
        if !has(self.months, at.month()) {
            let next = at.date().first_of_month().checked_add(1.month());
            return Some(next.map(midnight));
        }
        if !self.matches_day(at.date()) {
            return Some(at.date().tomorrow().map(midnight));
        }
        if !has(self.hours, at.hour()) {
            let hour = at.date().at(at.hour(), 0, 0, 0);
            return Some(hour.checked_add(1.hour()));
        }
        if !has(self.minutes, at.minute()) {
            let minute = at.date().at(at.hour(), at.minute(), 0, 0);
            return Some(minute.checked_add(1.minute()));
        }
        if !has(self.seconds, at.second()) {
            return Some(at.checked_add(1.second()));
        }
        None
    }

    fn matches_day(&self, date: Date) -> bool {
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        if self.either_day { day || weekday } else { day && weekday }
    }
}

fn has(set: u64, value: i8) -> bool {
    set & (1 << value) != 0
}

/// `*`, `5`, `1-5`, `*/10`, `10/5`, names, and lists of these.
fn parse_field(field: &str, min: u64, max: u64, names: &[&str]) -> Result<u64, String> {
    let mut set = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let (low, high) = if range == "*" || range == "?" {
            (min, max)
        } else if let Some((low, high)) = range.split_once('-') {
            (value(low, min, names)?, value(high, min, names)?)
        } else {
            let low = value(range, min, names)?;
            (low, if step.is_some() { max } else { low })
        };
        let step = match step {
            None => 1,
            Some(text) => text
                .parse()
                .ok()
                .filter(|step| *step > 0)
                .ok_or(format!("step of range should be a positive number: {part}"))?,
        };
        if low < min || high > max || low > high {
            return Err(format!("{part} is not within {min}-{max}"));
        }
        set |= (low..=high).step_by(step).fold(0, |bits, value| bits | 1 << value);
    }
    Ok(set)
}

fn value(text: &str, min: u64, names: &[&str]) -> Result<u64, String> {
    let lower = text.to_ascii_lowercase();
    if let Some(index) = names.iter().position(|name| *name == lower) {
        return Ok(min + index as u64);
    }
    text.parse().map_err(|_| format!("failed to parse int from {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str) -> String {
        let after = after.parse().expect("a time");
        Schedule::parse(schedule).expect("a schedule").next_after(after).expect("a next time").to_string()
    }

    #[test]
    fn cron_fields_are_second_minute_hour_day_month_weekday() {
        let cases = [
            ("*/15 * * * * *", "2026-11-21T04:00:15Z"),
            ("30 5 * * * *", "2026-11-21T04:05:30Z"),
            ("0 0 9 * * MON-FRI", "2026-11-23T09:00:00Z"),
            ("0 0 0 1 JAN ?", "2027-01-01T00:00:00Z"),
            ("0 30 4,16 * * *", "2026-11-21T04:30:00Z"),
            ("0 0 0 29 2 *", "2028-02-29T00:00:00Z"),
            ("@daily", "2026-11-22T00:00:00Z"),
            ("@every 1m30s", "2026-11-21T04:01:30.5Z"),
        ];
        for (schedule, expected) in cases {
            assert_eq!(next(schedule, "2026-11-21T04:00:00.5Z"), expected, "{schedule}");
        }
    }

    #[test]
    fn two_restricted_day_fields_match_either() {
        assert_eq!(next("0 0 0 25 * SUN", "2026-11-21T00:00:00Z"), "2026-11-22T00:00:00Z");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in ["", "* * * * *", "60 * * * * *", "@often", "@every x", "*/0 * * * * *"] {
            assert!(Schedule::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_interval_keeps_its_beat_over_a_gap() {
        let schedule = Schedule::parse("@every 30s").expect("a schedule");
        let (last, horizon) = ("2026-11-21T00:00:10Z", "2026-11-21T03:00:00Z");
        let next = schedule.next_after_within(last.parse().expect("a time"), horizon.parse().expect("a time"));
        assert_eq!(next, "2026-11-21T03:00:10Z".parse().ok());
    }
}
