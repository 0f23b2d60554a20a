//! Occurrences: made when they fall due, each once, and what is done with those that nothing ran for.

mod chaos;
mod told;

use std::sync::Arc;

use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use support::clock::DrivenClock;
use support::{App, Setup, User, eventually};

const RECONCILE: &str = "/job/occurrences-reconcile";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// An application whose clock the test drives; it shows the present.
async fn driven() -> (App, Arc<DrivenClock>) {
    let clock = DrivenClock::at(Timestamp::now());
    let setup = Setup { clock: Some(clock.clone()), ..Setup::default() };
    (App::with(setup).await, clock)
}

/// A series that begins in half a day; with the instants of its days.
async fn daily(user: &User, more: Value) -> (String, impl Fn(i32) -> Timestamp) {
    let first = Timestamp::from_second(Timestamp::now().as_second()).expect("the present") + DAY / 2;
    let mut body = json!({
        "title": "Water the plants", "rrule": "FREQ=DAILY", "timezone_iana": "UTC", "starts_at": first.strftime("%FT%T").to_string(),
    });
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    let made = user.create_recurring_task(body).await.is(201);
    (made["task_id"].as_str().expect("an id").to_owned(), move |count| first + DAY * count)
}

/// Lets time pass for a series alone, by moving what it waits for into the past.
async fn pass(app: &App, task: &str, time: SignedDuration) {
    let seconds = time.as_secs();
    app.arrange(&format!(
        "update recurring_tasks set starts_at = starts_at - interval '{seconds} seconds',
            next_occurrence_at_utc = next_occurrence_at_utc - interval '{seconds} seconds',
            next_occurrence_local = next_occurrence_local - interval '{seconds} seconds'
         where task_id = '{task}'"
    ))
    .await;
}

/// The job that a series is armed with: when, and what it brings along.
async fn job_of(app: &App, task: &str) -> Option<(Timestamp, String)> {
    app.one_shot("recurring-service", &job_name(task)).await
}

fn job_name(task: &str) -> String {
    format!("recurring-task-{task}")
}

/// Waits until a series is armed for `at`; what its job brings along.
async fn armed_for(app: &App, task: &str, at: Timestamp) -> String {
    eventually("the series is armed", async || {
        job_of(app, task).await.filter(|(due, _)| *due == at).map(|(_, data)| data)
    })
    .await
}

/// Calls the job of a series back, as the scheduler does: again while it is told that another is at it.
async fn wake(app: &App, task: &str, data: &str) {
    let path = format!("/job/{}", job_name(task));
    eventually("the job is done", async || match app.deliver("recurring-service", &path, data).await.status {
        StatusCode::NO_CONTENT => Some(()),
        status => {
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            None
        }
    })
    .await;
}

