//! What holds for all rules, and for all zones.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support {
    pub mod rules;
}

use std::collections::BTreeSet;
use std::iter::successors;

use jiff::civil::{DateTime, Time, date};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use rondo_recurrence::{Gap, Occurrence, Rule, Series, SeriesSpec};

use support::rules;

const CASES: u32 = 1_000;

fn gap() -> impl Strategy<Value = Gap> {
    prop_oneof![Just(Gap::Shift), Just(Gap::Skip)]
}

fn series(rule: &str, starts_at: DateTime, zone: &str, gap: Gap) -> Option<Series> {
    let rule = rule.parse().unwrap_or_else(|error| panic!("{rule}: {error}"));
    let zone = rondo_zones::get(zone).unwrap();
    Series::new(SeriesSpec { rule, starts_at, zone, gap, skipped: BTreeSet::new(), added: BTreeSet::new() }).ok()
}

/// The first `count`, then those around some changes of clocks later on.
fn stretches(series: &Series, count: usize) -> Vec<Vec<Occurrence>> {
    let first: Vec<Occurrence> = series.occurrences().map_while(Result::ok).take(count).collect();
    let Some(last) = first.last() else { return vec![first] };
    let mut stretches = vec![first.clone()];
    let mut from = *last;
    for _ in 0..3 {
        let later = from.at + 24_000.hours();
        let Ok(Some(next)) = series.next_after_instant(later) else { break };
        let mut stretch = vec![next];
        while let Some(Ok(Some(next))) = stretch.last().map(|last| series.resume_after(last)) {
            stretch.push(next);
            if stretch.len() == count {
                break;
            }
        }
        from = *stretch.last().unwrap();
        stretches.push(stretch);
    }
    stretches
}

