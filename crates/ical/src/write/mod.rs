//! Entries as a calendar.

mod draft;
mod event;
mod todo;

use std::collections::BTreeMap;

use icalendar::parser::Component;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rondo_domain::series::{Schedule, ScheduleFault};

pub(crate) use self::draft::{Draft, civil};
use crate::{Entry, Instance, Series, own, zone};

const PRODUCT: &str = "-//Rondo//Rondo//EN";

/// As what tasks appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// As to-dos: all of them, with all that there is to say.
    Todos,
    /// As events, for calendars that show nothing else: what has a due time, and the series that run.
    Events,
}

/// `entries` as a calendar: the same text for the same entries, with lines of at most 75 bytes that end with CRLF.
///
/// # Errors
/// A series is none that could have been made.
pub fn write(entries: &[Entry], shape: Shape) -> Result<String, ScheduleFault> {
    let mut components = Vec::new();
    let mut zones = Zones::default();
    for entry in entries {
        let series = entry.series.as_ref().map(|series| Recurrence::of(series, &mut zones)).transpose()?;
        match shape {
            Shape::Todos => components.extend(todo::components(entry, series.as_ref())),
            Shape::Events => components.extend(event::components(entry, series.as_ref())),
        }
    }
    let calendar = Draft::new("VCALENDAR").raw("VERSION", "2.0").raw("PRODID", PRODUCT).raw("CALSCALE", "GREGORIAN");
    let mut calendar = calendar.text("NAME", "Rondo").text("X-WR-CALNAME", "Rondo").done();
    // Zones come first: some programs read only forwards.
    calendar.components = zones.components().into_iter().chain(components).collect();
    let mut text = String::new();
    print(&calendar, &mut text);
    Ok(text)
}

/// Each property folds itself. To have the library print the whole would take along its clock and its ids, for calendars
/// that lack theirs: a fiftieth of a component of Rondo.
fn print(component: &Component<'_>, text: &mut String) {
    let name = component.name.as_str();
    text.push_str(&format!("BEGIN:{name}\r\n"));
    text.extend(component.properties.iter().map(ToString::to_string));
    for inner in &component.components {
        print(inner, text);
    }
    text.push_str(&format!("END:{name}\r\n"));
}

/// The zones that are spoken of, and the earliest civil time of each.
#[derive(Default)]
struct Zones(BTreeMap<String, (TimeZone, DateTime)>);

impl Zones {
    fn note(&mut self, name: &str, zone: &TimeZone, earliest: DateTime) {
        let (_, known) = self.0.entry(name.to_owned()).or_insert_with(|| (zone.clone(), earliest));
        *known = earliest.min(*known);
    }

    fn components(&self) -> Vec<Component<'static>> {
        self.0.iter().map(|(name, (zone, earliest))| zone::component(name, zone, *earliest)).collect()
    }
}

/// A series as iCalendar has it.
struct Recurrence<'a> {
    series: &'a Series,
    /// Its zone's name; `None`: UTC, which needs none.
    zone: Option<&'a str>,
    rule: String,
    first: DateTime,
}

impl<'a> Recurrence<'a> {
    fn of(series: &'a Series, zones: &mut Zones) -> Result<Self, ScheduleFault> {
        let schedule = &series.schedule;
        let bare = Schedule { exdates: Default::default(), rdates: Default::default(), ..schedule.clone() }.series()?;
        let first = bare.first().ok().flatten().map_or(schedule.starts_at, |first| first.local);
        let name = schedule.zone.as_str();
        let zone = (name != "UTC").then_some(name);
        if let Some(name) = zone {
            let earliest = schedule.rdates.first().map_or(first, |rdate| first.min(*rdate)).min(schedule.starts_at);
            zones.note(name, &schedule.time_zone()?, earliest);
        }
        Ok(Self { series, zone, rule: bare.rule().to_string(), first })
    }

    /// When it recurs.
    fn describe(&self, draft: Draft) -> Draft {
        let schedule = &self.series.schedule;
        let mut draft = draft.at("DTSTART", self.first, self.zone).raw("RRULE", &self.rule);
        for exdate in &schedule.exdates {
            draft = draft.at("EXDATE", *exdate, self.zone);
        }
        for rdate in &schedule.rdates {
            draft = draft.at("RDATE", *rdate, self.zone);
        }
        draft
    }

    /// What only Rondo knows of it.
    fn describe_for_rondo(&self, draft: Draft) -> Draft {
        let Series { schedule, on_missed, overlap, status, .. } = self.series;
        let mut draft = draft.raw(own::STATE, status.as_str());
        if schedule.starts_at != self.first {
            draft = draft.raw(own::STARTS_AT, civil(schedule.starts_at));
        }
        for (name, said, usual) in [
            (own::GAP, schedule.gap.as_str(), rondo_domain::series::Gap::default().as_str()),
            (own::ON_MISSED, on_missed.as_str(), rondo_domain::series::OnMissed::default().as_str()),
            (own::OVERLAP, overlap.as_str(), rondo_domain::series::Overlap::default().as_str()),
        ] {
            if said != usual {
                draft = draft.raw(name, said);
            }
        }
        draft
    }

    /// Which occurrence `instance` is of.
    fn place(&self, draft: Draft, instance: &Instance) -> Draft {
        if instance.is_second_passage {
            // Its civil time would name the first.
            return draft.instant("RECURRENCE-ID", instance.at).instant("DTSTART", instance.at);
        }
        draft.at("RECURRENCE-ID", instance.local, self.zone).at("DTSTART", instance.local, self.zone)
    }
}

/// What all components of an entry begin with. Without a METHOD, `DTSTAMP` is when it was changed last (§3.8.7.2).
fn begun(kind: &'static str, entry: &Entry, changed_at: Timestamp) -> Draft {
    Draft::new(kind).raw("UID", entry.id.to_string()).instant("DTSTAMP", changed_at)
}
