//! `POST /job/{name}`: how jobs fire.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use support::eventually;
use tokio::sync::Notify;

use crate::jobs::{gone, is_taken, schedule};
use crate::support::{APP_TOKEN, Answer, World};

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
async fn a_job_fires_at_its_time_and_says_how_late() {
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
async fn the_default_is_three_retries_a_second_apart_and_then_it_is_lost() {
    let world = World::new().await;
    world.app.always("/job/failing", Answer::Status(500));
    let before = SystemTime::now();
    is_taken(&schedule(&world, "failing", json!({"dueTime": "0s", "data": 1})).await);
    let calls = world.app.wait_for("/job/failing", 4).await;
    for (retries, call) in (0..).zip(&calls) {
        assert!(call.at >= before + Duration::from_secs(retries), "call {retries} is too early");
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
    let release = Arc::new(Notify::new());
    world.app.script("/job/again", [Answer::Held(release.clone(), 200)]);
    is_taken(&schedule(&world, "again", json!({"dueTime": "0s", "data": 1})).await);
    world.app.wait_for("/job/again", 1).await;
    let again = json!({"dueTime": "1h", "data": 2, "overwrite": true});
    is_taken(&schedule(&world, "again", again).await);
    release.notify_one();
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
        let job = json!({"dueTime": "1h", "data": number});
        is_taken(&schedule(&world, &format!("missed-{number}"), job).await);
    }
    world.kill();
    let pass = "update dapr.jobs set fire_at = clock_timestamp()";
    assert_eq!(world.database.client.execute(pass, &[]).await.expect("the statement runs"), 5);
    assert!(world.app.calls("/job/missed-0").is_empty());
    world.restart().await;
    for number in 0..5 {
        world.app.wait_for(&format!("/job/missed-{number}"), 1).await;
    }
}