async fn reconcile(app: &App) {
    app.deliver("recurring-service", RECONCILE, r#"{"reconcile":"occurrences"}"#).await.is(204);
}

/// The instances of a series in order: when, and in which state.
async fn instances(app: &App, task: &str) -> Vec<(Timestamp, String)> {
    let query = "select utc_text(scheduled_for_utc), task_instances.status from task_instances
        join recurring_tasks on recurring_tasks.id = parent_task_id
        where task_id::text = $1 order by scheduled_for_utc";
    let rows = app.sql(query, &[&task]).await;
    rows.iter().map(|row| (row.get::<_, &str>(0).parse().expect("a time"), row.get(1))).collect()
}

async fn states(app: &App, task: &str) -> Vec<String> {
    instances(app, task).await.into_iter().map(|(_, status)| status).collect()
}

async fn times_told(app: &App, user: &User, wanted: &str) -> usize {
    app.kinds_told(user).await.iter().filter(|kind| *kind == wanted).count()
}

async fn count_of_instances(app: &App, user: &User) -> i64 {
    app.count_of("select count(*) from task_instances where user_id::text = $1", &user.id).await
}

#[tokio::test]
async fn a_series_is_armed_and_its_occurrence_made_and_told_once_however_often_it_is_woken() {
    let app = App::start().await;
    let ada = app.user().await;
    let (task, day) = daily(&ada, json!({})).await;
    let data = armed_for(&app, &task, day(0)).await;
    let brought: Value = serde_json::from_str(&data).expect("JSON");
    assert_eq!((&brought["task_id"], &brought["user_id"]), (&json!(task), &json!(ada.id)));

    wake(&app, &task, &data).await;
    assert!(instances(&app, &task).await.is_empty(), "it was woken too early");
    let half = DAY / 2;
    pass(&app, &task, half).await;
    tokio::join!(wake(&app, &task, &data), wake(&app, &task, &data));
    wake(&app, &task, &data).await;
    assert_eq!(instances(&app, &task).await, [(day(0) - half, "pending".to_owned())]);
    armed_for(&app, &task, day(1) - half).await;
    let noted =
        "select count(*) from processed_event_logs join outbox on outbox.event_id::text = processed_event_logs.event_id
        where outbox.event_type = 'task.instance_created' and user_id::text = $1";
    eventually("it is told", async || (app.count_of(noted, &ada.id).await == 1).then_some(())).await;
    assert_eq!(times_told(&app, &ada, "task.instance_created").await, 1);

    let key = "select count(*) from processed_event_logs join task_instances on result_id = task_instances.id::text
        where idempotency_key = left(encode(sha256(convert_to(
            task_instances.user_id || ':' || $1 || ':' ||
            to_char(scheduled_for_utc at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), 'UTF8')), 'hex'), 16)";
    assert_eq!(app.count_of(key, &task).await, 1);
}

#[tokio::test]
async fn an_occurrence_is_made_at_its_time_and_not_before() {
    let app = App::start().await;
    let ada = app.user().await;
    let soon = Timestamp::now() + SignedDuration::from_secs(3);
    let (task, _) = daily(&ada, json!({ "starts_at": soon.strftime("%FT%T").to_string() })).await;
    eventually("it is made", async || (!instances(&app, &task).await.is_empty()).then_some(())).await;
    let early = "select count(*) from task_instances where user_id::text = $1 and created_at < scheduled_for_utc";
    assert_eq!(app.count_of(early, &ada.id).await, 0);
}

#[tokio::test]
async fn after_nine_days_of_standstill_the_policy_of_a_series_says_what_is_made() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut series = Vec::new();
    for (policy, missed, pending) in [("latest", 8, 1), ("all", 0, 9), ("skip", 9, 0)] {
        let (task, day) = daily(&ada, json!({ "on_missed": policy })).await;
        armed_for(&app, &task, day(0)).await;
        app.lose_job("recurring-service", &job_name(&task)).await;
        pass(&app, &task, DAY * 9).await;
        series.push((policy, (task, day), missed, pending));
    }
    eventually("all are made", async || {
        // It leaves to others what these are at.
        reconcile(&app).await;
        (count_of_instances(&app, &ada).await >= 27).then_some(())
    })
    .await;
    for (policy, (task, day), missed, pending) in &series {
        let made = instances(&app, task).await;
        let days: Vec<Timestamp> = (-9..0).map(day).collect();
        assert_eq!(made.iter().map(|(at, _)| *at).collect::<Vec<_>>(), days, "{policy}: each has a row");
        let expected = [vec!["missed"; *missed], vec!["pending"; *pending]].concat();
        assert_eq!(states(&app, task).await, expected, "{policy}");
    }
    assert_eq!(times_told(&app, &ada, "task.instance_created").await, 10);
    reconcile(&app).await;
    assert_eq!(count_of_instances(&app, &ada).await, 27);
}

