//! Each occurrence of a series gets its reminder: planned for the next one, handed over to its instance.

use rondo_domain::ids::{RecurringTaskId, SeriesId, TaskInstanceId};
use rondo_domain::series::{
    NextOccurrence, OnMissed, Overlap, Plan, PlanChange, Schedule, ScheduleChange, SeriesStatus, WrittenRule,
};
use rondo_domain::time::Moment;
use rondo_domain::user::ZoneName;
use rondo_store::occurrence::{self, Advanced, Occurrence};
use rondo_store::series::NewSeriesIds;
use rondo_store::series_change::{self, SeriesChange};
use rondo_store::task_instance::{self, Settle, Settlement};

use super::*;
use crate::people::made;

/// The first occurrence of the series of these tests, which are daily.
fn day(number: i64) -> Timestamp {
    let first: Timestamp = "2030-01-01T09:00:00Z".parse().expect("a time");
    first + SignedDuration::from_hours(24 * number)
}

fn before_day(number: i64, minutes: i64) -> Timestamp {
    day(number) - SignedDuration::from_mins(minutes)
}

/// A daily series with a reminder of a quarter of an hour before each occurrence; its template.
async fn daily(person: &Person, overlap: Overlap) -> TaskId {
    let now: Timestamp = "2029-12-31T12:00:00Z".parse().expect("a time");
    let said = ScheduleChange { starts_at: Moment::parse("2030-01-01T09:00:00").ok(), ..ScheduleChange::default() };
    let rule = WrittenRule::parse("FREQ=DAILY").expect("a rule");
    let schedule = Schedule::new(rule, ZoneName::default(), &said, now).expect("a schedule");
    let begun = Plan::begin(schedule, OnMissed::All, overlap, now).expect("a plan");
    let plan = Plan { reminder: MinutesBefore::new(15).ok(), ..begun };
    let ids = NewSeriesIds {
        recurring_task: RecurringTaskId::new(now, random()),
        task: new_task_id(),
        series: SeriesId::new(now, random()),
    };
    let template = titled("Water the plants");
    let creation = rondo_store::series::create(&person.sql, person.context(), ids, &template, &plan, None);
    made(creation.await.expect("an answer"));
    ids.task
}

/// Makes the occurrences of the days `from` to before `until` at the last of them; those before `missed_until` as missed.
async fn advance(person: &Person, task: TaskId, (from, until): (i64, i64), missed_until: i64) -> Advanced {
    let due = occurrence::due_with(&person.sql, Some(day(until - 1)), person.id, task).await.expect("an answer");
    let series = due.series.iter().find(|series| series.task_id == task).expect("it is active");
    let occurrences = (from..until).map(|number| Occurrence {
        id: TaskInstanceId::new(day(number), random()),
        key: format!("{task}, day {number}"),
        at: day(number),
        local: civil(number),
        fold: 0,
        missed: number < missed_until,
    });
    let next = NextOccurrence { at: day(until), local: civil(until), number: until as u32 + 1 };
    let plan = occurrence::Plan::new(series, occurrences.collect(), Some(next));
    let advanced = occurrence::advance(&person.sql, REQUEST, "2026a", &[plan]).await.expect("an answer");
    assert_eq!(advanced.advanced.len(), 1);
    advanced
}

fn civil(number: i64) -> jiff::civil::DateTime {
    day(number).to_zoned(jiff::tz::TimeZone::UTC).datetime()
}

async fn change(person: &Person, task: TaskId, change: &PlanChange, now: Timestamp) {
    let reading = series_change::read(&person.sql, person.context(), task, Some(now)).await;
    let reading = reading.expect("an answer").expect("a series");
    let revision = reading.plan.revised(change, now).expect("a change that is allowed");
    let patch = TaskPatch::default();
    let outcome = series_change::change(&person.sql, person.context(), task, &reading, &patch, &revision, None).await;
    assert!(matches!(outcome.expect("an answer"), SeriesChange::Changed { .. }));
}

fn to(status: SeriesStatus) -> PlanChange {
    PlanChange { status: Some(status), ..PlanChange::default() }
}

