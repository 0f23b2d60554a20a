//! Series: made, read, changed and cancelled, and their states in the database.

use std::num::NonZeroU32;

use jiff::Timestamp;
use rondo_domain::ids::{RecurringTaskId, SeriesId, TaskId};
use rondo_domain::listing::Page;
use rondo_domain::series::{
    EndChange, OnMissed, Overlap, Plan, PlanChange, Revision, Schedule, ScheduleChange, SeriesStatus, WrittenRule,
};
use rondo_domain::task::{NewTask, TaskPatch};
use rondo_domain::time::Moment;
use rondo_domain::user::ZoneName;
use rondo_store::series::{self, Cancellation, NewSeriesIds};
use rondo_store::series_change::{self, Reading, SeriesChange};
use rondo_store::task::{self, Deletion};
use serde_json::{Value, json};

use crate::people::{Person, json as read, made, random, tagged, text, titled};
use crate::server::{Scratch, run};

/// The time at which all of this happens.
pub fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().expect("a time")
}

fn rule(text: &str) -> WrittenRule {
    WrittenRule::parse(text).expect(text)
}

/// A series by `text` in New York that begins on 1 December 2026 at 09:00, and whatever else is said of it.
fn plan(text: &str, said: ScheduleChange) -> Plan {
    let starts_at = Some(Moment::parse("2026-12-01T09:00:00").expect("a time"));
    let zone = ZoneName::parse("America/New_York").expect("a zone");
    let schedule = Schedule::new(rule(text), zone, &ScheduleChange { starts_at, ..said }, now()).expect("a schedule");
    Plan::begin(schedule, OnMissed::default(), Overlap::default(), now()).expect("a plan")
}

fn new_ids() -> NewSeriesIds {
    NewSeriesIds {
        recurring_task: RecurringTaskId::new(now(), random()),
        task: TaskId::new(now(), random()),
        series: SeriesId::new(now(), random()),
    }
}

/// Makes a series; its document and its ids.
async fn create(person: &Person, template: &NewTask, plan: &Plan) -> (Value, NewSeriesIds) {
    let ids = new_ids();
    let creation = series::create(&person.sql, person.context(), ids, template, plan, None).await.expect("an answer");
    (made(creation).0, ids)
}

/// Makes a series that is daily at 09:00 in New York; its ids.
pub async fn daily(person: &Person) -> NewSeriesIds {
    create(person, &titled("Water the plants"), &plan("FREQ=DAILY", ScheduleChange::default())).await.1
}

async fn reading(person: &Person, task: TaskId) -> Reading {
    series_change::read(&person.sql, person.context(), task, None).await.expect("an answer").expect("a series")
}

async fn shown(person: &Person, task: TaskId) -> Option<Value> {
    series::get(&person.sql, person.context(), task).await.expect("an answer").as_ref().map(read)
}

fn to(status: SeriesStatus) -> PlanChange {
    PlanChange { status: Some(status), ..PlanChange::default() }
}

fn revised(reading: &Reading, change: &PlanChange) -> Revision {
    reading.plan.revised(change, now()).expect("a change that is allowed")
}

async fn save(person: &Person, task: TaskId, reading: &Reading, revision: &Revision) -> SeriesChange {
    series_change::change(&person.sql, person.context(), task, reading, &TaskPatch::default(), revision, None)
        .await
        .expect("an answer")
}

async fn cancel(person: &Person, task: TaskId) -> Cancellation {
    series::cancel(&person.sql, person.context(), task, None).await.expect("an answer")
}

#[tokio::test]
async fn a_series_is_made_with_its_template_and_both_are_told() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (document, ids) =
        create(&ada, &tagged("Water the plants", &["home"]), &plan("FREQ=DAILY", ScheduleChange::default())).await;
    assert_eq!(
        (text(&document, "id"), text(&document, "task_id")),
        (ids.recurring_task.to_string(), ids.task.to_string())
    );
    assert_eq!(document["next_occurrence_at"], "2026-12-01T14:00:00.000000Z");
    assert_eq!(document["task"], ada.read(ids.task).await);
    assert_eq!(document["task"]["series_id"], ids.series.to_string());
    assert_eq!(shown(&ada, ids.task).await, Some(document.clone()));
    let told = ada.events().await;
    assert_eq!(
        told.iter().map(|event| event.event_type.as_str()).collect::<Vec<_>>(),
        ["task.created", "recurring.scheduled"]
    );
    assert!(told.iter().all(|event| event.topic == "task-events" && event.subject == ids.task.to_string()));
    assert_eq!(told[0].data["task"], document["task"]);
}

