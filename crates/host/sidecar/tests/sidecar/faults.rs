//! Kills, outages, late commits and two processes at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use support::eventually;
use tokio::sync::Notify;

use crate::support::{Answer, World};

const SINGLE: &str = "/events/single";
/// Where a call may take its time, and one that fails goes to the dead letters at once.
const PATIENT: (&str, &str) = ("pubsub-without-policy", "/events/orders-without-policy");

fn data(world: &World) -> Vec<Value> {
    data_at(world, SINGLE)
}

fn data_at(world: &World, path: &str) -> Vec<Value> {
    world.app.calls(path).iter().map(|call| call.data()).collect()
}

#[tokio::test]
async fn a_kill_between_delivery_and_commit_delivers_again() {
    let mut world = World::new().await;
    world.app.script(SINGLE, [Answer::Status(200), Answer::Hang]);
    world.publish("single", "k", "1").await;
    world.publish("single", "k", "2").await;
    world.app.wait_for(SINGLE, 2).await;
    world.kill();
    world.restart().await;
    world.app.wait_for(SINGLE, 3).await;
    assert_eq!(data(&world), [json!(1), json!(2), json!(2)]);
}

#[tokio::test]
async fn a_shutdown_lets_the_delivery_in_flight_end_and_keeps_the_rest() {
    let mut world = World::new().await;
    let (pubsub, path) = PATIENT;
    let release = Arc::new(Notify::new());
    world.app.script(path, [Answer::Held(release.clone(), 200)]);
    world.publish_on(pubsub, "orders", "k", "1").await;
    world.publish_on(pubsub, "orders", "k", "2").await;
    world.app.wait_for(path, 1).await;
    tokio::join!(world.sidecar().shutdown(), async { release.notify_one() });
    assert_eq!(data_at(&world, path), [json!(1)]);
    world.kill();
    world.restart().await;
    world.app.wait_for(path, 2).await;
    assert_eq!(data_at(&world, path), [json!(1), json!(2)]);
}

#[tokio::test]
async fn what_commits_late_is_not_skipped() {
    let world = World::new().await;
    world.publish("single", "k", "0").await;
    world.app.wait_for(SINGLE, 1).await;
    let mut slow = world.database.connect().await;
    let transaction = slow.transaction().await.expect("a transaction");
    transaction
        .batch_execute(
            r#"update dapr.topic_partitions set next_offset = next_offset + 1 where topic = 'single';
               insert into dapr.messages (pubsub, topic, partition, "offset", headers, payload)
               values ('pubsub', 'single', 0, 1, '{}', '{"data": "late"}')"#,
        )
        .await
        .expect("an uncommitted message");
    let publish = world.publish("single", "k", "\"quick\"");
    let commit = async {
        eventually("the quick one waits for the late one", async || {
            let waiting = "select count(*) from pg_locks where not granted";
            (world.database.number(waiting).await > 0).then_some(())
        })
        .await;
        transaction.commit().await.expect("a commit");
    };
    tokio::join!(publish, commit);
    world.app.wait_for(SINGLE, 3).await;
    assert_eq!(data(&world), [json!(0), json!("late"), json!("quick")]);
}

#[tokio::test]
async fn two_sidecars_of_one_app_deliver_each_message_once() {
    let world = World::new().await;
    let other = world.another_sidecar().await;
    for number in 0..200 {
        let key = format!("k{}", number % 10);
        world.publish("orders", &key, &number.to_string()).await;
    }
    let calls = world.app.wait_for("/events/orders", 200).await;
    let distinct: BTreeSet<String> = calls.iter().map(|call| call.data().to_string()).collect();
    assert_eq!((calls.len(), distinct.len()), (200, 200));
    other.shutdown().await;
}

#[tokio::test]
async fn another_sidecar_takes_over_from_one_that_was_killed() {
    let mut world = World::new().await;
    world.publish("single", "k", "1").await;
    world.app.wait_for(SINGLE, 1).await;
    eventually("it is noted as delivered", async || {
        let delivered = "select sum(next_offset)::bigint from dapr.consumer_offsets where topic = 'single'";
        (world.database.number(delivered).await == 1).then_some(())
    })
    .await;
    let other = world.another_sidecar().await;
    world.kill();
    let path = "/v1.0/publish/pubsub/single";
    let headers = [("content-type", "application/json")];
    let reply = other.handle("backend", crate::support::request("POST", path, &headers, "2"));
    assert_eq!(reply.await.status(), 204);
    world.app.wait_for(SINGLE, 2).await;
    assert_eq!(data(&world), [json!(1), json!(2)]);
}

