//! `POST /api/recurrence/preview`: what a rule would do. Writes nothing.

use std::num::NonZeroU32;

use http::StatusCode;
use rondo_domain::series::Schedule;
use rondo_ports::Platform;
use serde::Serialize;

use super::fields;
use crate::auth::identify;
use crate::{Problem, Reply, Request};

/// How many occurrences a preview has at most.
const MOST: u32 = 100;
/// How many it has if nothing is said.
const USUAL: u32 = 10;

#[derive(Serialize)]
struct Preview {
    summary: String,
    occurrences: Vec<Previewed>,
    notes: Vec<String>,
}

/// An occurrence; `local` is what the clocks of the zone show then.
#[derive(Serialize)]
struct Previewed {
    utc: jiff::Timestamp,
    local: jiff::civil::DateTime,
}

pub(super) async fn preview<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    identify(platform, request).await?;
    let mut form = request.form()?;
    let count = form.clearable_count("count", MOST).flatten().map_or(USUAL, NonZeroU32::get);
    let schedule = fields::passing_schedule(&mut form, platform.now());
    let schedule = form.finish(schedule)?;
    Ok(Reply::json(StatusCode::OK, &first(&schedule, count)?))
}

/// The first `count` occurrences of the schedule.
fn first(schedule: &Schedule, count: u32) -> Result<Preview, Problem> {
    let fault =
        |fault: rondo_domain::series::ScheduleFault| Problem::invalid_value(fault.field, fault.error.to_string());
    let (series, zone) = (schedule.series().map_err(fault)?, schedule.time_zone().map_err(fault)?);
    let occurrences: Vec<_> = series
        .occurrences()
        .take(count as usize)
        .collect::<Result<_, _>>()
        .map_err(|limit| Problem::invalid_value("rrule", limit.to_string()))?;
    Ok(Preview {
        summary: series.summary(),
        notes: occurrences.iter().filter_map(|occurrence| occurrence.remark()).collect(),
        occurrences: occurrences
            .iter()
            .map(|occurrence| Previewed { utc: occurrence.at, local: zone.to_datetime(occurrence.at) })
            .collect(),
    })
}