fn reminding(minutes: Option<u64>) -> PlanChange {
    let minutes = minutes.map(|minutes| MinutesBefore::new(minutes).expect("right minutes"));
    PlanChange { reminder: Some(minutes), ..PlanChange::default() }
}

/// The reminders of a series in the order of their times: what it is about, when, where it stands.
async fn reminders(person: &Person, task: TaskId) -> Vec<(&'static str, Value, String)> {
    let page = reminder::list(&person.sql, person.id, &[], Some(task), Page::default()).await.expect("an answer");
    let page: Value = page.read().expect("a page");
    let about = |reminder: &Value| if reminder["task_id"].is_null() { "instance" } else { "template" };
    let all = page["reminders"].as_array().expect("reminders").iter();
    all.map(|reminder| {
        let reason = reminder["cancel_reason"].as_str().or(reminder["status"].as_str()).expect("a status");
        (about(reminder), reminder["scheduled_for"].clone(), reason.to_owned())
    })
    .collect()
}

fn is(about: &'static str, at: Timestamp, stands: &str) -> (&'static str, Value, String) {
    (about, shown(at), stands.to_owned())
}

#[tokio::test]
async fn the_next_occurrence_has_its_reminder_which_goes_over_to_the_instance_when_that_is_made() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada, Overlap::Create).await;
    assert_eq!(reminders(&ada, task).await, [is("template", before_day(0, 15), "pending")]);
    assert_eq!(types_since(&ada, 0).await, ["reminder.scheduled"]);

    let sequence = ada.last_sequence().await;
    fire_at(&ada.sql, None, before_day(0, 15)).await;
    advance(&ada, task, (0, 1), 0).await;
    assert_eq!(
        reminders(&ada, task).await,
        [is("instance", before_day(0, 15), "sent"), is("template", before_day(1, 15), "pending")]
    );
    assert_eq!(types_since(&ada, sequence).await, ["reminder.due", "reminder.scheduled"]);
    for (_, data) in told_since(&ada, 0).await {
        assert_eq!(data["task_id"], json!(task), "all events of a series are its template's");
    }
}

#[tokio::test]
async fn a_reminder_that_waits_is_handed_over_as_it_is_and_told_of_the_instance() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada, Overlap::Create).await;
    change(&ada, task, &reminding(Some(0)), before_day(0, 60)).await;
    advance(&ada, task, (0, 1), 0).await;
    assert_eq!(reminders(&ada, task).await[0], is("instance", day(0), "pending"));
    let sequence = ada.last_sequence().await;
    fire_at(&ada.sql, None, day(0)).await;
    let told = told_since(&ada, sequence).await;
    assert_eq!((told.len(), told[0].0.as_str()), (1, "reminder.due"));
    assert!(told[0].1["task_instance_id"].is_string(), "{told:?}");
}

#[tokio::test]
async fn of_an_instance_that_is_done_nobody_is_reminded_and_it_can_have_reminders_of_its_own() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada, Overlap::Create).await;
    change(&ada, task, &reminding(Some(0)), before_day(0, 60)).await;
    advance(&ada, task, (0, 1), 0).await;
    let instance = latest_instance(&ada, task).await;
    let own = reminder(ReminderSubject::Instance(instance), ReminderTime::At(day(0) + SignedDuration::from_mins(5)));
    remind(&ada, &own).await;
    let eve = Person::register(&scratch, "eve").await;
    assert!(matches!(make(&eve, &own).await, Making::NoSuchThing));
    task_instance::settle(&ada.sql, ada.context(), task, instance, Settle::Complete).await.expect("an answer");
    assert!(matches!(make(&ada, &own).await, Making::Done));
    fire_at(&ada.sql, None, day(0) + SignedDuration::from_mins(5)).await;
    let reasons: Vec<String> = reminders(&ada, task).await.into_iter().map(|(_, _, stands)| stands).collect();
    assert_eq!(reasons, ["done", "done", "pending"], "the last is that of the next occurrence");
}

