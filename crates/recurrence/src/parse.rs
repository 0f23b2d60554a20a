//! The text of a rule taken apart (RFC 5545 §3.3.10), and what the parts forbid one another.

use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::Offset;

use crate::error::RuleError;
use crate::rule::{End, FREQUENCIES, Frequency, NthWeekday, Rule, Until, WEEKDAYS};

/// Longer texts are not rules that anyone wrote.
const MAX_TEXT_BYTES: usize = 512;

/// The parts of the grammar. What is not among them is refused.
const PARTS: [&str; 14] = [
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
];

impl FromStr for Rule {
    type Err = RuleError;

    /// Reads `FREQ=…;…`, with or without `RRULE:` before it, in any case and order of parts.
    fn from_str(text: &str) -> Result<Self, RuleError> {
        let parts = Parts::of(text)?;
        let rule = Rule {
            frequency: frequency(&parts)?,
            interval: parts.positive("INTERVAL")?.unwrap_or(1),
            end: end(&parts)?,
            week_start: week_start(&parts)?,
            by_month: parts.numbers("BYMONTH", 1..=12, Sign::None)?,
            by_week_no: parts.numbers("BYWEEKNO", 1..=53, Sign::Either)?,
            by_year_day: parts.numbers("BYYEARDAY", 1..=366, Sign::Either)?,
            by_month_day: parts.numbers("BYMONTHDAY", 1..=31, Sign::Either)?,
            by_day: parts.list("BYDAY", nth_weekday)?,
            by_hour: parts.numbers("BYHOUR", 0..=23, Sign::None)?,
            by_minute: parts.numbers("BYMINUTE", 0..=59, Sign::None)?,
            by_second: second(&parts)?,
            by_set_pos: parts.numbers("BYSETPOS", 1..=366, Sign::Either)?,
        };
        agree(&rule)?;
        Ok(rule)
    }
}

/// The values of the parts that the text has, by their place in [`PARTS`].
struct Parts<'a>([Option<&'a str>; PARTS.len()]);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    None,
    Either,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Self, RuleError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(RuleError::new("RRULE", format!("A rule has at most {MAX_TEXT_BYTES} characters.")));
        }
        let text = text.trim();
        let text = strip_prefix_ignoring_case(text, "RRULE:").unwrap_or(text);
        let mut values = [None; PARTS.len()];
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or_else(|| no_part(part))?;
            let index = PARTS.iter().position(|known| known.eq_ignore_ascii_case(name)).ok_or_else(|| no_part(name))?;
            if value.is_empty() {
                return Err(RuleError::new(PARTS[index], format!("{} has no value.", PARTS[index])));
            }
            if values[index].replace(value).is_some() {
                return Err(RuleError::new(PARTS[index], format!("{} is there twice.", PARTS[index])));
            }
        }
        Ok(Self(values))
    }

    fn get(&self, part: &'static str) -> Option<&'a str> {
        PARTS.iter().position(|known| *known == part).and_then(|index| self.0[index])
    }

    fn positive(&self, part: &'static str) -> Result<Option<u32>, RuleError> {
        let Some(text) = self.get(part) else { return Ok(None) };
        match digits(text) {
            Some(number @ 1..) => Ok(Some(number)),
            _ => Err(RuleError::new(
                part,
                format!("{part} must be a whole number from 1 to {}, not `{text}`.", u32::MAX),
            )),
        }
    }

    fn numbers(&self, part: &'static str, range: RangeInclusive<u32>, sign: Sign) -> Result<Vec<i16>, RuleError> {
        self.list(part, |text| {
            number(text, &range, sign).ok_or_else(|| {
                let (least, most) = (range.start(), range.end());
                let range = match sign {
                    Sign::None => format!("from {least} to {most}"),
                    Sign::Either => format!("from {least} to {most}, or from -{most} to -{least}"),
                };
                RuleError::new(part, format!("{part} takes whole numbers {range}, not `{text}`."))
            })
        })
    }

    fn list<T: Ord>(
        &self,
        part: &'static str,
        value: impl Fn(&str) -> Result<T, RuleError>,
    ) -> Result<Vec<T>, RuleError> {
        let Some(text) = self.get(part) else { return Ok(Vec::new()) };
        let mut values = text.split(',').map(value).collect::<Result<Vec<_>, _>>()?;
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }
}

fn no_part(name: &str) -> RuleError {
    let name: String = name.chars().take(32).collect();
    RuleError::new("RRULE", format!("`{name}` is no part of a rule. The parts are {}.", PARTS.join(", ")))
}

fn frequency(parts: &Parts) -> Result<Frequency, RuleError> {
    let Some(text) = parts.get("FREQ") else {
        return Err(RuleError::new("FREQ", "A rule needs FREQ, such as FREQ=WEEKLY."));
    };
    if text.eq_ignore_ascii_case("SECONDLY") {
        return Err(RuleError::new("FREQ", "FREQ=SECONDLY is too often: once a minute is the most."));
    }
    find(&FREQUENCIES, text).ok_or_else(|| {
        let known = FREQUENCIES.map(|(name, _)| name).join(", ");
        RuleError::new("FREQ", format!("FREQ must be one of {known}."))
    })
}

fn end(parts: &Parts) -> Result<End, RuleError> {
    match (parts.positive("COUNT")?, parts.get("UNTIL")) {
        (Some(_), Some(_)) => {
            Err(RuleError::new("COUNT", "COUNT and UNTIL exclude each other: leave one of them out."))
        }
        (Some(count), None) => Ok(End::Count(count)),
        (None, Some(text)) => until(text).map(End::Until),
        (None, None) => Ok(End::Never),
    }
}

