//! A task that comes in: the fields of a task, with those that an export adds.

use jiff::Timestamp;
use rondo_domain::ids::TaskId;
use rondo_domain::task::{NewTask, Status};
use rondo_domain::{ValueError, time};
use rondo_ports::Platform;
use serde_json::{Value, json};

use crate::FieldError;
use crate::form::Form;
use crate::tasks::draft;

/// A task that comes in.
pub(super) struct Imported {
    task: NewTask,
    id: Option<TaskId>,
    created_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
}

impl Imported {
    /// The task in `form`. What an export says and an import can't keep (version, time of the last change, series) is
    /// passed over.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(super) fn read(mut form: Form) -> Result<Self, Vec<FieldError>> {
        let id =
            form.clearable("id", |text| TaskId::parse(text).ok_or_else(|| ValueError::new("must be a UUID"))).flatten();
        let created_at = form.clearable("created_at", time::instant).flatten();
        let completed_at = form.clearable("completed_at", time::instant).flatten();
        for passed_over in ["version", "updated_at", "series_id"] {
            form.take(passed_over);
        }
        let task = draft(&mut form);
        let errors = form.into_errors();
        match task {
            Some(task) if errors.is_empty() => Ok(Self { task, id, created_at, completed_at }),
            _ => Err(errors),
        }
    }

    /// The task as the statement takes it.
    pub(super) fn listed<P: Platform>(&self, position: usize, platform: &P) -> Value {
        let text = |instant: Option<Timestamp>| instant.map(|instant| instant.to_string());
        json!({
            "position": position,
            "fresh_id": TaskId::new(platform.now(), platform.bytes()),
            "id": self.id,
            "title": self.task.title.as_str(),
            "description": self.task.description.as_ref().map(|description| description.as_str()),
            "status": self.task.status.as_str(),
            "priority": self.task.priority.as_str(),
            "tags": self.task.tags.iter().collect::<Vec<_>>(),
            "due_at": text(self.task.due_at),
            "completed_at": text(self.completed_at.filter(|_| self.task.status == Status::Completed)),
            "created_at": text(self.created_at),
        })
    }
}
