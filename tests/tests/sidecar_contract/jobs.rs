//! `/v1.0/jobs/{name}` and the callback `POST /job/{name}`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use support::eventually;
use tokio::time::Instant;

use crate::app::{Answer, Call};
use crate::client::Reply;
use crate::topology::{APP_API_TOKEN, World};

async fn schedule(world: &World, name: &str, job: Value) -> Reply {
    world.sidecar.post(&format!("/v1.0/jobs/{name}"), job).await
}

async fn get(world: &World, name: &str) -> Reply {
    world.sidecar.get(&format!("/v1.0/jobs/{name}")).await
}

async fn gone(world: &World, name: &str) {
    eventually("the job is gone", async || get(world, name).await.text().contains("job not found").then_some(())).await;
}

/// What a job has called once it is gone.
async fn calls_until_gone(world: &World, name: &str) -> Vec<Call> {
    gone(world, name).await;
    world.app.calls(&format!("/job/{name}"))
}

#[tokio::test]
async fn a_callback_is_a_post_of_the_data_alone() {
    let world = World::get().await;
    let data = json!({ "id": "t1", "half": 0.5, "list": [1, null, "ü"], "no": false });
    schedule(world, "callback", json!({ "dueTime": "0s", "data": data })).await.is_done();
    let call = world.app.wait_for("/job/callback", 1).await.remove(0);
    assert_eq!((call.method.as_str(), call.target.to_string().as_str()), ("POST", "/job/callback"));
    assert_eq!(call.json(), data);
    assert_eq!(call.header_names(), ["content-type", "dapr-api-token"]);
    assert_eq!(call.header("content-type"), Some("application/json"));
    assert_eq!(call.header("dapr-api-token"), Some(APP_API_TOKEN));
    assert_eq!(calls_until_gone(world, "callback").await.len(), 1);
}

#[tokio::test]
async fn a_name_is_called_back_as_it_was_given() {
    let world = World::get().await;
    for (name, path) in [
        ("recurring-task-0190_x", "/job/recurring-task-0190_x"),
        ("a.b~c", "/job/a.b~c"),
        ("a:b@c", "/job/a:b@c"),
        ("$&,;=", "/job/$&,;="),
        ("c+d", "/job/c%20d"),
        ("c%2Be", "/job/c+e"),
        ("a%20b", "/job/a%20b"),
        ("%C3%BC", "/job/%C3%BC"),
    ] {
        schedule(world, name, json!({ "dueTime": "0s", "data": name })).await.is_done();
        let call = world.app.wait_for_one_below("/job/", |call| call.json() == name).await;
        assert_eq!(call.target.path(), path);
    }
}

#[tokio::test]
async fn numbers_pass_through_doubles_and_null_is_data() {
    let world = World::get().await;
    let job = r#"{"dueTime": "0s", "data": [9007199254740993, 7, 0.5]}"#;
    world.sidecar.post("/v1.0/jobs/doubles", job).await.is_done();
    schedule(world, "null", json!({ "dueTime": "0s", "data": null })).await.is_done();
    let call = world.app.wait_for("/job/doubles", 1).await.remove(0);
    assert_eq!(call.json(), json!([9_007_199_254_740_992_i64, 7, 0.5]));
    assert_eq!(world.app.wait_for("/job/null", 1).await[0].json(), Value::Null);
}

#[tokio::test]
async fn every_form_of_due_time_is_taken() {
    let world = World::get().await;
    let soon = (Timestamp::now() + SignedDuration::from_millis(300)).to_string();
    let now = ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00+02:00", "0s", "1ms", "PT0S", soon.as_str()];
    for (number, due) in now.into_iter().enumerate() {
        let reply = schedule(world, &format!("due-{number}"), json!({ "dueTime": due, "data": 1 })).await;
        assert_eq!(reply.status, 204, "{due}: {reply:?}");
    }
    for number in 0..now.len() {
        world.app.wait_for(&format!("/job/due-{number}"), 1).await;
    }
    for (number, due) in ["1h30m", "P1D", "P1M", "2099-01-01T00:00:00Z"].into_iter().enumerate() {
        let name = format!("later-{number}");
        schedule(world, &name, json!({ "dueTime": due, "data": 1 })).await.is_done();
        assert_eq!(get(world, &name).await.json()["dueTime"], due);
    }
}

