//! Added and skipped dates, resuming, remarks, and the start that a series is given when none is.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use rondo_recurrence::{Note, Occurrence, Rule, default_start};

use support::{locals, series, series_with, times};

#[test]
fn an_added_date_occurs_in_order_and_does_not_count() {
    let daily = series_with("FREQ=DAILY;INTERVAL=2;COUNT=2", "2026-01-01T09:00", "UTC", |spec| {
        spec.added.insert("2026-01-02T12:00".parse().unwrap());
        spec.added.insert("2026-01-03T09:00".parse().unwrap());
    });
    assert_eq!(times(&daily, 9), ["2026-01-01 09:00", "2026-01-02 12:00", "2026-01-03 09:00"]);
    let numbers: Vec<u32> = daily.occurrences().map(|occurrence| occurrence.unwrap().number).collect();
    assert_eq!(numbers, [1, 1, 2]);
}

#[test]
fn an_added_date_that_is_skipped_does_not_occur() {
    let daily = series_with("FREQ=DAILY;COUNT=1", "2026-01-01T09:00", "UTC", |spec| {
        spec.added.insert("2026-01-02T12:00".parse().unwrap());
        spec.skipped.insert("2026-01-02T12:00".parse().unwrap());
    });
    assert_eq!(locals(&daily, 9), ["2026-01-01"]);
}

#[test]
fn a_counted_series_resumes_to_its_end() {
    let daily = series("FREQ=DAILY;COUNT=3", "2026-01-01T09:00", "Europe/Berlin");
    let mut last = daily.first().unwrap().unwrap();
    let mut numbers = vec![last.number];
    while let Some(next) = daily.resume_after(&last).unwrap() {
        numbers.push(next.number);
        last = next;
    }
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(daily.next_after_instant(last.at), Ok(None));
}

#[test]
fn a_series_on_the_wall_clock_resumes_by_its_civil_time_when_its_zone_has_changed() {
    let in_new_york = series("FREQ=DAILY", "2026-01-01T09:00", "America/New_York");
    let in_denver = series("FREQ=DAILY", "2026-01-01T09:00", "America/Denver");
    let first = in_new_york.first().unwrap().unwrap();
    let next = in_denver.resume_after(&first).unwrap().unwrap();
    assert_eq!(next.local.to_string(), "2026-01-02T09:00:00");
    assert_eq!(next.number, 2);
}

#[test]
fn the_hour_that_comes_twice_is_two_occurrences_by_elapsed_time() {
    let hourly = series("FREQ=HOURLY", "2024-10-27T00:00", "Europe/London");
    let night: Vec<Occurrence> = hourly.occurrences().take(4).map(Result::unwrap).collect();
    assert_eq!(night[1].local, night[2].local);
    assert_ne!(night[1].at, night[2].at);
    assert_eq!(night[2].note, Some(Note::SecondOfTwo));
    assert_eq!(night[2].remark().unwrap(), "01:00 comes twice on 2024-10-27: this is the second");
}

#[test]
fn a_remark_says_what_the_clocks_do() {
    let daily = series("FREQ=DAILY", "2027-03-14T02:30", "America/New_York");
    let remarks: Vec<Option<String>> =
        daily.occurrences().take(2).map(|occurrence| occurrence.unwrap().remark()).collect();
    let moved = "02:30 does not exist on 2027-03-14: the clock jumps over it, so it is later by as much";
    assert_eq!(remarks, [Some(moved.to_owned()), None]);
}

#[test]
fn a_start_that_is_not_given_is_now_cut_to_what_the_rule_leaves_open() {
    let now = "2026-11-21T08:37:12.5".parse().unwrap();
    let start = |rule: &str| default_start(now, &rule.parse::<Rule>().unwrap()).to_string();
    assert_eq!(start("FREQ=DAILY"), "2026-11-21T08:37:00");
    assert_eq!(start("FREQ=WEEKLY;BYDAY=FR;BYHOUR=14"), "2026-11-21T08:00:00");
    assert_eq!(start("FREQ=HOURLY;BYMINUTE=15"), "2026-11-21T08:37:00");
}

#[test]
fn hours_with_minutes_are_counted_where_zones_move_by_half_an_hour() {
    let hourly =
        series("FREQ=HOURLY;INTERVAL=5;BYMINUTE=0,20,40;BYHOUR=1,2,9", "1981-01-01T00:10", "Australia/Lord_Howe");
    for (index, occurrence) in hourly.occurrences().take(20_000).map(Result::unwrap).enumerate().step_by(97) {
        let before = occurrence.at - jiff::SignedDuration::from_secs(1);
        assert_eq!(hourly.next_after_instant(before), Ok(Some(occurrence)), "the {index}th");
        assert_eq!(rondo_zones::get("Australia/Lord_Howe").unwrap().to_datetime(occurrence.at), occurrence.local);
    }
}
