//! `/api/auth`: accounts, sessions, the profile, personal API tokens.

use http::Method;
use serde_json::{Value, json};

use crate::support::people::new_email;
use crate::support::{App, Client, Reply, eventually};

const PASSWORD: &str = "correct horse battery";

/// Somebody who registers.
async fn register(app: &App) -> Reply {
    app.stranger().register(json!({ "email": new_email(), "password": PASSWORD })).await.is(201)
}

fn text<'a>(reply: &'a Reply, member: &str) -> &'a str {
    reply[member].as_str().unwrap_or_else(|| panic!("no {member} in {}", reply.text()))
}

fn email(session: &Reply) -> &str {
    session["user"]["email"].as_str().expect("an e-mail address")
}

/// The owner of a session, by its access token.
fn owner(app: &App, session: &Reply) -> Client {
    app.stranger().with_token(text(session, "access_token"))
}

#[tokio::test]
async fn who_registers_is_signed_in() {
    let app = App::start().await;
    let registration = json!({
        "email": " Ada@Example.COM ", "password": "пароль12", "name": " Ada ", "timezone": "europe/berlin",
    });
    let session = app.stranger().register(registration).await.is(201);
    assert_eq!((email(&session), &session["user"]["name"]), ("ada@example.com", &json!("Ada")));
    assert_eq!(session["user"]["timezone"], "Europe/Berlin");
    assert_eq!((&session["token_type"], &session["expires_in"]), (&json!("bearer"), &json!(900)));
    let profile = owner(&app, &session).profile().await.is(200);
    assert_eq!(profile.json, session["user"]);
    owner(&app, &session).new_task("the first").await;
}

#[tokio::test]
async fn an_email_address_has_one_account() {
    let app = App::start().await;
    let session = register(&app).await;
    let again = json!({ "email": email(&session).to_uppercase(), "password": "another password" });
    app.stranger().register(again).await.is(409);
    app.stranger().login(email(&session), PASSWORD).await.is(200);
}

