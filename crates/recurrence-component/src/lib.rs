//! The recurrence engine as a component: the interface of `wit/recurrence` over `rondo_recurrence`.
//!
//! The page runs it, transpiled by jco, so that what it shows before a series is made is what the service will do. The
//! components of the service link the crate itself; `docs/recurrence.md` says why. Reading order: [`read`] (a question
//! becomes a series), then the four functions here, which answer it.

#[cfg_attr(target_family = "wasm", expect(unsafe_code, reason = "wit-bindgen generates what speaks the canonical ABI"))]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit/recurrence", world: "recurrence" });

    #[cfg(target_family = "wasm")]
    use super::Engine;
    #[cfg(target_family = "wasm")]
    export!(Engine with_types_in self);
}
mod read;

use bindings::exports::todo::recurrence::engine::{
    Accepted, End, Fault, Guest, Instant, Occurrence, Outlook, Series as Question,
};
use jiff::tz::TimeZone;
use rondo_recurrence::{Rule, Series, SeriesSpec, WorkLimit};

use read::{instant, part_fault, rule, spec};

/// The most occurrences that one answer has.
const MOST: u32 = 100;

struct Engine;

impl Guest for Engine {
    fn validate(question: Question) -> Result<Accepted, Fault> {
        let spec = spec(&question)?;
        let accepted =
            Accepted { rrule: spec.rule.to_string(), starts_at: spec.starts_at.to_string(), end: end(&spec.rule) };
        series(spec)?;
        Ok(accepted)
    }

    fn next(question: Question, after: Instant) -> Result<Option<Occurrence>, Fault> {
        let spec = spec(&question)?;
        let zone = spec.zone.clone();
        let next = series(spec)?.next_after_instant(instant(after)).map_err(too_seldom)?;
        Ok(next.map(|occurrence| seen_in(&zone, &occurrence)))
    }

    fn preview(question: Question, after: Option<Instant>, count: u32) -> Result<Outlook, Fault> {
        let spec = spec(&question)?;
        let zone = spec.zone.clone();
        let series = series(spec)?;
        let occurrences = first(&series, after, count.min(MOST)).map_err(too_seldom)?;
        Ok(Outlook {
            summary: series.summary(),
            occurrences: occurrences.iter().map(|occurrence| seen_in(&zone, occurrence)).collect(),
        })
    }

    fn summarize(rrule: String) -> Result<String, Fault> {
        Ok(rule(&rrule)?.summary())
    }
}

fn series(spec: SeriesSpec) -> Result<Series, Fault> {
    Series::new(spec).map_err(|error| part_fault(error.part(), &error))
}

fn too_seldom(limit: WorkLimit) -> Fault {
    part_fault("RRULE", &limit)
}

fn end(rule: &Rule) -> End {
    match (rule.count(), rule.until()) {
        (Some(count), _) => End::Count(count),
        (None, Some(until)) => End::Until(until.to_string()),
        (None, None) => End::Never,
    }
}

/// The first `count` occurrences after an instant, or from the start on.
fn first(series: &Series, after: Option<Instant>, count: u32) -> Result<Vec<rondo_recurrence::Occurrence>, WorkLimit> {
    let Some(after) = after else {
        return series.occurrences().take(count as usize).collect();
    };
    let mut found = Vec::new();
    let mut next = if count == 0 { None } else { series.next_after_instant(instant(after))? };
    while let Some(occurrence) = next {
        found.push(occurrence);
        next = if found.len() < count as usize { series.resume_after(&occurrence)? } else { None };
    }
    Ok(found)
}

fn seen_in(zone: &TimeZone, occurrence: &rondo_recurrence::Occurrence) -> Occurrence {
    Occurrence {
        at: occurrence.at.as_second(),
        local: zone.to_datetime(occurrence.at).to_string(),
        note: occurrence.remark(),
    }
}

#[cfg(test)]
mod tests;
