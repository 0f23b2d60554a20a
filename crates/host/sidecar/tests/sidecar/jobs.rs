//! `/v1.0/jobs/{name}` and what is registered there.

use serde_json::{Value, json};
use support::eventually;

use crate::support::{Reply, World};

pub(crate) async fn schedule(world: &World, name: &str, job: Value) -> Reply {
    world.call("POST", &format!("/v1.0/jobs/{name}"), &job.to_string()).await
}

#[track_caller]
pub(crate) fn is_taken(reply: &Reply) {
    assert_eq!((reply.status, reply.text.as_str()), (204, ""), "{reply:?}");
}

pub(crate) async fn gone(world: &World, name: &str) {
    let path = format!("/v1.0/jobs/{name}");
    eventually("the job is gone", async || (world.call("GET", &path, "").await.status == 500).then_some(())).await;
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
async fn cron_has_six_fields_in_utc() {
    let world = World::new().await;
    is_taken(&schedule(&world, "cron", json!({"schedule": "30 15 9 * * MON", "data": 1})).await);
    let statement = "select to_char(fire_at at time zone 'utc', 'FMDay HH24:MI:SS.US') from dapr.jobs";
    let row = world.database.client.query_one(statement, &[]).await.expect("the job");
    assert_eq!(row.get::<_, &str>(0), "Monday 09:15:30.000000");
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
        "failurePolicy": {"constant": {"interval": "2.500s"}},
    });
    assert_eq!(reply.json(), expected);
    is_taken(&schedule(&world, "bare", json!({"dueTime": "1h"})).await);
    world.call("GET", "/v1.0/jobs/bare", "").await.is_error(500, "ERR_INTERNAL");
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
