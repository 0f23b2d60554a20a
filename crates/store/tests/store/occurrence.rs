//! Occurrences: what is due, and that each is made once, whoever else is at it.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use rondo_domain::ids::{TaskId, TaskInstanceId};
use rondo_domain::series::{NextOccurrence, OnMissed};
use rondo_store::occurrence::{self, Advanced, Due, Occurrence, Plan, WaitingSeries};
use serde_json::{Value, json};

use crate::people::{Person, titled};
use crate::server::{Scratch, number, run};

const ZONE_DATA: &str = "2026a";

/// When the series of these tests begin.
fn start() -> Timestamp {
    "2030-01-01T09:00:00Z".parse().expect("a time")
}

fn days(count: i64) -> Timestamp {
    start() + SignedDuration::from_hours(24 * count)
}

fn civil(at: Timestamp) -> DateTime {
    at.to_zoned(jiff::tz::TimeZone::UTC).datetime()
}

/// A daily series in UTC, from [`start`] on; its template.
async fn daily(person: &Person) -> TaskId {
    let task = person.make(&titled("Water the plants")).await;
    let insert = format!(
        "insert into recurring_tasks (id, task_id, user_id, series_id, rrule, timezone_iana, starts_at,
            next_occurrence_at_utc, next_occurrence_local, next_occurrence_number)
         values (gen_random_uuid(), '{task}', '{}', gen_random_uuid(), 'FREQ=DAILY', 'UTC', '2030-01-01 09:00',
            '{1}', '2030-01-01 09:00', 1)",
        person.id,
        start()
    );
    run(&person.sql, &insert).await;
    task
}

async fn set(person: &Person, task: TaskId, change: &str) {
    run(&person.sql, &format!("update recurring_tasks set {change} where task_id = '{task}'")).await;
}

async fn due(person: &Person, now: Timestamp) -> Due {
    occurrence::due(&person.sql, Some(now), None).await.expect("an answer")
}

/// The one series that is due.
async fn read(person: &Person, now: Timestamp) -> WaitingSeries {
    let mut due = due(person, now).await.series;
    assert_eq!(due.len(), 1);
    due.remove(0)
}

fn on_day(day: i64, missed: bool) -> Occurrence {
    let at = days(day);
    Occurrence {
        id: TaskInstanceId::new(at, crate::people::random()),
        key: format!("key of day {day}"),
        at,
        local: civil(at),
        fold: 0,
        missed,
    }
}

fn waits_for(day: i64) -> NextOccurrence {
    NextOccurrence { local: civil(days(day)), at: days(day), number: day as u32 + 1 }
}

async fn advance(person: &Person, plans: &[Plan]) -> Advanced {
    occurrence::advance(&person.sql, "job-1", ZONE_DATA, plans).await.expect("an answer")
}

/// Makes the occurrence of the first day, and has the series wait for the second.
fn first_day(series: &WaitingSeries) -> Plan {
    Plan::new(series, vec![on_day(0, false)], Some(waits_for(1)))
}

/// The instances in order: when, and in which state.
async fn instances(person: &Person) -> Vec<(String, String)> {
    let query = "select utc_text(scheduled_for_utc), status from task_instances order by scheduled_for_utc";
    person.sql.client().query(query, &[]).await.expect("rows").iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn series(person: &Person, task: TaskId) -> Value {
    let query = "select to_jsonb(recurring_tasks) from recurring_tasks where task_id::text = $1";
    person.sql.client().query_one(query, &[&task.to_string()]).await.expect("a row").get(0)
}

#[tokio::test]
async fn what_is_due_is_told_with_all_that_its_successor_is_computed_from() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    set(&ada, task, "exdates = '{2030-01-05 09:00}', on_missed = 'all'").await;
    assert!(due(&ada, start() - SignedDuration::from_nanos(1_000)).await.series.is_empty());
    let now = start();
    let found = due(&ada, now).await;
    assert_eq!(found.now, now);
    let [series] = found.series.as_slice() else { panic!("{found:?}") };
    assert_eq!((series.task_id, series.user_id), (task, ada.id));
    assert_eq!((series.on_missed, series.next), (OnMissed::All, waits_for(0)));
    let schedule = series.schedule.clone().schedule().expect("a schedule");
    assert_eq!((schedule.rule.to_string().as_str(), schedule.zone.as_str()), ("FREQ=DAILY", "UTC"));
    assert_eq!((schedule.starts_at, schedule.exdates), (civil(start()), [civil(days(4))].into()));
}

#[tokio::test]
async fn in_operation_the_clock_of_the_database_decides_what_is_due() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    let due = async || occurrence::due(&ada.sql, None, None).await.expect("an answer").series.len();
    assert_eq!(due().await, 0);
    set(&ada, task, "next_occurrence_at_utc = now() - interval '1 second'").await;
    assert_eq!(due().await, 1);
}

