//! The inbox at `/api/notifications`.

use serde_json::json;
use support::{App, User};

use super::{Fallen, fall_due, verdict};

/// The ids of what somebody was told, newest first.
async fn told_three_times(app: &App, user: &User) -> Vec<String> {
    for title in ["one", "two", "three"] {
        let Fallen { event, .. } = fall_due(app, user, title).await;
        assert_eq!(verdict(app, &event).await, "SUCCESS");
    }
    let inbox = user.notifications().await.is(200);
    assert_eq!(inbox.pick("notifications", "title"), ["three", "two", "one"]);
    inbox.pick("notifications", "id")
}

#[tokio::test]
async fn the_inbox_tells_what_is_unread_until_it_is_read() {
    let app = App::start().await;
    let ada = app.user().await;
    let ids = told_three_times(&app, &ada).await;
    let read = ada.read_notification(&ids[1]).await.is(200);
    assert_eq!(read["status"], "read");
    assert!(read["read_at"].is_string());
    assert_eq!(ada.read_notification(&ids[1]).await.is(200).json, read.json);
    let unread = ada.notifications().query("status", "unread").await.is(200);
    assert_eq!(
        (unread.pick("notifications", "title"), &unread["unread"]),
        (vec!["three".into(), "one".into()], &json!(2))
    );
    let all = ada.notifications().query("status", "all").query("page_size", "1").query("page", "2").await.is(200);
    assert_eq!(
        (all.pick("notifications", "id"), &all["unread"], &all["total"]),
        (vec![ids[1].clone()], &json!(2), &json!(3))
    );
    assert_eq!(ada.read_all_notifications().await.is(200).json, json!({ "unread": 0, "updated": 2 }));
    assert_eq!(ada.read_all_notifications().await.is(200).json, json!({ "unread": 0, "updated": 0 }));
    assert_eq!(ada.notifications().await.is(200)["unread"], 0);
}

#[tokio::test]
async fn somebody_elses_notifications_read_as_absent() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let ids = told_three_times(&app, &ada).await;
    assert_eq!(eve.notifications().await.is(200)["total"], 0);
    eve.notification(&ids[0]).await.is(404);
    eve.read_notification(&ids[0]).await.is(404);
    assert_eq!(eve.read_all_notifications().await.is(200)["updated"], 0);
    // Nobody says in a query or a header who asks.
    eve.notifications().query("user_id", &ada.id).await.is(422);
    eve.notification(&ids[0]).query("user_id", &ada.id).await.is(422);
    let headers = eve.notification(&ids[0]).header("x-user-id", &ada.id).header("dapr-caller-app-id", "backend");
    headers.await.is(404);
    assert_eq!(ada.notifications().await.is(200)["unread"], 3);
    assert_eq!(ada.notifications().query("status", "seen").await.wrong_fields(), ["status"]);
    ada.notification("12").await.is(404);
}

#[tokio::test]
async fn while_notification_service_cant_be_asked_the_client_is_told_to_come_back() {
    let app = App::start().await;
    let ada = app.user().await;
    let ids = told_three_times(&app, &ada).await;
    app.kill_sidecar();
    for call in
        [ada.notifications(), ada.notification(&ids[0]), ada.read_notification(&ids[0]), ada.read_all_notifications()]
    {
        let away = call.await.is(503);
        assert_eq!(away.header("retry-after"), "1");
    }
    app.start_sidecar().await;
    assert_eq!(ada.notifications().await.is(200)["unread"], 3);
}
