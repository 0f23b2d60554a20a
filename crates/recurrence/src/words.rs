//! A rule in words: "Every 2 weeks on Tuesday and Sunday at 09:00, 4 times".
//!
//! A sentence is made of how often, on which days, at which times, and until when. What a rule leaves to its start is
//! said if the start is known.

use std::fmt::Display;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{Offset, TimeZone};

use crate::occurrence::ShortTime;
use crate::rule::{End, Frequency, NthWeekday, Rule, Until};

/// More times of a day than these are said as hours and minutes.
const MOST_TIMES_SAID: usize = 6;
const WORKDAYS: [i8; 5] = [0, 1, 2, 3, 4];
const WEEKEND: [i8; 2] = [5, 6];

impl Rule {
    /// The rule in words, without what only a start can tell: "Every 2 weeks on Tuesday and Sunday, 4 times".
    pub fn summary(&self) -> String {
        summary(self, None, None)
    }
}

/// The rule in words; `start` says what the rule leaves open, `zone` by which clocks it ends.
pub(crate) fn summary(rule: &Rule, start: Option<DateTime>, zone: Option<&TimeZone>) -> String {
    let days = if rule.by_set_pos.is_empty() { days(rule, start) } else { chosen_days(rule) };
    [how_often(rule), days, times(rule, start), week_start(rule), end(rule, zone)].concat()
}

fn how_often(rule: &Rule) -> String {
    let unit = match rule.frequency {
        Frequency::Weekly | Frequency::Daily if is_every_workday(rule) => return "Every weekday".to_owned(),
        Frequency::Yearly => "year",
        Frequency::Monthly => "month",
        Frequency::Weekly => "week",
        Frequency::Daily => "day",
        Frequency::Hourly => "hour",
        Frequency::Minutely => "minute",
    };
    match rule.interval {
        1 => format!("Every {unit}"),
        interval => format!("Every {interval} {unit}s"),
    }
}

fn is_every_workday(rule: &Rule) -> bool {
    rule.interval == 1 && rule.by_set_pos.is_empty() && plain_weekdays(rule).is_some_and(|days| days == WORKDAYS)
}

/// The weekdays, if none has a number.
fn plain_weekdays(rule: &Rule) -> Option<Vec<i8>> {
    let plain = !rule.by_day.is_empty() && rule.by_day.iter().all(|day| day.n == 0);
    plain.then(|| rule.by_day.iter().map(|day| day.weekday).collect())
}

/// " on the 15th and 30th in January".
fn days(rule: &Rule, start: Option<DateTime>) -> String {
    let start = start.map(|start| start.date());
    if let Some(days) = days_of_year(rule, start) {
        return days;
    }
    let mut said = Vec::new();
    if !rule.by_month_day.is_empty() {
        said.push(format!("on the {}", month_days(&rule.by_month_day)));
    } else if rule.frequency == Frequency::Monthly && rule.by_day.is_empty() {
        said.extend(start.map(|start| format!("on the {}", nth(start.day().into()))));
    }
    if !rule.by_year_day.is_empty() {
        said.push(format!("on the {} of the year", and(in_order(&rule.by_year_day).map(nth_day))));
    }
    said.extend(weekdays(rule, start));
    said.extend((!rule.by_week_no.is_empty()).then(|| format!("in the {} of the year", weeks(&rule.by_week_no))));
    said.extend(
        (!rule.by_month.is_empty())
            .then(|| format!("in {}", and(rule.by_month.iter().map(|month| month_name(*month))))),
    );
    said.into_iter().map(|words| format!(" {words}")).collect()
}

/// " on September 30": a rule of the year that names months and days of them, or leaves them to the start.
fn days_of_year(rule: &Rule, start: Option<Date>) -> Option<String> {
    let others = !rule.by_day.is_empty() || !rule.by_year_day.is_empty() || !rule.by_week_no.is_empty();
    if rule.frequency != Frequency::Yearly || others {
        return None;
    }
    let or_start = |values: &[i16], of_start: fn(Date) -> i8| match (values, start) {
        ([], Some(start)) => vec![i16::from(of_start(start))],
        _ => values.to_vec(),
    };
    let days = or_start(&rule.by_month_day, Date::day);
    let months =
        if rule.by_month_day.is_empty() { or_start(&rule.by_month, Date::month) } else { rule.by_month.clone() };
    if months.is_empty() || days.is_empty() || days.iter().any(|day| *day < 0) {
        return None;
    }
    Some(format!(" on {}", and(months.iter().map(|month| format!("{} {}", month_name(*month), and(&days))))))
}

