//! Rules in words.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::series;

/// From Friday 2026-01-30, 09:00.
fn summary(rule: &str) -> String {
    series(rule, "2026-01-30T09:00", "UTC").summary()
}

#[test]
fn every_rule_that_forms_make_reads_as_a_person_would_say_it() {
    let said = [
        ("FREQ=DAILY", "Every day at 09:00"),
        ("FREQ=DAILY;INTERVAL=3", "Every 3 days at 09:00"),
        ("FREQ=DAILY;BYHOUR=8,20;BYMINUTE=30", "Every day at 08:30 and 20:30"),
        ("FREQ=WEEKLY", "Every week on Friday at 09:00"),
        ("FREQ=WEEKLY;BYDAY=FR;BYHOUR=14", "Every week on Friday at 14:00"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday at 09:00"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU", "Every 2 weeks on Tuesday and Sunday at 09:00, 4 times"),
        ("FREQ=MONTHLY", "Every month on the 30th at 09:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "Every month on the 1st and 15th at 09:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "Every month on the last day at 09:00"),
        ("FREQ=MONTHLY;BYDAY=2FR", "Every month on the 2nd Friday at 09:00"),
        ("FREQ=MONTHLY;BYDAY=-1MO", "Every month on the last Monday at 09:00"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "Every month on the last weekday at 09:00"),
        ("FREQ=YEARLY", "Every year on January 30 at 09:00"),
        ("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=30", "Every year on September 30 at 09:00"),
        ("FREQ=YEARLY;BYMONTH=3,6", "Every year on March 30 and June 30 at 09:00"),
        ("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "Every year on the last Sunday in March at 09:00"),
        ("FREQ=HOURLY;INTERVAL=6", "Every 6 hours"),
        ("FREQ=MINUTELY;INTERVAL=15", "Every 15 minutes"),
        ("FREQ=DAILY;UNTIL=20261231", "Every day at 09:00, until December 31, 2026"),
        ("FREQ=DAILY;COUNT=1", "Every day at 09:00, once"),
    ];
    for (rule, words) in said {
        assert_eq!(summary(rule), words, "{rule}");
    }
}

#[test]
fn every_other_rule_can_be_read() {
    let said = [
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "Every month on the 13th if it is Friday at 09:00"),
        ("FREQ=YEARLY;BYYEARDAY=1,-1", "Every year on the 1st day and last day of the year at 09:00"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "Every year on Monday in the 20th week of the year at 09:00"),
        ("FREQ=YEARLY;BYDAY=20MO", "Every year on the 20th Monday of the year at 09:00"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "Every year on every Thursday in March at 09:00"),
        ("FREQ=DAILY;BYMONTH=1", "Every day in January at 09:00"),
        ("FREQ=DAILY;BYDAY=MO,SA", "Every day if it is Monday or Saturday at 09:00"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
            "Every month, the last of those on the 28th, 29th, 30th and 31st at 09:00",
        ),
        ("FREQ=HOURLY;BYMINUTE=0,30;BYHOUR=9", "Every hour at the minutes 0 and 30 in the hour from 09:00"),
        ("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10", "Every 20 minutes in the hours from 09:00 and 10:00"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "Every 2 weeks on Friday at 09:00, weeks beginning on Sunday"),
        ("FREQ=DAILY;UNTIL=20261231T090000Z", "Every day at 09:00, until December 31, 2026 at 09:00"),
        (
            "FREQ=DAILY;BYHOUR=1,2,3,4;BYMINUTE=0,30",
            "Every day at the minutes 0 and 30 in the hours from 01:00, 02:00, 03:00 and 04:00",
        ),
    ];
    for (rule, words) in said {
        assert_eq!(summary(rule), words, "{rule}");
    }
}

#[test]
fn the_end_is_said_by_the_clocks_of_the_series_and_the_end_of_a_day_as_the_day() {
    let summary =
        |until: &str| series(&format!("FREQ=DAILY;UNTIL={until}"), "2026-01-30T09:00", "Europe/Berlin").summary();
    assert_eq!(summary("20261224T225959Z"), "Every day at 09:00, until December 24, 2026");
    assert_eq!(summary("20261224T080000Z"), "Every day at 09:00, until December 24, 2026 at 09:00");
    assert_eq!(summary("20261224T235959"), "Every day at 09:00, until December 24, 2026");
}

#[test]
fn without_a_start_only_the_rule_is_said() {
    let said = [
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU", "Every 2 weeks on Tuesday and Sunday, 4 times"),
        ("FREQ=WEEKLY;BYDAY=FR;BYHOUR=14", "Every week on Friday at 14:00"),
        ("FREQ=MONTHLY", "Every month"),
        ("FREQ=YEARLY", "Every year"),
    ];
    for (rule, words) in said {
        assert_eq!(rule.parse::<rondo_recurrence::Rule>().unwrap().summary(), words, "{rule}");
    }
}
