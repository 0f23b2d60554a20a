//! `/api/auth/me`: the profile, and a new password.

use http::Method;
use serde_json::{Value, json};
use support::{App, eventually};

use crate::auth::{PASSWORD, email, owner, register, text};

#[tokio::test]
async fn a_profile_changes_its_name_and_time_zone() {
    let app = App::start().await;
    let ada = app.user().await;
    let changed = ada.change_profile(json!({ "name": "Ada L.", "timezone": "america/new_york" })).await.is(200);
    assert_eq!((&changed["name"], &changed["timezone"]), (&json!("Ada L."), &json!("America/New_York")));
    assert_eq!(ada.profile().await.json, changed.json);
    assert_eq!(ada.change_profile(json!({ "name": null })).await.is(200)["name"], Value::Null);
    assert_eq!(ada.change_profile(json!({})).await.is(200)["timezone"], "America/New_York");
    let patch = ada.change_profile(Value::Null).body("application/merge-patch+json", "{\"timezone\": \"UTC\"}");
    assert_eq!(patch.await.is(200)["timezone"], "UTC");
}

#[tokio::test]
async fn a_profile_refuses_what_it_can_not_be() {
    let app = App::start().await;
    let ada = app.user().await;
    let refused: [(Value, &str); 7] = [
        (json!({ "name": "" }), "name"),
        (json!({ "timezone": "Mars/Olympus" }), "timezone"),
        (json!({ "timezone": null }), "timezone"),
        (json!({ "email": "other@example.com" }), "email"),
        (json!({ "id": "0199a0b0-0000-7000-8000-000000000000" }), "id"),
        (json!({ "password": "long enough" }), "current_password"),
        (json!({ "password": "short", "current_password": PASSWORD }), "password"),
    ];
    for (body, field) in refused {
        assert_eq!(ada.change_profile(body.clone()).await.wrong_fields(), [field], "{body}");
    }
    ada.change_profile(Value::Null).body("application/json", "{").await.is(400);
    ada.change_profile(Value::Null).body("text/plain", "{}").await.is(415);
    ada.change_profile(Value::Null).body("application/json", vec![b' '; 64 * 1024 + 1]).await.is(413);
    assert_eq!(ada.profile().query("x", "1").await.wrong_fields(), ["x"]);
    assert_eq!(ada.profile().method(Method::DELETE).await.is(405).header("allow"), "GET, PATCH");
    app.stranger().profile().await.is(401);
    app.stranger().change_profile(json!({})).await.is(401);
}

#[tokio::test]
async fn a_new_password_needs_the_current_one_and_ends_all_other_sessions() {
    let app = App::start().await;
    let stranger = app.stranger();
    let here = register(&app).await;
    let there = stranger.login(email(&here), PASSWORD).await.is(200);
    let change = |current: &str| {
        owner(&app, &here).change_profile(json!({ "password": "a new password", "current_password": current }))
    };
    assert_eq!(change("wrong password").await.wrong_fields(), ["current_password"]);
    change(PASSWORD).await.is(200);
    stranger.login(email(&here), PASSWORD).await.is(401);
    stranger.login(email(&here), "a new password").await.is(200);
    stranger.refresh(text(&there, "refresh_token")).await.is(401);
    stranger.refresh(text(&here, "refresh_token")).await.is(200);
}

#[tokio::test]
async fn of_two_new_passwords_at_once_one_is_refused() {
    let app = App::start().await;
    let ada = owner(&app, &register(&app).await);
    // Who is told that too many wait asks again.
    let change = async |new: &str| {
        eventually("a turn", async || {
            let reply = ada.change_profile(json!({ "password": new, "current_password": PASSWORD })).await;
            (reply.status != 429).then_some(reply)
        })
        .await
    };
    let (one, other) = tokio::join!(change("the one password"), change("the other password"));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    // The second finds the password changed: before its check it is wrong, after its check it is a conflict.
    assert!(matches!(statuses, [200, 409 | 422]), "{statuses:?}");
}

#[tokio::test]
async fn a_password_that_changes_between_the_check_and_the_change_is_a_conflict() {
    let app = App::start().await;
    let session = register(&app).await;
    let (ada, id) = (owner(&app, &session), session["user"]["id"].as_str().expect("an id"));
    // As if somebody else had changed it just before: the row is no longer what the check saw.
    app.arrange(&format!(
        "create or replace function keep_row() returns trigger language plpgsql as $$ begin return null; end $$;
         create trigger keep_row_of_{number} before update on users for each row
             when (old.id = '{id}' and new.password_hash <> old.password_hash) execute function keep_row()",
        number = id.replace('-', "_"),
    ))
    .await;
    ada.change_profile(json!({ "password": "a new password", "current_password": PASSWORD })).await.is(409);
}
