//! The IANA time zone database, small enough for each component to carry it.
//!
//! `jiff`'s own bundle holds each zone as a TZif file (RFC 9636), 225 kB in all, which was a fifth of a component that knows
//! zones. Here `build.rs` makes three things of the same files, a third as large, and [`get`] makes TZif of one zone again, the very
//! bytes, for `jiff` to read:
//!
//! - `NAMES`: each name with the number of its zone, in the order of the alphabet, whatever the case. Many zones have several.
//! - `GAPS`: the seconds that lie between one transition and the next, each length once, the most frequent first: a few of them,
//!   such as 26 weeks, are most.
//! - `ZONES`: for each zone, the length of what follows, and
//!     1. a byte: the version of TZif;
//!     2. how many transitions, types of local time, and bytes of abbreviations there are;
//!     3. the time of the first transition as in TZif, 0 if there is none;
//!     4. for each transition the number in `GAPS` of the seconds since the one before; the first lies 0 seconds after itself;
//!     5. for each transition the number of its type, in four bits, the lower ones first;
//!     6. types, abbreviations and footer as in TZif.
//!
//! Lengths, counts and numbers of gaps are LEB128: seven bits a byte, the lowest first, the eighth bit set if more follow.
//!
//! What a zone could have in TZif and none has (leap seconds, marks for standard or universal time, data for 32 bits) is not here;
//! `build.rs` fails if that ever changes.

mod tzif;

use std::sync::{PoisonError, RwLock};

use jiff::tz::TimeZone;

include!(concat!(env!("OUT_DIR"), "/database.rs"));

/// The zones that were asked for. To read one takes tens of microseconds, and who asks once asks for each of many tasks.
static READ: RwLock<Vec<(&str, TimeZone)>> = RwLock::new(Vec::new());

/// Every name of the database.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|&(name, _)| name)
}

/// The name as the database spells it, for one in any case.
#[must_use]
pub fn spelled(name: &str) -> Option<&'static str> {
    find(name).map(|(name, _)| name)
}

/// The zone of this name, in any case; `None` if the database has none.
#[must_use]
pub fn get(name: &str) -> Option<TimeZone> {
    if let Some(zone) = read_before(name) {
        return Some(zone);
    }
    let (name, zone) = read(name)?;
    READ.write().unwrap_or_else(PoisonError::into_inner).push((name, zone.clone()));
    Some(zone)
}

fn read_before(name: &str) -> Option<TimeZone> {
    let zones = READ.read().unwrap_or_else(PoisonError::into_inner);
    zones.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, zone)| zone.clone())
}

fn read(name: &str) -> Option<(&'static str, TimeZone)> {
    let (name, number) = find(name)?;
    // The one that jiff computes without a table.
    let zone = if name == "UTC" { TimeZone::UTC } else { TimeZone::tzif(name, &tzif::of_zone(number)?).ok()? };
    Some((name, zone))
}

fn find(name: &str) -> Option<(&'static str, usize)> {
    let place = NAMES.binary_search_by(|&(known, _)| lower_case(known).cmp(lower_case(name))).ok()?;
    NAMES.get(place).map(|&(name, number)| (name, usize::from(number)))
}

fn lower_case(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().map(|letter| letter.to_ascii_lowercase())
}
