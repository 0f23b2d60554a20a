//! `/api/auth`: accounts and sessions.

use http::Method;
use serde_json::{Value, json};
use support::people::new_email;
use support::{App, Client, Reply};

pub const PASSWORD: &str = "correct horse battery";

/// Somebody who registers.
pub async fn register(app: &App) -> Reply {
    app.stranger().register(json!({ "email": new_email(), "password": PASSWORD })).await.is(201)
}

pub fn text<'a>(reply: &'a Reply, member: &str) -> &'a str {
    reply[member].as_str().unwrap_or_else(|| panic!("no {member} in {}", reply.text()))
}

pub fn email(session: &Reply) -> &str {
    session["user"]["email"].as_str().expect("an e-mail address")
}

fn id(session: &Reply) -> &str {
    session["user"]["id"].as_str().expect("an id")
}

/// The owner of a session, by its access token.
pub fn owner(app: &App, session: &Reply) -> Client {
    app.stranger().with_token(text(session, "access_token"))
}

#[tokio::test]
async fn who_registers_is_signed_in() {
    let app = App::start().await;
    let address = new_email();
    let registration = json!({
        "email": format!(" {} ", address.to_uppercase()), "password": "пароль12", "name": " Ada ", "timezone": "europe/berlin",
    });
    let session = app.stranger().register(registration).await.is(201);
    assert_eq!((email(&session), &session["user"]["name"]), (address.as_str(), &json!("Ada")));
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
    app.stranger().login(&format!(" {} ", email(&session).to_uppercase()), PASSWORD).await.is(200);
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
    let address = new_email();
    let refused: [(Value, &[&str]); 11] = [
        (json!({}), &["email", "password"]),
        (json!({ "email": "ada", "password": PASSWORD }), &["email"]),
        (json!({ "email": "a b@example.com", "password": PASSWORD }), &["email"]),
        (json!({ "email": format!("{}@example.com", "x".repeat(250)), "password": PASSWORD }), &["email"]),
        (json!({ "email": address, "password": "1234567" }), &["password"]),
        (json!({ "email": address, "password": "x".repeat(257) }), &["password"]),
        (json!({ "email": address, "password": 12345678 }), &["password"]),
        (json!({ "email": address, "password": PASSWORD, "name": "" }), &["name"]),
        (json!({ "email": address, "password": PASSWORD, "name": "x".repeat(101) }), &["name"]),
        (json!({ "email": address, "password": PASSWORD, "timezone": "Mars/Olympus" }), &["timezone"]),
        (json!({ "email": address, "password": PASSWORD, "role": "admin" }), &["role"]),
    ];
    for (body, fields) in refused {
        assert_eq!(app.stranger().register(body.clone()).await.wrong_fields(), fields, "{body}");
    }
    assert_eq!(app.count_of("select count(*) from users where email = $1", &address).await, 0);
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
    let session = register(&app).await;
    let query = "select password_hash from users where id::text = $1";
    let stored: String = app.sql(query, &[&id(&session)]).await[0].get(0);
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    let hashed = "select count(*) from refresh_tokens where user_id::text = $1 and octet_length(token_hash) = 32";
    assert_eq!(app.count_of(hashed, id(&session)).await, 1);
}

#[tokio::test]
async fn ten_wrong_passwords_in_a_row_make_an_address_wait_whether_it_has_an_account_or_not() {
    let app = App::start().await;
    let session = register(&app).await;
    let addresses = [email(&session).to_owned(), new_email()];
    for address in &addresses {
        for _ in 0..10 {
            app.stranger().login(address, "wrong password").await.is(401);
        }
        let blocked = app.stranger().login(address, PASSWORD).await.is(429);
        let seconds: u64 = blocked.header("retry-after").parse().expect("seconds");
        assert!((1..=30).contains(&seconds), "{seconds}");
    }
    app.arrange(&format!(
        "update login_failures set last_failure_at = last_failure_at - interval '31 seconds'
         where email_hash = sha256(convert_to('{}', 'UTF8'))",
        email(&session)
    ))
    .await;
    app.stranger().login(email(&session), PASSWORD).await.is(200);
    app.stranger().login(email(&session), "wrong password").await.is(401);
    app.stranger().login(email(&session), PASSWORD).await.is(200);
}

#[tokio::test]
async fn who_would_wait_too_long_for_a_turn_to_sign_in_is_told_to_come_back() {
    let app = App::start().await;
    let session = register(&app).await;
    let queue =
        "insert into password_hash_turns (expires_at) select now() + interval '1 hour' from generate_series(1, 11)";
    app.arrange(queue).await;
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
    app.arrange(&format!("update refresh_tokens set expires_at = now() where user_id = '{}'", id(&session))).await;
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
