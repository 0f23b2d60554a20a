//! `/api/notification-settings` and `/api/push-subscriptions`: by which channels people are told, and when not.

use serde_json::{Value, json};
use support::people::new_id;
use support::{App, Setup, User};

/// A browser's public key and shared secret (the example of RFC 8291 §5).
const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

/// What a browser subscribes with.
pub fn subscription(endpoint: &str) -> Value {
    json!({ "endpoint": endpoint, "expirationTime": null, "keys": { "p256dh": P256DH, "auth": AUTH }, "device": "Laptop" })
}

/// An address of a push service for a browser that nobody has.
fn new_endpoint() -> String {
    format!("https://push.example.com/send/{}", new_id())
}

async fn with(variables: &[(&'static str, &str)]) -> App {
    let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    App::with(Setup { variables, ..Setup::default() }).await
}

#[tokio::test]
async fn channels_are_off_until_they_are_turned_on_and_say_whether_they_are_set_up() {
    let app = App::start().await;
    let ada = app.user().await;
    let email = ada.profile().await.is(200)["email"].clone();
    let settings = ada.notification_settings().await.is(200);
    let expected = json!({
        "web_push": false, "webhook": false, "email": false, "quiet_hours": null,
        "available": { "web_push": true, "email": false }, "webhook_url": null, "email_address": email,
    });
    assert_eq!(settings.json, expected);
    let patch = json!({ "web_push": true, "quiet_hours": { "from": "22:00", "until": "07:00" } });
    let changed = ada.change_notification_settings(patch).await.is(200);
    assert_eq!((&changed["web_push"], &changed["quiet_hours"]["until"]), (&json!(true), &json!("07:00")));
    let changed = ada.change_notification_settings(json!({ "quiet_hours": null })).await.is(200);
    assert_eq!((&changed["web_push"], &changed["quiet_hours"]), (&json!(true), &Value::Null));
    assert_eq!(ada.notification_settings().await.is(200).json, changed.json);
    assert_eq!(app.user().await.notification_settings().await.is(200)["web_push"], false);
}

#[tokio::test]
async fn a_channel_that_cant_work_is_not_turned_on() {
    let app = App::start().await;
    can_not_be_turned_on(&app.user().await, &["email", "webhook"]).await;
}

#[tokio::test]
async fn what_the_operator_sets_up_can_be_turned_on_and_nothing_else() {
    let app = with(&[("vapid_private_key", "")]).await;
    let ada = app.user().await;
    can_not_be_turned_on(&ada, &["web_push"]).await;
    ada.push_key().await.is(404);
    let cli = ada
        .with_token(ada.create_api_token(json!({ "name": "cli" })).await.is(201)["token"].as_str().expect("a token"));
    app.gate().close();
    cli.push_key().await.is(503);
    let app = with(&[("mail_url", "https://mail.example.com/emails")]).await;
    let bob = app.user().await;
    let settings = bob.change_notification_settings(json!({ "email": true })).await.is(200);
    assert_eq!((&settings["email"], &settings["available"]["email"]), (&json!(true), &json!(true)));
}

async fn can_not_be_turned_on(user: &User, channels: &[&str]) {
    for channel in channels {
        assert_eq!(user.change_notification_settings(json!({ *channel: true })).await.wrong_fields(), [*channel]);
        assert_eq!(user.change_notification_settings(json!({ *channel: false })).await.is(200)[*channel], false);
    }
}

#[tokio::test]
async fn all_that_is_wrong_with_a_change_is_named() {
    let app = App::start().await;
    let ada = app.user().await;
    for (patch, wrong) in [
        (json!({ "web_push": "yes", "webhook": null, "colour": "red" }), vec!["web_push", "webhook", "colour"]),
        (json!({ "quiet_hours": "at night" }), vec!["quiet_hours"]),
        (json!({ "quiet_hours": { "from": "22:00" } }), vec!["quiet_hours.until"]),
        (json!({ "quiet_hours": { "from": "10pm", "until": "7" } }), vec!["quiet_hours.from", "quiet_hours.until"]),
        (json!({ "quiet_hours": { "from": "07:00", "until": "07:00" } }), vec!["quiet_hours.until"]),
        (json!({ "quiet_hours": { "from": "22:00", "until": "07:00", "on": "mon" } }), vec!["quiet_hours.on"]),
    ] {
        assert_eq!(ada.change_notification_settings(patch.clone()).await.wrong_fields(), wrong, "{patch}");
    }
    let kept = "select count(*) from notification_settings where user_id::text = $1";
    assert_eq!(app.count_of(kept, &ada.id).await, 0);
}

#[tokio::test]
async fn a_webhook_gets_an_address_and_a_secret_that_is_shown_once() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.delete_webhook().await.is(404);
    let first = ada.set_webhook("https://hooks.example.com/a?b=c").await.is(200);
    assert_eq!(first["url"], "https://hooks.example.com/a?b=c");
    let secret = first["secret"].as_str().expect("a secret").to_owned();
    let settings = ada.change_notification_settings(json!({ "webhook": true })).await.is(200);
    assert_eq!(settings["webhook_url"], first["url"]);
    assert!(!settings.text().contains(&secret));
    let second = ada.set_webhook("https://hooks.example.com/b").await.is(200);
    assert_ne!(second["secret"], first["secret"]);
    assert_eq!(ada.notification_settings().await.is(200)["webhook"], true);
    assert_eq!(app.user().await.notification_settings().await.is(200)["webhook_url"], Value::Null);
    ada.delete_webhook().await.is(204);
    let settings = ada.notification_settings().await.is(200);
    assert_eq!((&settings["webhook"], &settings["webhook_url"]), (&json!(false), &Value::Null));
}

const PRIVATE: [&str; 5] = [
    "https://127.0.0.1/hook",
    "https://[::ffff:10.0.0.1]/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://localhost:8443/hook",
    "http://example.com/hook",
];

#[tokio::test]
async fn addresses_that_lead_into_private_networks_are_refused() {
    let app = with(&[("blocked_networks", "private")]).await;
    let ada = app.user().await;
    for address in PRIVATE {
        assert_eq!(ada.set_webhook(address).await.wrong_fields(), ["url"], "{address}");
        let refused = ada.create_push_subscription(subscription(address)).await;
        assert_eq!(refused.wrong_fields(), ["endpoint"], "{address}");
    }
}

#[tokio::test]
async fn the_operator_may_allow_addresses_that_lead_into_private_networks() {
    let app = App::that_calls_anybody().await;
    let bob = app.user().await;
    for address in PRIVATE {
        bob.set_webhook(address).await.is(200);
        bob.create_push_subscription(subscription(address)).await.is(201);
    }
    assert_eq!(bob.set_webhook("https://user:password@example.com").await.wrong_fields(), ["url"]);
}

#[tokio::test]
async fn a_browser_subscribes_with_the_servers_key_and_is_listed_until_it_is_taken_away() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    assert_eq!(ada.push_key().await.is(200).json, json!({ "public_key": app.vapid_public_key() }));
    let endpoint = new_endpoint();
    let made = ada.create_push_subscription(subscription(&endpoint)).await.is(201);
    assert_eq!(made.header("location"), format!("/api/push-subscriptions/{}", made.id()));
    assert_eq!((&made["device"], &made["last_used_at"]), (&json!("Laptop"), &Value::Null));
    let again = json!({ "endpoint": endpoint, "keys": { "p256dh": P256DH, "auth": AUTH } });
    let replaced = ada.create_push_subscription(again).await.is(200);
    assert_eq!((replaced.id(), &replaced["device"]), (made.id(), &Value::Null));
    assert_eq!(ada.push_subscriptions().await.is(200).json, json!([replaced.json]));

    eve.delete_push_subscription(&made.id()).await.is(404);
    let taken = eve.create_push_subscription(subscription(&endpoint)).await.is(201);
    assert_eq!(ada.push_subscriptions().await.is(200).json, json!([]));
    eve.delete_push_subscription(&taken.id()).await.is(204);
    eve.delete_push_subscription(&taken.id()).await.is(404);
    eve.delete_push_subscription("12").await.is(404);
}

