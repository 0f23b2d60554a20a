//! Firing: one timer per process sleeps until the next job is due, claims what is, and calls the apps.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, StatusCode};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::table::{Claim, Jobs, Next};
use crate::metrics::Counter;
use crate::ownership::{Session, Sessions, current};
use crate::{CALL_LIMIT, Inner};

/// What Go escapes in a path.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');
/// Callbacks at the same time.
const CALLS_AT_ONCE: usize = 64;
/// How long until the timer looks for what other processes registered or left behind.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
const AWAY_DELAY: Duration = Duration::from_millis(500);

/// Wakes the timer of this process.
#[derive(Default)]
pub(crate) struct Timer(Notify);

impl Timer {
    /// Something may be due earlier than the timer thinks.
    pub(super) fn look_again(&self) {
        self.0.notify_one();
    }
}

/// Fires the jobs of the apps beside this sidecar until it stops; then waits for the calls in flight.
pub(crate) async fn run(sidecar: Arc<Inner>, mut sessions: Sessions, stop: CancellationToken) {
    let app_ids: Vec<String> = sidecar.apps.ids().cloned().collect();
    let mut calls = JoinSet::new();
    while let Some(Some(session)) = stop.run_until_cancelled(current(&mut sessions)).await {
        while calls.try_join_next().is_some() {}
        let pause = match claim(&sidecar, &app_ids, &session, calls.len()).await {
            Some((claims, pause)) => {
                for claim in claims {
                    calls.spawn(fire(sidecar.clone(), claim, stop.clone()));
                }
                pause
            }
            None => AWAY_DELAY,
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = sidecar.jobs.0.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    while calls.join_next().await.is_some() {}
}

/// What is due now, and how long until there is more; nothing while the database is away.
async fn claim(
    sidecar: &Inner,
    app_ids: &[String],
    session: &Session,
    running: usize,
) -> Option<(Vec<Claim>, Duration)> {
    let jobs = Jobs(&sidecar.database);
    let room = CALLS_AT_ONCE.saturating_sub(running);
    if room == 0 {
        return Some((Vec::new(), POLL_INTERVAL));
    }
    let claims = jobs.claim(app_ids, session.number, Timestamp::now(), room as i64).await.ok()?;
    if claims.len() == room {
        return Some((claims, POLL_INTERVAL));
    }
    let next = jobs.next(app_ids).await.unwrap_or_default();
    let until_next = next
        .map_or(POLL_INTERVAL, |next| Duration::try_from(next.duration_since(Timestamp::now())).unwrap_or_default());
    Some((claims, until_next.min(POLL_INTERVAL)))
}

async fn fire(sidecar: Arc<Inner>, claim: Claim, stop: CancellationToken) {
    let late = Timestamp::now().duration_since(claim.fire_at);
    sidecar.metrics.job_lateness(Duration::try_from(late).unwrap_or_default());
    let done = call(&sidecar, &claim).await;
    let counter = if done { Counter::JobsFired } else { Counter::JobsFailed };
    sidecar.metrics.add(counter, &[&claim.app_id], 1);
    let next = after(&claim, done, Timestamp::now());
    while Jobs(&sidecar.database).settle(&claim, &next).await.is_err() {
        if stop.is_cancelled() {
            return;
        }
        tokio::time::sleep(AWAY_DELAY).await;
    }
    sidecar.jobs.look_again();
}

/// Calls the app; 2xx and 404 are done. A job without data is never delivered.
async fn call(sidecar: &Inner, claim: &Claim) -> bool {
    let Some(data) = &claim.request.data else {
        return false;
    };
    let Ok(uri) = format!("/job/{}", utf8_percent_encode(&claim.name, ESCAPED)).parse() else {
        return false;
    };
    let mut request = Request::new(Bytes::from(data.to_string()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let answer = sidecar.apps.call(&claim.app_id, request, CALL_LIMIT).await;
    let reason = match answer {
        Ok(response) if response.status().is_success() => return true,
        Ok(response) if response.status() == StatusCode::NOT_FOUND => return true,
        Ok(response) => response.status().to_string(),
        Err(error) => error.to_string(),
    };
    tracing::warn!(
        app_id = claim.app_id,
        job = claim.name,
        failures = claim.failures + 1,
        reason,
        "the app did not take a job"
    );
    false
}

/// The next try, the next occurrence, or the end.
fn after(claim: &Claim, done: bool, now: Timestamp) -> Next {
    let request = &claim.request;
    let failures = claim.failures + 1;
    if !done
        && let Some(interval) = request.retry_after(failures)
        && let Ok(fire_at) = claim.fire_at.checked_add(interval)
    {
        return Next::Again {
            occurrence_at: claim.occurrence_at,
            fire_at,
            occurrences_done: claim.occurrences_done,
            failures,
        };
    }
    let occurrences_done = claim.occurrences_done + 1;
    request.next_occurrence(claim.occurrence_at, occurrences_done, claim.expires_at, now).map_or(
        Next::Finished,
        |next| Next::Again { occurrence_at: next, fire_at: next, occurrences_done, failures: 0 },
    )
}
