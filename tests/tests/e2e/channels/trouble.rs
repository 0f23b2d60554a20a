//! What becomes of a notification where the other side hangs, fails, is gone or is not to be called.

use std::time::Duration;

use support::receiver::Manner;

use super::scene::Scene;
use super::*;

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
