//! From a topic to the app: the delivery, and what its answer means.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{Answer, Call};
use crate::topology::{APP_API_TOKEN, PUBSUB, SUBSCRIBED, World};

/// A resiliency policy of three tries, as the project's with five.
const TRIES: usize = 3;
/// How long it waits between them.
const WAIT: Duration = Duration::from_millis(200);

async fn publish(world: &World, topic: &str, key: &str, data: Value) {
    let path = format!("/v1.0/publish/{PUBSUB}/{}?metadata.partitionKey={key}", world.names.topic(topic));
    world.sidecar.post(&path, data).await.is_done();
}

fn data(calls: &[Call]) -> Vec<Value> {
    calls.iter().map(|call| call.json()["data"].clone()).collect()
}

#[tokio::test]
async fn a_delivery_is_a_post_with_where_the_message_lies_and_what_its_publisher_said() {
    let world = World::get().await;
    let topic = world.names.topic("published");
    let path =
        format!("/v1.0/publish/{PUBSUB}/{topic}?metadata.partitionKey=k1&metadata.mark=headers&metadata.color=blue");
    world.sidecar.post(&path, json!({ "a": 1 })).await.is_done();
    let call = world.app.wait_for_one("/events/published", |call| call.header("mark") == Some("headers")).await;
    assert_eq!((call.method.as_str(), call.target.to_string().as_str()), ("POST", "/events/published"));
    assert_eq!(call.header("content-type"), Some("application/cloudevents+json"));
    assert_eq!(call.header("dapr-api-token"), Some(APP_API_TOKEN));
    assert_eq!(call.header("__key"), Some("k1"));
    assert_eq!(call.header("__topic"), Some(topic.as_str()));
    assert_eq!(call.header("color"), Some("blue"));
    assert_eq!(call.header("partitionkey"), Some("k1"));
    assert_eq!(call.header("pubsubname"), Some(SUBSCRIBED));
    assert_eq!(call.json()["pubsubname"], PUBSUB);
    assert_eq!(
        call.header_names(),
        [
            "__key",
            "__offset",
            "__partition",
            "__timestamp",
            "__topic",
            "color",
            "content-type",
            "dapr-api-token",
            "mark",
            "partitionkey",
            "pubsubname"
        ]
    );
    for number in ["__offset", "__partition", "__timestamp"] {
        assert!(call.header(number).is_some_and(|text| text.parse::<u64>().is_ok()), "{number}: {call:?}");
    }
}

#[tokio::test]
async fn a_publisher_can_set_headers_of_a_delivery_but_neither_the_token_nor_the_framing() {
    let world = World::get().await;
    let path = format!(
        "/v1.0/publish/{PUBSUB}/{}?metadata.mark=forged&metadata.dapr-api-token=forged&metadata.content-type=a/b\
         &metadata.authorization=arrives&metadata.dapr-caller-app-id=arrives",
        world.names.topic("published")
    );
    world.sidecar.post(&path, 1).await.is_done();
    let call = world.app.wait_for_one("/events/published", |call| call.header("mark") == Some("forged")).await;
    assert_eq!(call.header("dapr-api-token"), Some(APP_API_TOKEN));
    assert_eq!(call.headers.get_all("dapr-api-token").iter().count(), 1);
    assert_eq!(call.header("content-type"), Some("application/cloudevents+json"));
    assert_eq!(call.header("authorization"), Some("arrives"));
    assert_eq!(call.header("dapr-caller-app-id"), Some("arrives"));
}