async fn latest_instance(person: &Person, task: TaskId) -> TaskInstanceId {
    let page = task_instance::list(&person.sql, person.context(), task, &[], Page::default()).await;
    let page = read(&page.expect("an answer").expect("a series"));
    TaskInstanceId::parse(page["instances"][0]["id"].as_str().expect("an id")).expect("an id")
}

#[tokio::test]
async fn an_instance_that_is_done_a_moment_before_is_not_told_of_and_a_moment_after_it_was() {
    for (is_done_first, told) in [(true, "reminder.cancelled"), (false, "reminder.due")] {
        let scratch = Scratch::new().await;
        let ada = Person::register(&scratch, "ada").await;
        let task = daily(&ada, Overlap::Create).await;
        change(&ada, task, &reminding(Some(0)), before_day(0, 60)).await;
        advance(&ada, task, (0, 1), 0).await;
        let instance = latest_instance(&ada, task).await;
        let (first, sequence) = (ada.elsewhere(&scratch).await, ada.last_sequence().await);
        let settle = async |person: &Person| {
            let settled = task_instance::settle(&person.sql, person.context(), task, instance, Settle::Complete).await;
            assert!(matches!(settled.expect("an answer"), Settlement::Settled { .. }));
        };
        run(&first.sql, "begin").await;
        if is_done_first {
            settle(&first).await;
            scratch.after_commit_of(&first.sql, fire_at(&ada.sql, None, day(0))).await;
        } else {
            fire_at(&first.sql, None, day(0)).await;
            scratch.after_commit_of(&first.sql, settle(&ada)).await;
        }
        assert_eq!(types_since(&ada, sequence).await, [told]);
    }
}

#[tokio::test]
async fn of_an_occurrence_that_is_skipped_or_missed_nobody_is_reminded() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let skipping = daily(&ada, Overlap::Skip).await;
    change(&ada, skipping, &reminding(Some(0)), before_day(0, 60)).await;
    advance(&ada, skipping, (0, 1), 0).await;
    advance(&ada, skipping, (1, 2), 0).await;
    assert_eq!(
        reminders(&ada, skipping).await,
        [is("instance", day(0), "pending"), is("template", day(1), "skipped"), is("template", day(2), "pending")]
    );
    let missing = daily(&ada, Overlap::Create).await;
    advance(&ada, missing, (0, 3), 2).await;
    assert_eq!(
        reminders(&ada, missing).await,
        [
            is("template", before_day(0, 15), "skipped"),
            is("instance", before_day(2, 15), "pending"),
            is("template", before_day(3, 15), "pending")
        ]
    );
}

#[tokio::test]
async fn what_only_reminders_are_told_of_is_published_by_whoever_makes_the_occurrence() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada, Overlap::Create).await;
    run(&ada.sql, "update event_sequences set relay_by = null, relay_until = null").await;
    let sequence = ada.last_sequence().await;
    let made = advance(&ada, task, (0, 1), 1).await;
    assert_eq!(types_since(&ada, sequence).await, ["reminder.cancelled", "reminder.scheduled"]);
    let [relay] = made.relays.as_slice() else { panic!("nobody publishes it: {made:?}") };
    assert_eq!((relay.user, relay.batch.events.last().map(|event| event.sequence)), (ada.id, Some(sequence + 2)));
}

#[tokio::test]
async fn where_all_that_was_missed_is_made_each_has_its_reminder() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada, Overlap::Create).await;
    advance(&ada, task, (0, 3), 0).await;
    let expected: Vec<_> = (0..3)
        .map(|number| is("instance", before_day(number, 15), "pending"))
        .chain([is("template", before_day(3, 15), "pending")])
        .collect();
    assert_eq!(reminders(&ada, task).await, expected);
    fire_at(&ada.sql, None, day(2)).await;
    let stands: Vec<String> = reminders(&ada, task).await.into_iter().map(|(_, _, stands)| stands).collect();
    assert_eq!(stands, ["failed", "failed", "sent", "pending"], "two are more than a day old");
}