#[tokio::test]
async fn only_what_is_active_is_due() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    set(&ada, task, "status = 'paused'").await;
    assert!(due(&ada, days(3)).await.series.is_empty());
    let asked_for = occurrence::due_with(&ada.sql, Some(days(3)), ada.id, task).await.expect("an answer");
    assert!(asked_for.series.is_empty());
}

#[tokio::test]
async fn the_series_that_is_asked_for_comes_due_or_not_and_with_it_those_that_are() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let (first, second) = (daily(&ada).await, daily(&ada).await);
    let asked = async |person: &Person, now, task| {
        let due = occurrence::due_with(&ada.sql, Some(now), person.id, task).await.expect("an answer");
        due.series.iter().map(|series| series.task_id).collect::<Vec<_>>()
    };
    let before = start() - SignedDuration::from_secs(1);
    assert_eq!(asked(&ada, before, first).await, [first]);
    assert_eq!(asked(&ada, start(), first).await, [first, second]);
    assert_eq!(asked(&eve, before, first).await, [], "somebody else's reads as absent");
}

#[tokio::test]
async fn many_that_are_due_come_a_hundred_at_a_time() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    for _ in 0..150 {
        daily(&ada).await;
    }
    let first = due(&ada, start()).await;
    let last = first.series.last().map(|series| series.task_id);
    let second = occurrence::due(&ada.sql, Some(start()), last).await.expect("an answer");
    assert_eq!((first.series.len(), second.series.len()), (99, 51));
    assert!(first.is_full() && !second.is_full());
    let plans: Vec<Plan> = first
        .series
        .iter()
        .map(|series| {
            let occurrence = Occurrence { key: series.task_id.to_string(), ..on_day(0, false) };
            Plan::new(series, vec![occurrence], Some(waits_for(1)))
        })
        .collect();
    let advanced = advance(&ada, &plans).await;
    assert_eq!((advanced.advanced.len(), advanced.made), (99, 99));
    assert_eq!(due(&ada, start()).await.series.len(), 51);
}

#[tokio::test]
async fn an_occurrence_is_an_instance_of_its_template_and_is_told_of() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    let before = ada.last_sequence().await;
    run(&ada.sql, "update event_sequences set relay_by = null, relay_until = null; delete from outbox").await;
    let waiting = read(&ada, start()).await;
    let advanced = advance(&ada, &[first_day(&waiting)]).await;
    assert_eq!((advanced.advanced.as_slice(), advanced.made), ([waiting.recurring_task_id].as_slice(), 1));
    let [relay] = advanced.relays.as_slice() else { panic!("{advanced:?}") };
    assert_eq!((relay.user, relay.batch.events.len()), (ada.id, 1), "nobody else relays");
    assert_eq!(instances(&ada).await, [("2030-01-01T09:00:00.000000Z".to_owned(), "pending".to_owned())]);

    let events = ada.events().await;
    let told = events.last().expect("an event");
    assert_eq!((told.sequence, told.topic.as_str()), (before + 1, "task-updates"));
    assert_eq!((told.event_type.as_str(), told.subject.as_str()), ("task.instance_created", task.to_string().as_str()));
    assert_eq!(told.data["instance"]["title"], "Water the plants");
    assert_eq!(told.data["instance"]["scheduled_for"], "2030-01-01T09:00:00.000000Z");
    assert_eq!((&told.data["request_id"], &told.data["task_id"]), (&json!("job-1"), &json!(task)));

    let after = series(&ada, task).await;
    assert_eq!((&after["current_instance_index"], &after["total_occurrences_executed"]), (&json!(1), &json!(1)));
    assert_eq!((&after["next_occurrence_number"], &after["status"]), (&json!(2), &json!("active")));
    assert_eq!((&after["zone_data_version"], &after["revision"]), (&json!(ZONE_DATA), &json!(1)));
    let logged = "select count(*) from processed_event_logs join task_instances on result_id = task_instances.id::text
        where idempotency_key = 'key of day 0'";
    assert_eq!(number(&ada.sql, logged).await, 1);
}

#[tokio::test]
async fn who_comes_second_with_the_same_plan_changes_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    daily(&ada).await;
    let waiting = read(&ada, start()).await;
    advance(&ada, &[first_day(&waiting)]).await;
    let told = ada.last_sequence().await;
    let again = advance(&ada, &[first_day(&waiting)]).await;
    assert_eq!((again.advanced.len(), again.made, again.relays.len()), (0, 0, 0));
    assert_eq!((instances(&ada).await.len(), ada.last_sequence().await), (1, told));
}

