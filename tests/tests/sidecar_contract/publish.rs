//! `/v1.0/publish/{pubsub}/{topic}`: what is taken, what becomes of it, and what is refused.

use serde_json::{Value, json};

use crate::app::Call;
use crate::client::Reply;
use crate::topology::{PUBSUB, World};

const PUBLISHED: &str = "/events/published";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Publishes with a mark, by which the test knows its own.
async fn publish(world: &World, mark: &str, query: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let topic = world.names.topic("published");
    let path = format!("/v1.0/publish/{PUBSUB}/{topic}?metadata.mark={mark}{query}");
    world.sidecar.send("POST", &path, headers, body.to_owned()).await
}

async fn delivered(world: &World, mark: &str) -> Call {
    world.app.wait_for_one(PUBLISHED, |call| call.header("mark") == Some(mark)).await
}

/// What becomes of something that is published.
async fn published(world: &World, mark: &str, query: &str, headers: &[(&str, &str)], body: &str) -> Value {
    publish(world, mark, query, headers, body).await.is_done();
    delivered(world, mark).await.json()
}

fn names(event: &Value) -> Vec<&str> {
    event.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn json_is_wrapped_in_a_cloud_event() {
    let world = World::get().await;
    let body = r#"{"id": "t1", "list": [1, null, "ü"]}"#;
    let event = published(world, "json", "", &[("content-type", "application/json")], body).await;
    assert_eq!(
        names(&event),
        [
            "data",
            "datacontenttype",
            "id",
            "pubsubname",
            "source",
            "specversion",
            "time",
            "topic",
            "traceid",
            "traceparent",
            "tracestate",
            "type"
        ]
    );
    assert_eq!(event["data"], json!({ "id": "t1", "list": [1, null, "ü"] }));
    assert_eq!(event["datacontenttype"], "application/json");
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["source"], world.names.app);
    assert_eq!(event["type"], "com.dapr.event.sent");
    assert_eq!(event["topic"], world.names.topic("published"));
    assert_eq!(event["pubsubname"], PUBSUB);
    assert_eq!(event["tracestate"], "");
    assert_eq!((&event["traceid"], &event["traceparent"]), (&json!(""), &json!("")));
    assert_eq!(event["id"].as_str().map(str::len), Some(36), "{event}");
    assert_eq!(event["time"].as_str().map(str::len), Some("2026-11-21T00:00:00Z".len()), "{event}");
}

#[tokio::test]
async fn a_cloud_event_passes_as_given() {
    let world = World::get().await;
    let given = json!({
        "specversion": "1.0", "id": "mine", "source": "me", "type": "task.created", "subject": "t1",
        "datacontenttype": "application/json",
        "time": "2026-11-21T00:00:00.123456Z", "data": { "a": 1 }, "extension": "kept", "number": 7,
    });
    let headers = [("content-type", "application/cloudevents+json")];
    let event = published(world, "event", "", &headers, &given.to_string()).await;
    for (name, value) in given.as_object().unwrap() {
        assert_eq!(&event[name], value, "{name}");
    }
    assert_eq!(event["topic"], world.names.topic("published"));
    assert_eq!(event["pubsubname"], PUBSUB);
    assert_eq!(names(&event).len(), given.as_object().unwrap().len() + 5, "{event}");
}

