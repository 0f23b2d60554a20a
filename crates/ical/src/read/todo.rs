//! One to-do.

use jiff::Timestamp;
use rondo_domain::ValueError;
use rondo_domain::tag::{TagName, TagNames};
use rondo_domain::task::{Description, NewTask, Priority, Status, Title};

use super::fields::Fields;
use super::series;
use crate::Todo;

/// The to-do, if nothing is wrong with it and it is not cancelled for good.
pub(super) fn todo(fields: &mut Fields<'_>, now: Timestamp) -> Option<Todo> {
    let recurs = fields.has("RRULE") || fields.has("RDATE");
    let status = status(fields);
    let due_at = if recurs { None } else { fields.instant("DUE") };
    let task = task(fields, status.unwrap_or_default(), due_at);
    let completed_at = fields.instant("COMPLETED").filter(|_| status == Some(Status::Completed));
    let created_at = fields.instant("CREATED");
    let series = if recurs { series::series(fields, now) } else { None };
    let todo = Todo { uid: fields.text("UID"), task: task?, completed_at, created_at, series };
    (fields.is_right() && (recurs || status.is_some())).then_some(todo)
}

/// A single occurrence of a series that the file does not have.
pub(super) fn lone_occurrence(fields: &mut Fields<'_>, now: Timestamp) -> Option<Todo> {
    let place = fields.text("RECURRENCE-ID").unwrap_or_default();
    let todo = todo(fields, now)?;
    Some(Todo { uid: todo.uid.map(|uid| format!("{uid}\n{place}")), ..todo })
}

fn task(fields: &mut Fields<'_>, status: Status, due_at: Option<Timestamp>) -> Option<NewTask> {
    if !fields.has("SUMMARY") {
        fields.fail("SUMMARY", "is required");
    }
    let title = fields.parsed("SUMMARY", Title::parse);
    let description = fields.parsed("DESCRIPTION", Description::parse);
    let priority = fields.parsed("PRIORITY", priority).unwrap_or_default();
    let tags = fields.texts("CATEGORIES").iter().map(|name| TagName::parse(name)).collect::<Result<Vec<_>, _>>();
    let tags = match tags.and_then(TagNames::new) {
        Ok(tags) => tags,
        Err(error) => {
            fields.fail("CATEGORIES", error.to_string());
            TagNames::default()
        }
    };
    Some(NewTask { title: title?, description, status, priority, tags, due_at })
}

/// Where a to-do stands; `None`: it is cancelled. Without a `STATUS`, other properties tell.
fn status(fields: &mut Fields<'_>) -> Option<Status> {
    let known = |text: &str| match text.trim().to_ascii_uppercase().as_str() {
        "NEEDS-ACTION" => Ok(Some(Status::Pending)),
        "IN-PROCESS" => Ok(Some(Status::InProgress)),
        "COMPLETED" => Ok(Some(Status::Completed)),
        "CANCELLED" => Ok(None),
        _ => Err(ValueError::new("must be NEEDS-ACTION, IN-PROCESS, COMPLETED or CANCELLED")),
    };
    if fields.has("STATUS") {
        return fields.parsed("STATUS", known).unwrap_or(Some(Status::Pending));
    }
    let percent = fields.text("PERCENT-COMPLETE").and_then(|percent| percent.parse::<u8>().ok()).unwrap_or(0);
    Some(match percent {
        _ if fields.has("COMPLETED") => Status::Completed,
        0 => Status::Pending,
        1..=99 => Status::InProgress,
        100.. => Status::Completed,
    })
}

/// RFC 5545 §3.8.1.9: 1 is the highest of nine, 0 none.
pub(super) fn priority(text: &str) -> Result<Priority, ValueError> {
    match text.trim().parse::<u8>() {
        Ok(0 | 5) => Ok(Priority::Medium),
        Ok(1..=4) => Ok(Priority::High),
        Ok(6..=9) => Ok(Priority::Low),
        _ => Err(ValueError::new("must be a whole number from 0 to 9")),
    }
}