fn weekdays(rule: &Rule, start: Option<Date>) -> Option<String> {
    if is_every_workday(rule) && matches!(rule.frequency, Frequency::Weekly | Frequency::Daily) {
        return None;
    }
    let of_start = rule.frequency == Frequency::Weekly
        || (rule.frequency == Frequency::Yearly && !rule.by_week_no.is_empty() && days_are_open(rule));
    match (plain_weekdays(rule), start) {
        (Some(days), _) => {
            let is_limit = !matches!(rule.frequency, Frequency::Weekly)
                && (!rule.by_month_day.is_empty()
                    || !rule.by_year_day.is_empty()
                    || rule.frequency >= Frequency::Daily);
            let every = matches!(rule.frequency, Frequency::Monthly | Frequency::Yearly) && rule.by_week_no.is_empty();
            Some(match (is_limit, every) {
                (true, _) => format!("if it is {}", or(days.iter().map(|day| weekday_name(*day)))),
                (false, true) => format!("on every {}", and(days.iter().map(|day| weekday_name(*day)))),
                (false, false) => format!("on {}", and(days.iter().map(|day| weekday_name(*day)))),
            })
        }
        (None, _) if !rule.by_day.is_empty() => Some(format!("on the {}", nth_weekdays(rule))),
        (None, Some(start)) if of_start => {
            Some(format!("on {}", weekday_name(start.weekday().to_monday_zero_offset())))
        }
        (None, _) => None,
    }
}

fn days_are_open(rule: &Rule) -> bool {
    rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_year_day.is_empty()
}

/// "2nd Friday and last Sunday", with "of the year" where that is meant.
fn nth_weekdays(rule: &Rule) -> String {
    let of_year = rule.frequency == Frequency::Yearly && rule.by_month.is_empty();
    let (from_end, from_start): (Vec<NthWeekday>, Vec<NthWeekday>) = rule.by_day.iter().partition(|day| day.n < 0);
    let days = and(from_start.into_iter().chain(from_end).map(nth_weekday));
    if of_year { format!("{days} of the year") } else { days }
}

fn nth_weekday(day: NthWeekday) -> String {
    match day.n {
        0 => format!("every {}", weekday_name(day.weekday)),
        n => format!("{} {}", nth(n), weekday_name(day.weekday)),
    }
}

/// " on the last weekday": what `BYSETPOS` chooses from.
fn chosen_days(rule: &Rule) -> String {
    let positions = and(in_order(&rule.by_set_pos).map(nth));
    let only_weekdays = Rule { by_day: Vec::new(), by_month: Vec::new(), ..rule.clone() };
    let months = if rule.by_month.is_empty() {
        String::new()
    } else {
        format!(" in {}", and(rule.by_month.iter().map(|month| month_name(*month))))
    };
    let named = plain_weekdays(rule).filter(|_| !only_weekdays.has_set());
    match named.as_deref() {
        Some(days) if days == WORKDAYS => format!(" on the {positions} weekday{months}"),
        Some(days) if days == WEEKEND => format!(" on the {positions} day of a weekend{months}"),
        Some(days) if days.len() == 7 => format!(" on the {positions} day{months}"),
        Some(&[day]) => format!(" on the {positions} {}{months}", weekday_name(day)),
        _ => {
            let all = days(&Rule { by_set_pos: Vec::new(), ..rule.clone() }, None);
            format!(", the {positions} of those{all}")
        }
    }
}

/// " at 09:00 and 14:00".
fn times(rule: &Rule, start: Option<DateTime>) -> String {
    match rule.frequency {
        Frequency::Minutely => within_hours(rule) + &at_minutes(&rule.by_minute),
        Frequency::Hourly if rule.by_minute.is_empty() => {
            let minute = start.map(|start| i16::from(start.minute())).filter(|minute| *minute != 0);
            at_minutes(minute.as_slice()) + &within_hours(rule)
        }
        Frequency::Hourly => at_minutes(&rule.by_minute) + &within_hours(rule),
        _ => times_of_day(rule, start),
    }
}

