//! `PATCH /api/tasks/recurring/{task_id}`: rule, zone, end, policies, template; pause and resume.

use http::StatusCode;
use rondo_domain::ids::TaskId;
use rondo_domain::series::RevisionError;
use rondo_ports::Platform;
use rondo_store::RequestContext;
use rondo_store::series_change::{self as store, SeriesChange};

use super::{fields, no_longer, no_series, series_reply, template_id, template_version};
use crate::auth::identify;
use crate::clock::told_time;
use crate::occurrences::make_owed;
use crate::tasks::if_match;
use crate::{FieldError, Problem, Reply, Request};

/// How often a change is computed anew because an occurrence fell due meanwhile, or somebody else changed the series.
const ATTEMPTS: usize = 5;

pub(super) async fn change<P: Platform>(platform: &P, request: &Request, task: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let (task, context) = (template_id(task)?, identity.context(request));
    let version = if_match(request);
    let Some((template, plan)) = fields::series_patch(request.merge_patch()?)? else {
        return unchanged(platform, context, task, version).await;
    };
    let mut owes_nothing = false;
    for _ in 0..ATTEMPTS {
        let read = store::read(platform, context, task, told_time(platform)?).await?.ok_or_else(no_series)?;
        if version.is_some_and(|version| version != read.task_version) {
            return Err(Problem::precondition_failed());
        }
        let revision = read.plan.revised(&plan, read.now).map_err(refused)?;
        if read.plan.owes(read.now) && revision.drops_what_is_owed() && !owes_nothing {
            make_owed(platform, request.id(), identity.user, task).await?;
            owes_nothing = true;
            continue;
        }
        match store::change(platform, context, task, &read, &template, &revision, version).await? {
            SeriesChange::Changed { series, relay } => {
                return Ok(series_reply(StatusCode::OK, series)?.with_relay(identity.user, relay));
            }
            SeriesChange::Moved => {}
            SeriesChange::Stale => return Err(Problem::precondition_failed()),
            SeriesChange::Absent => return Err(no_series()),
        }
    }
    Err(Problem::unavailable())
}

/// What a patch of nothing does: as any other, but nothing changes.
async fn unchanged<P: Platform>(
    platform: &P,
    context: RequestContext<'_>,
    task: TaskId,
    version: Option<u64>,
) -> Result<Reply, Problem> {
    let series = rondo_store::series::get(platform, context, task).await?.ok_or_else(no_series)?;
    let current = template_version(&series)?;
    if version.is_some_and(|version| version != current) {
        return Err(Problem::precondition_failed());
    }
    series_reply(StatusCode::OK, series)
}

fn refused(error: RevisionError) -> Problem {
    match error {
        RevisionError::Ended(status) => no_longer(status),
        RevisionError::Transition { from, to } => {
            Problem::conflict(format!("A series that is {} does not become {}.", from.as_str(), to.as_str()))
        }
        RevisionError::Fault(fault) => Problem::invalid(vec![FieldError::new(fault.field, &fault.error)]),
    }
}
