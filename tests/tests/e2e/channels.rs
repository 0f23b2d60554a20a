//! Notifications by web push, webhook and e-mail: what is sent, and what becomes of it where the other side hangs, fails or is gone.

mod scene;
mod sent;
mod trouble;

use bytes::Bytes;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use support::oracle;
use support::receiver::{Received, Receiver};
use support::{App, Setup, eventually};

use scene::{AUTH, BROWSER_PRIVATE_KEY, JOB, P256DH, WEBHOOK_SECRET, taker, variables};

fn base64url(bytes: &Bytes) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// What the browser reads, and what the push service knows of the sender.
fn opened(push: &Received) -> Value {
    oracle::received(&json!({
        "kind": "push", "privateKey": BROWSER_PRIVATE_KEY, "auth": AUTH, "body": base64url(&push.body),
        "authorization": push.header("authorization"),
    }))
}

fn is_genuine(call: &Received) -> bool {
    is_signed_with(WEBHOOK_SECRET, call)
}

fn is_signed_with(secret: &str, call: &Received) -> bool {
    let verdict = oracle::received(&json!({
        "kind": "webhook", "secret": secret, "id": call.header("webhook-id"),
        "timestamp": call.header("webhook-timestamp"), "signature": call.header("webhook-signature"),
        "body": base64url(&call.body),
    }));
    verdict["isGenuine"] == true
}

fn json_of(received: &Received) -> Value {
    serde_json::from_slice(&received.body).expect("JSON")
}

#[tokio::test]
async fn a_reminder_goes_out_by_every_channel_that_was_chosen() {
    let mail = taker().await;
    let app = App::with(Setup { variables: variables("", &mail), ..Setup::default() }).await;
    a_reminder_goes_out(&app, Some(&mail)).await;
    assert_eq!(json_of(&mail.received()[0])["subject"], "Reminder: Pay rent");
}

#[tokio::test]
async fn a_reminder_goes_out_by_web_push_and_webhook() {
    a_reminder_goes_out(&App::that_calls_anybody().await, None).await;
}

/// By web push, by webhook, and by e-mail if there is a mail service.
async fn a_reminder_goes_out(app: &App, mail: Option<&Receiver>) {
    let (push, webhook) = tokio::join!(taker(), taker());
    let ada = app.user().await;
    let device = json!({ "endpoint": push.url("/device"), "keys": { "p256dh": P256DH, "auth": AUTH } });
    ada.create_push_subscription(device).await.is(201);
    let kept = ada.set_webhook(&webhook.url("/hook")).await.is(200);
    let channels = json!({ "web_push": true, "webhook": true, "email": mail.is_some() });
    ada.change_notification_settings(channels).await.is(200);

    let task = ada.new_task("Pay rent").await.id();
    let soon = (Timestamp::now() + SignedDuration::from_secs(2)).to_string();
    ada.create_reminder(json!({ "task_id": task, "scheduled_for": soon })).await.is(201);
    let receivers: Vec<&Receiver> = [&push, &webhook].into_iter().chain(mail).collect();
    eventually("it is told everywhere and settled", async || {
        let listed = ada.notifications().await.is(200);
        let deliveries = listed["notifications"][0]["deliveries"].as_array()?.clone();
        let are_sent = deliveries.len() == receivers.len() && deliveries.iter().all(|one| one["status"] == "sent");
        are_sent.then_some(())
    })
    .await;
    assert_eq!(receivers.iter().map(|one| one.received().len()).collect::<Vec<_>>(), vec![1; receivers.len()]);
    let opened = opened(&push.received()[0]);
    assert_eq!((&opened["isGenuine"], &opened["key"]), (&json!(true), &json!(app.vapid_public_key())));
    assert_eq!(opened["message"]["task_id"], task);
    assert!(is_signed_with(kept["secret"].as_str().expect("a secret"), &webhook.received()[0]));
}

#[tokio::test]
async fn only_the_sidecar_may_have_notifications_sent() {
    let app = App::start().await;
    for path in [JOB, "/job/notification-deliveries-now"] {
        let call = || app.intruder("notification-service").elsewhere(Method::POST, path).json(json!({}));
        call().await.is(401);
        call().header("dapr-api-token", app.dapr_api_token()).await.is(401);
        call().header("dapr-api-token", app.app_api_token()).header("dapr-caller-app-id", "backend").await.is(401);
        call().header("dapr-api-token", app.app_api_token()).await.is(204);
    }
}
