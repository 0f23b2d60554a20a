//! `/api/openapi.json`: the document is served, names what the contract names, and draws the line between what is taken
//! and what is refused. That replies are what it says is checked in every test, by the client; that every reply which it
//! announces was seen, by `openapi_is_covered.rs`.

mod samples;

use std::collections::BTreeSet;

use fastrand::Rng;
use http::Method;
use serde_json::{Value, json};
use support::openapi::{DOCUMENT, Operation, operations, validator};
use support::{App, Call, Client};

use self::samples::{body_schema, unwanted, wanted};

/// Where the random requests begin; another one by `E2E_SEED`.
const SEED: u64 = 20_261_121;
/// How many unwanted bodies each operation gets.
const TRIES: usize = 60;

fn seed() -> u64 {
    std::env::var("E2E_SEED").map_or(SEED, |seed| seed.parse().expect("E2E_SEED is a number"))
}

#[tokio::test]
async fn the_document_is_served_as_it_is_kept() {
    let app = App::start().await;
    let served = app.stranger().call("getOpenApi").await.is(200);
    assert_eq!(served.json, *DOCUMENT);
    assert_eq!(served["openapi"].as_str().and_then(|version| version.get(..3)), Some("3.1"));
    app.stranger().call("getOpenApi").method(Method::POST).await.is(405);
}

#[test]
fn the_document_has_every_path_of_the_contract() {
    let expected = [
        "POST /api/auth/register",
        "POST /api/auth/login",
        "POST /api/auth/refresh",
        "POST /api/auth/logout",
        "GET /api/auth/me",
        "PATCH /api/auth/me",
        "POST /api/auth/tokens",
        "GET /api/auth/tokens",
        "DELETE /api/auth/tokens/{id}",
        "POST /api/tasks",
        "GET /api/tasks",
        "GET /api/tasks/{id}",
        "PATCH /api/tasks/{id}",
        "DELETE /api/tasks/{id}",
        "POST /api/tasks/{id}/complete",
        "POST /api/tasks/{id}/reopen",
        "POST /api/tasks/bulk",
        "GET /api/tasks/stream",
        "GET /api/tasks/export",
        "POST /api/tasks/import",
        "POST /api/tasks/recurring",
        "GET /api/tasks/recurring",
        "GET /api/tasks/recurring/{task_id}",
        "PATCH /api/tasks/recurring/{task_id}",
        "DELETE /api/tasks/recurring/{task_id}",
        "GET /api/tasks/recurring/{task_id}/instances",
        "POST /api/tasks/recurring/{task_id}/instances/{id}/complete",
        "POST /api/tasks/recurring/{task_id}/instances/{id}/skip",
        "POST /api/recurrence/preview",
        "POST /api/calendar-feeds",
        "GET /api/calendar-feeds",
        "DELETE /api/calendar-feeds/{id}",
        "GET /api/calendar/{token}.ics",
        "POST /api/reminders",
        "GET /api/reminders",
        "GET /api/reminders/{id}",
        "DELETE /api/reminders/{id}",
        "POST /api/reminders/{id}/snooze",
        "GET /api/notifications",
        "GET /api/notifications/{id}",
        "POST /api/notifications/{id}/read",
        "POST /api/notifications/read-all",
        "GET /api/notification-settings",
        "PATCH /api/notification-settings",
        "PUT /api/notification-settings/webhook",
        "DELETE /api/notification-settings/webhook",
        "GET /api/push-subscriptions/key",
        "GET /api/push-subscriptions",
        "POST /api/push-subscriptions",
        "DELETE /api/push-subscriptions/{id}",
        "GET /api/tags",
        "PATCH /api/tags/{id}",
        "DELETE /api/tags/{id}",
        "GET /api/openapi.json",
        "GET /health",
        "GET /ready",
        "GET /metrics",
    ];
    let documented: BTreeSet<String> =
        operations().map(|operation| format!("{} {}", operation.method, operation.path)).collect();
    assert_eq!(documented, expected.map(str::to_owned).into());
}

#[tokio::test]
async fn every_operation_that_needs_a_token_refuses_to_work_without() {
    let app = App::start().await;
    for operation in operations() {
        if operation.needs_token {
            call(&app.stranger(), operation).await.is(401);
        }
    }
}

#[tokio::test]
async fn every_path_refuses_other_methods_and_names_those_it_takes() {
    let app = App::start().await;
    let ada = app.user().await;
    let others = [Method::PUT, Method::OPTIONS, Method::GET, Method::POST, Method::PATCH, Method::DELETE];
    for operation in operations() {
        let taken: BTreeSet<String> =
            operations().filter(|other| other.path == operation.path).map(|other| other.method.to_string()).collect();
        for method in others.iter().filter(|method| !taken.contains(method.as_str())) {
            let refused = call(&ada, operation).method(method.clone()).await.is(405);
            let allowed: BTreeSet<String> = refused.header("allow").split(", ").map(str::to_owned).collect();
            assert_eq!(allowed, taken, "{method} {}", operation.path);
        }
    }
}

