//! `/v1.0/jobs/{name}` and the callbacks.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::support::{APP_TOKEN, Answer, Reply, World, eventually};

async fn schedule(world: &World, name: &str, job: Value) -> Reply {
    world.call("POST", &format!("/v1.0/jobs/{name}"), &job.to_string()).await
}

#[track_caller]
fn is_taken(reply: &Reply) {
    assert_eq!((reply.status, reply.text.as_str()), (204, ""), "{reply:?}");
}

async fn gone(world: &World, name: &str) {
    let path = format!("/v1.0/jobs/{name}");
    eventually("the job is gone", async || (world.call("GET", &path, "").await.status == 500).then_some(())).await;
}

#[tokio::test]
async fn a_callback_is_a_post_of_the_data_alone() {
    let world = World::new().await;
    let job = json!({"dueTime": "0s", "data": {"id": "t1", "n": 1.5}});
    is_taken(&schedule(&world, "reminder-1", job).await);
    let call = world.app.wait_for("/job/reminder-1", 1).await.remove(0);
    assert_eq!((call.app_id.as_str(), call.method.as_str()), ("backend", "POST"));
    assert_eq!(call.json(), json!({"id": "t1", "n": 1.5}));
    assert_eq!(call.header("content-type"), Some("application/json"));
    assert_eq!(call.header("dapr-api-token"), Some(APP_TOKEN));
    gone(&world, "reminder-1").await;
    assert_eq!(world.app.calls("/job/reminder-1").len(), 1);
}

#[tokio::test]
async fn numbers_pass_through_doubles_and_null_is_data() {
    let world = World::new().await;
    let job = r#"{"dueTime": "0s", "data": [9007199254740993, 7, 0.5]}"#;
    is_taken(&world.call("POST", "/v1.0/jobs/doubles", job).await);
    is_taken(&schedule(&world, "null", json!({"dueTime": "0s", "data": null})).await);
    let call = world.app.wait_for("/job/doubles", 1).await.remove(0);
    assert_eq!(&call.body[..], b"[9007199254740992,7,0.5]");
    let call = world.app.wait_for("/job/null", 1).await.remove(0);
    assert_eq!(&call.body[..], b"null");
}

#[tokio::test]
async fn a_job_fires_at_its_time_within_50_ms() {
    let world = World::new().await;
    let at = SystemTime::now() + Duration::from_millis(700);
    let due = jiff::Timestamp::try_from(at).expect("a time").to_string();
    is_taken(&schedule(&world, "precise", json!({"dueTime": due, "data": 1})).await);
    let call = world.app.wait_for("/job/precise", 1).await.remove(0);
    assert!(call.at >= at, "too early");
    eventually("the histogram has it", async || {
        let metrics = world.sidecar().metrics();
        metrics.contains("rondo_sidecar_job_lateness_seconds_count 1").then_some(())
    })
    .await;
    println!("{}", world.sidecar().metrics());
}

#[tokio::test]
async fn every_form_of_due_time_is_taken() {
    let world = World::new().await;
    let past = ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00+02:00", "0s", "1ms", "PT0S"];
    for (number, due) in past.into_iter().enumerate() {
        let name = format!("due-{number}");
        is_taken(&schedule(&world, &name, json!({"dueTime": due, "data": 1})).await);
        world.app.wait_for(&format!("/job/{name}"), 1).await;
    }
    for due in ["1h30m", "P1D", "P1M", "2099-01-01T00:00:00Z"] {
        is_taken(&schedule(&world, &format!("later-{due}"), json!({"dueTime": due, "data": 1})).await);
        assert_eq!(world.call("GET", &format!("/v1.0/jobs/later-{due}"), "").await.status, 200);
    }
}

#[tokio::test]
async fn a_schedule_repeats_as_often_as_it_says() {
    let world = World::new().await;
    let job = json!({"schedule": "@every 20ms", "repeats": 3, "data": "tick"});
    is_taken(&schedule(&world, "three", job).await);
    world.app.wait_for("/job/three", 3).await;
    gone(&world, "three").await;
    assert_eq!(world.app.calls("/job/three").len(), 3);
}