#[tokio::test]
async fn who_lost_a_partition_in_the_middle_of_a_call_leaves_the_message_to_the_next_owner() {
    let world = World::new().await;
    let (pubsub, path) = PATIENT;
    let release = Arc::new(Notify::new());
    world.app.script(path, [Answer::Held(release.clone(), 404), Answer::Status(404)]);
    world.publish_on(pubsub, "orders", "k", "1").await;
    world.app.wait_for(path, 1).await;
    world.database.end_sessions().await;
    let other = world.another_sidecar().await;
    let dead_letters = "select count(*) from dapr.messages where topic = 'orders-dead-letter'";
    eventually("the next owner has given it up", async || {
        (world.database.number(dead_letters).await == 1).then_some(())
    })
    .await;
    release.notify_one();
    world.sidecar().shutdown().await;
    assert_eq!(world.database.number(dead_letters).await, 1);
    other.shutdown().await;
}

#[tokio::test]
async fn statements_that_take_too_long_stand_in_nobodys_way() {
    let world = World::new().await;
    let mut other = world.database.connect().await;
    let locked = other.transaction().await.expect("a transaction");
    locked.batch_execute("lock table dapr.state").await.expect("a lock");
    let stuck = (0..10).map(|_| world.call("GET", "/v1.0/state/statestore/a", ""));
    for reply in futures_util::future::join_all(stuck).await {
        reply.is_error(500, "ERR_STATE_GET");
    }
    assert!(world.call("GET", "/v1.0/jobs/none", "").await.text.contains("job not found"));
    eventually("they are called off", async || {
        let waiting = "select count(*) from pg_locks where relation = 'dapr.state'::regclass and not granted";
        (world.database.number(waiting).await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_another_process_published_is_found() {
    let world = World::new().await;
    let other = world.another_sidecar().await;
    let path = "/v1.0/publish/pubsub/single";
    let headers = [("content-type", "application/json")];
    for number in ["1", "2", "3"] {
        let request = crate::support::request("POST", path, &headers, number);
        assert_eq!(other.handle("backend", request).await.status(), 204);
    }
    world.app.wait_for(SINGLE, 3).await;
}

#[tokio::test]
async fn an_outage_is_told_to_the_apps_and_loses_nothing() {
    let mut world = World::new().await;
    world.app.script(SINGLE, [Answer::Status(500), Answer::Status(500)]);
    world.publish("single", "k", "1").await;
    world.app.wait_for(SINGLE, 1).await;
    let job = json!({"schedule": "@every 100ms", "repeats": 3, "data": 1}).to_string();
    assert_eq!(world.call("POST", "/v1.0/jobs/through", &job).await.status, 204);
    world.database.close().await;
    let refused = async |method: &str, path: &str, body: &str| {
        eventually("the outage is noticed", async || {
            let reply = world.call(method, path, body).await;
            (reply.status >= 500).then_some(reply)
        })
        .await
    };
    let publish = refused("POST", "/v1.0/publish/pubsub/single", "\"lost\"").await;
    publish.is_error(500, "ERR_PUBSUB_PUBLISH_MESSAGE");
    let job = refused("POST", "/v1.0/jobs/other", r#"{"dueTime": "1h"}"#).await;
    job.is_error(504, "DAPR_SCHEDULER_SCHEDULE_JOB");
    refused("GET", "/v1.0/jobs/through", "").await.is_error(500, "DAPR_SCHEDULER_GET_JOB");
    refused("GET", "/v1.0/state/statestore/a", "").await.is_error(500, "ERR_STATE_GET");
    assert_eq!(world.call("GET", "/v1.0/healthz", "").await.status, 204);
    world.database.open().await;
    eventually("it can be published again", async || {
        let path = "/v1.0/publish/pubsub/single?metadata.partitionKey=k";
        (world.call("POST", path, "2").await.status == 204).then_some(())
    })
    .await;
    eventually("the second message came", async || data(&world).contains(&json!(2)).then_some(())).await;
    world.app.wait_for("/job/through", 3).await;
}

#[tokio::test]
async fn concurrent_publishes_share_their_commits() {
    let world = World::new().await;
    let mut all = tokio::task::JoinSet::new();
    for number in 0..200 {
        let sidecar = world.sidecar().clone();
        all.spawn(async move {
            let path = format!("/v1.0/publish/pubsub/orders?metadata.partitionKey=k{number}");
            let request = crate::support::request("POST", &path, &[], "1");
            assert_eq!(sidecar.handle("backend", request).await.status(), 204);
        });
    }
    all.join_all().await;
    let statement = "select count(distinct xmin::text) from dapr.messages";
    let statements = world.database.number(statement).await;
    assert!(statements < 100, "{statements} statements for 200 messages");
}