#[tokio::test]
async fn an_occurrence_is_skipped_while_the_one_before_is_pending_where_overlap_is_not_wanted() {
    let app = App::start().await;
    let ada = app.user().await;
    let (task, _) = daily(&ada, json!({ "overlap": "skip" })).await;
    // The next one is half a day ahead, and always comes a little later than the one before.
    for hours in [24, 13, 23] {
        pass(&app, &task, SignedDuration::from_hours(hours)).await;
        wake(&app, &task, &json!({ "task_id": task, "user_id": ada.id }).to_string()).await;
    }
    assert_eq!(states(&app, &task).await, ["pending", "skipped", "skipped"]);
    assert_eq!(times_told(&app, &ada, "task.instance_created").await, 1);
}

#[tokio::test]
async fn a_series_ends_with_its_last_occurrence() {
    let app = App::start().await;
    let ada = app.user().await;
    let (task, _) = daily(&ada, json!({ "rrule": "FREQ=DAILY;COUNT=3", "on_missed": "all" })).await;
    pass(&app, &task, DAY * 30).await;
    wake(&app, &task, &json!({ "task_id": task, "user_id": ada.id }).to_string()).await;
    assert_eq!(instances(&app, &task).await.len(), 3);
    let ended = "select count(*) from recurring_tasks where task_id::text = $1 and status = 'completed'
        and next_occurrence_at_utc is null and current_instance_index = 3 and total_occurrences_executed = 3";
    assert_eq!(app.count_of(ended, &task).await, 1);
}

#[tokio::test]
async fn what_the_scheduler_lost_is_armed_again_before_it_is_due() {
    let app = App::start().await;
    let ada = app.user().await;
    let (task, day) = daily(&ada, json!({})).await;
    armed_for(&app, &task, day(0)).await;
    app.lose_job("recurring-service", &job_name(&task)).await;
    reconcile(&app).await;
    assert!(job_of(&app, &task).await.is_none(), "there is time");
    let almost_all = DAY / 2 - SignedDuration::from_secs(80);
    pass(&app, &task, almost_all).await;
    reconcile(&app).await;
    armed_for(&app, &task, day(0) - almost_all).await;
}

#[tokio::test]
async fn each_service_that_is_asked_whether_it_is_ready_registers_its_own_job() {
    let app = App::start().await;
    let services = ["backend", "recurring-service", "notification-service"];
    for service in services {
        let ready = app.probe(service, "/ready").await.is(200);
        assert_eq!(ready["service"], service);
    }
    for (owner, job) in [
        ("backend", "outbox-sweep"),
        ("backend", "reminders-reconcile"),
        ("notification-service", "notification-deliveries"),
        ("notification-service", "reminders-untold"),
        ("recurring-service", "occurrences-reconcile"),
    ] {
        // On the lane others lose jobs, which the next probe brings back.
        eventually(job, async || app.job(owner, job).await).await;
        for service in services.into_iter().filter(|service| *service != owner) {
            assert!(app.job(service, job).await.is_none(), "{job} of {service}");
        }
    }
}

#[tokio::test]
async fn a_series_that_is_changed_or_cancelled_is_armed_for_what_it_waits_for() {
    let app = App::start().await;
    let ada = app.user().await;
    let (task, day) = daily(&ada, json!({})).await;
    armed_for(&app, &task, day(0)).await;
    let later = day(0) + SignedDuration::from_hours(1);
    let rule = later.strftime("FREQ=DAILY;BYHOUR=%-H").to_string();
    ada.change_recurring_task(&task, json!({ "rrule": rule })).await.is(200);
    armed_for(&app, &task, later).await;
    ada.cancel_recurring_task(&task).await.is(204);
    eventually("it is disarmed", async || job_of(&app, &task).await.is_none().then_some(())).await;
}