#[tokio::test]
async fn a_job_does_not_fire_before_its_time() {
    let world = World::get().await;
    let wait = Duration::from_secs(2);
    let begun = Instant::now();
    schedule(world, "punctual", json!({ "dueTime": "2s", "data": 1 })).await.is_done();
    let call = world.app.wait_for("/job/punctual", 1).await.remove(0);
    assert!(call.at.duration_since(begun) >= wait, "{:?}", call.at.duration_since(begun));
}

#[tokio::test]
async fn a_schedule_repeats_as_often_as_it_says() {
    let world = World::get().await;
    schedule(world, "three", json!({ "schedule": "@every 1s", "repeats": 3, "data": "tick" })).await.is_done();
    assert_eq!(calls_until_gone(world, "three").await.len(), 3);
    schedule(world, "cron", json!({ "schedule": "* * * * * *", "repeats": 2, "data": "tick" })).await.is_done();
    assert_eq!(calls_until_gone(world, "cron").await.len(), 2);
}

#[tokio::test]
async fn a_due_time_is_the_first_of_a_schedule() {
    let world = World::get().await;
    let job = json!({ "schedule": "@every 1h", "dueTime": "0s", "data": 1 });
    schedule(world, "hourly", job).await.is_done();
    world.app.wait_for("/job/hourly", 1).await;
    assert_eq!(get(world, "hourly").await.status, 200);
}

#[tokio::test]
async fn a_ttl_ends_a_schedule() {
    let world = World::get().await;
    schedule(world, "short", json!({ "schedule": "@every 1s", "ttl": "2500ms", "data": 1 })).await.is_done();
    let calls = calls_until_gone(world, "short").await.len();
    assert!((1..=3).contains(&calls), "{calls} calls");
}

#[tokio::test]
async fn a_second_registration_is_409_unless_it_overwrites() {
    let world = World::get().await;
    schedule(world, "taken", json!({ "dueTime": "1h", "data": 1 })).await.is_done();
    const CODE: &str = "DAPR_SCHEDULER_SCHEDULE_JOB";
    for second in [json!({ "dueTime": "2h", "data": 2 }), json!({ "dueTime": "2h", "data": 2, "overwrite": false })] {
        let reply = schedule(world, "taken", second).await;
        let full_name = format!("app||default||{}||taken", world.names.app);
        let reason = format!("rpc error: code = AlreadyExists desc = job already exists: '{full_name}'");
        reply.is_error_saying(409, CODE, &format!("failed to schedule job due to: {reason}"));
        let whose = json!({ "appID": world.names.app, "namespace": "default" });
        assert_eq!(reply.error_info(), (CODE.to_owned(), whose));
    }
    assert_eq!(get(world, "taken").await.json()["dueTime"], "1h");
    let third = json!({ "dueTime": "0s", "data": 3, "overwrite": true });
    schedule(world, "taken", third).await.is_done();
    assert_eq!(world.app.wait_for("/job/taken", 1).await[0].json(), json!(3));
    gone(world, "taken").await;
}

