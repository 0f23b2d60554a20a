//! `/v1.0/invoke/{app}/method/{path}`.

use crate::support::{APP_TOKEN, Answer, World, request};

#[tokio::test]
async fn method_query_body_and_headers_are_kept() {
    let world = World::new().await;
    let headers =
        [("content-type", "text/x-mine"), ("x-mine", "1"), ("connection", "close"), ("dapr-caller-app-id", "forged")];
    let path = "/v1.0/invoke/consumer/method/internal/things/1%202?a=b&c=%20";
    world.app.script("/internal/things/1%202", [Answer::Body(418, "short and stout")]);
    let reply = world.send(request("PATCH", path, &headers, "the body")).await;
    assert_eq!((reply.status, reply.text.as_str()), (418, "short and stout"));
    assert_eq!(reply.header("x-from-app"), Some("yes"));
    let call = world.app.wait_for("/internal/things/1%202", 1).await.remove(0);
    assert_eq!((call.app_id.as_str(), call.method.as_str()), ("consumer", "PATCH"));
    assert_eq!(call.target, "/internal/things/1%202?a=b&c=%20");
    assert_eq!(&call.body[..], b"the body");
    assert_eq!(call.header("content-type"), Some("text/x-mine"));
    assert_eq!(call.header("x-mine"), Some("1"));
    assert_eq!(call.header("connection"), None);
    assert_eq!(call.header("dapr-api-token"), Some(APP_TOKEN));
    let callers: Vec<_> = call.headers.get_all("dapr-caller-app-id").iter().collect();
    assert_eq!(callers, ["forged", "backend"], "an app that trusts the header wants exactly one");
    assert_eq!(call.header("dapr-callee-app-id"), Some("consumer"));
}

#[tokio::test]
async fn the_app_may_be_named_in_a_header() {
    let world = World::new().await;
    let headers = [("dapr-app-id", "consumer")];
    assert_eq!(world.send(request("GET", "/things?x=1", &headers, "")).await.status, 200);
    let call = world.app.wait_for("/things", 1).await.remove(0);
    assert_eq!((call.target.as_str(), call.header("dapr-app-id")), ("/things?x=1", None));
}

#[tokio::test]
async fn the_path_is_cleaned_before_the_app_sees_it() {
    let world = World::new().await;
    let path = "/v1.0/invoke/consumer/method/a//b/%2e%2e/./c";
    assert_eq!(world.call("GET", path, "").await.status, 200);
    assert_eq!(world.app.wait_for("/a/c", 1).await.len(), 1);
}

#[tokio::test]
async fn an_unknown_app_and_one_that_breaks_off_are_500() {
    let world = World::new().await;
    let reply = world.call("GET", "/v1.0/invoke/nobody/method/x", "").await;
    reply.is_error(500, "ERR_DIRECT_INVOKE");
    world.app.script("/x", [Answer::Nothing]);
    let reply = world.call("GET", "/v1.0/invoke/consumer/method/x", "").await;
    reply.is_error(500, "ERR_DIRECT_INVOKE");
}
