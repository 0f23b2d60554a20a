//! `/api/tasks`: one task, the list of tasks, several at once.

mod bulk;
mod fields;
mod list;

use http::{Method, StatusCode, header};
use rondo_domain::ids::TaskId;
use rondo_ports::Platform;
use rondo_store::task::{self as store, Change, Deletion};
use rondo_store::{Creation, RawJson, RequestContext};
use serde::Deserialize;

pub(crate) use fields::{draft, new_task, tags};
pub(crate) use list::page;

use crate::auth::identify;
use crate::idempotency::key_reused;
use crate::{Endpoint, Problem, Reply, Request};

/// `/api/tasks`, `/api/tasks/{id}`, `/api/tasks/{id}/complete`, `/api/tasks/{id}/reopen`, `/api/tasks/bulk`.
pub struct Tasks;

impl Endpoint for Tasks {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        let segments = request.segments_after("/api/tasks").unwrap_or_default();
        match (segments.as_slice(), &request.method) {
            ([], &Method::GET) => list::list(platform, request).await,
            ([], &Method::POST) => create(platform, request).await,
            ([], _) => Err(Problem::method_not_allowed("GET, POST")),
            (["bulk"], &Method::POST) => bulk::apply(platform, request).await,
            (["bulk"], _) => Err(Problem::method_not_allowed("POST")),
            ([id], &Method::GET) => show(platform, request, id).await,
            ([id], &Method::PATCH) => change(platform, request, id).await,
            ([id], &Method::DELETE) => delete(platform, request, id).await,
            ([_], _) => Err(Problem::method_not_allowed("GET, PATCH, DELETE")),
            ([id, "complete"], &Method::POST) => complete(platform, request, id).await,
            ([id, "reopen"], &Method::POST) => reopen(platform, request, id).await,
            ([_, "complete" | "reopen"], _) => Err(Problem::method_not_allowed("POST")),
            _ => Err(Problem::not_found("path")),
        }
    }
}

fn no_task() -> Problem {
    Problem::not_found("task")
}

pub(crate) fn task_id(text: &str) -> Result<TaskId, Problem> {
    TaskId::parse(text).ok_or_else(no_task)
}

async fn create<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let key = request.idempotency_key()?;
    let task = new_task(request.form()?)?;
    let id = TaskId::new(platform.now(), platform.bytes());
    match store::create(platform, identity.context(request), id, &task, key.as_ref()).await? {
        Creation::Made { reply, relay } => Ok(created(reply)?.with_relay(identity.user, relay)),
        Creation::Replayed(reply) => created(reply),
        Creation::KeyReused => Err(key_reused()),
    }
}

fn created(task: RawJson) -> Result<Reply, Problem> {
    #[derive(Deserialize)]
    struct Id<'a> {
        id: &'a str,
    }
    let location = format!("/api/tasks/{}", task.read::<Id<'_>>()?.id);
    Ok(task_reply(StatusCode::CREATED, task)?.with_header(header::LOCATION, &location))
}

/// A task with its version as its entity tag.
fn task_reply(status: StatusCode, task: RawJson) -> Result<Reply, Problem> {
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    let tag = format!("\"{}\"", task.read::<Version>()?.version);
    Ok(Reply::raw(status, task).with_header(header::ETAG, &tag))
}

async fn show<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    request.query().finish(())?;
    let task = store::get(platform, identity.context(request), task_id(id)?).await?.ok_or_else(no_task)?;
    task_reply(StatusCode::OK, task)
}

async fn change<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let id = task_id(id)?;
    let version = if_match(request);
    let context = identity.context(request);
    let outcome = match fields::task_patch(request.merge_patch()?)? {
        Some(patch) => store::change(platform, context, id, &patch, version).await?,
        None => unchanged(platform, context, id, version).await?,
    };
    changed(&identity, outcome)
}

/// What a patch of nothing does: as any other, but nothing changes.
async fn unchanged<P: Platform>(
    platform: &P,
    context: RequestContext<'_>,
    id: TaskId,
    version: Option<u64>,
) -> Result<Change, Problem> {
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    let Some(task) = store::get(platform, context, id).await? else { return Ok(Change::Absent) };
    let current = task.read::<Version>()?.version;
    if version.is_some_and(|version| version != current) {
        return Ok(Change::Stale);
    }
    Ok(Change::Changed { task, relay: None })
}

async fn complete<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    changed(&identity, store::complete(platform, identity.context(request), task_id(id)?).await?)
}

async fn reopen<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    changed(&identity, store::reopen(platform, identity.context(request), task_id(id)?).await?)
}

fn changed(identity: &crate::auth::Identity, outcome: Change) -> Result<Reply, Problem> {
    match outcome {
        Change::Changed { task, relay } => Ok(task_reply(StatusCode::OK, task)?.with_relay(identity.user, relay)),
        Change::Stale => Err(Problem::precondition_failed()),
        Change::Absent => Err(no_task()),
    }
}

async fn delete<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    match store::delete(platform, identity.context(request), task_id(id)?, if_match(request)).await? {
        Deletion::Deleted { relay } => Ok(Reply::no_content().with_relay(identity.user, relay)),
        Deletion::Stale => Err(Problem::precondition_failed()),
        Deletion::Absent => Err(no_task()),
    }
}

/// The version that `If-Match` names (RFC 9110 §13.1.1). What is no version of ours matches none: 0.
pub(crate) fn if_match(request: &Request) -> Option<u64> {
    let tag = request.header(header::IF_MATCH.as_str())?.trim();
    if tag == "*" {
        return None;
    }
    let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|tag| tag.parse::<u32>().ok());
    Some(version.map_or(0, u64::from))
}
