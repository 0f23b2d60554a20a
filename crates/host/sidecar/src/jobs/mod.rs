//! Jobs: `/v1.0/jobs/{name}`, as Dapr's scheduler does them.
//!
//! Read the handlers here, `request` for what a job says, `schedule` for cron, and `timer` for how they fire.
//! One thing differs on purpose: after a pause of more than an hour the occurrences that were missed before the last
//! hour are skipped, all but the first.

mod request;
mod schedule;
mod table;
mod timer;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) use timer::{Timer, run};

use crate::Inner;
use crate::database::DatabaseError;
use crate::error::{ApiError, empty_response, json_response};
use crate::http_api::from_json_object;
use request::JobRequest;
use table::Jobs;

/// The longest name, with Dapr's prefix for app and namespace.
const NAME_LIMIT: usize = 512;

/// Answers 204 once the job is kept.
pub(crate) async fn schedule(
    sidecar: &Inner,
    app_id: &str,
    name: &str,
    body: &[u8],
) -> Result<Response<Bytes>, ApiError> {
    let request = parse(app_id, body)?;
    let refused = |reason: &str| {
        let reason = format!("rpc error: code = Unknown desc = {reason}");
        not_scheduled(StatusCode::INTERNAL_SERVER_ERROR, app_id, &reason)
    };
    check_name(app_id, name).map_err(|reason| refused(&reason))?;
    let plan = request.plan(Timestamp::now()).map_err(|reason| refused(&reason))?;
    let Some(plan) = plan else {
        return Ok(empty_response(StatusCode::NO_CONTENT));
    };
    let registered = Jobs(&sidecar.database)
        .register(app_id, name, &request, plan.first, plan.expires_at)
        .await
        .map_err(|error| out_of_reach(app_id, &error))?;
    if !registered {
        let reason =
            format!("rpc error: code = AlreadyExists desc = job already exists: '{}'", full_name(app_id, name));
        return Err(not_scheduled(StatusCode::CONFLICT, app_id, &reason));
    }
    sidecar.jobs.look_again();
    Ok(empty_response(StatusCode::NO_CONTENT))
}

/// The job as it was registered; one that is absent, finished or without data is a 500.
pub(crate) async fn get(sidecar: &Inner, app_id: &str, name: &str) -> Result<Response<Bytes>, ApiError> {
    let failed = |reason: String| {
        let message = format!("failed to get job due to: {reason}");
        scheduler_error(StatusCode::INTERNAL_SERVER_ERROR, "DAPR_SCHEDULER_GET_JOB", message, app_id)
    };
    let request = Jobs(&sidecar.database)
        .get(app_id, name)
        .await
        .map_err(|error| failed(format!("rpc error: code = Unavailable desc = {error}")))?
        .ok_or_else(|| failed(format!("rpc error: code = NotFound desc = job not found: {name}")))?;
    let job = describe(name, &request).ok_or_else(|| {
        let reason = "proto: google.protobuf.Value: none of the oneof fields is set";
        let message = format!("failed to encode response as JSON: {reason}");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "ERR_INTERNAL", message)
    })?;
    Ok(json_response(StatusCode::OK, job.to_string()))
}

/// Answers 204 whether the job was there or not.
pub(crate) async fn delete(sidecar: &Inner, app_id: &str, name: &str) -> Result<Response<Bytes>, ApiError> {
    Jobs(&sidecar.database).delete(app_id, name).await.map_err(|error| {
        let message = format!("failed to delete job due to: rpc error: code = Unavailable desc = {error}");
        scheduler_error(StatusCode::INTERNAL_SERVER_ERROR, "DAPR_SCHEDULER_DELETE_JOB", message, app_id)
    })?;
    Ok(empty_response(StatusCode::NO_CONTENT))
}

fn parse(app_id: &str, body: &[u8]) -> Result<JobRequest, ApiError> {
    let body = if body.is_empty() { b"{}" } else { body };
    let request: JobRequest = from_json_object(body).map_err(ApiError::malformed)?;
    if request.name.as_ref().is_some_and(|name| !name.is_empty()) {
        return Err(scheduler_error(
            StatusCode::BAD_REQUEST,
            "DAPR_SCHEDULER_JOB_NAME",
            "Set the job name in the url only".to_owned(),
            app_id,
        ));
    }
    if request.schedule.is_none() && request.due_time.is_none() {
        return Err(scheduler_error(
            StatusCode::BAD_REQUEST,
            "DAPR_SCHEDULER_SCHEDULE_EMPTY",
            "Schedule is empty".to_owned(),
            app_id,
        ));
    }
    Ok(request.through_doubles())
}

fn check_name(app_id: &str, name: &str) -> Result<(), String> {
    if name.contains(['/', '?', '#', '\\']) || full_name(app_id, name).len() > NAME_LIMIT {
        return Err(format!("job name is invalid {name:?}"));
    }
    Ok(())
}

fn full_name(app_id: &str, name: &str) -> String {
    format!("app||default||{app_id}||{name}")
}

/// The job as protobuf's JSON tells it, which can't tell of one without data.
fn describe(name: &str, request: &JobRequest) -> Option<Value> {
    let mut job = json!(request);
    job["name"] = json!(name);
    job["data"] = json!({
        "@type": "type.googleapis.com/google.protobuf.Value",
        "value": request.data.as_ref()?,
    });
    Some(job)
}

fn not_scheduled(status: StatusCode, app_id: &str, reason: &str) -> ApiError {
    let message = format!("failed to schedule job due to: {reason}");
    scheduler_error(status, "DAPR_SCHEDULER_SCHEDULE_JOB", message, app_id)
}

fn out_of_reach(app_id: &str, error: &DatabaseError) -> ApiError {
    let reason = format!("rpc error: code = DeadlineExceeded desc = {error}");
    not_scheduled(StatusCode::GATEWAY_TIMEOUT, app_id, &reason)
}

fn scheduler_error(status: StatusCode, code: &'static str, message: String, app_id: &str) -> ApiError {
    let info = BTreeMap::from([("appID", app_id.to_owned()), ("namespace", "default".to_owned())]);
    ApiError::new(status, code, message).with_info(code, info)
}
