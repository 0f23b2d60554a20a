//! Tasks as to-dos (RFC 5545 §3.6.2).

use icalendar::parser::Component;
use rondo_domain::series::{InstanceStatus, SeriesStatus};
use rondo_domain::task::{Priority, Status};

use super::{Recurrence, begun};
use crate::{Entry, Instance, own};

/// A task, and what was made of it.
pub(super) fn components(entry: &Entry, series: Option<&Recurrence<'_>>) -> Vec<Component<'static>> {
    let mut components = vec![task(entry, series)];
    if let Some(series) = series {
        components.extend(series.series.instances.iter().map(|made| instance(entry, series, made)));
    }
    components
}

fn task(entry: &Entry, series: Option<&Recurrence<'_>>) -> Component<'static> {
    let task = &entry.task;
    let is_cancelled = series.is_some_and(|series| series.series.status == SeriesStatus::Cancelled);
    let mut draft = begun("VTODO", entry, entry.updated_at).text("SUMMARY", task.title.as_str());
    if let Some(description) = task.description.as_ref().filter(|description| !description.as_str().is_empty()) {
        draft = draft.text("DESCRIPTION", description.as_str());
    }
    draft = draft.raw("STATUS", if is_cancelled { "CANCELLED" } else { status(task.status) });
    if let Some(completed_at) = entry.completed_at {
        draft = draft.instant("COMPLETED", completed_at);
    }
    draft = draft.raw("PRIORITY", priority(task.priority));
    if !task.tags.is_empty() {
        let tags: Vec<String> = task.tags.iter().map(crate::text::escaped).collect();
        draft = draft.raw("CATEGORIES", tags.join(","));
    }
    draft = match (series, task.due_at) {
        (Some(series), _) => series.describe_for_rondo(series.describe(draft)),
        (None, Some(due_at)) => draft.instant("DUE", due_at),
        (None, None) => draft,
    };
    let draft = draft.instant("CREATED", entry.created_at).instant("LAST-MODIFIED", entry.updated_at);
    draft.raw("SEQUENCE", entry.version.to_string()).done()
}

fn instance(entry: &Entry, series: &Recurrence<'_>, made: &Instance) -> Component<'static> {
    let draft = begun("VTODO", entry, made.completed_at.unwrap_or(made.at));
    let mut draft = series.place(draft, made).text("SUMMARY", made.title.as_str());
    draft = draft.raw(
        "STATUS",
        match made.status {
            InstanceStatus::Pending => "NEEDS-ACTION",
            InstanceStatus::Completed => "COMPLETED",
            InstanceStatus::Skipped | InstanceStatus::Missed => "CANCELLED",
        },
    );
    if made.status == InstanceStatus::Missed {
        draft = draft.raw(own::STATE, made.status.as_str());
    }
    if let Some(completed_at) = made.completed_at {
        draft = draft.instant("COMPLETED", completed_at);
    }
    draft.raw("PRIORITY", priority(made.priority)).done()
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Pending => "NEEDS-ACTION",
        Status::InProgress => "IN-PROCESS",
        Status::Completed => "COMPLETED",
    }
}

fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "1",
        Priority::Medium => "5",
        Priority::Low => "9",
    }
}