#[tokio::test]
async fn of_two_who_register_the_same_address_at_once_one_gets_it() {
    let app = App::start().await;
    let registration = json!({ "email": new_email(), "password": PASSWORD });
    let register = || app.stranger().register(registration.clone()).into_future();
    let (one, other) = tokio::join!(register(), register());
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_registration_that_can_not_be_is_refused_by_field() {
    let app = App::start().await;
    let refused: [(Value, &[&str]); 11] = [
        (json!({}), &["email", "password"]),
        (json!({ "email": "ada", "password": PASSWORD }), &["email"]),
        (json!({ "email": "a b@example.com", "password": PASSWORD }), &["email"]),
        (json!({ "email": format!("{}@example.com", "x".repeat(250)), "password": PASSWORD }), &["email"]),
        (json!({ "email": "ada@example.com", "password": "1234567" }), &["password"]),
        (json!({ "email": "ada@example.com", "password": "x".repeat(257) }), &["password"]),
        (json!({ "email": "ada@example.com", "password": 12345678 }), &["password"]),
        (json!({ "email": "ada@example.com", "password": PASSWORD, "name": "" }), &["name"]),
        (json!({ "email": "ada@example.com", "password": PASSWORD, "name": "x".repeat(101) }), &["name"]),
        (json!({ "email": "ada@example.com", "password": PASSWORD, "timezone": "Mars/Olympus" }), &["timezone"]),
        (json!({ "email": "ada@example.com", "password": PASSWORD, "role": "admin" }), &["role"]),
    ];
    for (body, fields) in refused {
        assert_eq!(app.stranger().register(body.clone()).await.wrong_fields(), fields, "{body}");
    }
    assert_eq!(app.count("select count(*) from users").await, 0);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let app = App::start().await;
    let session = register(&app).await;
    let wrong = app.stranger().login(email(&session), "wrong password").await.is(401);
    let unknown = app.stranger().login(&new_email(), "wrong password").await.is(401);
    for member in ["type", "title", "status", "detail"] {
        assert_eq!(wrong[member], unknown[member], "{member}");
    }
    assert_eq!(wrong.header("www-authenticate"), unknown.header("www-authenticate"));
    app.stranger().login(email(&session), "").await.is(401);
}

#[tokio::test]
async fn nobody_registers_with_nothing_but_a_hash_in_the_database() {
    let app = App::start().await;
    register(&app).await;
    let stored: String = app.sql("select password_hash from users", &[]).await[0].get(0);
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    let columns = "select count(*) from refresh_tokens where octet_length(token_hash) = 32";
    assert_eq!(app.count(columns).await, 1);
}

#[tokio::test]
async fn ten_wrong_passwords_in_a_row_make_an_address_wait_whether_it_has_an_account_or_not() {
    let app = App::start().await;
    let session = register(&app).await;
    for address in [email(&session).to_owned(), new_email()] {
        for _ in 0..10 {
            app.stranger().login(&address, "wrong password").await.is(401);
        }
        let blocked = app.stranger().login(&address, PASSWORD).await.is(429);
        let seconds: u64 = blocked.header("retry-after").parse().expect("seconds");
        assert!((1..=30).contains(&seconds), "{seconds}");
    }
    app.arrange("update login_failures set last_failure_at = last_failure_at - interval '31 seconds'").await;
    app.stranger().login(email(&session), PASSWORD).await.is(200);
    app.stranger().login(email(&session), "wrong password").await.is(401);
    app.stranger().login(email(&session), PASSWORD).await.is(200);
}

#[tokio::test]
async fn who_would_wait_too_long_for_a_turn_to_sign_in_is_told_to_come_back() {
    let app = App::start().await;
    let session = register(&app).await;
    app.arrange("update password_hash_schedule set next_at = clock_timestamp() + interval '1 hour'").await;
    let stranger = app.stranger();
    stranger.login(email(&session), PASSWORD).await.is(429);
    stranger.register(json!({ "email": new_email(), "password": PASSWORD })).await.is(429);
    let change = json!({ "password": "a new password", "current_password": PASSWORD });
    let busy = owner(&app, &session).change_profile(change).await.is(429);
    assert_eq!(busy.header("retry-after"), "1");
}

#[tokio::test]
async fn a_body_that_is_no_json_or_too_long_signs_nobody_in() {
    let app = App::start().await;
    let stranger = app.stranger();
    for operation in ["register", "login", "refreshSession", "logout"] {
        let call = || stranger.call(operation);
        call().body("application/json", "{").await.is(400);
        call().body("application/json", "[]").await.is(422);
        call().body("application/x-www-form-urlencoded", "email=a").await.is(415);
        call().body("application/json", vec![b' '; 64 * 1024 + 1]).await.is(413);
        assert_eq!(call().method(Method::GET).await.is(405).header("allow"), "POST");
    }
    assert_eq!(stranger.login("ada@example.com", &"x".repeat(1_025)).await.wrong_fields(), ["password"]);
    assert_eq!(stranger.login("ada", "x").await.wrong_fields(), ["email"]);
    assert_eq!(stranger.call("logout").json(json!({})).await.wrong_fields(), ["refresh_token"]);
    assert_eq!(
        stranger.call("refreshSession").json(json!({ "refresh_token": 1 })).await.wrong_fields(),
        ["refresh_token"]
    );
}

#[tokio::test]
async fn refreshing_spends_the_token_and_gives_a_new_pair() {
    let app = App::start().await;
    let first = register(&app).await;
    let second = app.stranger().refresh(text(&first, "refresh_token")).await.is(200);
    assert_ne!(text(&first, "refresh_token"), text(&second, "refresh_token"));
    assert_eq!(second["user"], first["user"]);
    owner(&app, &second).tasks().await.is(200);
    app.stranger().refresh(text(&second, "refresh_token")).await.is(200);
}

#[tokio::test]
async fn using_a_spent_refresh_token_ends_that_whole_session_and_no_other() {
    let app = App::start().await;
    let stranger = app.stranger();
    let first = register(&app).await;
    let elsewhere = stranger.login(email(&first), PASSWORD).await.is(200);
    let second = stranger.refresh(text(&first, "refresh_token")).await.is(200);
    let third = stranger.refresh(text(&second, "refresh_token")).await.is(200);
    stranger.refresh(text(&first, "refresh_token")).await.is(401);
    stranger.refresh(text(&third, "refresh_token")).await.is(401);
    stranger.refresh(text(&elsewhere, "refresh_token")).await.is(200);
}

#[tokio::test]
async fn a_refresh_token_used_twice_at_once_ends_the_session() {
    let app = App::start().await;
    let stranger = app.stranger();
    for _ in 0..5 {
        let session = stranger.login(email(&register(&app).await), PASSWORD).await.is(200);
        let refresh = || stranger.refresh(text(&session, "refresh_token")).into_future();
        let (one, other) = tokio::join!(refresh(), refresh());
        let (fresh, refused) = if one.status == 200 { (one, other) } else { (other, one) };
        refused.is(401);
        let fresh = fresh.is(200);
        stranger.refresh(text(&fresh, "refresh_token")).await.is(401);
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_none_or_old_is_refused() {
    let app = App::start().await;
    let session = register(&app).await;
    for token in ["", "x", text(&session, "access_token"), "🙂"] {
        app.stranger().refresh(token).await.is(401);
    }
    app.arrange("update refresh_tokens set expires_at = now()").await;
    app.stranger().refresh(text(&session, "refresh_token")).await.is(401);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_may_be_repeated() {
    let app = App::start().await;
    let session = register(&app).await;
    let token = text(&session, "refresh_token");
    app.stranger().logout(token).await.is(204);
    app.stranger().refresh(token).await.is(401);
    app.stranger().logout(token).await.is(204);
    app.stranger().logout("never was one").await.is(204);
}

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
    let change = |new: &str| ada.change_profile(json!({ "password": new, "current_password": PASSWORD })).into_future();
    let (one, other) = tokio::join!(change("the one password"), change("the other password"));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    // The second finds the password changed: before its check it is wrong, after its check it is a conflict.
    assert!(matches!(statuses, [200, 409 | 422]), "{statuses:?}");
}

#[tokio::test]
async fn a_password_that_changes_between_the_check_and_the_change_is_a_conflict() {
    let app = App::start().await;
    let ada = owner(&app, &register(&app).await);
    // The row is held while the request checks the password, and has another when it is let go.
    app.arrange(
        "create function slow_change() returns trigger language plpgsql as $$ begin \
             if new.password_hash <> old.password_hash then \
                 new.password_hash := old.password_hash; return null; \
             end if; return new; end $$;
         create trigger slow_change before update on users for each row execute function slow_change()",
    )
    .await;
    ada.change_profile(json!({ "password": "a new password", "current_password": PASSWORD })).await.is(409);
}

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
    let stored = "select count(*) from api_tokens where octet_length(token_hash) = 32";
    assert_eq!(app.count(stored).await, 1);

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
    app.arrange("update api_tokens set expires_at = now()").await;
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
