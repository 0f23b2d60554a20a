//! The fields of a task, as they come in.

use rondo_domain::tag::{TagName, TagNames};
use rondo_domain::task::{Description, NewTask, TaskPatch, Title};
use rondo_domain::time;

use crate::Problem;
use crate::form::Form;

/// The task that `form` asks for.
///
/// # Errors
/// 422, naming what is wrong.
pub(crate) fn new_task(mut form: Form) -> Result<NewTask, Problem> {
    let task = draft(&mut form);
    form.finish(task)
}

/// Takes the fields of a task from `form`; `None` if something is wrong with them, which `form` knows.
pub(crate) fn draft(form: &mut Form) -> Option<NewTask> {
    let title = form.required("title", Title::parse);
    let description = form.clearable("description", Description::parse).flatten();
    let status = form.optional("status", str::parse).unwrap_or_default();
    let priority = form.optional("priority", str::parse).unwrap_or_default();
    let tags = tags(form, "tags").unwrap_or_default();
    let due_at = form.clearable("due_at", time::instant).flatten();
    Some(NewTask { title: title?, description, status, priority, tags, due_at })
}

/// The change that `form` asks for; `None` if it asks for none.
///
/// # Errors
/// 422, naming what is wrong.
pub(super) fn task_patch(mut form: Form) -> Result<Option<TaskPatch>, Problem> {
    let patch = TaskPatch {
        title: form.optional("title", Title::parse),
        description: form.clearable("description", Description::parse),
        status: form.optional("status", str::parse),
        priority: form.optional("priority", str::parse),
        tags: tags(&mut form, "tags"),
        due_at: form.clearable("due_at", time::instant),
    };
    let nothing = patch.title.is_none()
        && patch.description.is_none()
        && patch.status.is_none()
        && patch.priority.is_none()
        && patch.tags.is_none()
        && patch.due_at.is_none();
    form.finish(Some((!nothing).then_some(patch)))
}

/// Takes a list of tags; `None` if it is absent or wrong.
pub(crate) fn tags(form: &mut Form, name: &str) -> Option<TagNames> {
    let names = form.texts(name, TagName::parse)?;
    form.check(name, TagNames::new(names))
}
