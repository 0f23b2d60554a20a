//! `POST /job/notification-deliveries`, in notification-service: notifications go out by the channels beside the page.
//!
//! What is due is claimed, sent all at once, and settled: [`outbound`] says what is sent, `rondo_domain::delivery` what an answer
//! means. It runs every quarter of a minute, and at once when somebody was just told ([`wake`]). Only this component may connect to
//! the world, and holds what identifies us there. If it dies between sending and settling, the same is sent again
//! under the same id once the lease has run out.

mod operator;
mod outbound;

use jiff::SignedDuration;
use rondo_domain::delivery::{Heard, Outcome};
use rondo_ports::{Alarm, Answer, HttpError, Platform};
use rondo_store::notification_delivery::{self as store, Delivery, Settlement};
use serde_json::json;

use crate::clock::told_time;
use crate::consumer::only_the_sidecar;
use crate::problem::log;
use crate::{Endpoint, Problem, Reply, Request};
use operator::Operator;
use outbound::{Unsendable, Wires};

/// The job's name: it is called back at `/job/{name}`.
pub(crate) const JOB: &str = "notification-deliveries";
/// The job that runs once, at once.
const WAKE: &str = "notification-deliveries-now";

/// How many are sent at once.
const BATCH: usize = 50;
/// How many batches one run sends; each takes as long as its slowest answer.
const BATCHES: u32 = 4;
/// How long nobody else sends what was claimed: longer than a batch takes.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// `/job/notification-deliveries`, `/job/notification-deliveries-now`.
pub struct Deliveries;

impl Endpoint for Deliveries {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        only_the_sidecar(platform, request)?;
        send_due(platform).await?;
        Ok(Reply::no_content())
    }
}

/// The job as the sidecar is told of it.
pub(crate) fn job() -> serde_json::Value {
    json!({ "schedule": "@every 15s", "dueTime": "1s", "data": { "send": "notifications" } })
}

/// Has deliveries that are due sent at once. If nobody can be asked to, they are by the next run of the job.
pub(crate) async fn wake<P: Platform>(platform: &P) {
    let alarm = Alarm { name: WAKE.to_owned(), due: platform.now(), data: json!({ "send": "notifications" }) };
    if let Some(Err(error)) = platform.set_alarms(&[alarm]).await.first() {
        log(&format!("notifications go out a little later: {error}"));
    }
}

/// Sends what is due; if it is very much, a part of it, and has the rest sent by another run.
async fn send_due<P: Platform>(platform: &P) -> Result<(), Problem> {
    let operator = Operator::read(platform)?;
    for _ in 0..BATCHES {
        let due = store::claim(platform, told_time(platform)?, LEASE, BATCH).await?;
        if !due.is_empty() {
            let settlements = send(platform, &operator, &due).await;
            store::settle(platform, told_time(platform)?, &settlements).await?;
        }
        if due.len() < BATCH {
            return Ok(());
        }
    }
    wake(platform).await;
    Ok(())
}

/// Sends all at once, and says what became of each.
async fn send<P: Platform>(platform: &P, operator: &Operator, due: &[Delivery]) -> Vec<Settlement> {
    let mut wires = Wires::new(platform, operator);
    let composed: Vec<_> = due.iter().map(|delivery| wires.compose(delivery)).collect();
    let requests: Vec<_> = composed.iter().filter_map(|composed| composed.as_ref().ok().cloned()).collect();
    let mut answers = platform.post(&requests).await.into_iter();
    let settled = due.iter().zip(&composed).map(|(delivery, composed)| {
        let outcome = match composed {
            Ok(_) => judge(platform, delivery, answers.next().unwrap_or(Err(HttpError::Away("it gave no answer")))),
            Err(Unsendable(reason)) => Outcome::Failed(reason.clone()),
        };
        Settlement { id: delivery.id, attempt: delivery.attempt, outcome }
    });
    settled.collect()
}

fn judge<P: Platform>(platform: &P, delivery: &Delivery, answer: Result<Answer, HttpError>) -> Outcome {
    let reason;
    let heard = match &answer {
        Ok(Answer { status, retry_after, .. }) => {
            Heard::Answer { status: *status, retry_after: retry_after.as_deref() }
        }
        Err(HttpError::Away(reason)) => Heard::Silence(reason),
        Err(error) => {
            reason = error.to_string();
            Heard::Unsendable(&reason)
        }
    };
    let outcome = delivery.channel.judge(delivery.attempt, heard, platform.now());
    if let Outcome::Failed(reason) | Outcome::Again { reason, .. } = &outcome {
        let said = answer.map(|answer| answer.beginning).unwrap_or_default();
        log(&format!("the delivery {} by {:?}: {reason} {}", delivery.id, delivery.channel, on_one_line(&said)));
    }
    outcome
}

/// What a server said, so that it can be neither taken for a line of ours nor fill the log.
fn on_one_line(said: &str) -> String {
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
