//! `POST /api/tasks/bulk`.

use http::StatusCode;
use rondo_domain::ValueError;
use rondo_domain::ids::TaskId;
use rondo_domain::tag::TagNames;
use rondo_domain::task::BulkAction;
use rondo_ports::Platform;
use rondo_store::task_bulk::{self, BulkChange};

use super::fields::tags;
use crate::auth::identify;
use crate::form::Form;
use crate::{Problem, Reply, Request};

/// The most tasks at once.
const AT_MOST: usize = 100;

pub(super) async fn apply<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let (ids, action) = asked(request.form()?)?;
    match task_bulk::apply(platform, identity.context(request), &ids, &action).await? {
        BulkChange::Changed { reply, relay } => Ok(Reply::raw(StatusCode::OK, reply).with_relay(identity.user, relay)),
        BulkChange::Absent => Err(Problem::not_found("task among ids")),
        BulkChange::TooManyTags => {
            Err(Problem::invalid_value("tags", format!("would give one of the tasks more than {} tags", TagNames::MAX)))
        }
    }
}

fn asked(mut form: Form) -> Result<(Vec<TaskId>, BulkAction), Problem> {
    let ids = ids(&mut form);
    let action = action(&mut form);
    form.finish(ids.zip(action))
}

fn ids(form: &mut Form) -> Option<Vec<TaskId>> {
    let id = |text: &str| TaskId::parse(text).ok_or_else(|| ValueError::new("must be a task's id"));
    if !form.has("ids") {
        form.fail("ids", "is required");
    }
    let ids = form.texts("ids", id)?;
    let mut distinct = ids.clone();
    distinct.sort();
    distinct.dedup();
    if distinct.len() < ids.len() {
        form.fail("ids", "must name each task once");
        return None;
    }
    if !(1..=AT_MOST).contains(&ids.len()) {
        form.fail("ids", format!("must be 1 to {AT_MOST} ids"));
        return None;
    }
    Some(ids)
}

fn action(form: &mut Form) -> Option<BulkAction> {
    match form.required("action", |text| Ok(text.to_owned()))?.as_str() {
        "complete" => Some(BulkAction::Complete),
        "reopen" => Some(BulkAction::Reopen),
        "delete" => Some(BulkAction::Delete),
        "set_priority" => form.required("priority", str::parse).map(BulkAction::SetPriority),
        "add_tags" => some_tags(form).map(BulkAction::AddTags),
        "remove_tags" => some_tags(form).map(BulkAction::RemoveTags),
        _ => {
            form.fail("action", "must be complete, reopen, delete, set_priority, add_tags or remove_tags");
            None
        }
    }
}

fn some_tags(form: &mut Form) -> Option<TagNames> {
    let given = form.has("tags");
    let names = tags(form, "tags");
    if !given || names.as_ref().is_some_and(TagNames::is_empty) {
        form.fail("tags", "must name at least one tag");
        return None;
    }
    names
}
