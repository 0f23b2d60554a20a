//! From a topic to the app.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::eventually;

use crate::support::{APP_TOKEN, Answer, World, request};

const ORDERS: &str = "/events/orders";
const SINGLE: &str = "/events/single";
const DEAD: &str = "/events/dead";

async fn committed(world: &World, topic: &'static str) -> i64 {
    let statement = format!(
        "select coalesce(sum(next_offset), 0)::bigint from dapr.consumer_offsets where topic = '{topic}' and pubsub = 'pubsub'"
    );
    world.database.number(&statement).await
}

#[tokio::test]
async fn a_message_comes_as_a_cloud_event_with_its_headers() {
    let world = World::new().await;
    let path = "/v1.0/publish/pubsub/orders?metadata.partitionKey=k1&metadata.color=blue";
    assert_eq!(world.call("POST", path, r#"{"a":1}"#).await.status, 204);
    let call = world.app.wait_for(ORDERS, 1).await.remove(0);
    assert_eq!((call.app_id.as_str(), call.method.as_str()), ("consumer", "POST"));
    assert_eq!(call.target, ORDERS);
    assert_eq!(call.data(), json!({"a": 1}));
    assert_eq!(call.header("content-type"), Some("application/cloudevents+json"));
    assert_eq!(call.header("dapr-api-token"), Some(APP_TOKEN));
    assert_eq!(call.header("__key"), Some("k1"));
    assert_eq!(call.header("__topic"), Some("orders"));
    assert_eq!(call.header("__offset"), Some("0"));
    assert_eq!(call.header("color"), Some("blue"));
    assert!(call.header("__partition").is_some_and(|number| number.parse::<u8>().is_ok()));
    assert!(call.header("__timestamp").is_some_and(|number| number.parse::<u64>().is_ok()));
}

#[tokio::test]
async fn a_publisher_can_not_set_the_tokens_or_the_framing_of_a_delivery() {
    let world = World::new().await;
    let path = "/v1.0/publish/pubsub/single?metadata.dapr-api-token=forged&metadata.content-length=1&metadata.content-type=a/b&metadata.authorization=arrives";
    assert_eq!(world.call("POST", path, "1").await.status, 204);
    let call = world.app.wait_for(SINGLE, 1).await.remove(0);
    assert_eq!(call.header("dapr-api-token"), Some(APP_TOKEN));
    assert_eq!(call.header("content-type"), Some("application/cloudevents+json"));
    assert_eq!(call.header("content-length"), None);
    assert_eq!(call.header("authorization"), Some("arrives"));
}

#[tokio::test]
async fn done_is_2xx_with_empty_success_or_unreadable_body() {
    let world = World::new().await;
    let answers = [
        Answer::Status(200),
        Answer::Status(204),
        Answer::Body(200, r#"{"status":"SUCCESS"}"#),
        Answer::Body(200, "{}"),
        Answer::Body(202, "thank you"),
        Answer::Body(200, r#"{"status":7}"#),
        Answer::Body(200, r#"["RETRY"]"#),
    ];
    let count = answers.len();
    world.app.script(SINGLE, answers);
    for number in 0..count {
        world.publish("single", "k", &number.to_string()).await;
    }
    eventually("all are committed", async || (committed(&world, "single").await == count as i64).then_some(())).await;
    assert_eq!(world.app.calls(SINGLE).len(), count);
}

#[tokio::test]
async fn failures_are_retried_by_the_policy_and_then_go_to_the_dead_letter_topic() {
    for answer in [
        Answer::Body(200, r#"{"status":"RETRY"}"#),
        Answer::Status(302),
        Answer::Status(400),
        Answer::Status(500),
        Answer::Nothing,
        Answer::Hang,
    ] {
        let world = World::new().await;
        world.app.always(ORDERS, answer.clone());
        world.publish("orders", "k1", r#"{"a":1}"#).await;
        let dead = world.app.wait_for(DEAD, 1).await.remove(0);
        assert_eq!(world.app.calls(ORDERS).len(), 3, "{answer:?}");
        assert_eq!(dead.data(), json!({"a": 1}));
        assert_eq!(dead.json()["topic"], "orders");
        assert_eq!(dead.header("__key"), Some("k1"));
    }
}

#[tokio::test]
async fn a_retry_that_works_is_the_end_of_it() {
    let world = World::new().await;
    world.app.script(ORDERS, [Answer::Status(500), Answer::Nothing]);
    world.publish("orders", "k", "1").await;
    world.app.wait_for(ORDERS, 3).await;
    eventually("it is committed", async || (committed(&world, "orders").await == 1).then_some(())).await;
    assert!(world.app.calls(DEAD).is_empty());
}

#[tokio::test]
async fn drop_and_404_go_to_the_dead_letter_topic_at_once() {
    for answer in [Answer::Body(200, r#"{"status":"DROP"}"#), Answer::Status(404)] {
        let world = World::new().await;
        world.app.always(ORDERS, answer);
        world.publish("orders", "k", "1").await;
        world.app.wait_for(DEAD, 1).await;
        assert_eq!(world.app.calls(ORDERS).len(), 1);
    }
}

#[tokio::test]
async fn without_a_dead_letter_topic_what_is_dropped_is_gone() {
    let world = World::new().await;
    world.app.script(SINGLE, [Answer::Body(200, r#"{"status":"DROP"}"#), Answer::Status(404)]);
    for number in 0..3 {
        world.publish("single", "k", &number.to_string()).await;
    }
    let calls = world.app.wait_for(SINGLE, 3).await;
    let data: Vec<Value> = calls.iter().map(|call| call.data()).collect();
    assert_eq!(data, [json!(0), json!(1), json!(2)]);
}

#[tokio::test]
async fn without_a_dead_letter_topic_the_partition_waits_in_order() {
    let world = World::new().await;
    world.app.script(SINGLE, std::iter::repeat_n(Answer::Status(500), 7));
    world.publish("single", "k", "1").await;
    world.publish("single", "k", "2").await;
    let calls = world.app.wait_for(SINGLE, 9).await;
    let data: Vec<Value> = calls.iter().map(|call| call.data()).collect();
    assert_eq!(data, [vec![json!(1); 8], vec![json!(2)]].concat());
}

#[tokio::test]
async fn with_a_dead_letter_topic_and_no_policy_the_first_failure_goes_there() {
    let world = World::new().await;
    let route = "/events/orders-without-policy";
    world.app.always(route, Answer::Status(500));
    let path = "/v1.0/publish/pubsub-without-policy/orders";
    assert_eq!(world.call("POST", path, "1").await.status, 204);
    world.app.wait_for("/events/dead-without-policy", 1).await;
    assert_eq!(world.app.calls(route).len(), 1);
}

#[tokio::test]
async fn what_is_no_event_goes_to_the_dead_letter_topic_unseen() {
    let world = World::new().await;
    let path = "/v1.0/publish/pubsub/orders?metadata.rawPayload=true&metadata.partitionKey=k";
    assert_eq!(world.call("POST", path, "not json").await.status, 204);
    world.publish("orders", "k", "1").await;
    world.app.wait_for(ORDERS, 1).await;
    let dead = world.database.number("select count(*) from dapr.messages where topic = 'orders-dead-letter'");
    assert_eq!(dead.await, 1);
    assert_eq!(world.app.calls(ORDERS).len(), 1);
}

#[tokio::test]
async fn a_raw_subscription_gets_the_bytes_in_an_event() {
    let world = World::new().await;
    let path = "/v1.0/publish/pubsub/raw?metadata.rawPayload=true";
    assert_eq!(world.call("POST", path, "bytes").await.status, 204);
    let event = world.app.wait_for("/events/raw", 1).await.remove(0).json();
    assert_eq!(event["data_base64"], "Ynl0ZXM=");
    assert_eq!(event["datacontenttype"], "application/octet-stream");
}

#[tokio::test]
async fn an_event_past_its_expiration_is_not_delivered() {
    let world = World::new().await;
    let headers = [("content-type", "application/cloudevents+json")];
    let old = json!({"id": "1", "data": 1, "expiration": "2020-01-01T00:00:00Z"}).to_string();
    let reply = world.send(request("POST", "/v1.0/publish/pubsub/single", &headers, &old)).await;
    assert_eq!(reply.status, 204);
    world.publish("single", "k", "2").await;
    let calls = world.app.wait_for(SINGLE, 1).await;
    assert_eq!(calls[0].data(), json!(2));
}

#[tokio::test]
async fn a_thousand_messages_over_several_keys_keep_the_order_of_each_key() {
    let world = World::new().await;
    let keys = ["a", "b", "c", "d", "e", "f", "g"];
    let publish_key = async |key: &str| {
        for number in 0..150 {
            world.publish("orders", key, &json!({"key": key, "number": number}).to_string()).await;
        }
    };
    let [a, b, c, d, e, f, g] = keys.map(publish_key);
    tokio::join!(a, b, c, d, e, f, g);
    let calls = world.app.wait_for(ORDERS, 1_050).await;
    let mut by_key: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for call in &calls {
        let data = call.data();
        let numbers = by_key.entry(data["key"].to_string()).or_default();
        numbers.push(data["number"].as_u64().expect("a number"));
    }
    assert_eq!(by_key.len(), keys.len());
    assert!(by_key.values().all(|numbers| *numbers == (0..150).collect::<Vec<_>>()));
}

#[tokio::test]
async fn what_was_published_before_the_first_start_is_delivered() {
    let mut world = World::with_resources(&without_consumer()).await;
    world.publish("single", "k", "1").await;
    world.kill();
    world.replace_resources(crate::support::RESOURCES);
    world.restart().await;
    assert_eq!(world.app.wait_for(SINGLE, 1).await[0].data(), json!(1));
}

fn without_consumer() -> String {
    crate::support::RESOURCES.replace("scopes: [consumer]", "scopes: [someone-else]")
}

#[tokio::test]
async fn counters_tell_what_happened() {
    let world = World::new().await;
    world.app.script(ORDERS, [Answer::Status(500), Answer::Status(200), Answer::Status(404)]);
    world.publish("orders", "k", "1").await;
    world.publish("orders", "k", "2").await;
    world.app.wait_for(DEAD, 1).await;
    let metrics = world.sidecar().metrics();
    for line in [
        r#"rondo_sidecar_published_total{pubsub="pubsub",topic="orders"} 2"#,
        r#"rondo_sidecar_delivered_total{app_id="consumer",topic="orders"} 1"#,
        r#"rondo_sidecar_retried_total{app_id="consumer",topic="orders"} 1"#,
        r#"rondo_sidecar_dropped_total{app_id="consumer",topic="orders"} 1"#,
        r#"rondo_sidecar_dead_lettered_total{app_id="consumer",topic="orders"} 1"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}
