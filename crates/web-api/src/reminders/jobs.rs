//! `POST /job/{name}`, in backend: a reminder is woken, or it is time to reconcile; and `POST /internal/reminders/arm`, by which
//! the apps that publish what becomes of reminders have alarms set.

use http::Method;
use rondo_domain::ids::ReminderId;
use rondo_ports::Platform;

use super::alarm::{ARM, Alarms, JobData, arm, job_of};
use super::due::fire;
use super::reconcile;
use crate::consumer::{only_apps, only_the_sidecar};
use crate::problem::log;
use crate::{Endpoint, Problem, Reply, Request};

/// A route that takes the same data, whichever reminder it is.
const TRIGGER: &str = "reminder-trigger";

/// `/job/reminder-{reminder_id}`, `/job/reminder-trigger`, `/job/reminders-reconcile`, `/internal/reminders/arm`.
pub struct ReminderJobs;

impl Endpoint for ReminderJobs {
    const BODY_LIMIT: usize = 1024 * 1024;

    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        if request.path == ARM {
            return set_alarms(platform, request).await;
        }
        only_the_sidecar(platform, request)?;
        match request.path.strip_prefix("/job/") {
            Some(reconcile::JOB) => reconcile::run(platform, request.id()).await?,
            Some(name) => trigger(platform, request, name).await?,
            None => log("a call to no job is passed over"),
        }
        Ok(Reply::no_content())
    }
}

/// A reminder is woken by its job `name`. What can never work is done with, or the scheduler would repeat it for ever.
async fn trigger<P: Platform>(platform: &P, request: &Request, name: &str) -> Result<(), Problem> {
    let reminder = match woken(request, name) {
        Ok(reminder) => reminder,
        Err(reason) => {
            log(&format!("the job {name} is passed over: {reason}"));
            return Ok(());
        }
    };
    let Some(waits) = fire(platform, request.id(), Some(reminder)).await? else { return Ok(()) };
    // It was woken too early, and this job has had its one call.
    if arm(platform, &[waits]).await { Ok(()) } else { Err(Problem::unavailable()) }
}

/// Which reminder is woken.
fn woken(request: &Request, name: &str) -> Result<ReminderId, String> {
    let body = request.bytes().map_err(|_| "its data can't be read".to_owned())?;
    let data: JobData = serde_json::from_slice(body).map_err(|error| format!("its data lacks something: {error}"))?;
    if name == TRIGGER || name == job_of(data.reminder_id) {
        Ok(data.reminder_id)
    } else {
        Err(format!("it is about the reminder {}", data.reminder_id))
    }
}

/// Sets and takes back the alarms that another app published something of.
async fn set_alarms<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    only_apps(platform, request, &["recurring-service", "notification-service"])?;
    if request.method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
    let alarms: Alarms = serde_json::from_slice(request.bytes()?)
        .map_err(|error| Problem::bad_request(format!("The body says of no alarms what becomes of them: {error}.")))?;
    if alarms.see_to(platform).await { Ok(Reply::no_content()) } else { Err(Problem::unavailable()) }
}
