//! How long the slowest questions take: rules made to be slow, each asked long after its start.
//!
//! Natively `cargo run --release --example adversary`; in wasm as `benches/wasm.mjs` says. It prints a line of JSON a
//! rule: microseconds (median of the runs) for making the series, and for its next occurrence after 2026-11-21.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::DateTime;
use rondo_recurrence::{Gap, Occurrence, Series, SeriesSpec};

const RUNS: usize = 21;
const NOW: &str = "2026-11-21T08:00:00Z";

/// What is slow about it, its rule, its start.
const RULES: [(&str, &str, &str); 20] = [
    ("plain", "FREQ=WEEKLY;BYDAY=FR;BYHOUR=14", "2026-01-01T00:00"),
    ("old", "FREQ=MINUTELY", "1970-01-01T00:00"),
    ("old, some hours", "FREQ=MINUTELY;BYHOUR=9,10,11,12,13,14,15,16,17", "1970-01-01T00:00"),
    ("old, odd steps", "FREQ=MINUTELY;INTERVAL=7;BYHOUR=9,17;BYMINUTE=0,15,30,45;BYDAY=MO,FR", "1970-01-01T00:00"),
    ("old, nearly a day", "FREQ=MINUTELY;INTERVAL=1439;BYHOUR=3;BYMINUTE=17", "1970-01-01T00:00"),
    ("old, hours with minutes", "FREQ=HOURLY;INTERVAL=5;BYMINUTE=0,30;BYHOUR=9,10", "1970-01-01T00:00"),
    (
        "old, hours with all minutes",
        "FREQ=HOURLY;INTERVAL=7;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30;BYDAY=MO",
        "1970-01-01T00:00",
    ),
    ("oldest", "FREQ=DAILY;INTERVAL=2;BYMONTH=1,3,5", "1900-01-01T09:00"),
    (
        "oldest, all minutes",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,5,10,15,20,25,30,35,40,45,50,55",
        "1900-01-01T09:00",
    ),
    (
        "all parts",
        "FREQ=YEARLY;BYMONTH=1,2,3,4,5,6;BYWEEKNO=1,5,9,13,17,21;BYYEARDAY=1,30,60,90,120,150,-200;BYMONTHDAY=1,2,10,20,29,30,31,-1;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=0,6,12;BYMINUTE=0,30;BYSETPOS=1,-1",
        "1970-01-01T00:00",
    ),
    (
        "positions in a year of minutes",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20;BYSETPOS=366,-366",
        "1970-01-01T00:00",
    ),
    ("leap day on Monday", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "1970-01-01T00:00"),
    ("leap day on Monday, daily", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "1970-01-01T00:00"),
    (
        "leap day on Monday, by minutes",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYHOUR=3;BYMINUTE=17",
        "1970-01-01T00:00",
    ),
    (
        "leap day every 37 minutes",
        "FREQ=MINUTELY;INTERVAL=37;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;BYMINUTE=17",
        "1970-01-01T00:00",
    ),
    ("leap day every 100 years", "FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29", "1900-01-01T00:00"),
    ("Friday the 13th every 11 days", "FREQ=DAILY;INTERVAL=11;BYMONTHDAY=13;BYDAY=FR", "1970-01-01T00:00"),
    ("week 53, every 3 years", "FREQ=YEARLY;INTERVAL=3;BYWEEKNO=53;BYDAY=MO", "1970-01-01T00:00"),
    (
        "every 1441 minutes on one day a year",
        "FREQ=MINUTELY;INTERVAL=1441;BYMONTH=3;BYMONTHDAY=10;BYHOUR=3",
        "1970-01-01T00:00",
    ),
    ("counted", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR;BYSETPOS=1,-1;COUNT=1000000", "1970-01-01T00:00"),
];

fn main() {
    let zone = rondo_zones::get("America/New_York").expect("a zone that jiff knows");
    let now: Timestamp = NOW.parse().expect("an instant");
    for (what, rule, start) in RULES {
        let spec = SeriesSpec {
            rule: rule.parse().unwrap_or_else(|error| panic!("{rule}: {error}")),
            starts_at: start.parse::<DateTime>().expect("a civil time"),
            zone: zone.clone(),
            gap: Gap::Shift,
            skipped: BTreeSet::new(),
            added: BTreeSet::new(),
        };
        let made = || Series::new(spec.clone()).unwrap_or_else(|error| panic!("{rule}: {error}"));
        let new = median(made);
        let next = median(|| made_and(&made, |series| series.next_after_instant(now)));
        let occurrence = made().next_after_instant(now).ok().flatten();
        let resumed =
            occurrence.map_or(0.0, |occurrence| median(|| made_and(&made, |series| series.resume_after(&occurrence))));
        let (at, number) =
            occurrence.map_or(("never".to_owned(), 0), |Occurrence { at, number, .. }| (at.to_string(), number));
        println!(
            r#"{{"what":"{what}","new":{new:.1},"next":{:.1},"resume":{:.1},"at":"{at}","number":{number}}}"#,
            next - new,
            resumed - new
        );
    }
}

/// A fresh series each time, as a component has it: nothing is remembered.
fn made_and<T>(made: &impl Fn() -> Series, ask: impl Fn(&Series) -> T) -> T {
    let series = made();
    ask(&series)
}

fn median<T>(work: impl Fn() -> T) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            black_box(work());
            started.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}