#[tokio::test]
async fn a_job_reads_as_it_was_registered() {
    let world = World::get().await;
    let job = json!({
        "schedule": "0 0 9 * * MON", "repeats": 5, "ttl": "90000h", "data": { "a": [1] },
        "failurePolicy": { "constant": { "interval": "2.5s" } },
    });
    schedule(world, "full", job).await.is_done();
    let reply = get(world, "full").await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let expected = json!({
        "name": "full", "schedule": "0 0 9 * * MON", "repeats": 5, "ttl": "90000h",
        "data": { "@type": "type.googleapis.com/google.protobuf.Value", "value": { "a": [1] } },
        "failurePolicy": { "constant": { "interval": "2.500s" } },
    });
    assert_eq!(reply.json(), expected);
    let policies = [
        (json!({}), json!({ "constant": { "interval": "1s", "maxRetries": 3 } })),
        (json!({ "constant": {} }), json!({ "constant": {} })),
        (
            json!({ "constant": { "interval": "0.000001s", "maxRetries": 0 } }),
            json!({ "constant": { "interval": "0.000001s", "maxRetries": 0 } }),
        ),
        (json!({ "drop": {} }), json!({ "drop": {} })),
    ];
    for (given, told) in policies {
        let job = json!({ "dueTime": "1h", "data": null, "failurePolicy": given, "overwrite": true });
        schedule(world, "policy", job).await.is_done();
        assert_eq!(get(world, "policy").await.json()["failurePolicy"], told);
    }
    schedule(world, "bare", json!({ "dueTime": "1h" })).await.is_done();
    get(world, "bare").await.is_error(500, "ERR_INTERNAL");
}

#[tokio::test]
async fn the_older_path_leads_to_the_same_jobs() {
    let world = World::get().await;
    let (old, new) = ("/v1.0-alpha1/jobs/older", "/v1.0/jobs/older");
    world.sidecar.post(old, json!({ "dueTime": "1h", "data": 1 })).await.is_done();
    assert_eq!(world.sidecar.get(new).await.json(), world.sidecar.get(old).await.json());
    world.sidecar.delete(old).await.is_done();
    assert_eq!(world.sidecar.get(new).await.status, 500);
}

#[tokio::test]
async fn an_absent_job_is_500_to_get_and_204_to_delete() {
    let world = World::get().await;
    get(world, "absent").await.is_error_saying(
        500,
        "DAPR_SCHEDULER_GET_JOB",
        "failed to get job due to: rpc error: code = NotFound desc = job not found: absent",
    );
    world.sidecar.delete("/v1.0/jobs/absent").await.is_done();
    schedule(world, "deleted", json!({ "dueTime": "2s", "data": 1 })).await.is_done();
    schedule(world, "after", json!({ "dueTime": "3s", "data": 1 })).await.is_done();
    world.sidecar.delete("/v1.0/jobs/deleted").await.is_done();
    get(world, "deleted").await.is_error(500, "DAPR_SCHEDULER_GET_JOB");
    world.app.wait_for("/job/after", 1).await;
    assert!(world.app.calls("/job/deleted").is_empty());
}