fn until(text: &str) -> Result<Until, RuleError> {
    let fault = || {
        let message =
            "UNTIL must be a date (20261231), a local time (20261231T090000) or a UTC time (20261231T090000Z).";
        RuleError::new("UNTIL", message)
    };
    let (date, time) = match text.split_once(['T', 't']) {
        None => return date(text).map(Until::Date).ok_or_else(fault),
        Some((day, time)) => (date(day).ok_or_else(fault)?, time),
    };
    match time.strip_suffix(['Z', 'z']) {
        None => at(date, time).map(Until::Local).ok_or_else(fault),
        Some(time) => {
            let time = at(date, time).ok_or_else(fault)?;
            Offset::UTC.to_timestamp(time).map(Until::Utc).map_err(|_| fault())
        }
    }
}

fn date(text: &str) -> Option<Date> {
    if text.len() != 8 {
        return None;
    }
    let number = digits(text)?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn at(date: Date, text: &str) -> Option<DateTime> {
    if text.len() != 6 {
        return None;
    }
    let number = digits(text)?;
    let (hour, minute, second) = (number / 10_000, number / 100 % 100, number % 100);
    let time = jiff::civil::Time::new(hour.try_into().ok()?, minute.try_into().ok()?, second.try_into().ok()?, 0);
    Some(date.to_datetime(time.ok()?))
}

fn week_start(parts: &Parts) -> Result<Weekday, RuleError> {
    match parts.get("WKST") {
        None => Ok(Weekday::Monday),
        Some(text) => find(&WEEKDAYS, text)
            .ok_or_else(|| RuleError::new("WKST", format!("WKST must be a weekday such as MO, not `{text}`."))),
    }
}

/// `MO`, `2MO`, `+2MO` or `-1SU`.
fn nth_weekday(text: &str) -> Result<NthWeekday, RuleError> {
    let fault = || RuleError::new("BYDAY", format!("BYDAY takes weekdays such as MO, 2MO or -1SU, not `{text}`."));
    let (n, weekday) = text.len().checked_sub(2).and_then(|at| text.split_at_checked(at)).ok_or_else(fault)?;
    let weekday = find(&WEEKDAYS, weekday).ok_or_else(fault)?.to_monday_zero_offset();
    let n = if n.is_empty() { 0 } else { number(n, &(1..=53), Sign::Either).ok_or_else(fault)? };
    Ok(NthWeekday { n, weekday })
}

/// One second at most: two would be denser than one a minute.
fn second(parts: &Parts) -> Result<Option<i16>, RuleError> {
    match parts.numbers("BYSECOND", 0..=59, Sign::None)?[..] {
        [] => Ok(None),
        [second] => Ok(Some(second)),
        _ => Err(RuleError::new("BYSECOND", "BYSECOND takes one second: once a minute is the most.")),
    }
}

fn number(text: &str, range: &RangeInclusive<u32>, sign: Sign) -> Option<i16> {
    let (negative, text) = match text.as_bytes().first()? {
        b'-' if sign == Sign::Either => (true, &text[1..]),
        b'+' if sign == Sign::Either => (false, &text[1..]),
        _ => (false, text),
    };
    let number = digits(text).filter(|number| range.contains(number))?;
    let number = i16::try_from(number).ok()?;
    Some(if negative { -number } else { number })
}

/// Digits only, up to what fits.
fn digits(text: &str) -> Option<u32> {
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits { text.parse().ok() } else { None }
}

fn find<T: Copy>(names: &[(&str, T)], text: &str) -> Option<T> {
    names.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// What the table of RFC 5545 §3.3.10 marks as not applicable, and what its text forbids.
fn agree(rule: &Rule) -> Result<(), RuleError> {
    use Frequency::{Daily, Monthly, Weekly, Yearly};
    let frequency = rule.frequency;
    let has_ordinals = rule.by_day.iter().any(|day| day.n != 0);
    if has_ordinals && !matches!(frequency, Yearly | Monthly) {
        return Err(RuleError::new("BYDAY", "BYDAY with a number (2MO) needs FREQ=MONTHLY or FREQ=YEARLY."));
    }
    if has_ordinals && !rule.by_week_no.is_empty() {
        return Err(RuleError::new(
            "BYDAY",
            "BYDAY with a number (2MO) does not go with BYWEEKNO: leave the number out.",
        ));
    }
    if !rule.by_week_no.is_empty() && frequency != Yearly {
        return Err(RuleError::new("BYWEEKNO", "BYWEEKNO needs FREQ=YEARLY."));
    }
    if !rule.by_year_day.is_empty() && matches!(frequency, Monthly | Weekly | Daily) {
        return Err(RuleError::new("BYYEARDAY", "BYYEARDAY does not go with FREQ=MONTHLY, WEEKLY or DAILY."));
    }
    if !rule.by_month_day.is_empty() && frequency == Weekly {
        return Err(RuleError::new("BYMONTHDAY", "BYMONTHDAY does not go with FREQ=WEEKLY."));
    }
    if !rule.by_set_pos.is_empty() && !rule.has_set() {
        return Err(RuleError::new(
            "BYSETPOS",
            "BYSETPOS chooses among what another BY part gives: add one, such as BYDAY.",
        ));
    }
    Ok(())
}
