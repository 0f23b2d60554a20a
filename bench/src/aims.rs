//! How good it should be, and whether it is.

use serde::Serialize;

use crate::flood::Flood;
use crate::punctuality::Punctuality;
use crate::run::{Measurement, Results};
use crate::scenario::Scenario;
use crate::startup::Startup;

/// The number of connections at which the aims hold.
const CONNECTIONS: u32 = 16;

/// An aim and what came of it.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// What was measured.
    pub what: String,
    /// What it should be.
    pub aim: String,
    /// What it is.
    pub measured: String,
    /// Whether it is as it should be.
    pub met: bool,
}

impl Verdict {
    fn at_most(what: impl Into<String>, measured: f64, limit: f64, unit: &str) -> Self {
        let (aim, text) = (format!("≤ {limit} {unit}"), format!("{measured:.1} {unit}"));
        Self { what: what.into(), aim, measured: text, met: measured <= limit }
    }

    fn at_least(what: impl Into<String>, measured: f64, limit: f64) -> Self {
        Self {
            what: what.into(),
            aim: format!("≥ {limit}"),
            measured: format!("{measured:.2}"),
            met: measured >= limit,
        }
    }
}

/// Judges all that was measured.
pub fn judge(results: &Results) -> Vec<Verdict> {
    let judged = results.measurements.iter().filter(|measurement| measurement.connections == CONNECTIONS);
    judged
        .flat_map(of_scenario)
        .chain(results.flood.iter().map(of_flood))
        .chain(results.punctuality.iter().flat_map(of_punctuality))
        .chain(results.startup.iter().flat_map(of_startup))
        .collect()
}

fn of_scenario(measurement: &Measurement) -> Vec<Verdict> {
    let Measurement { scenario, rondo, yardstick, .. } = measurement;
    let name = scenario.name();
    let share = if *scenario == Scenario::Get { 0.4 } else { 0.8 };
    let mut verdicts = vec![
        Verdict::at_least(format!("{name}: requests a second, of the yardstick's"), measurement.share(), share),
        Verdict::at_most(
            format!("{name}: CPU of the app per request, over the yardstick's"),
            rondo.server_cpu_us - yardstick.server_cpu_us,
            100.0,
            "µs",
        ),
    ];
    let p99_limit_ms = match scenario {
        Scenario::List => Some(15.0),
        Scenario::Search => Some(20.0),
        _ => None,
    };
    verdicts.extend(p99_limit_ms.map(|limit| Verdict::at_most(format!("{name}: p99"), rondo.p99_ms, limit, "ms")));
    verdicts
}

fn of_flood(flood: &Flood) -> Verdict {
    Verdict::at_most("the other routes' p95 under 100 logins a second", flood.flooded_p95_ms, 50.0, "ms")
}

fn of_punctuality(punctuality: &Punctuality) -> Vec<Verdict> {
    let spread = punctuality.within_a_minute;
    vec![
        Verdict::at_most("the latest of 1 000 reminders due within a minute", spread.max_ms, 2_000.0, "ms"),
        Verdict::at_most("reminders lost or doubled", (spread.lost + spread.doubled) as f64, 0.0, "of 1 000"),
    ]
}

fn of_startup(startup: &Startup) -> Vec<Verdict> {
    let largest = startup.components_kb.values().copied().fold(0.0, f64::max);
    vec![
        Verdict::at_most("`rondo serve` to the first answer", startup.serve_to_health_ms, 100.0, "ms"),
        Verdict::at_most("`rondo up` on an existing folder to ready", startup.up_to_ready_ms, 2_000.0, "ms"),
        Verdict::at_most("memory of the host when ready", startup.resident_mb, 120.0, "MB"),
        Verdict::at_most("the largest component", largest, 1_024.0, "kB"),
    ]
}
