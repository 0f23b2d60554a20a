//! Times as they come in: instants in RFC 3339 with any offset, and civil times of some zone without one.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

use crate::ValueError;

/// The version of the IANA time zone database in this program, such as 2026a. Later ones sort after earlier ones.
pub const ZONE_DATA_VERSION: &str = rondo_zones::VERSION;

/// The instant that `text` names, in the years 1 to 9999.
///
/// # Errors
/// It is no RFC 3339 date-time, has no offset, or lies outside those years.
pub fn instant(text: &str) -> Result<Timestamp, ValueError> {
    let wrong = || ValueError::new("must be a time as in RFC 3339, with an offset, such as 2026-12-01T09:00:00Z");
    // jiff also reads shorter forms and names in brackets, which RFC 3339 does not have.
    let shaped = text.len() >= 20 && text.as_bytes().get(10).is_some_and(|c| matches!(c, b'T' | b't' | b' '));
    if !shaped || text.starts_with(['-', '+']) || text.contains('[') {
        return Err(wrong());
    }
    let instant: Timestamp = text.parse().map_err(|_| wrong())?;
    let year = instant.to_zoned(TimeZone::UTC).year();
    if !(1..=9999).contains(&year) {
        return Err(ValueError::new("must lie in the years 1 to 9999"));
    }
    Ok(instant)
}

/// A time as it is said of a series: in its zone, or with an offset of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// With an offset: the same everywhere.
    Instant(Timestamp),
    /// A civil time of the series' zone, to the second.
    Civil(DateTime),
    /// A whole day of the series' zone.
    Day(Date),
}

impl Moment {
    /// The time that `text` names: `2026-12-01T09:00:00`, the same with an offset, or `2026-12-01`.
    ///
    /// # Errors
    /// It is none of them, or lies outside of the years 1 to 9999.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let wrong = || ValueError::new("must be a time such as 2026-12-01T09:00:00, with or without an offset");
        // What jiff reads beyond this (an offset that is passed over, weeks, names in brackets) would not mean what it says.
        let is_civil = text.bytes().enumerate().all(|(index, c)| match index {
            4 | 7 => c == b'-',
            10 => matches!(c, b'T' | b't' | b' '),
            13 | 16 => c == b':',
            19 => c == b'.',
            _ => c.is_ascii_digit(),
        });
        let moment = match text.len() {
            10 if is_civil => Self::Day(text.parse().map_err(|_| wrong())?),
            16.. if is_civil => Self::Civil(whole_second(text.parse().map_err(|_| wrong())?)),
            _ => return instant(text).map(Self::Instant).map_err(|_| wrong()),
        };
        match moment {
            Self::Civil(civil) if civil.year() < 1 => Err(ValueError::new("must lie in the years 1 to 9999")),
            Self::Day(day) if day.year() < 1 => Err(ValueError::new("must lie in the years 1 to 9999")),
            moment => Ok(moment),
        }
    }

    /// A time as [`Self::parse`] reads it, but no whole day.
    ///
    /// # Errors
    /// See [`Self::parse`].
    pub fn parse_time(text: &str) -> Result<Self, ValueError> {
        match Self::parse(text)? {
            Self::Day(_) => Err(ValueError::new("must have a time of day, as in 2026-12-01T09:00:00")),
            moment => Ok(moment),
        }
    }

    /// What the clocks of `zone` show then, to the second; at the beginning of a whole day.
    #[must_use]
    pub fn civil(self, zone: &TimeZone) -> DateTime {
        match self {
            Self::Instant(instant) => whole_second(zone.to_datetime(instant)),
            Self::Civil(civil) => civil,
            Self::Day(day) => day.to_datetime(jiff::civil::Time::midnight()),
        }
    }

    /// The last instant that belongs to it in `zone`, to the second: of a whole day its last. A civil time that comes twice is
    /// the first of the two, one that does not exist is moved forward.
    ///
    /// # Errors
    /// It lies at the end of time.
    pub fn last_instant(self, zone: &TimeZone) -> Result<Timestamp, ValueError> {
        let out_of_range = |_| ValueError::new("must lie in the years 1 to 9999");
        match self {
            Self::Instant(instant) => {
                instant.round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor)).map_err(out_of_range)
            }
            Self::Civil(civil) => zone.to_timestamp(civil).map_err(out_of_range),
            Self::Day(day) => {
                let next_midnight =
                    day.tomorrow().and_then(|day| zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight())));
                next_midnight.map(|midnight| midnight - SignedDuration::from_secs(1)).map_err(out_of_range)
            }
        }
    }
}

fn whole_second(civil: DateTime) -> DateTime {
    civil.with().subsec_nanosecond(0).build().unwrap_or(civil)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};

    use super::*;

    fn zone(name: &str) -> TimeZone {
        rondo_zones::get(name).expect("a zone")
    }

    #[test]
    fn a_civil_time_is_of_the_zone_and_an_instant_is_turned_into_it() {
        let berlin = zone("Europe/Berlin");
        for text in ["2026-12-01T09:00:00", "2026-12-01T09:00", "2026-12-01T08:00:00Z", "2026-12-01T10:00:00.5+02:00"] {
            let moment = Moment::parse_time(text).expect(text);
            assert_eq!(moment.civil(&berlin), datetime(2026, 12, 1, 9, 0, 0, 0), "{text}");
            assert!(moment.last_instant(&berlin).expect("in range") >= "2026-12-01T08:00:00Z".parse().expect("a time"));
        }
    }

    #[test]
    fn a_day_ends_with_its_last_second_also_when_it_is_short() {
        let last = |day: Date, name: &str| Moment::Day(day).last_instant(&zone(name)).map(|last| last.to_string());
        assert_eq!(last(date(2026, 12, 31), "Europe/Berlin").as_deref(), Ok("2026-12-31T22:59:59Z"));
        // The clocks of Cairo skip the first hour of 26 April 2024.
        assert_eq!(last(date(2024, 4, 25), "Africa/Cairo").as_deref(), Ok("2024-04-25T21:59:59Z"));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for refused in [
            "",
            "09:00",
            "2026-12-01T09",
            "2026-W01-1T09:00",
            "2026-12-01T09:00:00+01:00[Europe/Berlin]",
            "2026-12-01T25:00:00",
            "2026-02-30",
            "0000-01-01T00:00:00",
            "２０２６-12-01",
        ] {
            assert!(Moment::parse(refused).is_err(), "{refused:?} was taken");
        }
        assert!(Moment::parse_time("2026-12-01").is_err());
    }

    #[test]
    fn any_offset_is_taken() {
        assert_eq!(instant("2026-12-01T09:00:00+05:30"), instant("2026-12-01T03:30:00Z"));
        assert!(instant("2026-12-01T09:00:00.123456Z").is_ok());
    }

    #[test]
    fn what_is_no_rfc_3339_time_is_refused() {
        for refused in [
            "",
            "tomorrow",
            "2026-12-01",
            "2026-12-01T09:00:00",
            "2026-13-01T09:00:00Z",
            "2026-12-01T09:00:00+01:00[Europe/Berlin]",
            "-000001-01-01T00:00:00Z",
            "0000-06-01T00:00:00Z",
        ] {
            assert!(instant(refused).is_err(), "{refused:?} was taken");
        }
    }
}