#[tokio::test]
async fn bodies_that_the_document_does_not_allow_are_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    let seed = seed();
    for operation in operations() {
        let Some(schema) = body_schema(operation) else { continue };
        let (validator, mut random) = (validator(schema), Rng::with_seed(seed));
        let bodies = std::iter::repeat_with(|| unwanted(&mut random, schema));
        for body in bodies.filter(|body| validator.validate(body).is_err()).take(TRIES) {
            let reply = call(&ada, operation).json(body.clone()).await;
            assert!(
                reply.status.is_client_error(),
                "E2E_SEED={seed}: {} took {:.300}: {}",
                operation.id,
                body.to_string(),
                reply.text()
            );
        }
    }
}

#[tokio::test]
async fn bodies_that_the_document_allows_are_taken() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.create_task(json!({ "title": "x", "tags": ["a tag"] })).await.is(201).id();
    let mut random = Rng::with_seed(seed());
    for id in ["createTask", "changeTask", "importTasks", "createApiToken"] {
        let operation = support::openapi::operation(id);
        let schema = body_schema(operation).expect("a body");
        for _ in 0..20 {
            let body = wanted(&mut random, schema);
            validator(schema).validate(&body).unwrap_or_else(|wrong| panic!("{id}: {body} is no sample: {wrong}"));
            let reply = ada.call(id).path("id", &task).json(body.clone()).await;
            assert!(reply.status.is_success(), "E2E_SEED={}: {id} refused {body}: {}", seed(), reply.text());
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_at_all_are_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut random = Rng::with_seed(seed());
    let deep = "[".repeat(10_000);
    let deep_object = "{\"title\":".repeat(2_000);
    for operation in operations().filter(|operation| operation.body.is_some()) {
        let noise = || (0..random.usize(1..200)).map(|_| random.u8(..)).collect::<Vec<u8>>();
        let mut bodies: Vec<Vec<u8>> = std::iter::repeat_with(noise).take(10).collect();
        bodies.extend([
            deep.as_bytes().to_vec(),
            deep_object.as_bytes().to_vec(),
            b"{\"title\": 1e999}".to_vec(),
            b"{\"a\":1,}".to_vec(),
        ]);
        for body in bodies {
            let reply = call(&ada, operation).body("application/json", body.clone()).await;
            assert!(reply.status.is_client_error(), "{} took {body:?}", operation.id);
        }
        call(&ada, operation).body("application/xml", "<task/>").await.is(415);
        call(&ada, operation).body("application/json", vec![b' '; (1 << 20) + 1]).await.is(413);
    }
}

#[tokio::test]
async fn parameters_that_the_document_does_not_have_are_refused_where_it_says_so() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    for operation in operations().filter(|operation| operation.method == Method::GET && operation.needs_token) {
        let call = ada.call(&operation.id).path("id", &task).path("task_id", &task);
        let reply = call.query("colour", "red").await;
        assert_eq!(reply.wrong_fields(), ["colour"], "{}", operation.id);
    }
}

#[tokio::test]
async fn whatever_a_parameter_is_nothing_breaks() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut random = Rng::with_seed(seed());
    for operation in operations().filter(|operation| operation.id != "streamTasks") {
        for parameter in &operation.parameters {
            let name = parameter["name"].as_str().expect("a name");
            for _ in 0..15 {
                let value = samples::text(&mut random);
                if value.is_empty() && parameter["in"] == "path" {
                    continue; // That is another path.
                }
                let call = call(&ada, operation);
                let reply = match parameter["in"].as_str() {
                    Some("query") => call.query(name, &value).await,
                    Some("path") => at_nothing(ada.call(&operation.id).path(name, &value)).await,
                    _ => call.header(name, &value.replace(char::is_control, "")).await,
                };
                assert!(!reply.status.is_server_error(), "{} with {name}={value:?}", operation.id);
            }
        }
    }
}

/// A call of an operation on something that is not there.
fn call(user: &Client, operation: &Operation) -> Call {
    at_nothing(user.call(&operation.id))
}

/// The call, with ids of nothing wherever its path still asks for one.
fn at_nothing(call: Call) -> Call {
    const NOTHING: &str = "0199a0b0-0000-7000-8000-000000000000";
    call.path("id", NOTHING).path("task_id", NOTHING)
}

#[test]
fn a_sample_is_of_its_schema() {
    let schema = json!({ "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"], "additionalProperties": false });
    let mut random = Rng::with_seed(1);
    for _ in 0..50 {
        assert!(wanted(&mut random, &schema)["a"].is_string());
    }
    assert!(std::iter::repeat_with(|| unwanted(&mut random, &schema)).take(50).any(|body| body != Value::Null));
}