fn times_of_day(rule: &Rule, start: Option<DateTime>) -> String {
    let or_start = |values: &[i16], of_start: Option<i8>| match (values, of_start) {
        ([], Some(value)) => vec![i16::from(value)],
        _ => values.to_vec(),
    };
    let hours = or_start(&rule.by_hour, start.map(DateTime::hour));
    let below_hours = if rule.by_hour.is_empty() { None } else { Some(0) };
    let minutes = or_start(&rule.by_minute, start.map(DateTime::minute).or(below_hours));
    if hours.is_empty() || hours.len() * minutes.len() > MOST_TIMES_SAID {
        return at_minutes(&minutes) + &within_hours(rule);
    }
    let second = rule.by_second.or(start.map(|start| i16::from(start.second()))).unwrap_or(0);
    let time = |hour: i16, minute: i16| ShortTime(jiff::civil::time(hour as i8, minute as i8, second as i8, 0));
    let times = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| time(*hour, *minute)));
    format!(" at {}", and(times))
}

fn at_minutes(minutes: &[i16]) -> String {
    match minutes {
        [] => String::new(),
        [minute] => format!(" at minute {minute}"),
        _ => format!(" at the minutes {}", and(minutes)),
    }
}

fn within_hours(rule: &Rule) -> String {
    match rule.by_hour[..] {
        [] => String::new(),
        [hour] => format!(" in the hour from {hour:02}:00"),
        _ => format!(" in the hours from {}", and(rule.by_hour.iter().map(|hour| format!("{hour:02}:00")))),
    }
}

/// Said where it makes a difference.
fn week_start(rule: &Rule) -> String {
    let matters = match rule.frequency {
        Frequency::Weekly => rule.interval > 1 || !rule.by_set_pos.is_empty(),
        _ => !rule.by_week_no.is_empty(),
    };
    if !matters || rule.week_start == Weekday::Monday {
        return String::new();
    }
    format!(", weeks beginning on {}", weekday_name(rule.week_start.to_monday_zero_offset()))
}

fn end(rule: &Rule, zone: Option<&TimeZone>) -> String {
    match (rule.end, zone) {
        (End::Never, _) => String::new(),
        (End::Count(1), _) => ", once".to_owned(),
        (End::Count(count), _) => format!(", {count} times"),
        (End::Until(Until::Date(date)), _) => format!(", until {}", long_date(date)),
        (End::Until(Until::Local(time)), _) => format!(", until {}", last_moment(time)),
        (End::Until(Until::Utc(at)), Some(zone)) => format!(", until {}", last_moment(zone.to_datetime(at))),
        (End::Until(Until::Utc(at)), None) => format!(", until {} UTC", with_time(Offset::UTC.to_datetime(at))),
    }
}

/// The end of a day is said as the day.
fn last_moment(time: DateTime) -> String {
    if (time.hour(), time.minute(), time.second()) == (23, 59, 59) { long_date(time.date()) } else { with_time(time) }
}

fn with_time(time: DateTime) -> String {
    format!("{} at {}", long_date(time.date()), ShortTime(time.time()))
}

fn long_date(date: Date) -> String {
    format!("{} {}, {}", month_name(date.month().into()), date.day(), date.year())
}

/// "15th, 30th and last day".
fn month_days(days: &[i16]) -> String {
    and(in_order(days).map(|day| if day < 0 { nth_day(day) } else { nth(day) }))
}

/// Numbers from the start before those from the end.
fn in_order(numbers: &[i16]) -> impl Iterator<Item = i16> {
    let from_start = numbers.iter().copied().filter(|number| *number > 0);
    from_start.chain(numbers.iter().copied().filter(|number| *number < 0))
}

fn nth_day(n: i16) -> String {
    format!("{} day", nth(n))
}

fn weeks(numbers: &[i16]) -> String {
    and(in_order(numbers).map(|number| format!("{} week", nth(number))))
}

/// "2nd", "last", "3rd to last".
fn nth(n: i16) -> String {
    match n {
        -1 => "last".to_owned(),
        ..-1 => format!("{} to last", nth(-n)),
        _ => {
            let suffix = match (n % 10, n % 100) {
                (_, 11..=13) => "th",
                (1, _) => "st",
                (2, _) => "nd",
                (3, _) => "rd",
                _ => "th",
            };
            format!("{n}{suffix}")
        }
    }
}

fn weekday_name(weekday: i8) -> &'static str {
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][weekday.rem_euclid(7) as usize]
}

fn month_name(month: i16) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    MONTHS[(month - 1).rem_euclid(12) as usize]
}

fn and<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    list(items, "and")
}

fn or<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    list(items, "or")
}

/// "a, b and c".
fn list<T: Display>(items: impl IntoIterator<Item = T>, conjunction: &str) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} {conjunction} {last}", rest.join(", ")),
    }
}
