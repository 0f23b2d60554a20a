//! What is sent by each channel, as those read it who get it.

use super::scene::{Scene, VAPID_PUBLIC_KEY};
use super::*;

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
