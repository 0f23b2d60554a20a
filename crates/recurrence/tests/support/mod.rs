//! Series from text, and their occurrences as text.

#![allow(dead_code, reason = "each suite uses its part")]

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use rondo_recurrence::{Gap, Series, SeriesError, SeriesSpec};

pub fn spec(rule: &str, start: &str, zone: &str) -> SeriesSpec {
    SeriesSpec {
        rule: rule.parse().unwrap_or_else(|error| panic!("{rule}: {error}")),
        starts_at: start.parse::<DateTime>().unwrap_or_else(|error| panic!("{start}: {error}")),
        zone: rondo_zones::get(zone).unwrap_or_else(|| panic!("{zone}: no zone")),
        gap: Gap::Shift,
        skipped: BTreeSet::new(),
        added: BTreeSet::new(),
    }
}

pub fn series(rule: &str, start: &str, zone: &str) -> Series {
    series_with(rule, start, zone, |_| {})
}

pub fn series_with(rule: &str, start: &str, zone: &str, change: impl FnOnce(&mut SeriesSpec)) -> Series {
    let mut spec = spec(rule, start, zone);
    change(&mut spec);
    Series::new(spec).unwrap_or_else(|error| panic!("{rule} from {start}: {error}"))
}

pub fn refusal(rule: &str, start: &str, zone: &str) -> SeriesError {
    match Series::new(spec(rule, start, zone)) {
        Ok(series) => panic!("{rule} from {start} is admitted: {:?}", series.first()),
        Err(error) => error,
    }
}

/// The dates of the first `count`.
pub fn locals(series: &Series, count: usize) -> Vec<String> {
    series.occurrences().take(count).map(|occurrence| occurrence.unwrap().local.date().to_string()).collect()
}

/// The civil times of the first `count`, to the minute.
pub fn times(series: &Series, count: usize) -> Vec<String> {
    let time = |local: DateTime| local.strftime("%Y-%m-%d %H:%M").to_string();
    series.occurrences().take(count).map(|occurrence| time(occurrence.unwrap().local)).collect()
}

/// The instants of the first `count`.
pub fn utc(series: &Series, count: usize) -> Vec<String> {
    series.occurrences().take(count).map(|occurrence| occurrence.unwrap().at.to_string()).collect()
}
