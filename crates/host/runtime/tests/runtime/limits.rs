//! A component that loops, grows, hangs or traps is ended, and harms nobody else.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use support::eventually;

use crate::support::{Answer, Served, manifest};

/// For what ends at its limit only.
async fn start_impatient() -> Served {
    Served::start_with(&manifest(""), |config| config.limits.request_time = Duration::from_millis(300)).await
}

fn assert_problem(answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(problem["request_id"].as_str().unwrap(), answer.headers["x-request-id"]);
    assert!(!answer.text.contains("wasm"), "{}", answer.text);
}

#[tokio::test]
async fn a_component_that_loops_is_ended() {
    let host = start_impatient().await;
    assert_problem(&host.get("/loop").await, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(host.metric("rondo_time_outs_total{component=\"fixture\"}"), Some(1.0));
}

#[tokio::test]
async fn a_component_that_hangs_is_ended() {
    assert_problem(&start_impatient().await.get("/hang").await, StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn a_component_that_traps_or_stays_silent_is_a_problem_without_internals() {
    let host = Served::start(&manifest("")).await;
    assert_problem(&host.get("/trap").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_problem(&host.get("/silent").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(host.metric("rondo_traps_total{component=\"fixture\"}"), Some(1.0));
}

#[tokio::test]
async fn a_component_that_grows_is_ended_at_its_limit() {
    let host = Served::start_with(&manifest(""), |config| config.limits.memory_bytes = 8 << 20).await;
    assert_problem(&host.get("/grow").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(host.get("/hello").await.status, 200);
}

#[tokio::test]
async fn looping_components_leave_room_for_others_even_on_one_thread() {
    let host = Served::start(&manifest("")).await;
    let loops = futures_util::future::join_all((0..4).map(|_| host.get("/loop")));
    let hellos = async {
        eventually("the loops run", async || (host.metric("rondo_instances") == Some(4.0)).then_some(())).await;
        for _ in 0..10 {
            assert_eq!(host.get("/hello").await.status, 200);
        }
    };
    tokio::select! {
        _ = loops => panic!("the loops end only at their limit"),
        () = hellos => {}
    }
}

#[tokio::test]
async fn when_all_instances_are_in_use_the_host_says_when_to_come_again() {
    let host = Served::start_with(&manifest(""), |config| config.limits.instances = 1).await;
    let hanging = host.get("/hang");
    let refused = async {
        eventually("the only instance is in use", async || (host.metric("rondo_instances") == Some(1.0)).then_some(()))
            .await;
        host.get("/hello").await
    };
    tokio::select! {
        _ = hanging => panic!("hanging ends only at its limit"),
        answer = refused => {
            assert_problem(&answer, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.headers["retry-after"], "1");
        }
    }
}

#[tokio::test]
async fn a_body_up_to_the_limit_passes_and_one_above_is_refused() {
    let host = Served::start_with(&manifest(""), |config| config.limits.request_body_bytes = 1000).await;
    for (length, status) in [(1000, StatusCode::OK), (1001, StatusCode::PAYLOAD_TOO_LARGE)] {
        let request = host.request(Method::POST, "/echo").body(Full::from("x".repeat(length))).unwrap();
        assert_eq!(host.send(request).await.status, status, "{length}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_tell_its_length_is_refused_where_it_grows_too_large() {
    let host = Served::start_with(&manifest(""), |config| config.limits.request_body_bytes = 1000).await;
    let parts = (0..20).map(|_| Ok::<_, std::io::Error>(http_body::Frame::data(Bytes::from("x".repeat(100)))));
    let body = StreamBody::new(futures_util::stream::iter(parts)).boxed();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(host.request(Method::POST, "/echo").body(body).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}