#[tokio::test]
async fn what_a_cloud_event_lacks_is_added() {
    let world = World::get().await;
    let headers = [("content-type", "application/cloudevents+json; charset=utf-8")];
    let event = published(world, "bare", "", &headers, r#"{"id": "bare", "data": 1}"#).await;
    assert_eq!((&event["id"], &event["data"]), (&json!("bare"), &json!(1)));
    assert_eq!((&event["specversion"], &event["type"]), (&json!("1.0"), &json!("com.dapr.event.sent")));
    assert_eq!(event["source"], "Dapr");
    assert!(event["time"].is_string() && event["traceparent"].is_string(), "{event}");
}

#[tokio::test]
async fn other_content_types_become_text_or_base64() {
    let world = World::get().await;
    let cases = [
        ("none", None, "plain", json!({ "datacontenttype": "text/plain", "data": "plain" })),
        ("xml", Some("text/xml"), "<a/>", json!({ "datacontenttype": "text/xml", "data": "<a/>" })),
        (
            "bytes",
            Some("application/octet-stream"),
            "bytes",
            json!({ "datacontenttype": "application/octet-stream", "data_base64": "Ynl0ZXM=" }),
        ),
        (
            "broken",
            Some("application/json"),
            "{broken",
            json!({ "datacontenttype": "application/json", "data": "{broken" }),
        ),
    ];
    for (mark, content_type, body, expected) in cases {
        let headers: Vec<_> = content_type.iter().map(|value| ("content-type", *value)).collect();
        let event = published(world, mark, "", &headers, body).await;
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&event[name], value, "{mark}: {event}");
        }
    }
}

#[tokio::test]
async fn metadata_overrides_attributes_of_the_event() {
    let world = World::get().await;
    let query = "&metadata.cloudevent.id=x1&metadata.cloudevent.type=t&metadata.cloudevent.source=s\
                 &metadata.cloudevent.subject=about&metadata.ttlInSeconds=60";
    let event = published(world, "overrides", query, &[("content-type", "application/json")], "1").await;
    assert_eq!((&event["id"], &event["type"], &event["source"]), (&json!("x1"), &json!("t"), &json!("s")));
    assert_eq!(event["subject"], "about");
    assert!(event["expiration"].is_string(), "{event}");
}

#[tokio::test]
async fn an_event_has_no_trace_but_its_own() {
    let world = World::get().await;
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let headers = [("traceparent", parent.as_str()), ("tracestate", "a=b"), ("content-type", "application/json")];
    let event = published(world, "untraced", "", &headers, "1").await;
    assert_eq!(["traceid", "traceparent", "tracestate"].map(|name| event[name].clone()), ["", "", ""]);
    let own = json!({ "id": "1", "traceid": parent, "traceparent": parent, "tracestate": "a=b", "data": 1 });
    let headers = [("content-type", "application/cloudevents+json")];
    let event = published(world, "traced", "", &headers, &own.to_string()).await;
    assert_eq!((&event["traceid"], &event["traceparent"]), (&json!(parent), &json!(parent)));
    assert_eq!(event["tracestate"], "a=b");
}

#[tokio::test]
async fn what_is_published_raw_is_delivered_as_bytes_to_whoever_subscribes_raw() {
    let world = World::get().await;
    let path = format!("/v1.0/publish/{PUBSUB}/{}?metadata.rawPayload=true", world.names.topic("raw"));
    world.sidecar.send("POST", &path, &[], "bytes").await.is_done();
    let call = world.app.wait_for("/events/raw", 1).await.remove(0);
    let event = call.json();
    assert_eq!(call.header("content-type"), Some("application/cloudevents+json"));
    assert_eq!((&event["data_base64"], &event["specversion"]), (&json!("Ynl0ZXM="), &json!("1.0")));
    assert_eq!(event["datacontenttype"], "application/octet-stream");
    assert_eq!((&event["source"], &event["type"]), (&json!("Dapr"), &json!("com.dapr.event.sent")));
}

#[tokio::test]
async fn the_partition_is_chosen_by_the_key() {
    let world = World::get().await;
    let headers = [("content-type", "application/json")];
    for (key, partition) in [("a", "0"), ("b", "0"), ("c", "2"), ("task-1", "1")] {
        let mark = format!("key-{key}");
        publish(world, &mark, &format!("&metadata.partitionKey={key}"), &headers, "1").await.is_done();
        let call = delivered(world, &mark).await;
        assert_eq!((call.header("__key"), call.header("__partition")), (Some(key), Some(partition)), "{key}");
    }
}

#[tokio::test]
async fn put_publishes_too() {
    let world = World::get().await;
    let path = format!("/v1.0/publish/{PUBSUB}/{}?metadata.mark=put", world.names.topic("published"));
    world.sidecar.send("PUT", &path, &[], "1").await.is_done();
    delivered(world, "put").await;
}

