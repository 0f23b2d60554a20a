//! The examples of RFC 5545 §3.8.5.3, all in New York.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::{locals, series, series_with, times};

const ZONE: &str = "America/New_York";

/// `from` is a date; all examples start at 09:00.
fn occurs(rule: &str, from: &str, expected: &str) {
    let expected = dates(expected);
    let series = series(rule, &format!("{from}T09:00"), ZONE);
    let endless = series.rule().count().is_none() && series.rule().until().is_none();
    let asked = if endless { expected.len() } else { 1_000 };
    assert_eq!(locals(&series, asked), expected, "{rule}");
}

/// `1997-09: 2 9; 1997-10: 7` is three dates.
fn dates(text: &str) -> Vec<String> {
    let months = text.split("; ").map(|month| month.split_once(": ").unwrap());
    months
        .flat_map(|(month, days)| days.split(' ').map(move |day| format!("{month}-{:02}", day.parse::<u8>().unwrap())))
        .collect()
}

/// All days from one to another of a month.
fn days(month: &str, first: u8, last: u8) -> String {
    let days: Vec<String> = (first..=last).map(|day| day.to_string()).collect();
    format!("{month}: {}", days.join(" "))
}

#[test]
fn daily() {
    occurs("FREQ=DAILY;COUNT=10", "1997-09-02", "1997-09: 2 3 4 5 6 7 8 9 10 11");
    let until_christmas =
        [days("1997-09", 2, 30), days("1997-10", 1, 31), days("1997-11", 1, 30), days("1997-12", 1, 23)].join("; ");
    occurs("FREQ=DAILY;UNTIL=19971224T000000Z", "1997-09-02", &until_christmas);
    occurs("FREQ=DAILY;INTERVAL=2", "1997-09-02", "1997-09: 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30; 1997-10: 2 4");
    occurs("FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02", "1997-09: 2 12 22; 1997-10: 2 12");
}

#[test]
fn every_day_in_january_for_three_years() {
    let januaries = [days("1998-01", 1, 31), days("1999-01", 1, 31), days("2000-01", 1, 31)].join("; ");
    let yearly = "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA";
    occurs(yearly, "1998-01-01", &januaries);
    occurs("FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", "1998-01-01", &januaries);
}