#[tokio::test]
async fn who_finds_a_series_locked_leaves_it_alone_and_takes_the_others() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (locked, free) = (daily(&ada).await, daily(&ada).await);
    let found = due(&ada, start()).await.series;
    let other = ada.elsewhere(&scratch).await;
    run(&other.sql, &format!("begin; select from recurring_tasks where task_id = '{locked}' for update")).await;
    let plan = |series: &WaitingSeries| {
        let occurrence = Occurrence { key: series.task_id.to_string(), ..on_day(0, false) };
        Plan::new(series, vec![occurrence], Some(waits_for(1)))
    };
    let advanced = advance(&ada, &found.iter().map(plan).collect::<Vec<_>>()).await;
    run(&other.sql, "rollback").await;
    let taken: Vec<_> =
        found.iter().filter(|series| series.task_id == free).map(|series| series.recurring_task_id).collect();
    assert_eq!((advanced.advanced, advanced.made), (taken, 1));
    assert_eq!(due(&ada, start()).await.series.len(), 1, "the locked one is still due");
}

#[tokio::test]
async fn two_at_once_make_an_occurrence_once() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    daily(&ada).await;
    let other = ada.elsewhere(&scratch).await;
    let waiting = read(&ada, start()).await;
    run(&other.sql, "begin").await;
    let first = advance(&other, &[first_day(&waiting)]).await;
    let plans = [first_day(&waiting)];
    let meanwhile = scratch.after_commit_of(&other.sql, advance(&ada, &plans)).await;
    let afterwards = advance(&ada, &[first_day(&waiting)]).await;
    assert_eq!((first.made, meanwhile.made, afterwards.made), (1, 0, 0));
    assert_eq!(instances(&ada).await.len(), 1);
}

#[tokio::test]
async fn an_occurrence_that_was_rolled_back_is_made_by_the_next() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    daily(&ada).await;
    let other = ada.elsewhere(&scratch).await;
    let waiting = read(&ada, start()).await;
    run(&other.sql, "begin").await;
    advance(&other, &[first_day(&waiting)]).await;
    run(&other.sql, "rollback").await;
    assert_eq!(advance(&ada, &[first_day(&waiting)]).await.made, 1);
}

#[tokio::test]
async fn a_series_that_has_changed_since_it_was_read_is_left_as_it_is() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    for change in [
        "rrule = 'FREQ=WEEKLY'",
        "next_occurrence_at_utc = next_occurrence_at_utc + interval '1 hour'",
        "next_occurrence_local = next_occurrence_local + interval '1 hour'",
        "status = 'paused'",
        "status = 'cancelled', next_occurrence_at_utc = null, next_occurrence_local = null, next_occurrence_number = null",
    ] {
        let found = occurrence::due_with(&ada.sql, Some(days(9)), ada.id, task).await.expect("an answer").series;
        let Some(waiting) = found.first() else { panic!("{change}") };
        set(&ada, task, change).await;
        assert_eq!(advance(&ada, &[first_day(waiting)]).await.advanced, [], "{change}");
        if change.starts_with("status = 'paused'") {
            set(&ada, task, "status = 'active'").await;
        }
    }
    assert!(instances(&ada).await.is_empty());
}

#[tokio::test]
async fn an_edit_that_comes_while_an_occurrence_is_made_waits_and_keeps_it() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    let other = ada.elsewhere(&scratch).await;
    let waiting = read(&ada, start()).await;
    run(&ada.sql, "begin").await;
    advance(&ada, &[first_day(&waiting)]).await;
    scratch.after_commit_of(&ada.sql, set(&other, task, "rrule = 'FREQ=WEEKLY'")).await;
    let after = series(&ada, task).await;
    assert_eq!((&after["revision"], &after["next_occurrence_number"]), (&json!(2), &json!(2)));
    assert_eq!(instances(&ada).await.len(), 1);
}

#[tokio::test]
async fn what_was_missed_is_recorded_and_not_told() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    let waiting = read(&ada, days(3)).await;
    let told = ada.last_sequence().await;
    let occurrences = (0..4).map(|day| on_day(day, day < 3)).collect();
    let advanced = advance(&ada, &[Plan::new(&waiting, occurrences, Some(waits_for(4)))]).await;
    assert_eq!(advanced.made, 4);
    let states: Vec<_> = instances(&ada).await.into_iter().map(|(_, status)| status).collect();
    assert_eq!(states, ["missed", "missed", "missed", "pending"]);
    assert_eq!(ada.last_sequence().await, told + 1);
    let after = series(&ada, task).await;
    assert_eq!((&after["current_instance_index"], &after["total_occurrences_executed"]), (&json!(4), &json!(1)));
}

