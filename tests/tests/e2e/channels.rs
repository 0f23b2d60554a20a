//! Notifications by web push, webhook and e-mail: what is sent, and what becomes of it where the other side hangs, fails or is gone.

mod scene;

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::oracle;
use crate::support::receiver::{Manner, Received, Receiver};
use crate::support::{App, Reply, Setup, eventually};
use scene::{AUTH, BROWSER_PRIVATE_KEY, JOB, P256DH, Scene, VAPID_PUBLIC_KEY, WEBHOOK_SECRET, taker, variables};

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
    let (push, webhook, mail) = tokio::join!(taker(), taker(), taker());
    let app = App::with(Setup { variables: variables("", &mail), ..Setup::default() }).await;
    let ada = app.user().await;
    let device = json!({ "endpoint": push.url("/device"), "keys": { "p256dh": P256DH, "auth": AUTH } });
    ada.call("createPushSubscription").json(device).await.is(201);
    let kept = ada.call("setWebhook").json(json!({ "url": webhook.url("/hook") })).await.is(200);
    let all = json!({ "web_push": true, "webhook": true, "email": true });
    ada.call("changeNotificationSettings").json(all).await.is(200);

    let task = ada.new_task("Pay rent").await.id();
    let soon = (Timestamp::now() + SignedDuration::from_secs(2)).to_string();
    ada.call("createReminder").json(json!({ "task_id": task, "scheduled_for": soon })).await.is(201);
    eventually("it is told everywhere", async || {
        [&push, &webhook, &mail].iter().all(|receiver| receiver.received().len() == 1).then_some(())
    })
    .await;
    assert_eq!(opened(&push.received()[0])["message"]["task_id"], task);
    assert!(is_signed_with(kept["secret"].as_str().expect("a secret"), &webhook.received()[0]));
    assert_eq!(json_of(&mail.received()[0])["subject"], "Reminder: Pay rent");
    eventually("all is settled", async || {
        let listed = ada.call("listNotifications").await.is(200);
        let deliveries = listed["notifications"][0]["deliveries"].as_array().expect("deliveries").clone();
        (deliveries.len() == 3 && deliveries.iter().all(|delivery| delivery["status"] == "sent")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_browser_reads_what_is_pushed_and_its_push_service_knows_who_sent_it() {
    let scene = Scene::set().await;
    scene.use_channels(&["web_push"]).await;
    let task = scene.notify().await;
    scene.run_job().await;
    let [push] = &scene.push.received()[..] else { panic!("one push") };
    let opened = opened(push);
    let message = &opened["message"];
    assert_eq!((&message["task_id"], &message["title"]), (&json!(task), &json!("Pay rent")));
    assert_eq!(
        (&message["body"], &message["is_late"], &message["task_instance_id"]),
        (&json!("Due now"), &json!(false), &Value::Null)
    );
    assert_eq!((&opened["isGenuine"], &opened["key"]), (&json!(true), &json!(VAPID_PUBLIC_KEY)));
    assert_eq!(opened["claims"]["aud"], scene.push.url(""));
    assert_eq!(opened["claims"]["sub"], "mailto:ops@example.org");
    for (name, value) in [("content-encoding", "aes128gcm"), ("ttl", "86400"), ("urgency", "high")] {
        assert_eq!(push.header(name), value);
    }
    assert_eq!(push.header("topic"), message["notification_id"].as_str().expect("an id").replace('-', ""));
    assert_eq!(push.body.len(), 3154, "the length tells nothing");
    let delivery = scene.delivery("web_push").await;
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("sent"), &json!(1)));
}

#[tokio::test]
async fn a_webhook_is_signed_so_that_its_receiver_knows_who_calls() {
    let scene = Scene::set().await;
    scene.use_channels(&["webhook"]).await;
    let task = scene.notify().await;
    scene.run_job().await;
    let [call] = &scene.webhook.received()[..] else { panic!("one call") };
    assert!(is_genuine(call));
    let mut forged = call.clone();
    forged.body = Bytes::from(String::from_utf8_lossy(&call.body).replace("Pay rent", "Pay Eve"));
    assert!(!is_genuine(&forged));
    let body = json_of(call);
    assert_eq!((&body["type"], &body["data"]["task_id"]), (&json!("notification.created"), &json!(task)));
    assert_eq!((&body["data"]["user_id"], &body["data"]["title"]), (&json!(scene.ada.id), &json!("Pay rent")));
    assert_eq!(scene.delivery("webhook").await["status"], "sent");
}

#[tokio::test]
async fn an_e_mail_goes_to_the_mail_service_with_its_token() {
    let scene = Scene::set().await;
    scene.use_channels(&["email"]).await;
    scene.notify().await;
    scene.run_job().await;
    let [mail] = &scene.mail.received()[..] else { panic!("one mail") };
    assert_eq!((mail.path.as_str(), mail.header("authorization")), ("/emails", "Bearer re_token"));
    let body = json_of(mail);
    assert_eq!((&body["from"], &body["subject"]), (&json!("Rondo <rondo@example.org>"), &json!("Reminder: Pay rent")));
    let address: String = scene.app.sql("select email from users", &[]).await[0].get(0);
    assert_eq!(body["to"], json!([address]));
    assert!(body["text"].as_str().expect("a text").starts_with("Pay rent\nDue now\n"), "{body}");
    let id: String = scene.app.sql("select id::text from notification_deliveries", &[]).await[0].get(0);
    assert_eq!(mail.header("idempotency-key"), id);
}

#[tokio::test]
async fn a_channel_that_hangs_holds_up_no_other() {
    let scene = Scene::set().await;
    scene.use_channels(&["web_push", "webhook", "email"]).await;
    scene.push.answer(Manner::NotAtAll);
    scene.mail.answer(Manner::Slowly(Duration::from_secs(2)));
    scene.notify().await;
    tokio::join!(scene.run_job(), async {
        eventually("the others have come", async || {
            (scene.webhook.received().len() == 1 && scene.mail.received().len() == 1).then_some(())
        })
        .await;
        assert_eq!(scene.delivery("web_push").await["status"], "pending", "it still hangs");
    });
    for channel in ["webhook", "email"] {
        assert_eq!(scene.delivery(channel).await["status"], "sent", "{channel}");
    }
    let hung = scene.delivery("web_push").await;
    assert_eq!((&hung["status"], &hung["attempts"]), (&json!("pending"), &json!(1)));
    assert_eq!(hung["last_error"], "The device's push service was not reached: it did not answer in time.");
}

#[tokio::test]
async fn what_fails_is_tried_again_ever_more_rarely_under_one_id_and_at_last_shown_as_failed() {
    let scene = Scene::set().await;
    scene.use_channels(&["webhook"]).await;
    scene.webhook.answer(Manner::Status(503));
    scene.notify().await;
    for (attempt, wait_s) in [10, 30, 120, 600, 1800, 7200].into_iter().enumerate() {
        scene.run_job().await;
        scene.pass(SignedDuration::from_secs(wait_s - 1));
        scene.run_job().await;
        assert_eq!(scene.webhook.received().len(), attempt + 1, "it waits {wait_s} seconds");
        assert_eq!(scene.delivery("webhook").await["status"], "pending");
        scene.pass(SignedDuration::from_secs(2));
    }
    scene.run_job().await;
    scene.pass(SignedDuration::from_hours(24));
    scene.run_job().await;
    let calls = scene.webhook.received();
    assert_eq!(calls.len(), 7);
    assert!(calls.iter().all(|call| is_genuine(call) && call.header("webhook-id") == calls[0].header("webhook-id")));
    let failed = scene.delivery("webhook").await;
    assert_eq!((&failed["status"], &failed["attempts"]), (&json!("failed"), &json!(7)));
    assert_eq!(failed["last_error"], "After 7 attempts: The webhook's address answered 503.");
}

#[tokio::test]
async fn what_works_again_is_sent_and_who_asks_for_time_gets_it() {
    let scene = Scene::set().await;
    scene.use_channels(&["webhook"]).await;
    scene.webhook.answer(Manner::With(429, "retry-after", "300"));
    scene.notify().await;
    scene.run_job().await;
    scene.webhook.answer(Manner::Status(204));
    scene.pass(SignedDuration::from_secs(299));
    scene.run_job().await;
    assert_eq!(scene.webhook.received().len(), 1);
    scene.pass(SignedDuration::from_secs(2));
    scene.run_job().await;
    let sent = scene.delivery("webhook").await;
    assert_eq!((&sent["status"], &sent["attempts"], &sent["last_error"]), (&json!("sent"), &json!(2), &Value::Null));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_refusal_is_final() {
    let scene = Scene::set().await;
    scene.use_channels(&["webhook", "email"]).await;
    scene.webhook.answer(Manner::With(302, "location", "/elsewhere"));
    scene.mail.answer(Manner::Status(403));
    scene.notify().await;
    scene.run_job().await;
    scene.pass(SignedDuration::from_hours(24));
    scene.run_job().await;
    assert_eq!((scene.webhook.received().len(), scene.mail.received().len()), (1, 1));
    let (redirected, refused) = (scene.delivery("webhook").await, scene.delivery("email").await);
    assert_eq!((&redirected["status"], &refused["status"]), (&json!("failed"), &json!("failed")));
    assert!(redirected["last_error"].as_str().expect("a reason").contains("redirects (302)"), "{redirected}");
    assert!(refused["last_error"].as_str().expect("a reason").contains("(403)"), "{refused}");
}

#[tokio::test]
async fn a_device_that_is_gone_is_removed() {
    for status in [404, 410] {
        let scene = Scene::set().await;
        scene.use_channels(&["web_push"]).await;
        scene.push.answer(Manner::Status(status));
        scene.notify().await;
        scene.run_job().await;
        assert_eq!(scene.app.count("select count(*) from push_subscriptions").await, 0);
        let gone = scene.delivery("web_push").await;
        assert_eq!((&gone["status"], &gone["last_error"]), (&json!("failed"), &json!("This device has unsubscribed.")));
    }
}

#[tokio::test]
async fn quiet_hours_hold_back_every_channel_and_what_comes_afterwards_is_still_true() {
    let scene = Scene::set().await;
    scene.use_channels(&["web_push", "webhook", "email"]).await;
    // From an hour ago to an hour from now, on the clocks of UTC.
    scene
        .app
        .arrange(&format!(
            "update notification_settings set quiet_from = date_trunc('minute', time.at - interval '1 hour')::time,
                quiet_until = date_trunc('minute', time.at + interval '1 hour')::time
            from (select '{}'::timestamptz at time zone 'UTC' as at) as time",
            scene.clock.now()
        ))
        .await;
    scene.notify().await;
    scene.run_job().await;
    for receiver in [&scene.push, &scene.webhook, &scene.mail] {
        assert!(receiver.received().is_empty());
    }
    assert_eq!(scene.ada.call("listNotifications").await["unread"], 1, "the page has it");
    let due = scene.clock.now().to_zoned(jiff::tz::TimeZone::UTC).strftime("Due %a %-d %b, %H:%M UTC").to_string();
    scene.pass(SignedDuration::from_mins(61));
    scene.run_job().await;
    assert_eq!(opened(&scene.push.received()[0])["message"]["body"], due);
    assert_eq!(json_of(&scene.webhook.received()[0])["data"]["body"], due);
    let mail = json_of(&scene.mail.received()[0]);
    assert!(mail["text"].as_str().expect("a text").starts_with(&format!("Pay rent\n{due}\n")), "{mail}");
}

#[tokio::test]
async fn what_is_done_or_read_before_it_is_sent_is_not_sent() {
    let scene = Scene::set().await;
    scene.use_channels(&["webhook"]).await;
    let task = scene.notify().await;
    scene.ada.complete_task(&task).await.is(200);
    scene.run_job().await;
    assert!(scene.webhook.received().is_empty());
    assert_eq!(scene.delivery("webhook").await["status"], "cancelled");
}

#[tokio::test]
async fn what_was_sent_before_a_death_and_not_settled_is_sent_again_under_the_same_ids() {
    let scene = Scene::set().await;
    scene.use_channels(&["web_push", "webhook", "email"]).await;
    scene.notify().await;
    // The fourth request out of the component is the last of the three that are sent.
    let answer = scene.app.deliver_as("die-3-after", "notification-service", JOB, "{}").await;
    assert!(answer.is_none_or(|answer| answer.status().is_server_error()));
    assert_eq!(scene.mortality.deaths(), 1);
    let all = || [&scene.push, &scene.webhook, &scene.mail].map(Receiver::received);
    eventually("all were sent", async || all().iter().all(|received| received.len() == 1).then_some(())).await;
    scene.run_job().await;
    assert!(all().iter().all(|received| received.len() == 1), "the lease holds");
    scene.pass(SignedDuration::from_secs(61));
    scene.run_job().await;
    for (received, id) in all().into_iter().zip(["topic", "webhook-id", "idempotency-key"]) {
        assert_eq!(received.len(), 2, "{id}");
        assert_eq!(received[0].header(id), received[1].header(id));
    }
    assert!(scene.deliveries().await.iter().all(|delivery| delivery["status"] == "sent"));
}

#[tokio::test]
async fn a_private_address_is_not_called_and_its_delivery_says_why() {
    let scene = Scene::set_where("private").await;
    scene.use_channels(&["web_push", "webhook"]).await;
    scene.notify().await;
    for url in [scene.webhook.url("/hook"), scene.webhook.url("/hook").replace("http:", "https:")] {
        scene.app.arrange(&format!("update webhooks set url = '{url}'")).await;
        scene.app.arrange("update notification_deliveries set status = 'pending'").await;
        scene.run_job().await;
        let refused = scene.delivery("webhook").await;
        assert_eq!(refused["status"], "failed");
        let reason = refused["last_error"].as_str().expect("a reason");
        assert!(reason.starts_with("The webhook's address must "), "{reason}");
    }
    assert_eq!(scene.delivery("web_push").await["status"], "failed");
    assert!(scene.webhook.received().is_empty() && scene.push.received().is_empty());
}

#[tokio::test]
async fn what_is_no_longer_set_up_fails_with_a_reason() {
    let scene = Scene::set().await;
    scene.use_channels(&["webhook"]).await;
    scene.notify().await;
    scene.app.arrange("delete from webhooks").await;
    scene.run_job().await;
    let failed = scene.delivery("webhook").await;
    assert_eq!((&failed["status"], &failed["last_error"]), (&json!("failed"), &json!("The webhook was taken away.")));
}

#[tokio::test]
async fn very_many_are_sent_by_few_calls() {
    let scene = Scene::set().await;
    scene.use_channels(&["webhook"]).await;
    scene.notify().await;
    scene
        .app
        .arrange(
            "with made as (
                insert into notifications (id, user_id, task_id, title, body, due_at, scheduled_for, delivered_at, created_at)
                select gen_random_uuid(), user_id, task_id, title, body, due_at, scheduled_for, delivered_at, created_at
                from notifications, generate_series(1, 119)
                returning *
            )
            insert into notification_deliveries (notification_id, user_id, channel, next_attempt_at)
            select id, user_id, 'webhook', delivered_at from made",
        )
        .await;
    scene.run_job().await;
    let calls = scene.webhook.received();
    let mut ids: Vec<_> = calls.iter().map(|call| call.header("webhook-id").to_owned()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((calls.len(), ids.len()), (120, 120));
    assert_eq!(scene.app.count("select count(*) from notification_deliveries where status = 'sent'").await, 120);
}

#[tokio::test]
async fn only_the_sidecar_may_have_notifications_sent() {
    let scene = Scene::set().await;
    for path in [JOB, "/job/notification-deliveries-now"] {
        let call = || scene.app.stranger().elsewhere(Method::POST, path).json(json!({}));
        call().await.is(401);
        call().header("dapr-api-token", scene.app.dapr_api_token()).await.is(401);
        call()
            .header("dapr-api-token", scene.app.app_api_token())
            .header("dapr-caller-app-id", "backend")
            .await
            .is(401);
        let _: Reply = call().header("dapr-api-token", scene.app.app_api_token()).await.is(204);
    }
}