#[test]
fn weekly() {
    let ten = "1997-09: 2 9 16 23 30; 1997-10: 7 14 21 28; 1997-11: 4";
    occurs("FREQ=WEEKLY;COUNT=10", "1997-09-02", ten);
    let until_christmas = format!("{ten} 11 18 25; 1997-12: 2 9 16 23");
    occurs("FREQ=WEEKLY;UNTIL=19971224T000000Z", "1997-09-02", &until_christmas);
    let other = "1997-09: 2 16 30; 1997-10: 14 28; 1997-11: 11 25; 1997-12: 9 23; 1998-01: 6 20; 1998-02: 3 17";
    occurs("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02", other);
    let five_weeks = "1997-09: 2 4 9 11 16 18 23 25 30; 1997-10: 2";
    occurs("FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "1997-09-02", five_weeks);
    occurs("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997-09-02", five_weeks);
    let other =
        "1997-09: 1 3 5 15 17 19 29; 1997-10: 1 3 13 15 17 27 29 31; 1997-11: 10 12 14 24 26 28; 1997-12: 8 10 12 22";
    occurs("FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR", "1997-09-01", other);
    let eight = "1997-09: 2 4 16 18 30; 1997-10: 2 14 16";
    occurs("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997-09-02", eight);
}

#[test]
fn monthly_by_weekday() {
    let first_fridays = "1997-09: 5; 1997-10: 3; 1997-11: 7; 1997-12: 5";
    let ten = format!("{first_fridays}; 1998-01: 2; 1998-02: 6; 1998-03: 6; 1998-04: 3; 1998-05: 1; 1998-06: 5");
    occurs("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997-09-05", &ten);
    occurs("FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "1997-09-05", first_fridays);
    let sundays = "1997-09: 7 28; 1997-11: 2 30; 1998-01: 4 25; 1998-03: 1 29; 1998-05: 3 31";
    occurs("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07", sundays);
    let mondays = "1997-09: 22; 1997-10: 20; 1997-11: 17; 1997-12: 22; 1998-01: 19; 1998-02: 16";
    occurs("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22", mondays);
    let tuesdays = "1997-09: 2 9 16 23 30; 1997-11: 4 11 18 25; 1998-01: 6 13 20 27; 1998-03: 3 10 17 24 31";
    occurs("FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "1997-09-02", tuesdays);
}

#[test]
fn monthly_by_day() {
    let third_to_last = "1997-09: 28; 1997-10: 29; 1997-11: 28; 1997-12: 29; 1998-01: 29; 1998-02: 26";
    occurs("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", third_to_last);
    let twice = "1997-09: 2 15; 1997-10: 2 15; 1997-11: 2 15; 1997-12: 2 15; 1998-01: 2 15";
    occurs("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "1997-09-02", twice);
    let first_and_last = "1997-09: 30; 1997-10: 1 31; 1997-11: 1 30; 1997-12: 1 31; 1998-01: 1 31; 1998-02: 1";
    occurs("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997-09-30", first_and_last);
    let each_18_months = "1997-09: 10 11 12 13 14 15; 1999-03: 10 11 12 13";
    occurs("FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997-09-10", each_18_months);
    let five = "2007-01: 15 30; 2007-02: 15; 2007-03: 15 30";
    occurs("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15", five);
}

#[test]
fn yearly() {
    let summers: Vec<String> = (1997..=2001).map(|year| format!("{year}-06: 10; {year}-07: 10")).collect();
    occurs("FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "1997-06-10", &summers.join("; "));
    let winters: Vec<String> =
        [1999, 2001, 2003].map(|year| format!("{year}-01: 10; {year}-02: 10; {year}-03: 10")).to_vec();
    occurs(
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997-03-10",
        &format!("1997-03: 10; {}", winters.join("; ")),
    );
    let by_day = "1997-01: 1; 1997-04: 10; 1997-07: 19; 2000-01: 1; 2000-04: 9; 2000-07: 18; 2003-01: 1; 2003-04: 10; 2003-07: 19; 2006-01: 1";
    occurs("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "1997-01-01", by_day);
    occurs("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997-05: 19; 1998-05: 18; 1999-05: 17");
    occurs("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", "1997-05: 12; 1998-05: 11; 1999-05: 17");
    let march = "1997-03: 13 20 27; 1998-03: 5 12 19 26; 1999-03: 4 11 18 25";
    occurs("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13", march);
    let summer = "1997-06: 5 12 19 26; 1997-07: 3 10 17 24 31; 1997-08: 7 14 21 28; 1998-06: 4 11 18 25; 1998-07: 2 9 16 23 30; 1998-08: 6 13 20 27";
    occurs("FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8", "1997-06-05", summer);
}

#[test]
fn days_that_must_be_two_things_at_once() {
    let fridays_the_13th = series_with("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02T09:00", ZONE, |spec| {
        spec.skipped.insert("1997-09-02T09:00".parse().unwrap());
    });
    assert_eq!(locals(&fridays_the_13th, 5), dates("1998-02: 13; 1998-03: 13; 1998-11: 13; 1999-08: 13; 2000-10: 13"));
    let saturdays = "1997-09: 13; 1997-10: 11; 1997-11: 8; 1997-12: 13; 1998-01: 10; 1998-02: 7; 1998-03: 7; 1998-04: 11; 1998-05: 9; 1998-06: 13";
    occurs("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "1997-09-13", saturdays);
    let elections = "1996-11: 5; 2000-11: 7; 2004-11: 2";
    occurs("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05", elections);
}

#[test]
fn by_position() {
    occurs("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", "1997-09: 4; 1997-10: 7; 1997-11: 6");
    let next_to_last = "1997-09: 29; 1997-10: 30; 1997-11: 27; 1997-12: 30; 1998-01: 29; 1998-02: 26; 1998-03: 30";
    occurs("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29", next_to_last);
}

#[test]
fn several_times_a_day() {
    let hourly = series("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z", "1997-09-02T09:00", ZONE);
    // The RFC lists 15:00 as well and takes 17:00Z for a local time: it is 13:00 in New York.
    assert_eq!(times(&hourly, 9), ["1997-09-02 09:00", "1997-09-02 12:00"]);
    let quarters = series("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "1997-09-02T09:00", ZONE);
    let expected = ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15"].map(|time| format!("1997-09-02 {time}"));
    assert_eq!(times(&quarters, 9), expected);
    let hour_and_a_half = series("FREQ=MINUTELY;INTERVAL=90;COUNT=4", "1997-09-02T09:00", ZONE);
    assert_eq!(
        times(&hour_and_a_half, 9),
        ["09:00", "10:30", "12:00", "13:30"].map(|time| format!("1997-09-02 {time}"))
    );
}

#[test]
fn every_20_minutes_of_the_working_day() {
    let daily = series("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", "1997-09-02T09:00", ZONE);
    let minutely = series("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", "1997-09-02T09:00", ZONE);
    let expected: Vec<String> = (2..4)
        .flat_map(|day| {
            (9..17).flat_map(move |hour| [0, 20, 40].map(|minute| format!("1997-09-{day:02} {hour:02}:{minute:02}")))
        })
        .collect();
    assert_eq!(times(&daily, 48), expected);
    assert_eq!(times(&minutely, 48), expected);
}

#[test]
fn the_start_of_the_week_makes_a_difference() {
    occurs("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "1997-08: 5 10 19 24");
    occurs("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "1997-08: 5 17 19 31");
}