#[tokio::test]
async fn where_overlap_is_skipped_only_one_instance_is_pending() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    set(&ada, task, "overlap = 'skip'").await;
    let waiting = read(&ada, days(1)).await;
    let occurrences = vec![on_day(0, false), on_day(1, false)];
    advance(&ada, &[Plan::new(&waiting, occurrences, Some(waits_for(2)))]).await;
    let make = async |day: i64| {
        let waiting = read(&ada, days(day)).await;
        advance(&ada, &[Plan::new(&waiting, vec![on_day(day, false)], Some(waits_for(day + 1)))]).await;
    };
    make(2).await;
    run(&ada.sql, "update task_instances set status = 'completed', completed_at = now() where status = 'pending'")
        .await;
    make(3).await;
    let states: Vec<_> = instances(&ada).await.into_iter().map(|(_, status)| status).collect();
    assert_eq!(states, ["completed", "skipped", "skipped", "pending"]);
    let after = series(&ada, task).await;
    assert_eq!((&after["current_instance_index"], &after["total_occurrences_executed"]), (&json!(4), &json!(2)));
}

#[tokio::test]
async fn after_its_last_occurrence_a_series_is_completed() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    let waiting = read(&ada, start()).await;
    assert_eq!(advance(&ada, &[Plan::new(&waiting, vec![on_day(0, false)], None)]).await.made, 1);
    let after = series(&ada, task).await;
    assert_eq!((&after["status"], &after["next_occurrence_at_utc"]), (&json!("completed"), &Value::Null));
    assert!(due(&ada, days(900)).await.series.is_empty());
}

#[tokio::test]
async fn an_occurrence_that_is_there_already_is_passed_over() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    let waiting = read(&ada, start()).await;
    advance(&ada, &[first_day(&waiting)]).await;
    // Its owner moves the series so that the first day is still to come.
    for forgotten in ["", "delete from processed_event_logs"] {
        run(&ada.sql, forgotten).await;
        set(&ada, task, &format!("next_occurrence_at_utc = '{}', next_occurrence_local = '2030-01-01 09:00'", start()))
            .await;
        let waiting = read(&ada, start()).await;
        let advanced = advance(&ada, &[first_day(&waiting)]).await;
        assert_eq!((advanced.advanced.len(), advanced.made), (1, 0));
    }
    assert_eq!(instances(&ada).await.len(), 1);
}

#[tokio::test]
async fn a_next_occurrence_is_held_against_newer_zone_data_once_and_corrected() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await;
    let outdated = async |version: &str| occurrence::outdated(&ada.sql, version).await.expect("an answer");
    let settle = async |version: &str, series: &WaitingSeries, at: Timestamp| {
        let plan = Plan::new(series, Vec::new(), Some(NextOccurrence { at, ..series.next }));
        occurrence::advance(&ada.sql, "job-1", version, &[plan]).await.expect("an answer")
    };
    let told = ada.last_sequence().await;
    let waiting = outdated("2026a").await.remove(0);
    assert!(settle("2026a", &waiting, waiting.next.at).await.relays.is_empty());
    assert!(outdated("2026a").await.is_empty() && outdated("2025c").await.is_empty());

    let waiting = outdated("2026b").await.remove(0);
    settle("2026b", &waiting, start() + SignedDuration::from_hours(1)).await;
    let told: Vec<String> = ada.told_since(told).await.into_iter().map(|(event, _)| event).collect();
    assert_eq!(told, ["notification.created", "recurring.scheduled"]);
    let events = ada.events().await;
    let body = &events[events.len() - 2].data["notification"]["body"];
    assert!(
        body.as_str().expect("a text").ends_with("that is Tue 1 Jan, 10:00 UTC instead of Tue 1 Jan, 09:00 UTC."),
        "{body}"
    );
    assert_eq!(events.last().expect("an event").data["next_occurrence_at"], "2030-01-01T10:00:00.000000Z");
    let after = series(&ada, task).await;
    assert_eq!((&after["next_occurrence_number"], &after["current_instance_index"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn what_comes_soon_is_told_in_its_order() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (overdue, soon, later) = (daily(&ada).await, daily(&ada).await, daily(&ada).await);
    set(&ada, overdue, &format!("next_occurrence_at_utc = '{}'", days(-1))).await;
    set(&ada, later, &format!("next_occurrence_at_utc = '{}'", days(1))).await;
    let found = occurrence::soon(&ada.sql, Some(start() - SignedDuration::from_secs(60)), 60).await.expect("an answer");
    let found: Vec<_> = found.iter().map(|wakeup| (wakeup.task_id, wakeup.at)).collect();
    assert_eq!(found, [(overdue, days(-1)), (soon, start())]);
}