#[tokio::test]
async fn what_is_read_is_what_was_written() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let moments = |texts: &[&str]| Some(texts.iter().map(|text| Moment::parse(text).expect(text)).collect());
    let said = ScheduleChange {
        end: EndChange { max_count: Some(NonZeroU32::new(7)), ..EndChange::default() },
        gap: "skip".parse().ok(),
        exdates: moments(&["2026-12-01T09:00:00", "2026-12-02T09:00:00"]),
        rdates: moments(&["2026-12-01T08:00:00"]),
        ..ScheduleChange::default()
    };
    let written = Plan { overlap: Overlap::Skip, on_missed: OnMissed::All, ..plan("BYHOUR=9;FREQ=DAILY", said) };
    let (_, ids) = create(&ada, &titled("x"), &written).await;
    let reading = reading(&ada, ids.task).await;
    assert_eq!((reading.plan, reading.task_version), (written, 1));
    let ends = plan("FREQ=DAILY;UNTIL=20261231", ScheduleChange::default());
    let (_, ids) = create(&ada, &titled("y"), &ends).await;
    assert_eq!(self::reading(&ada, ids.task).await.plan, ends);
}

#[tokio::test]
async fn a_change_is_saved_only_over_what_was_read() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await.task;
    let before = reading(&ada, task).await;
    let pause = revised(&before, &to(SeriesStatus::Paused));
    assert!(matches!(save(&ada, task, &before, &pause).await, SeriesChange::Changed { .. }));
    assert!(matches!(save(&ada, task, &before, &pause).await, SeriesChange::Moved), "its revision has changed");

    let before = reading(&ada, task).await;
    run(
        &ada.sql,
        "update recurring_tasks set next_occurrence_at_utc = next_occurrence_at_utc + interval '1 day',
            next_occurrence_local = next_occurrence_local + interval '1 day', next_occurrence_number = 2",
    )
    .await;
    let resume = revised(&before, &to(SeriesStatus::Active));
    assert!(matches!(save(&ada, task, &before, &resume).await, SeriesChange::Moved), "an occurrence was made");
    assert_eq!(shown(&ada, task).await.expect("a series")["status"], "paused");
}

#[tokio::test]
async fn a_change_that_waits_for_a_trigger_does_not_undo_it() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await.task;
    let before = reading(&ada, task).await;
    let pause = revised(&before, &to(SeriesStatus::Paused));
    let trigger = ada.elsewhere(&scratch).await;
    run(
        &trigger.sql,
        "begin;
         update recurring_tasks set next_occurrence_at_utc = next_occurrence_at_utc + interval '1 day',
            next_occurrence_local = next_occurrence_local + interval '1 day', next_occurrence_number = 2",
    )
    .await;
    let outcome = scratch.after_commit_of(&trigger.sql, save(&ada, task, &before, &pause)).await;
    assert!(matches!(outcome, SeriesChange::Moved), "{outcome:?}");
    assert_eq!(reading(&ada, task).await.plan.next.map(|next| next.number), Some(2));
}

#[tokio::test]
async fn only_a_version_that_is_still_there_is_changed() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await.task;
    let before = reading(&ada, task).await;
    let pause = revised(&before, &to(SeriesStatus::Paused));
    let (patch, context) = (TaskPatch::default(), ada.context());
    let change = |version| series_change::change(&ada.sql, context, task, &before, &patch, &pause, version);
    assert!(matches!(change(Some(2)).await.expect("an answer"), SeriesChange::Stale));
    assert!(matches!(change(Some(1)).await.expect("an answer"), SeriesChange::Changed { .. }));
    assert_eq!(ada.read(task).await["version"], 2);
}