#[tokio::test]
async fn what_is_no_job_is_refused() {
    let world = World::get().await;
    let policy = |interval: &str| json!({ "constant": { "interval": interval } });
    let cases = [
        ("j", json!([]), 400, "ERR_MALFORMED_REQUEST"),
        ("j", json!({ "dueTime": 5 }), 400, "ERR_MALFORMED_REQUEST"),
        ("j", json!({ "dueTime": "1s", "failurePolicy": policy("1m") }), 400, "ERR_MALFORMED_REQUEST"),
        ("j", json!({ "data": 1 }), 400, "DAPR_SCHEDULER_SCHEDULE_EMPTY"),
        ("j", json!({ "name": "x", "dueTime": "1s" }), 400, "DAPR_SCHEDULER_JOB_NAME"),
        ("j", json!({ "dueTime": "soon" }), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("j", json!({ "schedule": "* * * * *" }), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("j", json!({ "schedule": "@often" }), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("j", json!({ "dueTime": "1s", "repeats": 2 }), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("j", json!({ "dueTime": "1s", "ttl": "1s" }), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("j", json!({ "schedule": "@every 1s", "repeats": 0 }), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("a%2Fb", json!({ "dueTime": "1s" }), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
        ("a%3Fb", json!({ "dueTime": "1s" }), 500, "DAPR_SCHEDULER_SCHEDULE_JOB"),
    ];
    for (name, job, status, code) in cases {
        let reply = schedule(world, name, job.clone()).await;
        assert_eq!((reply.status, &reply.json()["errorCode"]), (status, &json!(code)), "{name} {job}: {reply:?}");
        reply.is_error(status, code);
    }
    let longest = "x".repeat(512 - format!("app||default||{}||", world.names.app).len());
    schedule(world, &longest, json!({ "dueTime": "1h" })).await.is_done();
    let reply = schedule(world, &format!("{longest}x"), json!({ "dueTime": "1h" })).await;
    reply.is_error(500, "DAPR_SCHEDULER_SCHEDULE_JOB");
}

#[tokio::test]
async fn a_job_without_data_is_accepted_and_never_delivered() {
    let world = World::get().await;
    schedule(world, "silent", json!({ "dueTime": "0s", "failurePolicy": { "drop": {} } })).await.is_done();
    schedule(world, "after-it", json!({ "dueTime": "1s", "data": 1 })).await.is_done();
    world.app.wait_for("/job/after-it", 1).await;
    assert!(world.app.calls("/job/silent").is_empty());
}

#[tokio::test]
async fn a_callback_that_fails_is_tried_three_times_more_and_then_lost() {
    let world = World::get().await;
    world.app.always("/job/failing", Answer::Status(500));
    let begun = Instant::now();
    schedule(world, "failing", json!({ "dueTime": "0s", "data": 1 })).await.is_done();
    let calls = calls_until_gone(world, "failing").await;
    assert_eq!(calls.len(), 4);
    for (tries, call) in (0..).zip(&calls) {
        assert!(call.at >= begun + Duration::from_secs(tries), "try {tries}: {:?}", call.at - begun);
    }
    // The embedded sidecar counts from when a try was to be: after one that came late, the next comes sooner.
    for pair in calls.windows(2).filter(|_| world.is_real) {
        assert!(pair[1].after(&pair[0]) > Duration::from_millis(900), "{:?}", pair[1].after(&pair[0]));
    }
}

#[tokio::test]
async fn a_policy_says_how_often_a_callback_is_tried() {
    let world = World::get().await;
    let job = |policy: Value| json!({ "dueTime": "0s", "data": 1, "failurePolicy": policy });
    let failures = [301, 400, 401, 408, 429, 500, 503].map(Answer::Status);
    world.app.script("/job/endless", failures);
    world.app.script("/job/endless", [Answer::BreaksOff]);
    schedule(world, "endless", job(json!({ "constant": { "interval": "0.1s" } }))).await.is_done();
    world.app.always("/job/twice", Answer::Status(500));
    schedule(world, "twice", job(json!({ "constant": { "interval": "0.1s", "maxRetries": 1 } }))).await.is_done();
    world.app.always("/job/dropped", Answer::Status(500));
    schedule(world, "dropped", job(json!({ "drop": {} }))).await.is_done();
    assert_eq!(calls_until_gone(world, "endless").await.len(), failures.len() + 2);
    assert_eq!(calls_until_gone(world, "twice").await.len(), 2);
    assert_eq!(calls_until_gone(world, "dropped").await.len(), 1);
}

#[tokio::test]
async fn a_404_is_done() {
    let world = World::get().await;
    world.app.always("/job/unknown", Answer::Status(404));
    schedule(world, "unknown", json!({ "dueTime": "0s", "data": 1 })).await.is_done();
    assert_eq!(calls_until_gone(world, "unknown").await.len(), 1);
}

#[tokio::test]
async fn after_its_failures_a_schedule_goes_on() {
    let world = World::get().await;
    world.app.script("/job/flaky", [Answer::Status(500)]);
    let job = json!({ "schedule": "@every 1s", "repeats": 2, "data": 1, "failurePolicy": { "drop": {} } });
    schedule(world, "flaky", job).await.is_done();
    assert_eq!(calls_until_gone(world, "flaky").await.len(), 2);
}

#[tokio::test]
async fn jobs_of_two_apps_with_one_name_are_two() {
    let world = World::get().await;
    let (path, job) = ("/v1.0/jobs/same", json!({ "dueTime": "1h", "data": 1 }));
    world.sidecar.post(path, &job).await.is_done();
    world.others_sidecar.post(path, &job).await.is_done();
    world.sidecar.delete(path).await.is_done();
    assert_eq!(world.others_sidecar.get(path).await.status, 200);
}
