//! The fields of a series, as they come in.

use jiff::Timestamp;
use rondo_domain::ValueError;
use rondo_domain::reminder::MinutesBefore;
use rondo_domain::series::{
    End, EndChange, Plan, PlanChange, Schedule, ScheduleChange, ScheduleFault, SeriesStatus, WrittenRule,
};
use rondo_domain::task::{Description, NewTask, Status, TaskPatch, Title};
use rondo_domain::time::Moment;
use rondo_domain::user::ZoneName;

use crate::Problem;
use crate::form::Form;
use crate::tasks::tags;

/// The series that `form` asks for, begun at `now`, and its template.
///
/// # Errors
/// 422, naming what is wrong.
pub(super) fn new_series(mut form: Form, now: Timestamp) -> Result<(NewTask, Plan), Problem> {
    let template = template(&mut form);
    let rule = form.required("rrule", WrittenRule::parse);
    let zone = form.required("timezone_iana", ZoneName::parse);
    let said = schedule_change(&mut form);
    let on_missed = form.optional("on_missed", str::parse).unwrap_or_default();
    let overlap = form.optional("overlap", str::parse).unwrap_or_default();
    let reminder = reminder(&mut form).flatten();
    let plan = rule.zip(zone).filter(|_| form.is_right()).and_then(|(rule, zone)| {
        let begun = Schedule::new(rule, zone, &said, now).and_then(|made| Plan::begin(made, on_missed, overlap, now));
        note_fault(&mut form, begun)
    });
    form.finish(template.zip(plan.map(|plan| Plan { reminder, ..plan })))
}

fn template(form: &mut Form) -> Option<NewTask> {
    let title = form.required("title", Title::parse);
    let description = form.clearable("description", Description::parse).flatten();
    let priority = form.optional("priority", str::parse).unwrap_or_default();
    let tags = tags(form, "tags").unwrap_or_default();
    Some(NewTask { title: title?, description, status: Status::default(), priority, tags, due_at: None })
}

/// The change of a series and of its template that `form` asks for; `None` if it asks for none.
///
/// # Errors
/// 422, naming what is wrong.
pub(super) fn series_patch(mut form: Form) -> Result<Option<(TaskPatch, PlanChange)>, Problem> {
    let nothing = form.is_empty();
    let template = TaskPatch {
        title: form.optional("title", Title::parse),
        description: form.clearable("description", Description::parse),
        priority: form.optional("priority", str::parse),
        tags: tags(&mut form, "tags"),
        ..TaskPatch::default()
    };
    let rule = form.optional("rrule", WrittenRule::parse);
    let zone = form.optional("timezone_iana", ZoneName::parse);
    let plan = PlanChange {
        schedule: ScheduleChange { rule, zone, ..schedule_change(&mut form) },
        on_missed: form.optional("on_missed", str::parse),
        overlap: form.optional("overlap", str::parse),
        reminder: reminder(&mut form),
        status: form.optional("status", paused_or_active),
    };
    form.finish(Some((!nothing).then_some((template, plan))))
}

fn reminder(form: &mut Form) -> Option<Option<MinutesBefore>> {
    form.clearable_number("reminder_minutes_before", MinutesBefore::new)
}

fn paused_or_active(name: &str) -> Result<SeriesStatus, ValueError> {
    match name.parse() {
        Ok(status @ (SeriesStatus::Paused | SeriesStatus::Active)) => Ok(status),
        _ => Err(ValueError::new("must be paused or active; DELETE cancels the series")),
    }
}

/// A schedule of which nothing is kept, as a preview asks for it, at `now`.
pub(super) fn passing_schedule(form: &mut Form, now: Timestamp) -> Option<Schedule> {
    let rule = form.required("rrule", WrittenRule::parse);
    let zone = form.required("timezone_iana", ZoneName::parse);
    let said = schedule_change(form);
    let (rule, zone) = rule.zip(zone).filter(|_| form.is_right())?;
    let made = Schedule::new(rule, zone, &said, now);
    note_fault(form, made)
}

/// What is said of a schedule besides its rule and its zone.
fn schedule_change(form: &mut Form) -> ScheduleChange {
    ScheduleChange {
        rule: None,
        zone: None,
        starts_at: form.optional("starts_at", Moment::parse_time),
        end: EndChange {
            kind: form.optional("recurrence_end_type", str::parse),
            max_count: form.clearable_count("recurrence_max_count", End::MAX_COUNT),
            end_date: form.clearable("recurrence_end_date", Moment::parse),
        },
        gap: form.optional("gap", str::parse),
        exdates: form.texts("exdates", Moment::parse_time),
        rdates: form.texts("rdates", Moment::parse_time),
    }
}

fn note_fault<T>(form: &mut Form, outcome: Result<T, ScheduleFault>) -> Option<T> {
    outcome.map_err(|fault| form.fail(fault.field, fault.error.to_string())).ok()
}
