//! Questions as they come in, and the faults that they have.

use std::collections::BTreeSet;
use std::fmt::Display;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rondo_recurrence::{Gap, Rule, SeriesSpec, default_start};

use crate::bindings::exports::todo::recurrence::engine::{
    CivilTime, Fault, Gap as AskedGap, Instant, Series as Question, Start,
};

pub(crate) fn part_fault(part: &str, message: &impl Display) -> Fault {
    Fault { part: part.to_owned(), message: message.to_string() }
}

pub(crate) fn rule(text: &str) -> Result<Rule, Fault> {
    text.parse().map_err(|error: rondo_recurrence::RuleError| part_fault(error.part(), &error))
}

/// An instant; one outside of the calendar is its first or last.
pub(crate) fn instant(seconds: Instant) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// What a question is about; whether there can be such a series is yet to be proved.
pub(crate) fn spec(question: &Question) -> Result<SeriesSpec, Fault> {
    let rule = rule(&question.rrule)?;
    let zone = zone(&question.zone)?;
    let starts_at = match &question.start {
        Start::At(time) => civil_time("DTSTART", time)?,
        Start::MadeAt(now) => default_start(zone.to_datetime(instant(*now)), &rule),
    };
    let gap = match question.gap {
        AskedGap::Shift => Gap::Shift,
        AskedGap::Skip => Gap::Skip,
    };
    let skipped = civil_times("EXDATE", &question.exdates)?;
    let added = civil_times("RDATE", &question.rdates)?;
    Ok(SeriesSpec { rule, starts_at, zone, gap, skipped, added })
}

fn zone(name: &str) -> Result<TimeZone, Fault> {
    let unknown = || part_fault("TZID", &"This is no time zone of the IANA database, such as Europe/Berlin.");
    rondo_zones::get(name).ok_or_else(unknown)
}

fn civil_times(part: &str, times: &[CivilTime]) -> Result<BTreeSet<DateTime>, Fault> {
    times.iter().map(|time| civil_time(part, time)).collect()
}

fn civil_time(part: &str, text: &str) -> Result<DateTime, Fault> {
    text.parse().map_err(|_| part_fault(part, &format!("“{text}” is no date and time such as 2026-12-01T09:00:00.")))
}
