//! `POST /job/{name}`, in recurring-service: a series is woken, or it is time to reconcile.

use rondo_domain::ids::{TaskId, UserId};
use rondo_ports::Platform;
use rondo_store::occurrence::{self, Due};

use super::alarm::{JobData, arm, job_of};
use super::due::{make, wakeup};
use super::reconcile;
use crate::clock::told_time;
use crate::consumer::only_the_sidecar;
use crate::problem::log;
use crate::{Endpoint, Problem, Reply, Request};

/// A route that takes the same data, whichever series it is.
const TRIGGER: &str = "recurring-task-trigger";
/// How often a series is read again that somebody changes at the same moment.
const ATTEMPTS: u32 = 3;
/// How many further batches a trigger takes along where very many series are due at once.
const BATCHES: u32 = 10;

/// `/job/recurring-task-{task_id}`, `/job/recurring-task-trigger`, `/job/occurrences-reconcile`.
pub struct Occurrences;

impl Endpoint for Occurrences {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        only_the_sidecar(platform, request)?;
        match request.path.strip_prefix("/job/") {
            Some(reconcile::JOB) => reconcile::run(platform, request.id()).await?,
            Some(name) => trigger(platform, request, name).await?,
            None => log("a call to no job is passed over"),
        }
        Ok(Reply::no_content())
    }
}

/// A series is woken by its job `name`. What can never work is done with, or the scheduler would repeat it for ever.
async fn trigger<P: Platform>(platform: &P, request: &Request, name: &str) -> Result<(), Problem> {
    match woken(request, name) {
        Ok(JobData { user_id, task_id }) => make_occurrence(platform, request.id(), user_id, task_id).await,
        Err(reason) => {
            log(&format!("the job {name} is passed over: {reason}"));
            Ok(())
        }
    }
}

/// Which series is woken.
fn woken(request: &Request, name: &str) -> Result<JobData, String> {
    let body = request.bytes().map_err(|_| "its data can't be read".to_owned())?;
    let data: JobData = serde_json::from_slice(body).map_err(|error| format!("its data lacks something: {error}"))?;
    if name == TRIGGER || name == job_of(data.task_id) {
        Ok(data)
    } else {
        Err(format!("it is about the task {}", data.task_id))
    }
}

/// Makes what is due of a series, and of others that are due with it.
///
/// # Errors
/// 503 where the scheduler is to call again.
async fn make_occurrence<P: Platform>(
    platform: &P,
    request_id: &str,
    user: UserId,
    task: TaskId,
) -> Result<(), Problem> {
    for _ in 0..ATTEMPTS {
        let due = occurrence::due_with(platform, told_time(platform)?, user, task).await?;
        let own = due.series.iter().find(|series| series.task_id == task);
        let waits = own.filter(|series| series.next.at > due.now);
        let (own, waits) =
            (own.map(|series| series.recurring_task_id), waits.map(|series| wakeup(series, series.next.at)));
        let waits_armed = arm(platform, waits.as_slice()).await;
        let done = make(platform, request_id, &due).await?;
        if own.is_none_or(|own| waits.is_some() || done.advanced.contains(&own)) {
            make_others(platform, request_id, due).await?;
            return if waits_armed && done.all_armed { Ok(()) } else { Err(Problem::unavailable()) };
        }
    }
    Err(Problem::unavailable())
}

/// Goes on after a full batch.
async fn make_others<P: Platform>(platform: &P, request_id: &str, mut due: Due) -> Result<(), Problem> {
    for _ in 0..BATCHES {
        let Some(last) = due.series.last().filter(|_| due.is_full()) else { break };
        due = occurrence::due(platform, told_time(platform)?, Some(last.task_id)).await?;
        make(platform, request_id, &due).await?;
    }
    Ok(())
}
