//! `/api/tasks/recurring` and `/api/recurrence/preview`: series, their instances, and what a rule would do.
//!
//! What is asked is read in [`fields`], decided in `rondo_domain::series`, and saved by one statement. The time of a
//! decision is the request's; what is due, the database alone decides (`rondo_store::series`).

mod change;
mod fields;
mod instances;
mod preview;

use http::{Method, StatusCode, header};
use rondo_domain::ids::{RecurringTaskId, SeriesId, TaskId};
use rondo_domain::series::SeriesStatus;
use rondo_ports::Platform;
use rondo_store::series::{self as store, Cancellation, NewSeriesIds};
use rondo_store::{Creation, RawJson};
use serde::Deserialize;

use crate::auth::identify;
use crate::idempotency::key_reused;
use crate::tasks::{if_match, page};
use crate::{Endpoint, Problem, Reply, Request};

/// `/api/tasks/recurring`, `/api/tasks/recurring/{task_id}`, `/api/tasks/recurring/{task_id}/instances`,
/// `/api/tasks/recurring/{task_id}/instances/{id}/complete`, `…/skip`; `/api/recurrence/preview`.
pub struct Recurring;

impl Endpoint for Recurring {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        let Some(segments) = request.segments_after("/api/tasks/recurring") else {
            return match (request.path.as_str(), &request.method) {
                ("/api/recurrence/preview", &Method::POST) => preview::preview(platform, request).await,
                ("/api/recurrence/preview", _) => Err(Problem::method_not_allowed("POST")),
                _ => Err(Problem::not_found("path")),
            };
        };
        match (segments.as_slice(), &request.method) {
            ([], &Method::GET) => list(platform, request).await,
            ([], &Method::POST) => create(platform, request).await,
            ([], _) => Err(Problem::method_not_allowed("GET, POST")),
            ([task], &Method::GET) => show(platform, request, task).await,
            ([task], &Method::PATCH) => change::change(platform, request, task).await,
            ([task], &Method::DELETE) => cancel(platform, request, task).await,
            ([_], _) => Err(Problem::method_not_allowed("GET, PATCH, DELETE")),
            ([task, "instances"], &Method::GET) => instances::list(platform, request, task).await,
            ([_, "instances"], _) => Err(Problem::method_not_allowed("GET")),
            ([task, "instances", id, "complete"], &Method::POST) => {
                instances::complete(platform, request, task, id).await
            }
            ([task, "instances", id, "skip"], &Method::POST) => instances::skip(platform, request, task, id).await,
            ([_, "instances", _, "complete" | "skip"], _) => Err(Problem::method_not_allowed("POST")),
            _ => Err(Problem::not_found("path")),
        }
    }
}

fn no_series() -> Problem {
    Problem::not_found("recurring task")
}

/// The id of a template, as the path names it.
fn template_id(text: &str) -> Result<TaskId, Problem> {
    TaskId::parse(text).ok_or_else(no_series)
}

fn no_longer(status: SeriesStatus) -> Problem {
    Problem::conflict(format!("The series is {}, and nothing changes that.", status.as_str()))
}

async fn list<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let mut query = request.query();
    let status = query.many("status", str::parse);
    let page = page(&mut query);
    let (status, page) = query.finish((status, page))?;
    Ok(Reply::document(store::list(platform, identity.context(request), &status, page).await?))
}

async fn create<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let key = request.idempotency_key()?;
    let now = platform.now();
    let (template, plan) = fields::new_series(request.form()?, now)?;
    let ids = NewSeriesIds {
        recurring_task: RecurringTaskId::new(now, platform.bytes()),
        task: TaskId::new(now, platform.bytes()),
        series: SeriesId::new(now, platform.bytes()),
    };
    match store::create(platform, identity.context(request), ids, &template, &plan, key.as_ref()).await? {
        Creation::Made { reply, relay } => Ok(created(reply)?.with_relay(identity.user, relay)),
        Creation::Replayed(reply) => created(reply),
        Creation::KeyReused => Err(key_reused()),
    }
}

fn created(series: RawJson) -> Result<Reply, Problem> {
    #[derive(Deserialize)]
    struct Id<'a> {
        task_id: &'a str,
    }
    let location = format!("/api/tasks/recurring/{}", series.read::<Id<'_>>()?.task_id);
    Ok(series_reply(StatusCode::CREATED, series)?.with_header(header::LOCATION, &location))
}

/// A recurring task with the version of its template, which counts its changes too, as its entity tag.
fn series_reply(status: StatusCode, series: RawJson) -> Result<Reply, Problem> {
    let tag = format!("\"{}\"", template_version(&series)?);
    Ok(Reply::raw(status, series).with_header(header::ETAG, &tag))
}

fn template_version(series: &RawJson) -> Result<u64, Problem> {
    #[derive(Deserialize)]
    struct Series {
        task: Template,
    }
    #[derive(Deserialize)]
    struct Template {
        version: u64,
    }
    Ok(series.read::<Series>()?.task.version)
}

async fn show<P: Platform>(platform: &P, request: &Request, task: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    request.query().finish(())?;
    let series = store::get(platform, identity.context(request), template_id(task)?).await?.ok_or_else(no_series)?;
    series_reply(StatusCode::OK, series)
}

async fn cancel<P: Platform>(platform: &P, request: &Request, task: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    match store::cancel(platform, identity.context(request), template_id(task)?, if_match(request)).await? {
        Cancellation::Cancelled { relay } => Ok(Reply::no_content().with_relay(identity.user, relay)),
        Cancellation::Completed => Err(no_longer(SeriesStatus::Completed)),
        Cancellation::Stale => Err(Problem::precondition_failed()),
        Cancellation::Absent => Err(no_series()),
    }
}
