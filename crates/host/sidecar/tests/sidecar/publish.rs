//! `/v1.0/publish/{pubsub}/{topic}` and its bulk form.

use serde_json::{Value, json};

use crate::support::{World, request};

const SINGLE: &str = "/v1.0/publish/pubsub/single";

/// What the one message in `single` holds.
async fn stored_event(world: &World) -> Value {
    let row = world
        .database
        .client
        .query_one("select payload from dapr.messages where topic = 'single'", &[])
        .await
        .expect("one message");
    serde_json::from_slice(row.get(0)).expect("an event")
}

#[tokio::test]
async fn json_is_wrapped_in_a_cloud_event() {
    let world = World::new().await;
    let reply = world.call("POST", SINGLE, r#"{"number": 12345678901234567890123}"#).await;
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    let event = stored_event(&world).await;
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["source"], "backend");
    assert_eq!(event["type"], "com.dapr.event.sent");
    assert_eq!(event["datacontenttype"], "application/json");
    assert_eq!(event["topic"], "single");
    assert_eq!(event["pubsubname"], "pubsub");
    assert_eq!(event["id"].as_str().map(str::len), Some(36));
    assert_eq!(event["traceid"], event["traceparent"]);
    assert!(event["time"].as_str().is_some_and(|time| time.ends_with('Z')));
    let row = world.database.client.query_one("select convert_from(payload, 'UTF8') from dapr.messages", &[]);
    let text: String = row.await.expect("one message").get(0);
    assert!(text.contains(r#"{"number": 12345678901234567890123}"#), "{text}");
}

#[tokio::test]
async fn a_cloud_event_passes_as_given() {
    let world = World::new().await;
    let given = json!({
        "specversion": "1.0", "id": "mine", "source": "me", "type": "task.created", "subject": "t1",
        "traceid": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "time": "2026-11-21T00:00:00Z", "data": {"a": 1}, "extension": "kept",
    });
    let headers = [("content-type", "application/cloudevents+json; charset=utf-8")];
    let reply = world.send(request("POST", SINGLE, &headers, &given.to_string())).await;
    assert_eq!(reply.status, 204);
    let event = stored_event(&world).await;
    for (name, value) in given.as_object().expect("an object") {
        assert_eq!(&event[name], value, "{name}");
    }
    assert_eq!(event["topic"], "single");
    assert_eq!(event["pubsubname"], "pubsub");
}

#[tokio::test]
async fn other_content_types_become_text_or_base64() {
    let cases = [
        (None, "plain", json!({"datacontenttype": "text/plain", "data": "plain"})),
        (Some("text/xml"), "<a/>", json!({"datacontenttype": "text/xml", "data": "<a/>"})),
        (
            Some("application/octet-stream"),
            "bytes",
            json!({"datacontenttype": "application/octet-stream", "data_base64": "Ynl0ZXM="}),
        ),
        (Some("application/json"), "{broken", json!({"datacontenttype": "application/json", "data": "{broken"})),
    ];
    for (content_type, body, expected) in cases {
        let world = World::new().await;
        let headers: Vec<_> = content_type.iter().map(|value| ("content-type", *value)).collect();
        assert_eq!(world.send(request("PUT", SINGLE, &headers, body)).await.status, 204);
        let event = stored_event(&world).await;
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(&event[name], value, "{content_type:?}");
        }
    }
}

#[tokio::test]
async fn metadata_overrides_attributes_of_the_event() {
    let world = World::new().await;
    let path = format!(
        "{SINGLE}?metadata.cloudevent.id=x1&metadata.cloudevent.type=t&metadata.cloudevent.subject=s&metadata.ttlInSeconds=60"
    );
    assert_eq!(world.call("POST", &path, "1").await.status, 204);
    let event = stored_event(&world).await;
    assert_eq!((&event["id"], &event["type"], &event["subject"]), (&json!("x1"), &json!("t"), &json!("s")));
    assert!(event["expiration"].is_string());
}

#[tokio::test]
async fn a_raw_payload_is_stored_as_it_is() {
    let world = World::new().await;
    let path = format!("{SINGLE}?metadata.rawPayload=true");
    assert_eq!(world.call("POST", &path, "anything").await.status, 204);
    let row = world.database.client.query_one("select payload from dapr.messages", &[]).await;
    assert_eq!(row.expect("one message").get::<_, Vec<u8>>(0), b"anything");
}

#[tokio::test]
async fn an_unknown_pubsub_is_404_and_so_is_one_of_another_app() {
    let world = World::new().await;
    for pubsub in ["nowhere", "pubsub-of-consumer", "statestore"] {
        let reply = world.call("POST", &format!("/v1.0/publish/{pubsub}/single"), "1").await;
        reply.is_error(404, "ERR_PUBSUB_NOT_FOUND");
        assert_eq!(reply.json()["message"], format!("pubsub {pubsub} is not found"));
        assert_eq!(reply.json()["details"][0]["reason"], "DAPR_PUBSUB_NOT_FOUND");
    }
}

#[tokio::test]
async fn what_can_not_be_published_says_why() {
    let world = World::new().await;
    let reply = world.call("POST", "/v1.0/publish/pubsub/nowhere", "1").await;
    reply.is_error(500, "ERR_PUBSUB_PUBLISH_MESSAGE");
    let reply = world.call("POST", &format!("{SINGLE}?metadata.rawPayload=maybe"), "1").await;
    reply.is_error(400, "ERR_PUBSUB_REQUEST_METADATA");
    let headers = [("content-type", "application/cloudevents+json")];
    let reply = world.send(request("POST", SINGLE, &headers, "[1]")).await;
    reply.is_error(500, "ERR_PUBSUB_CLOUD_EVENTS_SER");
}

#[tokio::test]
async fn one_key_always_goes_to_one_partition_with_offsets_from_zero() {
    let world = World::new().await;
    for number in 0..5 {
        world.publish("orders", "a-key", &number.to_string()).await;
    }
    let rows = world
        .database
        .client
        .query(r#"select partition, "offset", key from dapr.messages order by "offset""#, &[])
        .await
        .expect("messages");
    let found: Vec<(i32, i64, String)> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let partition = found[0].0;
    let expected: Vec<_> = (0..5).map(|offset| (partition, offset, "a-key".to_owned())).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_bulk_is_stored_in_its_order() {
    let world = World::new().await;
    for version in ["v1.0", "v1.0-alpha1"] {
        let body = json!([
            {"entryId": "1", "event": {"n": 1}, "contentType": "application/json"},
            {"entryId": "2", "event": "two", "contentType": "text/plain", "metadata": {"cloudevent.id": "second"}},
            {"entryId": "3", "event": {"id": "third", "data": 3}, "contentType": "application/cloudevents+json"},
        ]);
        let path = format!("/{version}/publish/bulk/pubsub/single");
        let reply = world.call("POST", &path, &body.to_string()).await;
        assert_eq!(reply.status, 204, "{reply:?}");
    }
    let calls = world.app.wait_for("/events/single", 6).await;
    let data: Vec<Value> = calls.iter().map(|call| call.data()).collect();
    let once = [json!({"n": 1}), json!("two"), json!(3)];
    assert_eq!(data, [once.clone(), once].concat());
    assert_eq!((&calls[1].json()["id"], &calls[2].json()["id"]), (&json!("second"), &json!("third")));
}

#[tokio::test]
async fn a_bulk_with_wrong_entries_stores_nothing() {
    let world = World::new().await;
    let bodies = [
        "{}",
        r#"[{"entryId": "1", "event": 1, "contentType": "application/json"}, {"entryId": "1", "event": 1, "contentType": "application/json"}]"#,
        r#"[{"event": 1, "contentType": "application/json"}]"#,
        r#"[{"entryId": "1", "event": {"a": 1}, "contentType": "text/plain"}]"#,
    ];
    for body in bodies {
        let reply = world.call("POST", "/v1.0-alpha1/publish/bulk/pubsub/single", body).await;
        reply.is_error(400, "ERR_PUBSUB_EVENTS_SER");
    }
    assert_eq!(world.database.number("select count(*) from dapr.messages").await, 0);
}