#[tokio::test]
async fn a_user_has_at_most_ten_devices() {
    let app = App::start().await;
    let ada = app.user().await;
    let devices: Vec<Value> = (0..11).map(|_| subscription(&new_endpoint())).collect();
    for device in &devices[..10] {
        ada.create_push_subscription(device.clone()).await.is(201);
    }
    ada.create_push_subscription(devices[10].clone()).await.is(409);
    ada.create_push_subscription(devices[3].clone()).await.is(200);
    assert_eq!(ada.push_subscriptions().await.is(200).json.as_array().map(Vec::len), Some(10));
}

#[tokio::test]
async fn what_is_no_subscription_of_a_browser_is_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    let with = |pointer: &str, value: Value| {
        let mut body = subscription("https://push.example.com/1");
        *body.pointer_mut(pointer).expect("a place") = value;
        body
    };
    for (body, wrong) in [
        (with("/endpoint", json!("push.example.com")), vec!["endpoint"]),
        (with("/endpoint", json!(format!("https://example.com/{}", "x".repeat(2000)))), vec!["endpoint"]),
        (with("/keys", Value::Null), vec!["keys"]),
        (with("/keys", json!({})), vec!["keys.p256dh", "keys.auth"]),
        (with("/keys/p256dh", json!("AAAA")), vec!["keys.p256dh"]),
        // 65 bytes, but no point of the curve.
        (with("/keys/p256dh", json!(format!("BA{}", "A".repeat(85)))), vec!["keys.p256dh"]),
        (with("/keys/auth", json!("BTBZMqHH6r4Tts7J_aSI")), vec!["keys.auth"]),
        (with("/keys/auth", json!("not base64url!")), vec!["keys.auth"]),
        (with("/expirationTime", json!("soon")), vec!["expirationTime"]),
        (with("/device", json!("")), vec!["device"]),
        (json!({}), vec!["endpoint", "keys"]),
    ] {
        assert_eq!(ada.create_push_subscription(body.clone()).await.wrong_fields(), wrong, "{body}");
    }
    assert_eq!(ada.push_subscriptions().await.is(200).json, json!([]));
}