#[tokio::test]
async fn many_are_published_at_once() {
    let world = World::get().await;
    let entries = json!([
        { "entryId": "1", "event": { "n": 1 }, "contentType": "application/json", "metadata": { "mark": "bulk-1" } },
        { "entryId": "2", "event": "two", "contentType": "text/plain", "metadata": { "mark": "bulk-2" } },
        { "entryId": "3", "event": { "id": "third", "data": 3 }, "contentType": "application/cloudevents+json",
          "metadata": { "mark": "bulk-3" } },
    ]);
    let path = format!("/v1.0/publish/bulk/{PUBSUB}/{}", world.names.topic("published"));
    world.sidecar.post(&path, entries).await.is_done();
    let data = async |mark| delivered(world, mark).await.json()["data"].clone();
    assert_eq!(data("bulk-1").await, json!({ "n": 1 }));
    assert_eq!(data("bulk-2").await, json!("two"));
    assert_eq!(data("bulk-3").await, json!(3));
}

#[tokio::test]
async fn what_can_not_be_published_is_told() {
    let world = World::get().await;
    let (sidecar, topic) = (&world.sidecar, world.names.topic("published"));
    for pubsub in ["nowhere", "statestore-postgres"] {
        let reply = sidecar.post(&format!("/v1.0/publish/{pubsub}/{topic}"), 1).await;
        reply.is_error_saying(404, "ERR_PUBSUB_NOT_FOUND", &format!("pubsub {pubsub} is not found"));
        assert_eq!(reply.error_info(), ("DAPR_PUBSUB_NOT_FOUND".to_owned(), json!({})));
    }
    sidecar.post(&format!("/v1.0/publish/{PUBSUB}/"), 1).await.is_error(404, "ERR_DIRECT_INVOKE");
    let reply = sidecar.post(&format!("/v1.0/publish/{PUBSUB}/nowhere"), 1).await;
    let message = reply.is_error(500, "ERR_PUBSUB_PUBLISH_MESSAGE");
    assert!(message.starts_with("error when publishing to topic nowhere in pubsub pubsub-kafka: "), "{message}");
    assert_eq!(reply.error_info().0, "DAPR_PUBSUB_PUBLISH_MESSAGE");
    let path = format!("/v1.0/publish/{PUBSUB}/{topic}?metadata.rawPayload=maybe");
    let reply = sidecar.post(&path, 1).await;
    reply.is_error_saying(
        400,
        "ERR_PUBSUB_REQUEST_METADATA",
        "failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is 'maybe'",
    );
    let given = json!({ "rawPayload": "maybe" });
    assert_eq!(reply.error_info(), ("DAPR_PUBSUB_METADATA_DESERIALIZATION".to_owned(), given));
    let headers = [("content-type", "application/cloudevents+json")];
    for no_event in ["[1]", "{", ""] {
        let reply = publish(world, "no-event", "", &headers, no_event).await;
        reply.is_error_saying(500, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent");
        assert_eq!(reply.error_info().0, "DAPR_PUBSUB_CLOUD_EVENT_CREATION");
    }
}

#[tokio::test]
async fn an_app_that_a_pubsub_is_not_for_can_not_publish() {
    let world = World::get().await;
    let path = format!("/v1.0/publish/{PUBSUB}/{}", world.names.topic("published"));
    let reply = world.others_sidecar.post(&path, 1).await;
    reply.is_error_saying(404, "ERR_PUBSUB_NOT_FOUND", &format!("pubsub {PUBSUB} is not found"));
}

#[tokio::test]
async fn a_bulk_with_wrong_entries_is_refused() {
    let world = World::get().await;
    let path = format!("/v1.0/publish/bulk/{PUBSUB}/{}", world.names.topic("published"));
    let entry = |id: &str| json!({ "entryId": id, "event": 1, "contentType": "application/json" });
    for wrong in [json!({}), json!([entry("1"), entry("1")]), json!([entry("")])] {
        world.sidecar.post(&path, wrong).await.is_error(400, "ERR_PUBSUB_EVENTS_SER");
    }
}
