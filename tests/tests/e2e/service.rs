//! `/health`, `/ready`, `/metrics`, and what holds for every reply.

use http::Method;
use serde_json::json;
use support::{App, eventually};

#[tokio::test]
async fn a_service_says_that_it_is_healthy_and_which_it_is() {
    let app = App::start().await;
    let reply = app.stranger().call("getHealth").await.is(200);
    assert_eq!(reply.json, json!({ "status": "healthy", "service": "backend" }));
}

#[tokio::test]
async fn a_service_is_ready_when_database_and_sidecar_answer() {
    let app = App::start().await;
    let reply = app.stranger().call("getReadiness").await.is(200);
    assert_eq!(reply["checks"], json!({ "database": "ok", "sidecar": "ok" }));
}

#[tokio::test]
async fn a_service_is_not_ready_without_its_sidecar() {
    let app = App::start().await;
    app.kill_sidecar();
    let reply = app.stranger().call("getReadiness").await.is(503);
    assert_eq!(reply["checks"], json!({ "database": "ok", "sidecar": "away" }));
}

#[tokio::test]
async fn a_service_is_not_ready_without_its_database() {
    let app = App::start().await;
    app.gate().close();
    let reply = app.stranger().call("getReadiness").await.is(503);
    assert_eq!(reply["checks"]["database"], "away");
}

#[tokio::test]
async fn metrics_count_what_the_database_knows() {
    let app = App::start().await;
    app.user().await.new_task("water the plants").await;
    for (metric, query) in [
        ("rondo_users{service=\"backend\"}", "select count(*) from users"),
        ("rondo_tasks{service=\"backend\",status=\"pending\"}", "select count(*) from tasks where status = 'pending'"),
    ] {
        // Others may write meanwhile: it is to agree when they pause.
        let known = eventually(metric, async || {
            let before = app.count(query).await;
            let told = told(&app, metric).await;
            (told == before && told == app.count(query).await).then_some(told)
        })
        .await;
        assert!(known >= 1, "{metric} {known}");
    }
}

/// A number among the metrics.
async fn told(app: &App, metric: &str) -> i64 {
    let metrics = app.stranger().call("getMetrics").await.is(200).text();
    let value = metrics.lines().find_map(|line| line.strip_prefix(metric));
    value.unwrap_or_else(|| panic!("no {metric} in {metrics}")).trim().parse().expect("a number")
}

#[tokio::test]
async fn a_request_keeps_the_id_that_it_came_with() {
    let app = App::start().await;
    for id in ["r-1", "two words", "!#$%&'()*+,-./:;<=>?@[]^_`{|}~", &"x".repeat(128)] {
        let reply = app.stranger().call("getHealth").header("x-request-id", id).await;
        assert_eq!(reply.header("x-request-id"), id);
        let problem = app.stranger().tasks().header("x-request-id", id).await.is(401);
        assert_eq!(problem["request_id"], id);
        assert_eq!(problem.header("x-request-id"), id);
    }
}

#[tokio::test]
async fn an_unusable_request_id_is_replaced() {
    let app = App::start().await;
    for id in ["", "gr\u{fc}n", "tab\there", &"x".repeat(129)] {
        let reply = app.stranger().tasks().header("x-request-id", id).await.is(401);
        let made = reply.header("x-request-id");
        assert_ne!(made, id);
        assert!((1..=128).contains(&made.len()) && made.is_ascii(), "{made:?}");
        assert_eq!(reply["request_id"], made);
    }
}

#[tokio::test]
async fn every_request_without_an_id_gets_one_of_its_own() {
    let app = App::start().await;
    let first = app.stranger().call("getHealth").await;
    let second = app.stranger().call("getHealth").await;
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[tokio::test]
async fn what_the_api_does_not_have_is_absent() {
    let app = App::start().await;
    let ada = app.user().await;
    for path in
        ["/api", "/api/nothing", "/api/tasks/a/b/c", "/api/auth/nothing", "/api/tags/a/b", "/api/tasks/a/nothing"]
    {
        let reply = ada.elsewhere(Method::GET, path).await.is(404);
        assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
        assert_eq!(reply["status"], 404, "{path}");
    }
}
