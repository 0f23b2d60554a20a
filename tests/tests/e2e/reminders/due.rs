//! Reminders at their times: their jobs, the callbacks, and what is done when those are lost.

use std::sync::Arc;

use http::{Method, StatusCode};
use rondo_domain::ids::UserId;
use support::clock::DrivenClock;
use support::people::access_token;
use support::{Client, Setup};

use super::*;

const RECONCILE: &str = "/job/reminders-reconcile";

/// An application whose clock the test drives; it shows the present.
async fn driven() -> (App, Arc<DrivenClock>) {
    let clock = DrivenClock::at(Timestamp::now());
    let setup = Setup { clock: Some(clock.clone()), ..Setup::default() };
    (App::with(setup).await, clock)
}

/// The user, who has signed in anew by that clock.
fn signed_in(user: &User, clock: &DrivenClock) -> Client {
    user.with_token(&access_token(UserId::parse(&user.id).expect("an id"), clock.now()))
}

/// The job that a reminder is armed with: when, and what it brings along.
async fn job_of(app: &App, reminder: &str) -> Option<(Timestamp, String)> {
    app.one_shot("backend", &job_name(reminder)).await
}

fn job_name(reminder: &str) -> String {
    format!("reminder-{reminder}")
}

/// Lets time pass for somebody's reminders alone, by moving them into the past.
async fn pass(app: &App, user: &User, time: SignedDuration) {
    let seconds = time.as_secs();
    app.arrange(&format!(
        "update reminders set scheduled_for_utc = scheduled_for_utc - interval '{seconds} seconds',
            set_at = set_at - interval '{seconds} seconds'
         where user_id = '{}'",
        user.id
    ))
    .await;
}

/// Waits until a reminder is armed for `at`; what its job brings along.
async fn armed_for(app: &App, reminder: &str, at: Timestamp) -> String {
    eventually("the reminder is armed", async || {
        job_of(app, reminder).await.filter(|(due, _)| *due == at).map(|(_, data)| data)
    })
    .await
}

async fn disarmed(app: &App, reminder: &str) {
    eventually("the reminder is disarmed", async || job_of(app, reminder).await.is_none().then_some(())).await;
}

async fn wake(app: &App, reminder: &str, data: &str) {
    app.deliver("backend", &format!("/job/{}", job_name(reminder)), data).await.is(204);
}

async fn told(app: &App, reminder: &str) -> Vec<String> {
    let query =
        "select event_type from outbox where data ->> 'reminder_id' = $1 and topic = 'reminders' order by sequence";
    app.sql(query, &[&reminder]).await.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_reminder_is_sent_at_its_time_and_not_before() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = task_due(&ada, in_minutes(60)).await;
    let id = sent(&ada, &task).await;
    let early = "select count(*) from reminders where id::text = $1 and sent_at < scheduled_for_utc";
    assert_eq!(app.count_of(early, &id).await, 0);
    assert_eq!(told(&app, &id).await, ["reminder.scheduled", "reminder.due"]);
}

#[tokio::test]
async fn a_reminder_is_armed_with_its_job_and_told_once_however_often_it_is_woken() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = task_due(&ada, in_minutes(60)).await;
    let at = in_minutes(30);
    let id = remind(&ada, &task, at).await;
    let data = armed_for(&app, &id, at).await;
    let brought: Value = serde_json::from_str(&data).expect("JSON");
    assert_eq!((&brought["reminder_id"], &brought["user_id"]), (&json!(id), &json!(ada.id)));
    assert_eq!(brought["revision"], 1);

    app.lose_job("backend", &job_name(&id)).await;
    wake(&app, &id, &data).await;
    armed_for(&app, &id, at).await;
    assert_eq!(ada.reminder(&id).await.is(200)["status"], "pending", "it was woken too early");
    pass(&app, &ada, SignedDuration::from_mins(30)).await;
    tokio::join!(wake(&app, &id, &data), wake(&app, &id, &data));
    app.deliver("backend", "/job/reminder-trigger", &data).await.is(204);
    assert_eq!(ada.reminder(&id).await.is(200)["status"], "sent");
    assert_eq!(told(&app, &id).await, ["reminder.scheduled", "reminder.due"]);
}

#[tokio::test]
async fn the_alarm_moves_with_the_reminder_and_goes_when_that_is_called_off() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = task_due(&ada, in_minutes(60)).await;
    let before = ada.create_reminder(json!({ "task_id": task, "minutes_before": 10 })).await.is(201).id();
    let due = in_minutes(120);
    ada.change_task(&task, json!({ "due_at": due.to_string() })).await.is(200);
    armed_for(&app, &before, due - SignedDuration::from_mins(10)).await;
    let put_off = in_minutes(200);
    ada.snooze_reminder(&before, json!({ "until": put_off.to_string() })).await.is(200);
    armed_for(&app, &before, put_off).await;
    ada.cancel_reminder(&before).await.is(204);
    disarmed(&app, &before).await;
    let other = remind(&ada, &task, put_off).await;
    armed_for(&app, &other, put_off).await;
    ada.delete_task(&task).await.is(204);
    disarmed(&app, &other).await;
}