#[tokio::test]
async fn a_due_time_is_the_first_of_a_schedule() {
    let world = World::new().await;
    let job = json!({"schedule": "@every 1h", "dueTime": "0s", "data": 1});
    is_taken(&schedule(&world, "hourly", job).await);
    world.app.wait_for("/job/hourly", 1).await;
    assert_eq!(world.call("GET", "/v1.0/jobs/hourly", "").await.status, 200);
}

#[tokio::test]
async fn cron_has_six_fields() {
    let world = World::new().await;
    let job = json!({"schedule": "* * * * * *", "repeats": 1, "data": 1});
    is_taken(&schedule(&world, "cron", job).await);
    let call = world.app.wait_for("/job/cron", 1).await.remove(0);
    let since = call.at.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    assert!(since.subsec_millis() < 900, "not at the second: {since:?}");
}

#[tokio::test]
async fn a_ttl_ends_a_schedule() {
    let world = World::new().await;
    let job = json!({"schedule": "@every 50ms", "ttl": "120ms", "data": 1});
    is_taken(&schedule(&world, "short", job).await);
    gone(&world, "short").await;
    assert!(world.app.calls("/job/short").len() <= 2);
}

#[tokio::test]
async fn a_second_registration_is_409_unless_it_overwrites() {
    let world = World::new().await;
    is_taken(&schedule(&world, "one", json!({"dueTime": "1h", "data": 1})).await);
    let second = schedule(&world, "one", json!({"dueTime": "2h", "data": 2})).await;
    second.is_error(409, "DAPR_SCHEDULER_SCHEDULE_JOB");
    let third = json!({"dueTime": "3h", "data": 3, "overwrite": true});
    is_taken(&schedule(&world, "one", third).await);
    let job = world.call("GET", "/v1.0-alpha1/jobs/one", "").await.json();
    assert_eq!((&job["dueTime"], &job["data"]["value"]), (&json!("3h"), &json!(3)));
}

#[tokio::test]
async fn a_job_reads_as_it_was_registered() {
    let world = World::new().await;
    let job = json!({
        "schedule": "0 0 9 * * MON", "repeats": 5, "ttl": "90000h", "data": {"a": [1]},
        "failurePolicy": {"constant": {"interval": "2.5s"}},
    });
    is_taken(&schedule(&world, "full", job).await);
    let reply = world.call("GET", "/v1.0/jobs/full", "").await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let expected = json!({
        "name": "full", "schedule": "0 0 9 * * MON", "repeats": 5, "ttl": "90000h",
        "data": {"@type": "type.googleapis.com/google.protobuf.Value", "value": {"a": [1]}},
        "failurePolicy": {"constant": {"interval": "2.5s"}},
    });
    assert_eq!(reply.json(), expected);
    is_taken(&schedule(&world, "bare", json!({"dueTime": "1h"})).await);
    let expected = json!({
        "name": "bare", "dueTime": "1h",
        "failurePolicy": {"constant": {"interval": "1s", "maxRetries": 3}},
    });
    assert_eq!(world.call("GET", "/v1.0/jobs/bare", "").await.json(), expected);
}

#[tokio::test]
async fn an_absent_job_is_500_to_get_and_204_to_delete() {
    let world = World::new().await;
    let reply = world.call("GET", "/v1.0/jobs/none", "").await;
    reply.is_error(500, "DAPR_SCHEDULER_GET_JOB");
    is_taken(&world.call("DELETE", "/v1.0/jobs/none", "").await);
    is_taken(&schedule(&world, "some", json!({"dueTime": "1h", "data": 1})).await);
    is_taken(&world.call("DELETE", "/v1.0/jobs/some", "").await);
    assert_eq!(world.call("GET", "/v1.0/jobs/some", "").await.status, 500);
}

