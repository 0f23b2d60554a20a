//! `/v1.0/invoke/{app}/method/{path}`.

use crate::app::Answer;
use crate::topology::{APP_API_TOKEN, World};

fn at(world: &World, target: &str) -> String {
    format!("/v1.0/invoke/{}/method{target}", world.names.other)
}

#[tokio::test]
async fn method_query_body_and_headers_are_kept() {
    let world = World::get().await;
    world.other.script("/internal/things/1", [Answer::Says(418, "short and stout")]);
    let headers = [("content-type", "text/x-mine"), ("x-mine", "1")];
    let path = at(world, "/internal/things/1?a=b&c=%20&a=c");
    let reply = world.sidecar.send("PATCH", &path, &headers, "the body").await;
    assert_eq!((reply.status, reply.text()), (418, "short and stout"));
    assert_eq!(reply.header("x-from-app"), Some("yes"));
    assert_eq!(reply.header("content-type"), Some("application/json"), "what says nothing of itself is taken for that");
    let call = world.other.wait_for("/internal/things/1", 1).await.remove(0);
    assert_eq!((call.method.as_str(), &call.body[..]), ("PATCH", b"the body".as_slice()));
    assert_eq!(call.target.query(), Some("a=b&c=%20&a=c"));
    assert_eq!(call.header("content-type"), Some("text/x-mine"));
    assert_eq!(
        call.header_names(),
        [
            "content-type",
            "dapr-api-token",
            "dapr-callee-app-id",
            "dapr-caller-app-id",
            "dapr-caller-namespace",
            "x-mine"
        ]
    );
    assert_eq!(call.header("x-mine"), Some("1"));
    assert_eq!(call.header("dapr-caller-namespace"), Some("default"));
    assert_eq!(call.header("dapr-api-token"), Some(APP_API_TOKEN));
    assert_eq!(call.header("dapr-caller-app-id"), Some(world.names.app.as_str()));
    assert_eq!(call.header("dapr-callee-app-id"), Some(world.names.other.as_str()));
}

#[tokio::test]
async fn every_method_and_status_passes() {
    let world = World::get().await;
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let path = format!("/methods/{method}");
        world.other.script(&path, [204, 302, 404, 409, 500, 503].map(Answer::Status));
        for status in [204, 302, 404, 409, 500, 503] {
            let reply = world.sidecar.send(method, &at(world, &path), &[], "").await;
            assert_eq!(reply.status, status, "{method}");
        }
        assert!(world.other.calls(&path).iter().all(|call| call.method == method), "{method}");
    }
}

#[tokio::test]
async fn the_app_may_be_named_in_a_header() {
    let world = World::get().await;
    let headers = [("dapr-app-id", world.names.other.as_str())];
    assert_eq!(world.sidecar.send("GET", "/named/in/a/header?x=1", &headers, "").await.status, 200);
    let call = world.other.wait_for("/named/in/a/header", 1).await.remove(0);
    assert_eq!(call.target.query(), Some("x=1"));
}

#[tokio::test]
async fn the_path_is_cleaned_before_the_app_sees_it() {
    let world = World::get().await;
    assert_eq!(world.sidecar.get(&at(world, "/cleaned//b/%2e%2e/./c")).await.status, 200);
    let call = world.other.wait_for("/cleaned/c", 1).await.remove(0);
    assert_eq!(call.header("content-type"), None);
}

#[tokio::test]
async fn an_app_may_call_itself() {
    let world = World::get().await;
    let path = format!("/v1.0/invoke/{}/method/to/itself", world.names.app);
    assert_eq!(world.sidecar.post(&path, 1).await.status, 200);
    let call = world.app.wait_for("/to/itself", 1).await.remove(0);
    assert_eq!((call.header("dapr-caller-app-id"), call.header("dapr-callee-app-id")), (None, None));
    assert_eq!(call.header("dapr-api-token"), Some(APP_API_TOKEN));
}

#[tokio::test]
async fn a_forged_caller_comes_beside_the_true_one() {
    let world = World::get().await;
    let headers = [("dapr-caller-app-id", "forged")];
    assert_eq!(world.sidecar.send("GET", &at(world, "/forged"), &headers, "").await.status, 200);
    let call = world.other.wait_for("/forged", 1).await.remove(0);
    let mut callers: Vec<_> = call.headers.get_all("dapr-caller-app-id").iter().collect();
    callers.sort();
    assert_eq!(callers, [world.names.app.as_str(), "forged"]);
}

#[tokio::test]
async fn a_header_that_names_an_app_changes_nothing_for_the_sidecars_own_routes() {
    let world = World::get().await;
    let headers = [("dapr-app-id", world.names.other.as_str())];
    world.sidecar.send("GET", "/v1.0/healthz", &headers, "").await.is_done();
    let metadata = world.sidecar.send("GET", "/v1.0/metadata", &headers, "").await.json();
    assert_eq!(metadata["id"], world.names.app);
}

#[tokio::test]
async fn an_unknown_app_and_one_that_breaks_off_are_500() {
    let world = World::get().await;
    world.sidecar.get("/v1.0/invoke/nobody/method/x").await.is_error(500, "ERR_DIRECT_INVOKE");
    world.other.always("/breaks/off", Answer::BreaksOff);
    world.sidecar.post(&at(world, "/breaks/off"), 1).await.is_error(500, "ERR_DIRECT_INVOKE");
}
