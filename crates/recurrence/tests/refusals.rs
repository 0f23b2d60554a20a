//! What is refused, and which part is said to be at fault.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use rondo_recurrence::Rule;

use support::{refusal, series, spec, utc};

fn part_at_fault(rule: &str) -> &'static str {
    match rule.parse::<Rule>() {
        Ok(rule) => panic!("`{rule}` is taken"),
        Err(error) => error.part(),
    }
}

#[test]
fn a_part_that_can_not_be_is_named() {
    let faults = [
        ("", "RRULE"),
        ("every day", "RRULE"),
        ("FREQ=DAILY;", "RRULE"),
        ("FREQ=DAILY;BYEASTER=1", "RRULE"),
        ("FREQ=DAILY;X-A=1", "RRULE"),
        ("INTERVAL=2", "FREQ"),
        ("FREQ=SECONDLY", "FREQ"),
        ("FREQ=FORTNIGHTLY", "FREQ"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=4294967296", "INTERVAL"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;COUNT=", "COUNT"),
        ("FREQ=DAILY;COUNT=1;UNTIL=20261231", "COUNT"),
        ("FREQ=DAILY;UNTIL=20260230", "UNTIL"),
        ("FREQ=DAILY;UNTIL=2026-12-31", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20261231T2500", "UNTIL"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "UNTIL"),
        ("FREQ=WEEKLY;BYDAY=2MO", "BYDAY"),
        ("FREQ=DAILY;BYDAY=-1FR", "BYDAY"),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY"),
        ("FREQ=YEARLY;BYDAY=XX", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=é", "BYDAY"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO"),
        ("FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY"),
        ("FREQ=YEARLY;BYYEARDAY=0", "BYYEARDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,,2", "BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR"),
        ("FREQ=DAILY;BYMINUTE=60", "BYMINUTE"),
        ("FREQ=MINUTELY;BYSECOND=0,30", "BYSECOND"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367", "BYSETPOS"),
        ("FREQ=WEEKLY;WKST=XX", "WKST"),
    ];
    for (rule, part) in faults {
        assert_eq!(part_at_fault(rule), part, "{rule}");
    }
}

#[test]
fn a_text_over_512_bytes_is_no_rule() {
    let longest = format!("FREQ=DAILY;BYMONTHDAY={}1", "1,".repeat(245));
    assert_eq!(longest.len(), 512 + 1);
    assert_eq!(part_at_fault(&longest), "RRULE");
    assert!(longest.replace(",1,1,", ",1,").parse::<Rule>().is_ok());
}

#[test]
fn a_rule_that_never_matches_names_the_part_that_rules_all_out() {
    let faults = [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTH=4,6;BYMONTHDAY=31", "BYMONTHDAY"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "BYMONTHDAY"),
        ("FREQ=HOURLY;INTERVAL=24;BYHOUR=10", "BYHOUR"),
        ("FREQ=HOURLY;INTERVAL=6;BYHOUR=10", "BYHOUR"),
        ("FREQ=MINUTELY;INTERVAL=30;BYMINUTE=15", "BYMINUTE"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=SU", "BYDAY"),
        ("FREQ=HOURLY;INTERVAL=168;BYDAY=SU", "BYDAY"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=4", "BYMONTH"),
        ("FREQ=YEARLY;BYMONTH=1;BYYEARDAY=100", "BYYEARDAY"),
        ("FREQ=YEARLY;BYMONTH=6;BYWEEKNO=1", "BYWEEKNO"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "BYMONTHDAY"),
        ("FREQ=YEARLY;INTERVAL=2;BYYEARDAY=366", "BYYEARDAY"),
        ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "BYSETPOS"),
        ("FREQ=MINUTELY;BYHOUR=9;BYSETPOS=2", "BYSETPOS"),
        ("FREQ=MINUTELY;INTERVAL=1440;BYMONTH=2;BYMONTHDAY=30", "BYMONTHDAY"),
    ];
    for zone in ["UTC", "America/New_York"] {
        for (rule, part) in faults {
            assert_eq!(refusal(rule, "2023-03-01T09:00", zone).part(), part, "{rule}");
        }
    }
}

#[test]
fn a_series_that_ends_before_it_begins_is_refused() {
    assert_eq!(refusal("FREQ=DAILY;UNTIL=20221231", "2023-01-01T09:00", "UTC").part(), "UNTIL");
    assert_eq!(refusal("FREQ=DAILY;UNTIL=20230101T085959", "2023-01-01T09:00", "UTC").part(), "UNTIL");
    assert_eq!(utc(&series("FREQ=DAILY;UNTIL=20230101", "2023-01-01T09:00", "UTC"), 9).len(), 1);
    assert_eq!(utc(&series("FREQ=DAILY;UNTIL=20230101T090000", "2023-01-01T09:00", "UTC"), 9).len(), 1);
    assert_eq!(utc(&series("FREQ=HOURLY;UNTIL=20230101T110000Z", "2023-01-01T09:00", "UTC"), 9).len(), 3);
    assert_eq!(utc(&series("FREQ=HOURLY;UNTIL=20230101", "2023-01-01T09:00", "Asia/Tokyo"), 99).len(), 15);
}

#[test]
fn a_series_starts_in_a_year_whose_clocks_are_known() {
    assert_eq!(refusal("FREQ=DAILY", "1899-12-31T09:00", "UTC").part(), "DTSTART");
    assert_eq!(refusal("FREQ=DAILY", "3000-01-01T09:00", "UTC").part(), "DTSTART");
}

#[test]
fn a_series_whose_every_occurrence_is_skipped_is_a_series_still() {
    let mut spec = spec("FREQ=DAILY;COUNT=1", "2023-01-01T09:00", "UTC");
    spec.skipped.insert(spec.starts_at);
    let series = rondo_recurrence::Series::new(spec).unwrap();
    assert_eq!(series.first(), Ok(None));
}