#[tokio::test]
async fn a_series_that_pauses_reminds_of_nothing_until_it_goes_on() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada, Overlap::Create).await;
    let sequence = ada.last_sequence().await;
    change(&ada, task, &to(SeriesStatus::Paused), before_day(0, 60)).await;
    assert_eq!(reminders(&ada, task).await, [is("template", before_day(0, 15), "rescheduled")]);
    change(&ada, task, &to(SeriesStatus::Active), before_day(0, 40)).await;
    assert_eq!(reminders(&ada, task).await, [is("template", before_day(0, 15), "pending")]);
    assert_eq!(types_since(&ada, sequence).await, ["reminder.cancelled", "reminder.scheduled"]);
}

#[tokio::test]
async fn what_was_told_before_a_pause_is_not_told_again_after_it() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada, Overlap::Create).await;
    fire_at(&ada.sql, None, before_day(0, 15)).await;
    let sequence = ada.last_sequence().await;
    change(&ada, task, &to(SeriesStatus::Paused), before_day(0, 10)).await;
    change(&ada, task, &to(SeriesStatus::Active), before_day(0, 5)).await;
    assert_eq!(reminders(&ada, task).await, [is("template", before_day(0, 15), "sent")]);
    assert!(types_since(&ada, sequence).await.is_empty());
}

#[tokio::test]
async fn the_reminder_of_the_next_occurrence_follows_the_minutes_and_goes_with_them() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada, Overlap::Create).await;
    change(&ada, task, &reminding(Some(30)), before_day(0, 60)).await;
    assert_eq!(reminders(&ada, task).await, [is("template", before_day(0, 30), "pending")]);
    change(&ada, task, &reminding(None), before_day(0, 60)).await;
    assert_eq!(reminders(&ada, task).await, [is("template", before_day(0, 30), "rescheduled")]);
    advance(&ada, task, (0, 1), 0).await;
    assert_eq!(reminders(&ada, task).await.len(), 1, "none comes without minutes");
    change(&ada, task, &reminding(Some(5)), before_day(1, 60)).await;
    assert_eq!(reminders(&ada, task).await[1], is("template", before_day(1, 5), "pending"));
}

#[tokio::test]
async fn an_occurrence_that_moves_takes_its_reminder_along() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada, Overlap::Create).await;
    let later = ScheduleChange { rule: WrittenRule::parse("FREQ=DAILY;BYHOUR=11").ok(), ..ScheduleChange::default() };
    change(&ada, task, &PlanChange { schedule: later, ..PlanChange::default() }, before_day(0, 60)).await;
    assert_eq!(
        reminders(&ada, task).await,
        [
            is("template", before_day(0, 15), "rescheduled"),
            is("template", before_day(0, 15) + SignedDuration::from_hours(2), "pending")
        ]
    );
}

#[tokio::test]
async fn what_its_owner_called_off_comes_back_with_no_change_of_the_series_but_the_next_occurrence_has_its_own() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada, Overlap::Create).await;
    let first = listed(&ada, &[], Some(task)).await.remove(0);
    cancel(&ada, ReminderId::parse(&first).expect("an id")).await;
    change(&ada, task, &reminding(Some(30)), before_day(0, 60)).await;
    advance(&ada, task, (0, 1), 0).await;
    assert_eq!(
        reminders(&ada, task).await,
        [is("instance", before_day(0, 15), "user"), is("template", before_day(1, 30), "pending")]
    );
}

#[tokio::test]
async fn a_series_that_ends_calls_the_reminder_of_its_next_occurrence_off_and_one_that_is_deleted_tells_so() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (cancelled, deleted) = (daily(&ada, Overlap::Create).await, daily(&ada, Overlap::Create).await);
    rondo_store::series::cancel(&ada.sql, ada.context(), cancelled, None).await.expect("an answer");
    assert_eq!(reminders(&ada, cancelled).await, [is("template", before_day(0, 15), "rescheduled")]);
    advance(&ada, deleted, (0, 1), 0).await;
    let sequence = ada.last_sequence().await;
    task::delete(&ada.sql, ada.context(), deleted, None).await.expect("an answer");
    assert_eq!(types_since(&ada, sequence).await, ["reminder.cancelled", "reminder.cancelled"]);
    assert!(reminders(&ada, deleted).await.is_empty());
}
