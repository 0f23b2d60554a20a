//! The vectors that Rondo promises: what its rules do where time goes wrong, and where engines differ.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use jiff::Timestamp;
use rondo_recurrence::{Gap, Note, Occurrence};

use support::{locals, series, series_with, utc};

#[test]
fn a_time_that_the_clock_jumps_over_is_as_much_later_as_the_gap_is_long() {
    let daily = series("FREQ=DAILY", "2024-03-09T02:30", "America/New_York");
    assert_eq!(utc(&daily, 3), ["2024-03-09T07:30:00Z", "2024-03-10T07:30:00Z", "2024-03-11T06:30:00Z"]);
}

#[test]
fn a_time_that_comes_twice_is_the_first() {
    let daily = series("FREQ=DAILY", "2024-11-02T01:30", "America/New_York");
    assert_eq!(utc(&daily, 3), ["2024-11-02T05:30:00Z", "2024-11-03T05:30:00Z", "2024-11-04T06:30:00Z"]);
}

#[test]
fn a_missing_or_doubled_midnight_loses_and_doubles_nothing() {
    let sao_paulo = series("FREQ=DAILY", "2018-11-04T00:30", "America/Sao_Paulo");
    assert_eq!(utc(&sao_paulo, 1), ["2018-11-04T03:30:00Z"]);
    let cairo = series("FREQ=DAILY", "2024-04-26T00:00", "Africa/Cairo");
    assert_eq!(utc(&cairo, 1), ["2024-04-25T22:00:00Z"]);
    let havana = series("FREQ=DAILY", "2024-11-03T00:30", "America/Havana");
    assert_eq!(utc(&havana, 2), ["2024-11-03T04:30:00Z", "2024-11-04T05:30:00Z"]);
}

#[test]
fn hours_elapse_where_the_clocks_go_back() {
    let hourly = series("FREQ=HOURLY", "2024-10-27T00:00", "Europe/London");
    let hours = ["2024-10-26T23:00:00Z", "2024-10-27T00:00:00Z", "2024-10-27T01:00:00Z", "2024-10-27T02:00:00Z"];
    assert_eq!(utc(&hourly, 5)[..4], hours);
    assert_eq!(utc(&hourly, 5)[4], "2024-10-27T03:00:00Z");
}

#[test]
fn every_second_week_begins_where_wkst_says() {
    let from_monday =
        series("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05T09:00", "America/New_York");
    assert_eq!(locals(&from_monday, 9), ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]);
    let from_sunday =
        series("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05T09:00", "America/New_York");
    assert_eq!(locals(&from_sunday, 9), ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]);
}

#[test]
fn positions_are_counted_in_the_whole_week_also_in_the_first() {
    let weekly = series("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,3", "2024-10-23T09:00", "UTC");
    assert_eq!(locals(&weekly, 3), ["2024-10-23", "2024-10-28", "2024-10-30"]);
}

#[test]
fn months_without_the_day_are_left_out_unless_the_last_day_is_meant() {
    let on_the_31st = series("FREQ=MONTHLY", "2024-01-31T09:00", "UTC");
    assert_eq!(locals(&on_the_31st, 4), ["2024-01-31", "2024-03-31", "2024-05-31", "2024-07-31"]);
    let last_day = series("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "2024-01-31T09:00", "UTC");
    assert_eq!(locals(&last_day, 4), ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]);
    let twice_a_month = series("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15T09:00", "America/New_York");
    assert_eq!(locals(&twice_a_month, 9), ["2007-01-15", "2007-01-30", "2007-02-15", "2007-03-15", "2007-03-30"]);
    let leap_day = series("FREQ=YEARLY", "2024-02-29T09:00", "UTC");
    assert_eq!(locals(&leap_day, 3), ["2024-02-29", "2028-02-29", "2032-02-29"]);
}

#[test]
fn a_skipped_occurrence_counts_for_count() {
    let daily = series_with("FREQ=DAILY;COUNT=3", "2024-01-01T09:00", "UTC", |spec| {
        spec.skipped.insert("2024-01-02T09:00".parse().unwrap());
    });
    assert_eq!(locals(&daily, 9), ["2024-01-01", "2024-01-03"]);
    let numbers: Vec<u32> = daily.occurrences().map(|occurrence| occurrence.unwrap().number).collect();
    assert_eq!(numbers, [1, 3]);
}

#[test]
fn only_long_years_have_a_week_53() {
    let yearly = series("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "2020-01-01T09:00", "UTC");
    assert_eq!(locals(&yearly, 4), ["2020-12-28", "2026-12-28", "2032-12-27", "2037-12-28"]);
}

#[test]
fn two_civil_times_on_one_instant_are_one_occurrence() {
    let daily = series("FREQ=DAILY", "2011-12-28T09:00", "Pacific/Apia");
    assert_eq!(locals(&daily, 4), ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"]);
    let numbers: Vec<u32> = daily.occurrences().take(4).map(|occurrence| occurrence.unwrap().number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[test]
fn what_is_moved_out_of_a_gap_is_put_in_order_behind_it() {
    let rule = "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=15,45;BYSETPOS=2,3";
    let daily = series(rule, "2024-03-10T00:00", "America/New_York");
    let first: Vec<Occurrence> = daily.occurrences().take(2).map(Result::unwrap).collect();
    let instants: Vec<Timestamp> = first.iter().map(|occurrence| occurrence.at).collect();
    assert_eq!(instants, ["2024-03-10T07:15:00Z".parse().unwrap(), "2024-03-10T07:45:00Z".parse().unwrap()]);
    assert_eq!(first[1].note, Some(Note::Moved));
    assert_eq!(daily.next_after_instant(instants[0]), Ok(Some(first[1])));
    assert_eq!(daily.resume_after(&first[0]), Ok(Some(first[1])));
}

#[test]
fn a_series_that_skips_gaps_has_nothing_there() {
    let daily = series_with("FREQ=DAILY", "2024-03-09T02:30", "America/New_York", |spec| spec.gap = Gap::Skip);
    assert_eq!(utc(&daily, 2), ["2024-03-09T07:30:00Z", "2024-03-11T06:30:00Z"]);
}
