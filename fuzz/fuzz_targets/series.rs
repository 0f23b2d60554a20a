//! Any rule from any start in any zone: asking for occurrences never panics or stalls, and they come in order.
//!
//! The first bytes choose start, zone and gap, the rest is the rule.
#![no_main]

use std::collections::BTreeSet;
use std::time::Duration;

use cpu_time::ThreadTime;
use jiff::civil::{Date, DateTime};
use jiff::{Span, Timestamp};
use libfuzzer_sys::fuzz_target;
use rondo_recurrence::{Gap, Occurrence, Series, SeriesSpec};

const ZONES: [&str; 8] = [
    "UTC",
    "America/New_York",
    "America/Havana",
    "Africa/Cairo",
    "Africa/Monrovia",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
];
const BYTES_BEFORE_RULE: usize = 6;
/// Far above what any rule takes without instrumentation, far below what a stall is.
const LIMIT: Duration = Duration::from_millis(500);

fuzz_target!(|data: &[u8]| {
    let Some(series) = series(data) else { return };
    let mut occurrences = series.occurrences();
    let (Some(Ok(first)), Some(Ok(second))) = (occurrences.next(), occurrences.next()) else { return };
    assert!(first.at < second.at);
    in_time(|| assert_eq!(series.resume_after(&first), Ok(Some(second))));
    in_time(|| assert_eq!(series.next_after_instant(first.at), Ok(Some(second))));
    let later = Timestamp::constant(2_000_000_000, 0);
    let next = in_time(|| series.next_after_instant(later));
    if let Ok(Some(Occurrence { at, .. })) = next {
        assert!(at > later);
    }
});

fn series(data: &[u8]) -> Option<Series> {
    let (choices, rule) = data.split_at_checked(BYTES_BEFORE_RULE)?;
    let rule = str::from_utf8(rule).ok()?.parse().ok()?;
    let [days_low, days_high, minutes_low, minutes_high, zone, gap] = choices.try_into().ok()?;
    let spec = SeriesSpec {
        rule,
        starts_at: start([days_low, days_high], [minutes_low, minutes_high]),
        zone: rondo_zones::get(ZONES[usize::from(zone) % ZONES.len()])?,
        gap: if gap % 2 == 0 { Gap::Shift } else { Gap::Skip },
        skipped: BTreeSet::new(),
        added: BTreeSet::new(),
    };
    in_time(|| Series::new(spec)).ok()
}

/// From 1900 to 2079.
fn start(days: [u8; 2], minutes: [u8; 2]) -> DateTime {
    let days = i64::from(u16::from_le_bytes(days));
    let minutes = i64::from(u16::from_le_bytes(minutes)) % 1_440;
    Date::constant(1900, 1, 1).at(0, 0, 0, 0).saturating_add(Span::new().days(days).minutes(minutes))
}

fn in_time<T>(work: impl FnOnce() -> T) -> T {
    // Of this thread's processor: others may hold it up.
    let started = ThreadTime::now();
    let result = work();
    assert!(started.elapsed() < LIMIT, "took {:?}", started.elapsed());
    result
}
