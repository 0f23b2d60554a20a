//! What the services ask one another, and what only their sidecars may call.

use http::Method;
use support::{App, Call};

use super::{Fallen, fall_due, told};

/// A call as it would look if it came from the app `caller` to the one that it asks, by way of the sidecars.
fn invoked(app: &App, caller: &str, method: Method, path: &str) -> Call {
    let call = app.intruder(asked(path)).elsewhere(method, path).header("dapr-api-token", app.app_api_token());
    call.header("dapr-caller-app-id", caller)
}

/// The app that answers at a path.
fn asked(path: &str) -> &'static str {
    if path.starts_with("/internal/notifications") { "notification-service" } else { "backend" }
}

#[tokio::test]
async fn only_the_app_that_may_is_answered() {
    let app = App::start().await;
    let ada = app.user().await;
    let Fallen { reminder, .. } = fall_due(&app, &ada, "Pay rent").await;
    for (path, asked_by) in [
        (format!("/internal/reminders/{reminder}"), "notification-service"),
        ("/internal/notifications".to_owned(), "backend"),
    ] {
        let call = || app.intruder(asked(&path)).elsewhere(Method::GET, &path).query("user_id", &ada.id);
        let call = || if asked_by == "backend" { call() } else { call().query("revision", "1") };
        for refused in [
            call(),
            call().header("dapr-api-token", "a guess").header("dapr-caller-app-id", asked_by),
            call().header("dapr-api-token", app.dapr_api_token()).header("dapr-caller-app-id", asked_by),
            call().header("dapr-api-token", app.app_api_token()),
            call().header("dapr-api-token", app.app_api_token()).header("dapr-caller-app-id", "frontend"),
            call().header("dapr-api-token", app.app_api_token()).header("dapr-caller-app-id", &format!("{asked_by},x")),
            call().header("dapr-caller-app-id", asked_by),
            call().header("authorization", &format!("Bearer {}", app.app_api_token())),
        ] {
            let reply = refused.await.is(401);
            assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
        }
        call().header("dapr-api-token", app.app_api_token()).header("dapr-caller-app-id", asked_by).await.is(200);
    }
}

#[tokio::test]
async fn backend_says_what_is_to_be_told_of_a_reminder_and_nothing_of_one_that_is_not() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    ada.change_profile(serde_json::json!({ "timezone": "Asia/Kathmandu" })).await.is(200);
    let Fallen { task, reminder, .. } = fall_due(&app, &ada, "Pay rent").await;
    let ask = async |user: &str, reminder: &str, revision: &str| {
        let path = format!("/internal/reminders/{reminder}");
        let call = invoked(&app, "notification-service", Method::GET, &path);
        call.query("user_id", user).query("revision", revision).await.is(200)["reminder"].clone()
    };
    let told = ask(&ada.id, &reminder, "1").await;
    assert_eq!((&told["title"], &told["zone"]), (&"Pay rent".into(), &"Asia/Kathmandu".into()));
    assert_eq!(told["due_at"], ada.task(&task).await.is(200)["due_at"]);
    assert!(ask(&eve.id, &reminder, "1").await.is_null());
    assert!(ask(&ada.id, &reminder, "2").await.is_null());
    assert!(ask(&ada.id, "0199a0b0-0000-7000-8000-000000000000", "1").await.is_null());
    ada.complete_task(&task).await.is(200);
    assert!(ask(&ada.id, &reminder, "1").await.is_null());

    let path = format!("/internal/reminders/{reminder}");
    invoked(&app, "notification-service", Method::GET, &path).await.is(422);
    invoked(&app, "notification-service", Method::POST, &path).await.is(405);
    invoked(&app, "notification-service", Method::GET, "/internal/reminders/12").await.is(404);
}

#[tokio::test]
async fn notification_service_asks_for_whom() {
    let app = App::start().await;
    let ada = app.user().await;
    for path in ["/internal/notifications", "/internal/notifications/0199a0b0-0000-7000-8000-000000000000"] {
        assert_eq!(invoked(&app, "backend", Method::GET, path).await.wrong_fields(), ["user_id"]);
        invoked(&app, "backend", Method::GET, path).query("user_id", "me").await.is(422);
    }
    let all = invoked(&app, "backend", Method::POST, "/internal/notifications/read-all");
    assert_eq!(all.json(serde_json::json!({})).await.wrong_fields(), ["user_id"]);
    let all = invoked(&app, "backend", Method::POST, "/internal/notifications/read-all");
    all.json(serde_json::json!({ "user_id": ada.id })).await.is(200);
    invoked(&app, "backend", Method::DELETE, "/internal/notifications").query("user_id", &ada.id).await.is(404);
}

#[tokio::test]
async fn whoever_publishes_events_of_reminders_may_have_their_alarms_set() {
    let app = App::start().await;
    let arm = |caller: &str| invoked(&app, caller, Method::POST, "/internal/reminders/arm").json(serde_json::json!({}));
    for caller in ["recurring-service", "notification-service"] {
        assert!(arm(caller).await.status.is_success(), "{caller}");
    }
    arm("frontend").await.is(401);
}

#[tokio::test]
async fn paths_of_the_sidecar_that_lead_nowhere_say_so_to_it_alone() {
    let app = App::start().await;
    for path in ["/internal", "/internal/tasks/1", "/events/nothing", "/job/a/b", "/events"] {
        for method in [Method::GET, Method::POST] {
            let call = || app.intruder("backend").elsewhere(method.clone(), path);
            call().await.is(401);
            call().header("dapr-api-token", "a guess").await.is(401);
            call().header("dapr-api-token", app.app_api_token()).await.is(404);
        }
    }
}

#[tokio::test]
async fn only_the_sidecar_may_deliver_what_becomes_of_reminders() {
    let app = App::start().await;
    let ada = app.user().await;
    let event = fall_due(&app, &ada, "Pay rent").await.event.to_string();
    let service = app.intruder("notification-service");
    let call = || service.elsewhere(Method::POST, super::EVENTS).body("application/cloudevents+json", event.clone());
    call().await.is(401);
    call().header("dapr-api-token", app.dapr_api_token()).await.is(401);
    call().header("dapr-api-token", app.app_api_token()).header("dapr-caller-app-id", "backend").await.is(401);
    assert_eq!(told(&app, &ada).await, 0);
    call().header("dapr-api-token", app.app_api_token()).await.is(200);
    assert_eq!(told(&app, &ada).await, 1);
}
