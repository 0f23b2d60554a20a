//! What the host counts, as Prometheus text.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode};

use crate::engine::cache::Origin;

/// The upper bounds of the histogram's buckets.
const BUCKETS_MICROSECONDS: [u64; 12] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 10_000_000];

/// What there is to count.
pub struct Metrics {
    components: Vec<ComponentMetrics>,
    live: AtomicI64,
    cache_hits: AtomicU64,
    compilations: AtomicU64,
}

#[derive(Default)]
struct ComponentMetrics {
    id: String,
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    buckets: [AtomicU64; BUCKETS_MICROSECONDS.len()],
    count: AtomicU64,
    microseconds: AtomicU64,
    traps: AtomicU64,
    time_outs: AtomicU64,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new(components: &[&str]) -> Self {
        let component = |id: &&str| ComponentMetrics { id: (*id).to_owned(), ..ComponentMetrics::default() };
        Self {
            components: components.iter().map(component).collect(),
            live: AtomicI64::new(0),
            cache_hits: AtomicU64::new(0),
            compilations: AtomicU64::new(0),
        }
    }

    /// A component was loaded.
    pub fn loaded(&self, origin: Origin) {
        let counter = match origin {
            Origin::Cache => &self.cache_hits,
            Origin::Compiled => &self.compilations,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// A request was answered.
    pub fn answered(&self, component: usize, method: &Method, status: StatusCode, time: Duration) {
        let metrics = &self.components[component];
        let key = (method_name(method), status.as_u16());
        *metrics.requests.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(0) += 1;
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = BUCKETS_MICROSECONDS.iter().position(|bound| microseconds <= *bound) {
            metrics.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        metrics.count.fetch_add(1, Ordering::Relaxed);
        metrics.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// A component trapped.
    pub fn trapped(&self, component: usize) {
        self.components[component].traps.fetch_add(1, Ordering::Relaxed);
    }

    /// A component took longer than it may.
    pub fn timed_out(&self, component: usize) {
        self.components[component].time_outs.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of instances goes up or down.
    pub fn live(&self, change: i64) {
        self.live.fetch_add(change, Ordering::Relaxed);
    }

    /// All of it, as Prometheus reads it.
    pub fn write(&self, text: &mut String) {
        let _ = self.try_write(text);
    }

    fn try_write(&self, text: &mut String) -> std::fmt::Result {
        head(text, "rondo_requests_total", "counter", "Requests by component, method and status.")?;
        for component in &self.components {
            let id = &component.id;
            for ((method, status), count) in component.requests.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                writeln!(
                    text,
                    "rondo_requests_total{{component=\"{id}\",method=\"{method}\",status=\"{status}\"}} {count}"
                )?;
            }
        }
        self.write_durations(text)?;
        self.write_per_component(text, "rondo_traps_total", "Traps by component.", |component| &component.traps)?;
        self.write_per_component(text, "rondo_time_outs_total", "Requests that took too long.", |component| {
            &component.time_outs
        })?;
        for (name, kind, help, value) in [
            ("rondo_instances", "gauge", "Instances alive.", self.live.load(Ordering::Relaxed).max(0).unsigned_abs()),
            (
                "rondo_compile_cache_hits_total",
                "counter",
                "Components that were loaded compiled.",
                self.cache_hits.load(Ordering::Relaxed),
            ),
            (
                "rondo_compilations_total",
                "counter",
                "Components that were compiled.",
                self.compilations.load(Ordering::Relaxed),
            ),
        ] {
            head(text, name, kind, help)?;
            writeln!(text, "{name} {value}")?;
        }
        Ok(())
    }

    fn write_durations(&self, text: &mut String) -> std::fmt::Result {
        let name = "rondo_request_duration_seconds";
        head(text, name, "histogram", "Time from a request's head to the head of its response.")?;
        for component in &self.components {
            let id = &component.id;
            let mut below = 0;
            for (bound, bucket) in BUCKETS_MICROSECONDS.iter().zip(&component.buckets) {
                below += bucket.load(Ordering::Relaxed);
                writeln!(text, "{name}_bucket{{component=\"{id}\",le=\"{}\"}} {below}", seconds(*bound))?;
            }
            let count = component.count.load(Ordering::Relaxed);
            writeln!(text, "{name}_bucket{{component=\"{id}\",le=\"+Inf\"}} {count}")?;
            writeln!(
                text,
                "{name}_sum{{component=\"{id}\"}} {}",
                seconds(component.microseconds.load(Ordering::Relaxed))
            )?;
            writeln!(text, "{name}_count{{component=\"{id}\"}} {count}")?;
        }
        Ok(())
    }

    fn write_per_component(
        &self,
        text: &mut String,
        name: &str,
        help: &str,
        counter: fn(&ComponentMetrics) -> &AtomicU64,
    ) -> std::fmt::Result {
        head(text, name, "counter", help)?;
        for component in &self.components {
            writeln!(text, "{name}{{component=\"{}\"}} {}", component.id, counter(component).load(Ordering::Relaxed))?;
        }
        Ok(())
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n")
}

#[allow(clippy::cast_precision_loss, reason = "microseconds lose nothing that matters for 285 years")]
fn seconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1e6
}

/// Methods are counted by name; those that clients make up, together.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_written() {
        let metrics = Metrics::new(&["a"]);
        metrics.answered(0, &Method::GET, StatusCode::OK, Duration::from_millis(2));
        metrics.answered(0, &Method::GET, StatusCode::OK, Duration::from_secs(60));
        metrics.trapped(0);
        metrics.loaded(Origin::Cache);
        let mut text = String::new();
        metrics.write(&mut text);
        for line in [
            "rondo_requests_total{component=\"a\",method=\"GET\",status=\"200\"} 2",
            "rondo_request_duration_seconds_bucket{component=\"a\",le=\"0.001\"} 0",
            "rondo_request_duration_seconds_bucket{component=\"a\",le=\"0.0025\"} 1",
            "rondo_request_duration_seconds_bucket{component=\"a\",le=\"+Inf\"} 2",
            "rondo_traps_total{component=\"a\"} 1",
            "rondo_compile_cache_hits_total 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
