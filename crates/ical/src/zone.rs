//! Zones as `VTIMEZONE` (RFC 5545 §3.6.5), so that a program without zone data of its own reads the same instants.
//!
//! Clock changes that come each year are a rule from the year on that they do; others are listed, up to [`LISTED_TO`]. Of
//! those that lie before what the calendar speaks of, only what they left is said.

use icalendar::parser::Component;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::tz::{Offset, TimeZone};

use crate::write::{Draft, civil};

/// The last year of which changes without a rule are listed.
const LISTED_TO: i16 = 2037;
/// Changes are looked at to the end of this year: from today on the calendar repeats itself, as it does every 28 years.
const KNOWN_TO: i16 = 2060;
/// How many of the last of those years must have a change for it to be a rule: every weekday was on every date.
const YEARS_OF_A_RULE: i16 = 28;

/// A change of the clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    /// What the clocks show when it comes.
    local: DateTime,
    from: Offset,
    to: Observed,
}

/// What a zone observes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Observed {
    offset: Offset,
    name: String,
    is_daylight: bool,
}

/// A change that comes each year: on `weekday`, of the seven days of `month` from `first_day` on.
#[derive(Debug)]
struct Yearly {
    like: Change,
    weekday: Weekday,
    first_day: i8,
}

/// `zone`, named `name`, for civil times from `earliest` on.
pub(crate) fn component(name: &str, zone: &TimeZone, earliest: DateTime) -> Component<'static> {
    // The day before, so that whatever the offset all of it is covered.
    let from = zone
        .to_timestamp(earliest)
        .map_or(Timestamp::UNIX_EPOCH, |at| at.checked_sub(jiff::SignedDuration::from_hours(24)).unwrap_or(at));
    let before = observed(zone, from);
    let mut changes = changes(zone, from, before.offset);
    let rules = yearly(&changes);
    let mut parts = vec![observance(&Change { local: zone.to_datetime(from), from: before.offset, to: before }).done()];
    for rule in &rules {
        let Some(start) =
            changes.iter().rposition(|change| rule.is_by_rule(change) && !rule.goes_on_from(change, &changes))
        else {
            continue;
        };
        parts.push(observance(&changes[start]).raw("RRULE", rule.text()).done());
        let mut index = 0;
        changes.retain(|change| {
            index += 1;
            index <= start || !rule.is_by_rule(change)
        });
    }
    let single = changes.iter().filter(|change| change.local.year() <= LISTED_TO);
    parts.extend(single.map(|change| observance(change).done()));
    let mut component = Draft::new("VTIMEZONE").text("TZID", name).text("X-LIC-LOCATION", name).done();
    component.components = parts;
    component
}

fn observed(zone: &TimeZone, at: Timestamp) -> Observed {
    let info = zone.to_offset_info(at);
    Observed { offset: info.offset(), name: info.abbreviation().to_owned(), is_daylight: info.dst().is_dst() }
}

fn changes(zone: &TimeZone, from: Timestamp, mut before: Offset) -> Vec<Change> {
    let mut changes = Vec::new();
    for transition in zone.following(from) {
        let change = Change {
            local: before.to_datetime(transition.timestamp()),
            from: before,
            to: observed(zone, transition.timestamp()),
        };
        if change.local.year() > KNOWN_TO {
            break;
        }
        before = change.to.offset;
        changes.push(change);
    }
    changes
}

/// The changes that come each year, to the end of what is known.
fn yearly(changes: &[Change]) -> Vec<Yearly> {
    let of_last_year = changes.iter().filter(|change| change.local.year() == KNOWN_TO);
    of_last_year.filter_map(|like| Yearly::like(like, changes)).collect()
}

impl Yearly {
    fn like(like: &Change, changes: &[Change]) -> Option<Self> {
        let any_day = Self { like: like.clone(), weekday: like.local.weekday(), first_day: 0 };
        let recent = changes.iter().filter(|change| change.local.year() > KNOWN_TO - YEARS_OF_A_RULE);
        let days: Vec<i8> = recent.filter(|change| any_day.is_alike(change)).map(|change| change.local.day()).collect();
        let (first, last) = (*days.iter().min()?, *days.iter().max()?);
        let is_yearly = days.len() == usize::try_from(YEARS_OF_A_RULE).ok()? && last - first == 6;
        is_yearly.then_some(Self { first_day: first, ..any_day })
    }

    /// Whether a change is like those of this rule, but for its day of the month.
    fn is_alike(&self, change: &Change) -> bool {
        change.from == self.like.from
            && change.to == self.like.to
            && change.local.month() == self.like.local.month()
            && change.local.weekday() == self.weekday
            && change.local.time() == self.like.local.time()
    }

    fn is_by_rule(&self, change: &Change) -> bool {
        self.is_alike(change) && (self.first_day..self.first_day + 7).contains(&change.local.day())
    }

    /// Whether the year before `change` had one by this rule, too.
    fn goes_on_from(&self, change: &Change, changes: &[Change]) -> bool {
        changes.iter().any(|other| other.local.year() == change.local.year() - 1 && self.is_by_rule(other))
    }

    /// As `RRULE` has it: by the week of the month where it is one, since few programs read anything else here.
    fn text(&self) -> String {
        let (month, day) = (self.like.local.month(), self.first_day);
        let weekday = match self.weekday {
            Weekday::Monday => "MO",
            Weekday::Tuesday => "TU",
            Weekday::Wednesday => "WE",
            Weekday::Thursday => "TH",
            Weekday::Friday => "FR",
            Weekday::Saturday => "SA",
            Weekday::Sunday => "SU",
        };
        let is_last = month != 2 && day + 6 == days_in(month);
        let by_day = if is_last {
            format!("BYDAY=-1{weekday}")
        } else if day % 7 == 1 {
            format!("BYDAY={}{weekday}", day / 7 + 1)
        } else {
            let days: Vec<String> = (day..day + 7).map(|day| day.to_string()).collect();
            format!("BYMONTHDAY={};BYDAY={weekday}", days.join(","))
        };
        format!("FREQ=YEARLY;BYMONTH={month};{by_day}")
    }
}

/// How many days a month other than February has.
fn days_in(month: i8) -> i8 {
    Date::new(2001, month, 1).unwrap_or(date(2001, 1, 1)).days_in_month()
}

fn observance(change: &Change) -> Draft {
    let Observed { offset, name, is_daylight } = &change.to;
    Draft::new(if *is_daylight { "DAYLIGHT" } else { "STANDARD" })
        .raw("DTSTART", civil(change.local))
        .raw("TZOFFSETFROM", offset_text(change.from))
        .raw("TZOFFSETTO", offset_text(*offset))
        .text("TZNAME", name)
}

/// As a UTC-OFFSET (§3.3.14): with seconds only where there are some.
fn offset_text(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let text = format!("{sign}{:02}{:02}", seconds / 3_600, seconds / 60 % 60);
    if seconds % 60 == 0 { text } else { format!("{text}{:02}", seconds % 60) }
}
