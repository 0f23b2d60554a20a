//! The fields of a reminder, as they come in.

use rondo_domain::ids::{TaskId, TaskInstanceId};
use rondo_domain::reminder::{MinutesBefore, NewReminder, ReminderSubject, ReminderTime, Snooze, SnoozeMinutes};
use rondo_domain::{ValueError, time};

use crate::Problem;
use crate::form::Form;

/// The reminder that `form` asks for.
///
/// # Errors
/// 422, naming what is wrong.
pub(super) fn new_reminder(mut form: Form) -> Result<NewReminder, Problem> {
    let about = one_of(
        &mut form,
        ("task_id", |form, name| Some(ReminderSubject::Task(form.optional(name, |text| id(TaskId::parse(text)))?))),
        ("task_instance_id", |form, name| {
            Some(ReminderSubject::Instance(form.optional(name, |text| id(TaskInstanceId::parse(text)))?))
        }),
    );
    let time = one_of(
        &mut form,
        ("scheduled_for", |form, name| Some(ReminderTime::At(form.optional(name, time::instant)?))),
        ("minutes_before", |form, name| Some(ReminderTime::Before(form.number(name, MinutesBefore::new)?))),
    );
    let kind = form.optional("reminder_type", str::parse).unwrap_or_default();
    form.finish(about.zip(time).map(|(about, time)| NewReminder { about, time, kind }))
}

/// Until when `form` asks for a reminder to be put off.
///
/// # Errors
/// 422, naming what is wrong.
pub(super) fn snooze(mut form: Form) -> Result<Snooze, Problem> {
    let snooze = one_of(
        &mut form,
        ("minutes", |form, name| Some(Snooze::For(form.number(name, SnoozeMinutes::new)?))),
        ("until", |form, name| Some(Snooze::Until(form.optional(name, time::instant)?))),
    );
    form.finish(snooze)
}

/// A field and how it is taken.
type Taken<T> = (&'static str, fn(&mut Form, &str) -> Option<T>);

/// Takes the one of two fields that is there; null is as good as absent. It is wrong if both are there, or neither.
fn one_of<T>(form: &mut Form, (one, take_one): Taken<T>, (other, take_other): Taken<T>) -> Option<T> {
    form.pass_over_null(one);
    form.pass_over_null(other);
    match (form.has(one), form.has(other)) {
        (true, false) => take_one(form, one),
        (false, true) => take_other(form, other),
        (false, false) => {
            form.fail(one, format!("is required, or else {other}"));
            None
        }
        (true, true) => {
            form.take(one);
            form.take(other);
            form.fail(other, format!("can't be there beside {one}: send one of them"));
            None
        }
    }
}

/// An id that something must have.
pub(super) fn id<T>(parsed: Option<T>) -> Result<T, ValueError> {
    parsed.ok_or_else(|| ValueError::new("must be an id, which is a UUID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields_wrong(body: &str) -> Vec<String> {
        let form = Form::parse(body.as_bytes()).expect("an object");
        match new_reminder(form) {
            Ok(reminder) => panic!("{body} was taken as {reminder:?}"),
            Err(problem) => problem.fields(),
        }
    }

    const TASK: &str = r#""task_id": "0199a0b0-0000-7000-8000-000000000002""#;
    const AT: &str = r#""scheduled_for": "2030-01-01T09:00:00Z""#;

    #[test]
    fn a_reminder_is_about_one_thing_and_has_one_time() {
        let taken = |body: String| new_reminder(Form::parse(body.as_bytes()).expect("an object")).is_ok();
        assert!(taken(format!("{{{TASK}, {AT}}}")));
        assert!(taken(format!(r#"{{{TASK}, "minutes_before": 0, "task_instance_id": null, "scheduled_for": null}}"#)));
        assert_eq!(fields_wrong("{}"), ["task_id", "scheduled_for"]);
        assert_eq!(fields_wrong(&format!(r#"{{{TASK}, "task_instance_id": "x", {AT}}}"#)), ["task_instance_id"]);
        assert_eq!(fields_wrong(&format!(r#"{{{TASK}, {AT}, "minutes_before": 5}}"#)), ["minutes_before"]);
        assert_eq!(fields_wrong(&format!(r#"{{"task_id": "7", {AT}, "colour": 1}}"#)), ["task_id", "colour"]);
    }

    #[test]
    fn minutes_are_whole_and_at_most_four_weeks() {
        for minutes in ["-1", "1.5", "\"5\"", "40321"] {
            let wrong = fields_wrong(&format!("{{{TASK}, \"minutes_before\": {minutes}}}"));
            assert_eq!(wrong, ["minutes_before"], "{minutes}");
        }
    }
}
