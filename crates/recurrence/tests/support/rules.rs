//! Rules, starts and zones at random, from a fixed seed: what the RFC allows, and a little of everything.

use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const FREQUENCIES: [&str; 6] = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"];

/// Finds the same cases in each run.
pub fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, max_global_rejects: cases * 20, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// The text of a rule that can be parsed; it may never match.
pub fn rule() -> impl Strategy<Value = String> {
    select(&FREQUENCIES[..]).prop_flat_map(|frequency| {
        let parts = (interval(frequency), dates(frequency), times(), week_start(), end());
        (parts, set_positions()).prop_map(move |((interval, dates, times, week_start, end), positions)| {
            let positions = if dates.is_empty() && times.is_empty() { String::new() } else { positions };
            [format!("FREQ={frequency}"), interval, dates, times, positions, week_start, end].concat()
        })
    })
}

/// Often within the hours in which clocks are changed.
pub fn start() -> impl Strategy<Value = DateTime> {
    let hour = prop_oneof![3 => 0..4i8, 1 => 0..24i8];
    let minute = prop_oneof![select(&[0, 15, 30, 59][..]), 0..60i8];
    (1996..2031i16, 1..=366i16, hour, minute).prop_map(|(year, day, hour, minute)| {
        let date = Date::constant(year, 1, 1).saturating_add(jiff::Span::new().days(day - 1));
        date.at(hour, minute, 0, 0)
    })
}

/// Zones that change their clocks in all the ways there are.
pub const ZONES: [&str; 22] = [
    "UTC",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "America/Caracas",
    "America/Santiago",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kolkata",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/London",
    "Europe/Moscow",
    "Pacific/Apia",
    "Pacific/Auckland",
];

pub fn zone() -> impl Strategy<Value = &'static str> {
    select(&ZONES[..])
}

fn interval(frequency: &str) -> impl Strategy<Value = String> + use<> {
    let most: u32 = match frequency {
        "YEARLY" => 5,
        "MONTHLY" => 14,
        "WEEKLY" | "DAILY" => 40,
        "HOURLY" => 50,
        _ => 3_000,
    };
    sometimes(0.5, prop_oneof![2u32..=4, 1..=most]).prop_map(|interval| part("INTERVAL", interval.into_iter()))
}

fn dates(frequency: &str) -> impl Strategy<Value = String> + use<> {
    let yearly = frequency == "YEARLY";
    let by_day = frequency == "MONTHLY" || yearly;
    let parts = (
        numbers("BYMONTH", 1..=12, false, 0.3),
        numbers("BYWEEKNO", 1..=53, true, if yearly { 0.25 } else { 0.0 }),
        numbers("BYYEARDAY", 1..=366, true, if yearly { 0.25 } else { 0.0 }),
        numbers("BYMONTHDAY", 1..=31, true, if frequency == "WEEKLY" { 0.0 } else { 0.3 }),
        weekdays(if by_day { 0.3 } else { 0.0 }, if yearly { 20 } else { 5 }),
    );
    parts.prop_map(|(months, weeks, year_days, month_days, weekdays)| {
        // Numbered weekdays don't go with week numbers.
        let weekdays =
            if weeks.is_empty() { weekdays } else { weekdays.replace(|c: char| "+-0123456789".contains(c), "") };
        [months, weeks, year_days, month_days, weekdays].concat()
    })
}

fn times() -> impl Strategy<Value = String> {
    (numbers("BYHOUR", 0..=23, false, 0.3), numbers("BYMINUTE", 0..=59, false, 0.3)).prop_map(|(h, m)| h + &m)
}

fn weekdays(numbered: f64, most: i16) -> impl Strategy<Value = String> {
    let day = (sometimes(numbered, number(1..=most, true)), select(&["MO", "TU", "WE", "TH", "FR", "SA", "SU"][..]));
    let day = day.prop_map(|(n, day)| format!("{}{day}", n.map(|n| n.to_string()).unwrap_or_default()));
    sometimes(0.4, vec(day, 1..4)).prop_map(|days| part("BYDAY", days.into_iter().flatten()))
}

fn set_positions() -> impl Strategy<Value = String> {
    numbers("BYSETPOS", 1..=6, true, 0.2)
}

fn week_start() -> impl Strategy<Value = String> {
    sometimes(0.3, select(&["MO", "SU", "WE", "SA"][..])).prop_map(|day| part("WKST", day.into_iter()))
}

fn end() -> impl Strategy<Value = String> {
    let until = (2000..2040i16, 1..=12i8, 1..=28i8, select(&["", "T023000", "T023000Z"][..]));
    prop_oneof![
        3 => Just(String::new()),
        1 => (1..60u32).prop_map(|count| format!(";COUNT={count}")),
        1 => until.prop_map(|(year, month, day, time)| format!(";UNTIL={year}{month:02}{day:02}{time}")),
    ]
}

fn sometimes<S: Strategy>(chance: f64, strategy: S) -> impl Strategy<Value = Option<S::Value>> {
    (0.0..1.0, strategy).prop_map(move |(drawn, value)| (drawn < chance).then_some(value))
}

fn numbers(name: &'static str, range: RangeInclusive<i16>, signed: bool, chance: f64) -> impl Strategy<Value = String> {
    let few = vec(number(range, signed), 1..5);
    sometimes(chance, few).prop_map(move |numbers| part(name, numbers.into_iter().flatten()))
}

fn number(range: RangeInclusive<i16>, signed: bool) -> impl Strategy<Value = i16> {
    (range, any::<bool>()).prop_map(move |(number, negative)| if signed && negative { -number } else { number })
}

fn part<T: ToString>(name: &str, values: impl Iterator<Item = T>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    if values.is_empty() { String::new() } else { format!(";{name}={}", values.join(",")) }
}