#[tokio::test]
async fn what_is_no_job_is_refused() {
    let world = World::new().await;
    let cases = [
        ("j", json!([]).to_string(), 400, "ERR_MALFORMED_REQUEST"),
        ("j", json!({"dueTime": 5}).to_string(), 400, "ERR_MALFORMED_REQUEST"),
        ("j", json!({"data": 1}).to_string(), 400, "DAPR_SCHEDULER_SCHEDULE_EMPTY"),
        ("j", json!({"name": "x", "dueTime": "1s"}).to_string(), 400, "DAPR_SCHEDULER_JOB_NAME"),
        ("j", json!({"dueTime": "soon"}).to_string(), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("j", json!({"schedule": "* * * * *"}).to_string(), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("j", json!({"dueTime": "1s", "repeats": 2}).to_string(), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("j", json!({"dueTime": "1s", "ttl": "1s"}).to_string(), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("j", json!({"schedule": "@every 1s", "repeats": 0}).to_string(), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        (
            "j",
            json!({"schedule": "@every 1s", "dueTime": "1h", "ttl": "2020-01-01T00:00:00Z"}).to_string(),
            500,
            "DAPR_SCHEDULER_SCHEDULE_JOB",
        ),
        (
            "j",
            json!({"dueTime": "1s", "failurePolicy": {"constant": {"interval": "1m"}}}).to_string(),
            400,
            "ERR_MALFORMED_REQUEST",
        ),
        ("a%2Fb", json!({"dueTime": "1s"}).to_string(), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("a%3Fb", json!({"dueTime": "1s"}).to_string(), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
    ];
    for (name, body, status, code) in cases {
        world.call("POST", &format!("/v1.0/jobs/{name}"), &body).await.is_error(status, code);
    }
    let long = "x".repeat(512 - "app||default||backend||".len());
    is_taken(&schedule(&world, &long, json!({"dueTime": "1h"})).await);
    assert_eq!(schedule(&world, &format!("{long}x"), json!({"dueTime": "1h"})).await.status, 500);
}

#[tokio::test]
async fn a_job_without_data_is_accepted_and_never_delivered() {
    let world = World::new().await;
    let policy = json!({"drop": {}});
    is_taken(&schedule(&world, "silent", json!({"dueTime": "0s", "failurePolicy": policy})).await);
    gone(&world, "silent").await;
    assert!(world.app.calls("/job/silent").is_empty());
}

#[tokio::test]
async fn jobs_of_two_apps_with_one_name_are_two() {
    let world = World::new().await;
    let job = json!({"dueTime": "1h", "data": 1}).to_string();
    is_taken(&world.call("POST", "/v1.0/jobs/same", &job).await);
    let request = crate::support::request("POST", "/v1.0/jobs/same", &[], &job);
    let reply = Reply::of(world.sidecar().handle("consumer", request).await);
    is_taken(&reply);
    is_taken(&world.call("DELETE", "/v1.0/jobs/same", "").await);
    let request = crate::support::request("GET", "/v1.0/jobs/same", &[], "");
    assert_eq!(world.sidecar().handle("consumer", request).await.status(), 200);
}

#[tokio::test]
async fn the_default_is_three_retries_a_second_apart_and_then_it_is_lost() {
    let world = World::new().await;
    world.app.always("/job/failing", Answer::Status(500));
    is_taken(&schedule(&world, "failing", json!({"dueTime": "0s", "data": 1})).await);
    let calls = world.app.wait_for("/job/failing", 4).await;
    for pair in calls.windows(2) {
        let apart = pair[1].at.duration_since(pair[0].at).expect("in order");
        assert!(apart >= Duration::from_millis(900), "{apart:?}");
    }
    gone(&world, "failing").await;
    assert_eq!(world.app.calls("/job/failing").len(), 4);
}

#[tokio::test]
async fn failures_are_tried_again_as_the_policy_says() {
    let failures = [Answer::Status(302), Answer::Status(400), Answer::Status(429), Answer::Nothing];
    let world = World::new().await;
    let constant = |policy: Value| json!({"dueTime": "0s", "data": 1, "failurePolicy": {"constant": policy}});
    world.app.script("/job/endless", failures.iter().cycle().take(9).cloned());
    is_taken(&schedule(&world, "endless", constant(json!({"interval": "0.005s"}))).await);
    world.app.wait_for("/job/endless", 10).await;
    gone(&world, "endless").await;
    world.app.always("/job/twice", Answer::Nothing);
    is_taken(&schedule(&world, "twice", constant(json!({"interval": "0.005s", "maxRetries": 1}))).await);
    gone(&world, "twice").await;
    assert_eq!(world.app.calls("/job/twice").len(), 2);
    world.app.always("/job/dropped", Answer::Status(500));
    let job = json!({"dueTime": "0s", "data": 1, "failurePolicy": {"drop": {}}});
    is_taken(&schedule(&world, "dropped", job).await);
    gone(&world, "dropped").await;
    assert_eq!(world.app.calls("/job/dropped").len(), 1);
}

#[tokio::test]
async fn a_404_is_done() {
    let world = World::new().await;
    world.app.always("/job/unknown", Answer::Status(404));
    is_taken(&schedule(&world, "unknown", json!({"dueTime": "0s", "data": 1})).await);
    world.app.wait_for("/job/unknown", 1).await;
    gone(&world, "unknown").await;
    assert_eq!(world.app.calls("/job/unknown").len(), 1);
}

#[tokio::test]
async fn after_its_failures_a_schedule_goes_on() {
    let world = World::new().await;
    world.app.script("/job/flaky", [Answer::Status(500)]);
    let job = json!({
        "schedule": "@every 20ms", "repeats": 2, "data": 1, "failurePolicy": {"drop": {}},
    });
    is_taken(&schedule(&world, "flaky", job).await);
    gone(&world, "flaky").await;
    assert_eq!(world.app.calls("/job/flaky").len(), 2);
}

#[tokio::test]
async fn a_registration_during_the_callback_is_not_undone_by_its_end() {
    let world = World::new().await;
    world.app.script("/job/again", [Answer::After(Duration::from_millis(200))]);
    is_taken(&schedule(&world, "again", json!({"dueTime": "0s", "data": 1})).await);
    world.app.wait_for("/job/again", 1).await;
    let again = json!({"dueTime": "1h", "data": 2, "overwrite": true});
    is_taken(&schedule(&world, "again", again).await);
    eventually("the first call has ended", async || {
        let fired = r#"rondo_sidecar_jobs_fired_total{app_id="backend"} 1"#;
        world.sidecar().metrics().contains(fired).then_some(())
    })
    .await;
    world.sidecar().shutdown().await;
    assert_eq!(world.call("GET", "/v1.0/jobs/again", "").await.json()["data"]["value"], 2);
}

#[tokio::test]
async fn two_sidecars_share_the_jobs_and_none_fires_twice() {
    let world = World::new().await;
    let other = world.another_sidecar().await;
    for number in 0..100 {
        let job = json!({"dueTime": "300ms", "data": number});
        is_taken(&schedule(&world, &format!("shared-{number}"), job).await);
    }
    for number in 0..100 {
        world.app.wait_for(&format!("/job/shared-{number}"), 1).await;
    }
    other.shutdown().await;
    world.sidecar().shutdown().await;
    for number in 0..100 {
        assert_eq!(world.app.calls(&format!("/job/shared-{number}")).len(), 1);
    }
}

#[tokio::test]
async fn a_job_whose_process_was_killed_in_the_callback_is_delivered_again() {
    let mut world = World::new().await;
    world.app.script("/job/killed", [Answer::Hang]);
    is_taken(&schedule(&world, "killed", json!({"dueTime": "0s", "data": 1})).await);
    world.app.wait_for("/job/killed", 1).await;
    world.kill();
    world.restart().await;
    world.app.wait_for("/job/killed", 2).await;
    gone(&world, "killed").await;
}

#[tokio::test]
async fn jobs_missed_while_nobody_ran_fire_at_once() {
    let mut world = World::new().await;
    for number in 0..5 {
        let job = json!({"dueTime": "400ms", "data": number});
        is_taken(&schedule(&world, &format!("missed-{number}"), job).await);
    }
    world.kill();
    eventually("they are due", async || {
        let due = "select count(*) from dapr.jobs where fire_at < clock_timestamp()";
        (world.database.number(due).await == 5).then_some(())
    })
    .await;
    assert!(world.app.calls("/job/missed-0").is_empty());
    world.restart().await;
    for number in 0..5 {
        world.app.wait_for(&format!("/job/missed-{number}"), 1).await;
    }
}
