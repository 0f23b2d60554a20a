//! What the sidecar counts, in Prometheus' text format.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the buckets for how late a job fired, in seconds.
const LATENESS_BUCKETS_S: [f64; 7] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 60.0];

/// One thing that is counted; its labels follow at the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counter {
    Published,
    Delivered,
    Retried,
    Dropped,
    DeadLettered,
    JobsFired,
    JobsFailed,
}

impl Counter {
    fn describe(self) -> (&'static str, &'static str, &'static [&'static str]) {
        const TOPIC: &[&str] = &["pubsub", "topic"];
        const SUBSCRIBER: &[&str] = &["app_id", "topic"];
        const APP: &[&str] = &["app_id"];
        match self {
            Self::Published => ("rondo_sidecar_published_total", "Messages stored for their topic.", TOPIC),
            Self::Delivered => ("rondo_sidecar_delivered_total", "Messages that an app has done.", SUBSCRIBER),
            Self::Retried => ("rondo_sidecar_retried_total", "Deliveries that failed and are tried again.", SUBSCRIBER),
            Self::Dropped => ("rondo_sidecar_dropped_total", "Messages that an app refused for good.", SUBSCRIBER),
            Self::DeadLettered => {
                ("rondo_sidecar_dead_lettered_total", "Messages sent to a dead-letter topic.", SUBSCRIBER)
            }
            Self::JobsFired => ("rondo_sidecar_jobs_fired_total", "Job callbacks that were answered as done.", APP),
            Self::JobsFailed => ("rondo_sidecar_jobs_failed_total", "Job callbacks that failed.", APP),
        }
    }
}

#[derive(Default)]
struct Values {
    counters: BTreeMap<(Counter, Vec<String>), u64>,
    lateness_counts: [u64; LATENESS_BUCKETS_S.len()],
    lateness_total: u64,
    lateness_sum_s: f64,
}

/// The counters of one sidecar.
#[derive(Default)]
pub(crate) struct Metrics {
    values: Mutex<Values>,
}

impl Metrics {
    pub(crate) fn add(&self, counter: Counter, labels: &[&str], count: u64) {
        let labels = labels.iter().map(|label| (*label).to_owned());
        let key = (counter, labels.collect());
        *self.lock().counters.entry(key).or_default() += count;
    }

    /// Notes how long after its time a job was fired.
    pub(crate) fn job_lateness(&self, late: Duration) {
        let seconds = late.as_secs_f64();
        let mut values = self.lock();
        values.lateness_total += 1;
        values.lateness_sum_s += seconds;
        for (count, bound) in values.lateness_counts.iter_mut().zip(LATENESS_BUCKETS_S) {
            *count += u64::from(seconds <= bound);
        }
    }

    pub(crate) fn render(&self) -> String {
        let values = self.lock();
        let mut text = String::new();
        let mut last = None;
        for ((counter, labels), count) in &values.counters {
            let (name, help, label_names) = counter.describe();
            if last != Some(*counter) {
                let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter");
                last = Some(*counter);
            }
            let pairs: Vec<String> =
                label_names.iter().zip(labels).map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
            let _ = writeln!(text, "{name}{{{}}} {count}", pairs.join(","));
        }
        render_lateness(&values, &mut text);
        text
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn render_lateness(values: &Values, text: &mut String) {
    const NAME: &str = "rondo_sidecar_job_lateness_seconds";
    let _ = writeln!(text, "# HELP {NAME} How long after its time a job was fired.\n# TYPE {NAME} histogram");
    for (bound, count) in LATENESS_BUCKETS_S.iter().zip(values.lateness_counts) {
        let _ = writeln!(text, "{NAME}_bucket{{le=\"{bound}\"}} {count}");
    }
    let total = values.lateness_total;
    let _ = writeln!(text, "{NAME}_bucket{{le=\"+Inf\"}} {total}");
    let _ = writeln!(text, "{NAME}_sum {}", values.lateness_sum_s);
    let _ = writeln!(text, "{NAME}_count {total}");
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