#[test]
fn a_printed_rule_is_read_as_the_same_rule() {
    rules::runner(20_000)
        .run(&rules::rule(), |text| {
            let rule: Rule = text.parse().map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            prop_assert_eq!(rule.to_string().parse::<Rule>(), Ok(rule.clone()));
            prop_assert_eq!(rule.to_string().parse::<Rule>().map(|rule| rule.to_string()), Ok(rule.to_string()));
            prop_assert!(!rule.summary().is_empty());
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_next_occurrence_is_the_one_that_scanning_finds_with_its_number() {
    rules::runner(CASES)
        .run(&(rules::rule(), rules::start(), rules::zone(), gap()), |(rule, start, zone, gap)| {
            let Some(series) = series(&rule, start, zone, gap) else { return Err(TestCaseError::reject("never")) };
            let all: Vec<Occurrence> = series.occurrences().map_while(Result::ok).take(60).collect();
            for pair in all.windows(2) {
                prop_assert!(pair[0].at < pair[1].at, "{:?}", pair);
                prop_assert_eq!(pair[0].number + 1, pair[1].number);
                prop_assert_eq!(series.next_after_instant(pair[0].at), Ok(Some(pair[1])), "after {:?}", pair[0]);
                prop_assert_eq!(series.next_after_instant(pair[1].at - 1.second()), Ok(Some(pair[1])));
                prop_assert_eq!(series.resume_after(&pair[0]), Ok(Some(pair[1])), "resumed after {:?}", pair[0]);
            }
            prop_assert_eq!(series.first(), Ok(all.first().copied()));
            Ok(())
        })
        .unwrap();
}

#[test]
fn asking_far_away_agrees_with_resuming() {
    rules::runner(CASES)
        .run(&(rules::rule(), rules::start(), rules::zone(), gap()), |(rule, start, zone, gap)| {
            let Some(series) = series(&rule, start, zone, gap) else { return Err(TestCaseError::reject("never")) };
            for stretch in stretches(&series, 25) {
                for pair in stretch.windows(2) {
                    prop_assert_eq!(series.next_after_instant(pair[0].at), Ok(Some(pair[1])), "after {:?}", pair[0]);
                }
            }
            Ok(())
        })
        .unwrap();
}

/// The times of day at which a zone's clocks were ever changed since 1999, and two ordinary ones.
fn times_that_change(zone: &TimeZone) -> BTreeSet<Time> {
    let mut times = BTreeSet::from([jiff::civil::time(9, 0, 0, 0), Time::midnight()]);
    for transition in zone.following("1999-12-01T00:00:00Z".parse::<Timestamp>().unwrap()) {
        if transition.timestamp() > "2040-02-01T00:00:00Z".parse::<Timestamp>().unwrap() {
            break;
        }
        let before = zone.to_offset(transition.timestamp() - 1.second());
        for offset in [before, transition.offset()] {
            let local = offset.to_datetime(transition.timestamp());
            times.insert(local.time());
            times.insert((local + 30.minutes()).time());
            times.insert((local - 1.minute()).time());
        }
    }
    times.into_iter().filter(|time| time.second() == 0).collect()
}

#[test]
fn a_daily_series_has_each_day_once_in_all_zones_from_2000_to_2040() {
    let (first, last) = (date(2000, 1, 1), date(2040, 1, 1));
    for name in rondo_zones::names() {
        let zone = rondo_zones::get(name).unwrap();
        for time in times_that_change(&zone) {
            let daily = series("FREQ=DAILY", first.to_datetime(time), name, Gap::Shift).unwrap();
            let days = successors(Some(first), |day| day.tomorrow().ok()).take_while(|day| *day < last);
            let instants = days.map(|day| zone.to_timestamp(day.to_datetime(time)).unwrap());
            let expected: BTreeSet<Timestamp> = instants.collect();
            let occurrences = daily.occurrences().take(expected.len()).map(|occurrence| occurrence.unwrap().at);
            assert!(occurrences.eq(expected.iter().copied()), "{name} daily at {time}");
        }
    }
}

#[test]
fn a_daily_series_that_skips_gaps_has_each_day_on_which_its_time_exists() {
    let (first, last) = (date(2000, 1, 1), date(2040, 1, 1));
    for name in rules::ZONES {
        let zone = rondo_zones::get(name).unwrap();
        for time in times_that_change(&zone) {
            let daily = series("FREQ=DAILY", first.to_datetime(time), name, Gap::Skip).unwrap();
            let days = successors(Some(first), |day| day.tomorrow().ok()).take_while(|day| *day < last);
            let places = days.map(|day| zone.to_ambiguous_timestamp(day.to_datetime(time)));
            let existing = places.filter(|place| !matches!(place.offset(), AmbiguousOffset::Gap { .. }));
            let expected: Vec<Timestamp> = existing.map(|place| place.compatible().unwrap()).collect();
            let occurrences = daily.occurrences().take(expected.len()).map(|occurrence| occurrence.unwrap().at);
            assert!(occurrences.eq(expected.iter().copied()), "{name} daily at {time}");
        }
    }
}

#[test]
fn an_hourly_series_has_each_hour_once_in_all_zones_from_2000_to_2040() {
    let start = date(2000, 1, 1).at(0, 0, 0, 0);
    for name in rondo_zones::names() {
        let zone = rondo_zones::get(name).unwrap();
        let hourly = series("FREQ=HOURLY", start, name, Gap::Shift).unwrap();
        let mut expected = zone.to_timestamp(start).unwrap();
        for occurrence in hourly.occurrences().take(40 * 366 * 24) {
            let occurrence = occurrence.unwrap();
            assert_eq!(occurrence.at, expected, "{name}");
            expected += 1.hour();
        }
    }
}

#[test]
fn every_half_hour_by_the_clock_or_by_minutes_is_the_same() {
    for name in rules::ZONES {
        let start = date(2000, 1, 1).at(0, 0, 0, 0);
        let by_clock = series("FREQ=HOURLY;BYMINUTE=0,30", start, name, Gap::Shift).unwrap();
        let by_minute = series("FREQ=MINUTELY;BYMINUTE=0,30", start, name, Gap::Shift).unwrap();
        let by_interval = series("FREQ=MINUTELY;INTERVAL=30", start, name, Gap::Shift).unwrap();
        let instants = |series: &Series| -> Vec<Timestamp> {
            series.occurrences().take(300_000).map(|occurrence| occurrence.unwrap().at).collect()
        };
        assert_eq!(instants(&by_clock), instants(&by_minute), "{name}");
        if name != "Pacific/Apia" {
            assert_eq!(instants(&by_clock), instants(&by_interval), "{name}");
        }
    }
}
