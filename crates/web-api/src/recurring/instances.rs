//! `/api/tasks/recurring/{task_id}/instances`: what was made of a series, completed or skipped.

use http::StatusCode;
use rondo_domain::ids::TaskInstanceId;
use rondo_ports::Platform;
use rondo_store::task_instance::{self as store, Settle, Settlement};

use super::{no_series, template_id};
use crate::auth::identify;
use crate::tasks::page;
use crate::{Problem, Reply, Request};

pub(super) async fn list<P: Platform>(platform: &P, request: &Request, task: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let mut query = request.query();
    let status = query.many("status", str::parse);
    let page = page(&mut query);
    let (status, page) = query.finish((status, page))?;
    let instances = store::list(platform, identity.context(request), template_id(task)?, &status, page).await?;
    Ok(Reply::raw(StatusCode::OK, instances.ok_or_else(no_series)?))
}

pub(super) async fn complete<P: Platform>(
    platform: &P,
    request: &Request,
    task: &str,
    id: &str,
) -> Result<Reply, Problem> {
    settle(platform, request, (task, id), Settle::Complete).await
}

pub(super) async fn skip<P: Platform>(platform: &P, request: &Request, task: &str, id: &str) -> Result<Reply, Problem> {
    settle(platform, request, (task, id), Settle::Skip).await
}

async fn settle<P: Platform>(
    platform: &P,
    request: &Request,
    (task, id): (&str, &str),
    settle: Settle,
) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let no_instance = || Problem::not_found("instance");
    let task = template_id(task)?;
    let id = TaskInstanceId::parse(id).ok_or_else(no_instance)?;
    match store::settle(platform, identity.context(request), task, id, settle).await? {
        Settlement::Settled { instance, relay } => {
            Ok(Reply::raw(StatusCode::OK, instance).with_relay(identity.user, relay))
        }
        Settlement::SettledOtherwise => {
            Err(Problem::conflict("Only an instance that is pending can be completed or skipped."))
        }
        Settlement::Absent => Err(no_instance()),
    }
}
