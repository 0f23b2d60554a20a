//! Times (RFC 5545 §3.3.4, §3.3.5) and the zones that they are of.

use std::collections::HashMap;

use icalendar::parser::{Component, Property};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use rondo_domain::ValueError;
use rondo_domain::time::Moment;
use rondo_domain::user::ZoneName;

use super::fields::parameter_of;

/// A time as a property has it.
#[derive(Debug, Clone)]
pub(super) enum When {
    Instant(Timestamp),
    /// Of the zone, or of wherever one is.
    Civil(DateTime, Option<ZoneName>),
    Day(Date),
}

/// The zones of a calendar.
pub(super) struct Zones {
    /// Of times that have none.
    home: ZoneName,
    /// Those that it names otherwise than the IANA database does.
    aliases: HashMap<String, ZoneName>,
}

impl Zones {
    pub(super) fn of(calendar: &Component<'_>, home: &ZoneName) -> Self {
        let value = |component: &Component<'_>, name: &str| {
            let property =
                component.properties.iter().find(|property| property.name.as_str().eq_ignore_ascii_case(name));
            property.map(|property| property.val.as_str().trim().to_owned())
        };
        let named = |name: String| ZoneName::parse(&name).ok();
        let zones =
            calendar.components.iter().filter(|component| component.name.as_str().eq_ignore_ascii_case("VTIMEZONE"));
        let aliases = zones.filter_map(|zone| {
            let iana = ["X-LIC-LOCATION", "TZID-ALIAS-OF"].iter().find_map(|name| value(zone, name).and_then(named));
            value(zone, "TZID").zip(iana)
        });
        let of_all = value(calendar, "X-WR-TIMEZONE").and_then(named);
        Self { home: of_all.unwrap_or_else(|| home.clone()), aliases: aliases.collect() }
    }

    pub(super) fn home(&self) -> &ZoneName {
        &self.home
    }

    /// The zone that a `TZID` names: by itself, by what its VTIMEZONE says, or at its end, as in
    /// `/citadel.org/20211207_1/Europe/Berlin`.
    fn zone(&self, id: &str) -> Result<ZoneName, ValueError> {
        let at_its_end = || id.match_indices('/').find_map(|(at, _)| ZoneName::parse(&id[at + 1..]).ok());
        let known = ZoneName::parse(id).ok().or_else(|| self.aliases.get(id).cloned()).or_else(at_its_end);
        known.ok_or_else(|| {
            ValueError::new(format!(
                "has the TZID {id:?}, which is no time zone of the IANA database, such as Europe/Berlin; nor does its \
                 VTIMEZONE name one by X-LIC-LOCATION"
            ))
        })
    }

    /// The time that `value` spells, of the zone that `property` names.
    pub(super) fn when(&self, property: &Property<'_>, value: &str) -> Result<When, ValueError> {
        let wrong = || ValueError::new("must be a time such as 20261201T090000Z, 20261201T090000 or 20261201");
        let value = value.trim();
        let (date, time) = value.split_once(['T', 't']).map_or((value, None), |(date, time)| (date, Some(time)));
        let date = date_of(date).ok_or_else(wrong)?;
        let Some(time) = time else { return Ok(When::Day(date)) };
        let utc = time.strip_suffix(['Z', 'z']);
        let local = date.to_datetime(time_of(utc.unwrap_or(time)).ok_or_else(wrong)?);
        if utc.is_some() {
            return TimeZone::UTC.to_timestamp(local).map(When::Instant).map_err(|_| wrong());
        }
        let zone = parameter_of(property, "TZID").map(|id| self.zone(id)).transpose()?;
        Ok(When::Civil(local, zone))
    }
}

impl When {
    /// The zone that it is of; `None`: wherever one is.
    pub(super) fn zone(&self) -> Option<ZoneName> {
        match self {
            Self::Instant(_) => Some(ZoneName::default()),
            Self::Civil(_, zone) => zone.clone(),
            Self::Day(_) => None,
        }
    }

    /// The instant, of a day its last second.
    pub(super) fn last_instant(&self, zones: &Zones) -> Result<Timestamp, ValueError> {
        let zone = self.zone().unwrap_or_else(|| zones.home.clone()).time_zone()?;
        let moment = match self {
            Self::Instant(at) => Moment::Instant(*at),
            Self::Civil(local, _) => Moment::Civil(*local),
            Self::Day(day) => Moment::Day(*day),
        };
        moment.last_instant(&zone)
    }

    /// As it is said of a series in `zone`; of a day, the time of day at which that occurs.
    pub(super) fn of_series(&self, zone: &ZoneName, time_of_day: Time) -> Result<Moment, ValueError> {
        match self {
            Self::Instant(at) => Ok(Moment::Instant(*at)),
            Self::Civil(local, Some(other)) if other != zone => {
                Moment::Civil(*local).last_instant(&other.time_zone()?).map(Moment::Instant)
            }
            Self::Civil(local, _) => Ok(Moment::Civil(*local)),
            Self::Day(day) => Ok(Moment::Civil(day.to_datetime(time_of_day))),
        }
    }
}

/// The date that eight digits spell, from the year 1 on.
fn date_of(digits: &str) -> Option<Date> {
    let all = number(digits, 8)?;
    let (year, month, day) = (all / 10_000, all / 100 % 100, all % 100);
    let year = i16::try_from(year).ok().filter(|year| *year >= 1)?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The time that six digits spell; a leap second is the one before.
fn time_of(digits: &str) -> Option<Time> {
    let all = number(digits, 6)?;
    let (hour, minute, second) = (all / 10_000, all / 100 % 100, all % 100);
    let second = if second == 60 { 59 } else { second };
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()
}

fn number(digits: &str, length: usize) -> Option<u32> {
    let is_right = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_right.then(|| digits.parse().ok()).flatten()
}
