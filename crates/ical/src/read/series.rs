//! A to-do that recurs.

use jiff::Timestamp;
use jiff::civil::Time;
use rondo_domain::ValueError;
use rondo_domain::series::{NextOccurrence, Plan, Schedule, ScheduleChange, ScheduleFault, SeriesStatus, WrittenRule};
use rondo_domain::time::Moment;
use rondo_domain::user::ZoneName;

use super::fields::Fields;
use super::moment::When;
use crate::{TodoSeries, own};

/// The series that a to-do with a rule is, without its instances.
pub(super) fn series(fields: &mut Fields<'_>, now: Timestamp) -> Option<TodoSeries> {
    if !fields.has("RRULE") {
        fields.fail("RRULE", "is required: dates without a rule are not taken");
        return None;
    }
    let rule = fields.parsed("RRULE", WrittenRule::parse);
    // Many programs give a to-do that recurs nothing but the time when it is due first.
    let anchor = if fields.has("DTSTART") { "DTSTART" } else { "DUE" };
    if !fields.has(anchor) {
        fields.fail("DTSTART", "is required with RRULE");
    }
    let start = fields.when(anchor)?;
    let zone = start.zone().unwrap_or_else(|| fields.zones.home().clone());
    let said = said(fields, &start, &zone);
    let on_missed = fields.parsed(own::ON_MISSED, str::parse).unwrap_or_default();
    let overlap = fields.parsed(own::OVERLAP, str::parse).unwrap_or_default();
    let status = state(fields);
    if !fields.is_right() {
        return None;
    }
    let planned = Schedule::new(rule?, zone, &said, now).and_then(|schedule| {
        let next = next_after(&schedule, now)?.filter(|_| !status.has_ended());
        let status = if next.is_none() && !status.has_ended() { SeriesStatus::Completed } else { status };
        let summary = schedule.summary()?;
        Ok(Plan { schedule, on_missed, overlap, reminder: None, status, summary, next })
    });
    match planned {
        Ok(plan) => Some(TodoSeries { plan, instances: Vec::new() }),
        Err(fault) => {
            note(fields, anchor, &fault);
            None
        }
    }
}

/// What a series waits for; a file may well have one of which nothing is still to come.
fn next_after(schedule: &Schedule, now: Timestamp) -> Result<Option<NextOccurrence>, ScheduleFault> {
    let next = schedule.series()?.next_after_instant(now);
    let next = next.map_err(|limit| ScheduleFault::new("rrule", limit.to_string()))?;
    Ok(next.map(|next| NextOccurrence { at: next.at, local: next.local, number: next.number }))
}

fn said(fields: &mut Fields<'_>, start: &When, zone: &ZoneName) -> ScheduleChange {
    let starts_at = match fields.when(own::STARTS_AT) {
        Some(said) => said.of_series(zone, Time::midnight()),
        None => start.of_series(zone, Time::midnight()),
    };
    let starts_at = fields.check("DTSTART", None, starts_at);
    let time_of_day = match (starts_at, zone.time_zone()) {
        (Some(moment), Ok(rules)) => moment.civil(&rules).time(),
        _ => Time::midnight(),
    };
    let exdates = moments(fields, "EXDATE", zone, time_of_day);
    let rdates = moments(fields, "RDATE", zone, time_of_day);
    let gap = fields.parsed(own::GAP, str::parse);
    ScheduleChange { starts_at, gap, exdates: Some(exdates), rdates: Some(rdates), ..ScheduleChange::default() }
}

fn moments(fields: &mut Fields<'_>, name: &'static str, zone: &ZoneName, time_of_day: Time) -> Vec<Moment> {
    let times = fields.times(name).into_iter().map(|when| when.of_series(zone, time_of_day)).collect::<Vec<_>>();
    times.into_iter().filter_map(|moment| fields.check(name, None, moment)).collect()
}

/// Where the series stands: as Rondo said, or over if the to-do as a whole is.
fn state(fields: &mut Fields<'_>) -> SeriesStatus {
    let whole = match fields.text("STATUS").unwrap_or_default().to_ascii_uppercase().as_str() {
        "COMPLETED" => SeriesStatus::Completed,
        "CANCELLED" => SeriesStatus::Cancelled,
        _ => SeriesStatus::Active,
    };
    match fields.parsed(own::STATE, |text| text.parse::<SeriesStatus>().map_err(|_| unknown_state())) {
        None => whole,
        // What had not begun there begins here.
        Some(SeriesStatus::Pending) => SeriesStatus::Active,
        Some(said) => said,
    }
}

fn unknown_state() -> ValueError {
    ValueError::new("must be active, paused, completed or cancelled")
}

fn note(fields: &mut Fields<'_>, anchor: &'static str, fault: &ScheduleFault) {
    let property = match fault.field {
        "starts_at" | "timezone_iana" => anchor,
        "exdates" => "EXDATE",
        "rdates" => "RDATE",
        _ => "RRULE",
    };
    fields.fail(property, fault.error.to_string());
}