#[tokio::test]
async fn a_callback_of_a_series_that_is_over_or_paused_or_of_nothing_makes_nothing() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let (task, day) = daily(&ada, json!({})).await;
    let data = armed_for(&app, &task, day(0)).await;
    ada.cancel_recurring_task(&task).await.is(204);
    let (paused, _) = daily(&eve, json!({})).await;
    eve.change_recurring_task(&paused, json!({ "status": "paused" })).await.is(200);
    for series in [&task, &paused] {
        pass(&app, series, DAY * 5).await;
    }
    wake(&app, &task, &data).await;
    wake(&app, &paused, &json!({ "task_id": paused, "user_id": eve.id }).to_string()).await;
    wake(&app, &paused, &json!({ "task_id": paused, "user_id": ada.id }).to_string()).await;
    for hopeless in ["", "no JSON", "{}", r#"{"task_id":"1","user_id":"2"}"#, &data] {
        wake(&app, &paused, hopeless).await;
    }
    assert_eq!((count_of_instances(&app, &ada).await, count_of_instances(&app, &eve).await), (0, 0));
}

#[tokio::test]
async fn very_many_that_are_due_at_once_are_made_by_few_callbacks() {
    let (app, clock) = driven().await;
    let ada = app.user().await;
    let (task, day) = daily(&ada, json!({})).await;
    let data = armed_for(&app, &task, day(0)).await;
    app.arrange(&format!(
        "with made as (
            insert into tasks (id, user_id, title) select gen_random_uuid(), '{user}', 'one of many' from generate_series(1, 499)
            returning id
        )
        insert into recurring_tasks (id, task_id, user_id, series_id, rrule, timezone_iana, starts_at,
            next_occurrence_at_utc, next_occurrence_local, next_occurrence_number)
        select gen_random_uuid(), made.id, r.user_id, gen_random_uuid(), rrule, timezone_iana, starts_at,
            next_occurrence_at_utc, next_occurrence_local, next_occurrence_number
        from made, recurring_tasks as r where r.task_id = '{task}'",
        user = ada.id
    ))
    .await;
    clock.set(day(0));
    wake(&app, &task, &data).await;
    reconcile(&app).await;
    assert_eq!(app.count("select count(*) from task_instances").await, 500);
    assert_eq!(app.count("select count(distinct parent_task_id) from task_instances").await, 500);
}

#[tokio::test]
async fn newer_zone_data_move_the_instant_and_tell_of_it() {
    let app = App::start().await;
    let ada = app.user().await;
    let (task, day) = daily(&ada, json!({})).await;
    armed_for(&app, &task, day(0)).await;
    // What an older version of the data had made of it.
    app.arrange(&format!(
        "update recurring_tasks set zone_data_version = '2000a' where task_id = '{task}';
         update recurring_tasks set next_occurrence_at_utc = next_occurrence_at_utc + interval '1 hour' where task_id = '{task}'"
    ))
    .await;
    let told = async || {
        reconcile(&app).await;
        times_told(&app, &ada, "recurring.scheduled").await
    };
    eventually("it is told", async || (told().await >= 2).then_some(())).await;
    armed_for(&app, &task, day(0)).await;
    assert_eq!(told().await, 2);
    let inbox = ada.notifications().await.is(200);
    assert_eq!(inbox.pick("notifications", "title"), ["Water the plants"]);
    let body = inbox["notifications"][0]["body"].as_str().expect("a text");
    assert!(body.starts_with("The clocks of UTC are set otherwise than was known."), "{body}");
}

#[tokio::test]
async fn only_the_sidecar_may_wake_a_series_and_tell_of_one() {
    let app = App::start().await;
    for path in ["/events/task-events", RECONCILE, "/job/recurring-task-trigger", "/job/recurring-task-1"] {
        let call = || app.intruder("recurring-service").elsewhere(Method::POST, path).json(json!({}));
        call().await.is(401);
        call().header("dapr-api-token", app.dapr_api_token()).await.is(401);
        call().header("dapr-api-token", app.app_api_token()).header("dapr-caller-app-id", "backend").await.is(401);
        let sidecar = call().header("dapr-api-token", app.app_api_token()).await;
        assert!(sidecar.status.is_success(), "{path}: {}", sidecar.text());
    }
}