/// A daily series from `start` on, with a reminder half an hour before each occurrence.
fn watering(start: Timestamp) -> Value {
    json!({
        "title": "Water the plants", "rrule": "FREQ=DAILY", "timezone_iana": "UTC", "reminder_minutes_before": 30,
        "starts_at": start.strftime("%FT%T").to_string(),
    })
}

#[tokio::test]
async fn what_recurring_service_brings_about_backend_arms() {
    let (app, clock) = driven().await;
    let ada = app.user().await;
    let start = in_minutes(60);
    let task = ada.create_recurring_task(watering(start)).await.is(201)["task_id"].as_str().expect("an id").to_owned();
    let reminders = async |status: &str| {
        let ada = signed_in(&ada, &clock);
        let page = ada.reminders().query("task_id", &task).query("status", status).await.is(200);
        page["reminders"].as_array().expect("reminders").clone()
    };
    let first = reminders("pending").await.remove(0);
    let data = armed_for(&app, first["id"].as_str().expect("an id"), start - SignedDuration::from_mins(30)).await;
    clock.set(start - SignedDuration::from_mins(30));
    wake(&app, first["id"].as_str().expect("an id"), &data).await;
    assert_eq!(reminders("sent").await.len(), 1);

    clock.set(start);
    app.arrange("delete from dapr.jobs").await;
    app.deliver("recurring-service", "/job/occurrences-reconcile", "{}").await.is(204);
    assert!(reminders("sent").await[0]["task_instance_id"].is_string(), "it went over to the instance");
    let next = reminders("pending").await.remove(0);
    let at = start + SignedDuration::from_hours(24) - SignedDuration::from_mins(30);
    armed_for(&app, next["id"].as_str().expect("an id"), at).await;
}

#[tokio::test]
async fn a_completed_template_silences_no_occurrence_and_what_was_told_before_is_of_the_instance_once_that_is_made() {
    let (app, clock) = driven().await;
    let ada = app.user().await;
    let start = in_minutes(60);
    let series = ada.create_recurring_task(watering(start)).await.is(201);
    let task = series["task_id"].as_str().expect("an id").to_owned();
    ada.complete_task(&task).await.is(200);
    let pending = ada.reminders().query("task_id", &task).query("status", "pending").await.is(200);
    let reminder = pending["reminders"][0]["id"].as_str().expect("an id").to_owned();
    let at = start - SignedDuration::from_mins(20);
    ada.snooze_reminder(&reminder, json!({ "until": at.to_string() })).await.is(200);
    let data = armed_for(&app, &reminder, at).await;
    clock.set(at);
    wake(&app, &reminder, &data).await;
    let inbox = async || signed_in(&ada, &clock).notifications().await.is(200)["notifications"][0].clone();
    let first = eventually("it is told", async || Some(inbox().await).filter(|told| !told.is_null())).await;
    assert_eq!((&first["series_id"], &first["task_instance_id"]), (&series["series_id"], &Value::Null));

    clock.set(start);
    app.deliver("recurring-service", "/job/occurrences-reconcile", "{}").await.is(204);
    let instance = signed_in(&ada, &clock).task_instances(&task).await.is(200)["instances"][0]["id"].clone();
    let handed = inbox().await;
    assert_eq!((&handed["task_instance_id"], &handed["outcome"]), (&instance, &Value::Null));
    signed_in(&ada, &clock).skip_task_instance(&task, instance.as_str().expect("an id")).await.is(200);
    assert_eq!(inbox().await["outcome"], "skipped");
    assert_eq!(told(&app, &reminder).await, ["reminder.scheduled", "reminder.scheduled", "reminder.due"]);
}

#[tokio::test]
async fn as_an_occurrence_is_made_its_reminder_goes_over_to_it_and_that_of_the_next_is_armed() {
    let app = App::start().await;
    let ada = app.user().await;
    let start =
        Timestamp::from_second(Timestamp::now().as_second()).expect("the present") + SignedDuration::from_secs(4);
    let body = json!({
        "title": "Water the plants", "rrule": "FREQ=DAILY", "timezone_iana": "UTC", "reminder_minutes_before": 0,
        "starts_at": start.strftime("%FT%T").to_string(),
    });
    let task = ada.create_recurring_task(body).await.is(201)["task_id"].as_str().expect("an id").to_owned();
    let reminder = async |status: &str| {
        let page = ada.reminders().query("task_id", &task).query("status", status).await.is(200);
        page["reminders"].as_array().expect("reminders").first().cloned()
    };
    // The jobs of both services come at the same time.
    eventually("it is sent, of the instance", async || {
        reminder("sent").await.filter(|sent| sent["task_instance_id"].is_string())
    })
    .await;
    assert_eq!(ada.task_instances(&task).await.is(200)["total"], 1);
    let next = reminder("pending").await.expect("the next one's");
    armed_for(&app, next["id"].as_str().expect("an id"), start + SignedDuration::from_hours(24)).await;
}