#[tokio::test]
async fn what_is_scheduled_anew_is_told_with_its_revision() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await.task;
    let before = reading(&ada, task).await;
    let weekly = ScheduleChange { rule: Some(rule("FREQ=WEEKLY")), ..ScheduleChange::default() };
    let revision = revised(&before, &PlanChange { schedule: weekly, ..PlanChange::default() });
    assert!(matches!(save(&ada, task, &before, &revision).await, SeriesChange::Changed { .. }));
    let told = ada.events().await;
    let last = told.last().expect("an event");
    assert_eq!((last.event_type.as_str(), &last.data["rrule"]), ("recurring.scheduled", &json!("FREQ=WEEKLY")));
    assert_eq!((&last.data["revision"], &last.data["status"]), (&json!(2), &json!("active")));
}

#[tokio::test]
async fn cancelling_is_told_once_and_leaves_what_was() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await.task;
    let last = ada.last_sequence().await;
    assert!(matches!(cancel(&ada, task).await, Cancellation::Cancelled { relay: Some(_) | None }));
    assert!(matches!(cancel(&ada, task).await, Cancellation::Cancelled { relay: None }));
    assert_eq!(ada.told_since(last).await, [("recurring.cancelled".to_owned(), task.to_string())]);
    assert_eq!(shown(&ada, task).await.expect("a series")["status"], "cancelled");
    assert!(ada.get(task).await.is_some());
}

#[tokio::test]
async fn deleting_a_template_cancels_its_series_first() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await.task;
    let last = ada.last_sequence().await;
    assert!(matches!(task::delete(&ada.sql, ada.context(), task, Some(7)).await, Ok(Deletion::Stale)));
    assert_eq!(shown(&ada, task).await.expect("a series")["status"], "active");
    assert!(matches!(task::delete(&ada.sql, ada.context(), task, None).await, Ok(Deletion::Deleted { .. })));
    let told = ada.told_since(last).await;
    assert_eq!(told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["recurring.cancelled", "task.deleted"]);
    assert_eq!(shown(&ada, task).await, None);
}

#[tokio::test]
async fn other_peoples_series_read_as_absent() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let task = daily(&ada).await.task;
    let before = reading(&ada, task).await;
    let pause = revised(&before, &to(SeriesStatus::Paused));
    assert_eq!(shown(&eve, task).await, None);
    assert!(matches!(series_change::read(&eve.sql, eve.context(), task, None).await, Ok(None)));
    assert!(matches!(save(&eve, task, &before, &pause).await, SeriesChange::Absent));
    assert!(matches!(cancel(&eve, task).await, Cancellation::Absent));
    let page = series::list(&eve.sql, eve.context(), &[], Page::default()).await.expect("an answer");
    assert_eq!(page.read::<Value>().expect("a page")["total"], 0);
}

/// The columns of a status: what has ended waits for nothing, all else does.
fn standing(status: SeriesStatus) -> String {
    let next = if status.has_ended() { "null, null, null" } else { "now(), now(), 1" };
    format!(
        "(status, next_occurrence_at_utc, next_occurrence_local, next_occurrence_number) = ('{}', {next})",
        status.as_str()
    )
}

#[tokio::test]
async fn the_database_allows_the_transitions_that_the_domain_allows() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    ada.make(&titled("x")).await;
    for from in SeriesStatus::ALL {
        for to in SeriesStatus::ALL {
            run(
                &ada.sql,
                &format!(
                    "begin;
                     insert into recurring_tasks
                        (id, task_id, user_id, series_id, rrule, timezone_iana, starts_at, status, next_occurrence_at_utc,
                            next_occurrence_local, next_occurrence_number)
                     select gen_random_uuid(), id, user_id, gen_random_uuid(), 'FREQ=DAILY', 'UTC', now(), '{status}',
                        made.next, made.next, case when made.next is not null then 1 end
                     from tasks, (select case when {ended} then null else now() end as next) as made",
                    status = from.as_str(),
                    ended = from.has_ended(),
                ),
            )
            .await;
            let outcome = ada.sql.client().batch_execute(&format!("update recurring_tasks set {}", standing(to))).await;
            assert_eq!(outcome.is_ok(), from.may_become(to), "{from:?} to {to:?}: {outcome:?}");
            if let Err(error) = outcome {
                let constraint = error.as_db_error().and_then(|error| error.constraint());
                assert_eq!(constraint, Some("recurring_tasks_change_their_status_as_allowed"));
            }
            run(&ada.sql, "rollback").await;
        }
    }
}