#[tokio::test]
async fn any_2xx_is_done_unless_it_says_otherwise() {
    let world = World::get().await;
    let answers = [
        Answer::Status(200),
        Answer::Status(204),
        Answer::Says(200, r#"{"status":"SUCCESS"}"#),
        Answer::Says(200, r#"{"status":""}"#),
        Answer::Says(200, "{}"),
        Answer::Says(202, "thank you"),
        Answer::Says(200, r#"{"status":7}"#),
        Answer::Says(200, r#"["RETRY"]"#),
        Answer::Says(299, ""),
    ];
    world.app.script("/events/answered", answers);
    for number in 0..=answers.len() {
        publish(world, "answered", "k", json!(number)).await;
    }
    // One more than there are answers: when it comes, nothing comes again.
    let calls = world.app.wait_for("/events/answered", answers.len() + 1).await;
    assert_eq!(data(&calls), (0..=answers.len()).map(|number| json!(number)).collect::<Vec<_>>());
}

#[tokio::test]
async fn failures_are_tried_again_by_the_policy_and_then_go_to_the_dead_letters() {
    let world = World::get().await;
    let failures = [
        Answer::Says(200, r#"{"status":"RETRY"}"#),
        Answer::Says(200, r#"{"status":"LATER"}"#),
        Answer::Status(301),
        Answer::Status(400),
        Answer::Status(429),
        Answer::Status(500),
        Answer::BreaksOff,
        Answer::Hangs,
    ];
    for (number, failure) in failures.into_iter().enumerate() {
        world.app.always("/events/failing", failure);
        publish(world, "failing", "k1", json!(number)).await;
        let dead = world.app.wait_for("/dead/failing", number + 1).await.remove(number);
        let tries = data(&world.app.calls("/events/failing")).iter().filter(|data| **data == json!(number)).count();
        assert_eq!(tries, TRIES, "{failure:?}");
        assert_eq!(dead.json()["data"], json!(number), "{failure:?}");
    }
    let tries = world.app.calls("/events/failing");
    for pair in tries[..TRIES].windows(2) {
        assert!(pair[1].after(&pair[0]) >= WAIT, "{:?}", pair[1].after(&pair[0]));
    }
    let (tried, dead) = (&tries[0], world.app.calls("/dead/failing").remove(0));
    assert_eq!(dead.json(), tried.json(), "the event stays what it was");
    assert_eq!((dead.header("__key"), dead.header("__partition")), (Some("k1"), Some("0")));
    assert_eq!(dead.header_names(), tried.header_names());
    assert_eq!(dead.header("content-type"), Some("application/cloudevents+json"));
}

#[tokio::test]
async fn a_try_that_works_is_the_last() {
    let world = World::get().await;
    world.app.script("/events/recovering", [Answer::Status(500), Answer::Says(200, r#"{"status":"RETRY"}"#)]);
    publish(world, "recovering", "k", json!(1)).await;
    publish(world, "recovering", "k", json!(2)).await;
    let calls = world.app.wait_for("/events/recovering", 4).await;
    assert_eq!(data(&calls), [json!(1), json!(1), json!(1), json!(2)]);
    assert!(world.app.calls("/dead/recovering").is_empty());
}

#[tokio::test]
async fn drop_and_404_go_to_the_dead_letters_at_once() {
    let world = World::get().await;
    world.app.script("/events/refused", [Answer::Says(200, r#"{"status":"DROP"}"#), Answer::Status(404)]);
    for number in 0..3 {
        publish(world, "refused", "k", json!(number)).await;
    }
    assert_eq!(data(&world.app.wait_for("/events/refused", 3).await), [json!(0), json!(1), json!(2)]);
    assert_eq!(data(&world.app.wait_for("/dead/refused", 2).await), [json!(0), json!(1)]);
}

#[tokio::test]
async fn without_dead_letters_what_is_dropped_is_gone() {
    let world = World::get().await;
    world.app.script("/events/dropped", [Answer::Says(200, r#"{"status":"DROP"}"#), Answer::Status(404)]);
    for number in 0..3 {
        publish(world, "dropped", "k", json!(number)).await;
    }
    assert_eq!(data(&world.app.wait_for("/events/dropped", 3).await), [json!(0), json!(1), json!(2)]);
}

#[tokio::test]
async fn without_dead_letters_the_partition_waits_in_order() {
    let world = World::get().await;
    world.app.script("/events/waiting", [Answer::Status(500); 2 * TRIES]);
    publish(world, "waiting", "k", json!(1)).await;
    publish(world, "waiting", "k", json!(2)).await;
    let calls = world.app.wait_for("/events/waiting", 2 * TRIES + 2).await;
    assert_eq!(data(&calls), [vec![json!(1); 2 * TRIES + 1], vec![json!(2)]].concat());
}

#[tokio::test]
async fn what_is_no_event_is_not_delivered_and_the_rest_flows_on() {
    let world = World::get().await;
    let topic = world.names.topic("poisoned");
    let path = format!("/v1.0/publish/{PUBSUB}/{topic}?metadata.rawPayload=true&metadata.partitionKey=k");
    world.sidecar.send("POST", &path, &[], "not json").await.is_done();
    publish(world, "poisoned", "k", json!("flows on")).await;
    let calls = world.app.wait_for("/events/poisoned", 1).await;
    assert_eq!(data(&calls), [json!("flows on")]);
}

#[tokio::test]
async fn json_that_was_published_raw_is_delivered_as_it_is() {
    let world = World::get().await;
    let topic = world.names.topic("published");
    let path = format!("/v1.0/publish/{PUBSUB}/{topic}?metadata.rawPayload=true&metadata.mark=raw-json");
    world.sidecar.post(&path, r#"{"b": 1,  "a": 2}"#).await.is_done();
    let call = world.app.wait_for_one("/events/published", |call| call.header("mark") == Some("raw-json")).await;
    assert_eq!(&call.body[..], br#"{"b": 1,  "a": 2}"#);
}

#[tokio::test]
async fn an_event_whose_time_is_over_is_not_delivered() {
    let world = World::get().await;
    let path = format!("/v1.0/publish/{PUBSUB}/{}", world.names.topic("expired"));
    let headers = [("content-type", "application/cloudevents+json")];
    let old = json!({ "id": "1", "data": "old", "expiration": "2020-01-01T00:00:00Z" }).to_string();
    world.sidecar.send("POST", &path, &headers, old).await.is_done();
    publish(world, "expired", "k", json!("new")).await;
    assert_eq!(data(&world.app.wait_for("/events/expired", 1).await), [json!("new")]);
}

#[tokio::test]
async fn messages_of_one_key_keep_their_order() {
    let world = World::get().await;
    let of_key = async |key: &str| {
        for number in 0..30 {
            publish(world, "ordered", key, json!([key, number])).await;
        }
    };
    tokio::join!(of_key("a"), of_key("b"), of_key("c"), of_key("d"));
    let calls = world.app.wait_for("/events/ordered", 120).await;
    for key in ["a", "b", "c", "d"] {
        let numbers: Vec<Value> =
            data(&calls).iter().filter(|data| data[0] == key).map(|data| data[1].clone()).collect();
        assert_eq!(numbers, (0..30).map(|number| json!(number)).collect::<Vec<_>>(), "{key}");
    }
}
