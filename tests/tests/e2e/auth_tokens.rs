//! `/api/auth/tokens`: personal API tokens; and which access tokens are taken.

use http::Method;
use jiff::{SignedDuration, Timestamp};
use rondo_domain::ids::UserId;
use serde_json::{Value, json};
use support::people::access_token;
use support::{App, eventually};

use crate::auth::text;

#[tokio::test]
async fn an_api_token_acts_for_its_user_until_it_is_deleted() {
    let app = App::start().await;
    let ada = app.user().await;
    assert_eq!(ada.api_tokens().await.is(200).json, json!([]));
    let made = ada.create_api_token(json!({ "name": " laptop " })).await.is(201);
    assert_eq!(
        (&made["name"], &made["expires_at"], &made["last_used_at"]),
        (&json!("laptop"), &Value::Null, &Value::Null)
    );
    assert_eq!(made.header("location"), format!("/api/auth/tokens/{}", made.id()));

    let program = app.stranger().with_token(text(&made, "token"));
    let task = program.new_task("by a program").await;
    assert_eq!(ada.task(&task.id()).await.is(200).json, task.json);
    assert_eq!(program.profile().await.is(200)["id"], json!(ada.id));

    let listed = ada.api_tokens().await.is(200);
    assert!(!listed.text().contains(text(&made, "token")), "the secret is shown once");
    eventually("its use is noted", async || ada.api_tokens().await.json[0]["last_used_at"].is_string().then_some(()))
        .await;
    let hashed = "select count(*) from api_tokens where user_id::text = $1 and octet_length(token_hash) = 32";
    assert_eq!(app.count_of(hashed, &ada.id).await, 1);

    ada.delete_api_token(&made.id()).await.is(204);
    ada.delete_api_token(&made.id()).await.is(404);
    program.tasks().await.is(401);
}

#[tokio::test]
async fn an_api_token_ends_at_its_time() {
    let app = App::start().await;
    let ada = app.user().await;
    let made = ada.create_api_token(json!({ "name": "x", "expires_at": "2999-01-01T00:00:00+01:00" })).await.is(201);
    assert_eq!(made["expires_at"], "2998-12-31T23:00:00.000000Z");
    let program = app.stranger().with_token(text(&made, "token"));
    program.tasks().await.is(200);
    app.arrange(&format!("update api_tokens set expires_at = now() where user_id = '{}'", ada.id)).await;
    program.tasks().await.is(401);
}

#[tokio::test]
async fn someone_elses_api_token_reads_as_absent() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let made = ada.create_api_token(json!({ "name": "x" })).await.is(201);
    assert_eq!(eve.api_tokens().await.json, json!([]));
    eve.delete_api_token(&made.id()).await.is(404);
    eve.delete_api_token("not-an-id").await.is(404);
    assert_eq!(ada.api_tokens().await.json.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_api_token_that_can_not_be_is_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    let refused: [(Value, &str); 6] = [
        (json!({}), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "name": "x", "expires_at": "2020-01-01T00:00:00Z" }), "expires_at"),
        (json!({ "name": "x", "expires_at": "soon" }), "expires_at"),
        (json!({ "name": "x", "token": "mine" }), "token"),
    ];
    for (body, field) in refused {
        assert_eq!(ada.create_api_token(body.clone()).await.wrong_fields(), [field], "{body}");
    }
    ada.create_api_token(Value::Null).body("application/json", "{").await.is(400);
    ada.create_api_token(Value::Null).body("text/plain", "{}").await.is(415);
    ada.create_api_token(Value::Null).body("application/json", vec![b' '; 64 * 1024 + 1]).await.is(413);
    assert_eq!(ada.api_tokens().query("x", "1").await.wrong_fields(), ["x"]);
    assert_eq!(ada.api_tokens().method(Method::PUT).await.is(405).header("allow"), "GET, POST");
    assert_eq!(ada.delete_api_token("x").method(Method::GET).await.is(405).header("allow"), "DELETE");
    let stranger = app.stranger();
    stranger.api_tokens().await.is(401);
    stranger.create_api_token(json!({ "name": "x" })).await.is(401);
    stranger.delete_api_token("x").await.is(401);
}

#[tokio::test]
async fn fifty_api_tokens_are_enough() {
    let app = App::start().await;
    let ada = app.user().await;
    for n in 0..50 {
        ada.create_api_token(json!({ "name": format!("token {n}") })).await.is(201);
    }
    ada.create_api_token(json!({ "name": "one more" })).await.is(409);
    let oldest = ada.api_tokens().await.json[0]["id"].as_str().expect("an id").to_owned();
    ada.delete_api_token(&oldest).await.is(204);
    ada.create_api_token(json!({ "name": "one more" })).await.is(201);
}

#[tokio::test]
async fn the_same_idempotency_key_makes_the_same_api_token() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let create = |name: &str| ada.create_api_token(json!({ "name": name })).header("idempotency-key", "k");
    let first = create("x").await.is(201);
    assert_eq!(create("x").await.is(201).json, first.json);
    assert_eq!(create("y").await.wrong_fields(), ["Idempotency-Key"]);
    app.stranger().with_token(text(&first, "token")).tasks().await.is(200);
    let hers = eve.create_api_token(json!({ "name": "x" })).header("idempotency-key", "k").await.is(201);
    assert_ne!(hers["token"], first["token"]);
    assert_eq!(ada.api_tokens().await.json.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_access_token_must_be_ours_whole_and_fresh() {
    let app = App::start().await;
    let ada = app.user().await;
    let id = UserId::parse(&ada.id).expect("an id");
    let now = Timestamp::now();
    let fresh = access_token(id, now);
    app.stranger().with_token(&fresh).tasks().await.is(200);
    let expired = access_token(id, now - SignedDuration::from_mins(16));
    let (head, signature) = fresh.rsplit_once('.').expect("three parts");
    let unsigned = format!("{}.", head);
    let forged = forged_with_algorithm_none(&fresh);
    for token in [expired.as_str(), &forged, &fresh[..fresh.len() - 2], &unsigned, signature, "x.y.z", "rondo_", "🙂"]
    {
        app.stranger().with_token(token).tasks().await.is(401);
    }
    for value in ["Basic YTpi", "Bearer", "Bearer ", &fresh] {
        app.stranger().tasks().header("authorization", value).await.is(401);
    }
    app.stranger().tasks().header("authorization", &format!("bearer  {fresh}")).await.is(200);
}

/// The token with a head that says it is not signed, and no signature.
fn forged_with_algorithm_none(token: &str) -> String {
    let payload = token.split('.').nth(1).expect("three parts");
    // {"alg":"none","typ":"JWT","kid":"new"}
    format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoibmV3In0.{payload}.")
}
