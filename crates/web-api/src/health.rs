//! `/health`, `/ready` and `/metrics`, in every service.

use std::fmt::{Display, Write as _};

use http::{Method, StatusCode};
use rondo_ports::{Platform, SidecarError};
use rondo_store::metrics::{self, Metrics};
use serde_json::json;

use crate::problem::log;
use crate::{Endpoint, Problem, Reply, Request, deliveries, occurrences, outbox_sweep, reminder_events, reminders};

/// `/health`, `/ready`, `/metrics`.
pub struct Health;

impl Endpoint for Health {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        if !matches!(request.method, Method::GET | Method::HEAD) {
            return Err(Problem::method_not_allowed("GET"));
        }
        let service = platform.variable("service_name")?;
        match request.path.as_str() {
            "/health" => Ok(Reply::json(StatusCode::OK, &json!({ "status": "healthy", "service": service }))),
            "/ready" => ready(platform, &service).await,
            "/metrics" => Ok(Reply::text(
                StatusCode::OK,
                "text/plain; version=0.0.4; charset=utf-8",
                prometheus(&service, &metrics::read(platform).await?),
            )),
            _ => Err(Problem::not_found("path")),
        }
    }
}

/// The jobs that a service gives itself.
fn own_jobs(service: &str) -> Vec<(&'static str, serde_json::Value)> {
    match service {
        "backend" => {
            vec![(outbox_sweep::JOB, outbox_sweep::job()), (reminders::RECONCILE_JOB, reminders::reconcile_job())]
        }
        "recurring-service" => vec![(occurrences::RECONCILE_JOB, occurrences::reconcile_job())],
        "notification-service" => {
            vec![(deliveries::JOB, deliveries::job()), (reminder_events::UNTOLD_JOB, reminder_events::untold_job())]
        }
        _ => Vec::new(),
    }
}

/// Sees to it that the sidecar has the service's own jobs; if there are none, that it answers.
async fn register_own_jobs<P: Platform>(platform: &P, service: &str) -> Result<(), SidecarError> {
    let jobs = own_jobs(service);
    if jobs.is_empty() {
        return platform.ping().await;
    }
    for (name, job) in jobs {
        platform.ensure_job(name, &job).await?;
    }
    Ok(())
}

/// Whether the database and the sidecar answer. The sidecar is asked to register the service's own jobs, which are so kept
/// alive: every probe would bring them back.
async fn ready<P: Platform>(platform: &P, service: &str) -> Result<Reply, Problem> {
    let database = answers(metrics::ping(platform).await);
    let sidecar = answers(register_own_jobs(platform, service).await);
    let word = |right| if right { "ok" } else { "away" };
    let status = if database && sidecar { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(Reply::json(
        status,
        &json!({
            "status": if database && sidecar { "ready" } else { "not ready" },
            "service": service,
            "checks": { "database": word(database), "sidecar": word(sidecar) },
        }),
    ))
}

/// Whether it does; the log gets the cause if it doesn't.
fn answers<T>(outcome: Result<T, impl Display>) -> bool {
    outcome.inspect_err(|cause| log(&format!("not ready: {cause}"))).is_ok()
}

/// The metrics in Prometheus' text format.
fn prometheus(service: &str, metrics: &Metrics) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, labels: &str, value: f64| {
        if !help.is_empty() {
            // Writing into a String does not fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        }
        let _ = writeln!(text, "{name}{{service=\"{service}\"{labels}}} {value}");
    };
    gauge("rondo_users", "Accounts.", "", metrics.users as f64);
    for (index, (status, count)) in metrics.tasks.iter().enumerate() {
        let help = if index == 0 { "Tasks by status." } else { "" };
        gauge("rondo_tasks", help, &format!(",status=\"{status}\""), *count as f64);
    }
    gauge("rondo_outbox_backlog", "Events that are not published yet.", "", metrics.outbox_backlog as f64);
    gauge("rondo_outbox_oldest_seconds", "Age of the oldest event not published.", "", metrics.outbox_oldest_seconds);
    gauge("rondo_reminders_overdue", "Reminders due and not sent.", "", metrics.reminders_overdue as f64);
    gauge("rondo_reminders_latest_seconds", "Lateness of the latest of them.", "", metrics.reminders_latest_seconds);
    gauge("rondo_occurrences_overdue", "Occurrences due and not made.", "", metrics.occurrences_overdue as f64);
    gauge(
        "rondo_occurrences_latest_seconds",
        "Lateness of the latest of them.",
        "",
        metrics.occurrences_latest_seconds,
    );
    gauge("rondo_processed_events", "Events that consumers remember.", "", metrics.processed_events as f64);
    text
}
