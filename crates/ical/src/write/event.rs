//! Tasks as events (RFC 5545 §3.6.1): half an hour from when they are due, during which nobody is busy.

use icalendar::parser::Component;
use rondo_domain::series::{InstanceStatus, SeriesStatus};
use rondo_domain::task::{Status, Title};

use super::{Draft, Recurrence, begun};
use crate::{Entry, Instance};

/// What there is to see of a task in a calendar.
pub(super) fn components(entry: &Entry, series: Option<&Recurrence<'_>>) -> Vec<Component<'static>> {
    match series {
        Some(series) if series.series.status == SeriesStatus::Active => {
            let template = series.describe(titled(entry, begun("VEVENT", entry, entry.updated_at), false));
            let made = series.series.instances.iter().map(|made| instance(entry, series, made));
            std::iter::once(template.done()).chain(made).collect()
        }
        Some(_) => Vec::new(),
        None => due(entry).into_iter().collect(),
    }
}

fn due(entry: &Entry) -> Option<Component<'static>> {
    let due_at = entry.task.due_at?;
    let draft = titled(entry, begun("VEVENT", entry, entry.updated_at), entry.task.status == Status::Completed);
    Some(draft.instant("DTSTART", due_at).done())
}

fn titled(entry: &Entry, draft: Draft, is_done: bool) -> Draft {
    let mut draft = named(draft, &entry.task.title, is_done);
    if let Some(description) = entry.task.description.as_ref().filter(|description| !description.as_str().is_empty()) {
        draft = draft.text("DESCRIPTION", description.as_str());
    }
    draft
}

fn instance(entry: &Entry, series: &Recurrence<'_>, made: &Instance) -> Component<'static> {
    let draft = series.place(begun("VEVENT", entry, made.completed_at.unwrap_or(made.at)), made);
    let draft = named(draft, &made.title, made.status == InstanceStatus::Completed);
    match made.status {
        InstanceStatus::Skipped => draft.raw("STATUS", "CANCELLED").done(),
        InstanceStatus::Pending | InstanceStatus::Completed | InstanceStatus::Missed => draft.done(),
    }
}

fn named(draft: Draft, title: &Title, is_done: bool) -> Draft {
    let title = if is_done { format!("✓ {}", title.as_str()) } else { title.as_str().to_owned() };
    draft.text("SUMMARY", &title).raw("DURATION", "PT30M").raw("TRANSP", "TRANSPARENT")
}