#[tokio::test]
async fn when_the_scheduler_has_lost_all_jobs_the_reconcile_sends_what_is_due_and_arms_what_comes() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = task_due(&ada, in_minutes(60)).await;
    let (due, soon, far) = (in_minutes(10), in_minutes(11), in_minutes(30));
    let [first, second, third] =
        [remind(&ada, &task, due).await, remind(&ada, &task, soon).await, remind(&ada, &task, far).await];
    for (id, at) in [(&first, due), (&second, soon), (&third, far)] {
        armed_for(&app, id, at).await;
        app.lose_job("backend", &job_name(id)).await;
    }
    let time = SignedDuration::from_mins(10);
    pass(&app, &ada, time).await;
    app.deliver("backend", RECONCILE, r#"{"reconcile":"reminders"}"#).await.is(204);
    stands(&ada, &first, "sent").await;
    armed_for(&app, &second, soon - time).await;
    assert_eq!(job_of(&app, &third).await, None, "that is for a later run");
}

#[tokio::test]
async fn the_readiness_probe_of_backend_brings_the_reconcile_back() {
    let app = App::start().await;
    app.lose_job("backend", "reminders-reconcile").await;
    app.probe("backend", "/ready").await.is(200);
    assert!(app.job("backend", "reminders-reconcile").await.is_some());
}

#[tokio::test]
async fn what_was_completed_meanwhile_is_not_told_and_what_is_too_old_is_not_either() {
    let app = App::start().await;
    let ada = app.user().await;
    let (done, forgotten) = (task_due(&ada, in_minutes(60)).await, task_due(&ada, in_minutes(60)).await);
    let at = in_minutes(10);
    let (off, old) = (remind(&ada, &done, at).await, remind(&ada, &forgotten, at).await);
    let late = remind(&ada, &forgotten, at + SignedDuration::from_hours(2)).await;
    ada.complete_task(&done).await.is(200);
    pass(&app, &ada, SignedDuration::from_hours(25) + SignedDuration::from_mins(10)).await;
    app.deliver("backend", RECONCILE, "{}").await.is(204);
    let (off, old) = (stands(&ada, &off, "cancelled").await, stands(&ada, &old, "failed").await);
    assert_eq!((&off["cancel_reason"], old["error_message"].is_string()), (&json!("done"), true));
    stands(&ada, &late, "sent").await;
    let told = app.told(&ada).await;
    let due: Vec<_> =
        told.iter().filter(|(kind, _)| kind == "reminder.due").map(|(_, data)| &data["is_late"]).collect();
    assert_eq!(due, [true]);
}

#[tokio::test]
async fn a_callback_that_can_never_work_is_done_with() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = task_due(&ada, in_minutes(60)).await;
    let (one, other) = (remind(&ada, &task, in_minutes(30)).await, remind(&ada, &task, in_minutes(30)).await);
    let data = armed_for(&app, &one, job_of_time(&ada, &one).await).await;
    let path = format!("/job/reminder-{other}");
    for (path, body) in [(path.as_str(), data.as_str()), (&path, "{}"), (&path, "no JSON"), ("/job/reminder-x", "{}")] {
        assert_eq!(app.deliver("backend", path, body).await.status, StatusCode::NO_CONTENT, "{path} {body}");
    }
    let gone = json!({ "reminder_id": NOBODYS, "user_id": ada.id, "revision": 1 }).to_string();
    wake(&app, NOBODYS, &gone).await;
}

#[tokio::test]
async fn a_callback_is_called_again_while_the_database_is_away() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = task_due(&ada, in_minutes(60)).await;
    let id = remind(&ada, &task, in_minutes(30)).await;
    let data = armed_for(&app, &id, job_of_time(&ada, &id).await).await;
    app.gate().close();
    app.deliver("backend", &format!("/job/{}", job_name(&id)), &data).await.is(503);
}

async fn job_of_time(user: &User, reminder: &str) -> Timestamp {
    let shown = user.reminder(reminder).await.is(200);
    shown["scheduled_for"].as_str().expect("a time").parse().expect("a time")
}

#[tokio::test]
async fn only_the_sidecar_wakes_reminders_and_only_apps_that_publish_have_them_armed() {
    let app = App::start().await;
    for path in ["/job/reminder-trigger", RECONCILE, "/job/reminder-x", "/internal/reminders/arm"] {
        app.intruder("backend").elsewhere(Method::POST, path).json(json!({})).await.is(401);
    }
    // The caller is not named.
    app.deliver("backend", "/internal/reminders/arm", "{}").await.is(401);
}
