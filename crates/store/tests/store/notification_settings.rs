//! By which channels people are told, and when not: settings, webhooks, devices, quiet hours, and what a notification is then
//! put on its way to.

use rondo_domain::ids::{PushSubscriptionId, WebhookId};
use rondo_domain::notification::{OutboundUrl, QuietHours, Reach, TimeOfDay};
use rondo_domain::user::Name;
use rondo_store::notification_settings::{self, Available, SettingsChange, SettingsPatch};
use rondo_store::push_subscription::{self, NewPushSubscription, Subscribed};
use rondo_store::webhook;
use serde_json::{Value, json};

use crate::people::{Person, json, random};
use crate::server::{Scratch, number, run};

const ALL: Available = Available { web_push: true, email: true };

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).expect("a time")
}

fn quiet(from: &str, until: &str) -> QuietHours {
    QuietHours::new(time(from), time(until)).expect("quiet hours")
}

fn url(text: &str) -> OutboundUrl {
    OutboundUrl::parse(text, Reach::Public).expect("an address")
}

async fn settings(person: &Person) -> Value {
    notification_settings::get(&person.sql, person.id, ALL).await.expect("an answer").read().expect("JSON")
}

async fn change(person: &Person, patch: SettingsPatch) -> Option<Value> {
    match notification_settings::change(&person.sql, person.id, patch, ALL).await.expect("an answer") {
        SettingsChange::Changed(settings) => Some(json(&settings)),
        SettingsChange::NoWebhook => None,
    }
}

async fn set_webhook(person: &Person, address: &str, secret: &str) -> Value {
    let id = WebhookId::new(jiff::Timestamp::now(), random());
    webhook::set(&person.sql, person.id, id, &url(address), secret).await.expect("an answer").read().expect("JSON")
}

async fn subscribe(person: &Person, endpoint: &str, device: &str, at_most: u32) -> Subscribed {
    let subscription = NewPushSubscription {
        id: PushSubscriptionId::new(jiff::Timestamp::now(), random()),
        endpoint: &url(endpoint),
        p256dh: "p",
        auth: "a",
        device: Some(&Name::parse(device).expect("a name")),
    };
    push_subscription::subscribe(&person.sql, person.id, &subscription, at_most).await.expect("an answer")
}

async fn devices(person: &Person) -> Vec<Value> {
    push_subscription::list(&person.sql, person.id).await.expect("an answer").read().expect("JSON")
}

#[tokio::test]
async fn who_has_chosen_nothing_is_told_in_the_page_alone() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let expected = json!({
        "web_push": false, "webhook": false, "email": false, "quiet_hours": null,
        "available": { "web_push": true, "email": true }, "webhook_url": null, "email_address": "ada@example.com",
    });
    assert_eq!(settings(&ada).await, expected);
}

#[tokio::test]
async fn what_a_change_does_not_name_stays() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let hours = SettingsPatch { quiet_hours: Some(Some(quiet("22:00", "07:05"))), ..SettingsPatch::default() };
    let changed = change(&ada, hours).await.expect("changed");
    assert_eq!(changed["quiet_hours"], json!({ "from": "22:00", "until": "07:05" }));
    let changed = change(&ada, SettingsPatch { email: Some(true), ..SettingsPatch::default() }).await.expect("changed");
    assert_eq!((&changed["email"], &changed["quiet_hours"]["from"]), (&json!(true), &json!("22:00")));
    let none = SettingsPatch { quiet_hours: Some(None), web_push: Some(true), ..SettingsPatch::default() };
    let changed = change(&ada, none).await.expect("changed");
    assert_eq!(
        (&changed["email"], &changed["web_push"], &changed["quiet_hours"]),
        (&json!(true), &json!(true), &Value::Null)
    );
    assert_eq!(settings(&ada).await, changed);
    assert_eq!(settings(&eve).await["email"], false);
}

#[tokio::test]
async fn a_webhook_is_used_only_while_there_is_an_address() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let on = SettingsPatch { webhook: Some(true), ..SettingsPatch::default() };
    assert_eq!(change(&ada, on).await, None);
    assert_eq!(number(&ada.sql, "select count(*) from notification_settings").await, 0);
    set_webhook(&ada, "https://example.com/a", "whsec_1").await;
    assert_eq!(change(&ada, on).await.expect("changed")["webhook_url"], "https://example.com/a");
    let again = set_webhook(&ada, "https://example.com/b", "whsec_2").await;
    assert_eq!(again, json!({ "url": "https://example.com/b", "secret": "whsec_2" }));
    assert_eq!(settings(&ada).await["webhook"], true);
    assert!(webhook::delete(&ada.sql, ada.id).await.expect("an answer"));
    assert!(!webhook::delete(&ada.sql, ada.id).await.expect("an answer"));
    let off = settings(&ada).await;
    assert_eq!((&off["webhook"], &off["webhook_url"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn a_device_that_subscribes_again_is_the_same_device() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let Subscribed::Made(first) = subscribe(&ada, "https://push.example.com/1", "Laptop", 10).await else { panic!() };
    let Subscribed::Replaced(again) = subscribe(&ada, "https://push.example.com/1", "Desk", 10).await else { panic!() };
    assert_eq!(json(&first)["id"], json(&again)["id"]);
    let [device] = &devices(&ada).await[..] else { panic!("one device") };
    assert_eq!((device, &device["device"]), (&json(&again), &json!("Desk")));
    assert!(!again.as_str().contains("p256dh"));
}

#[tokio::test]
async fn who_signs_in_on_another_ones_device_takes_it_over_and_gets_nothing_that_was_on_its_way() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    subscribe(&ada, "https://push.example.com/1", "Laptop", 10).await;
    change(&ada, SettingsPatch { web_push: Some(true), ..SettingsPatch::default() }).await;
    send(&ada, "2026-11-21T12:00Z").await;
    let taken = subscribe(&eve, "https://push.example.com/1", "Mine", 10).await;
    assert!(matches!(taken, Subscribed::Made(_)), "{taken:?}");
    assert_eq!((devices(&ada).await.len(), devices(&eve).await.len()), (0, 1));
    let bound = "select count(*) from notification_deliveries where push_subscription_id is not null";
    assert_eq!(number(&ada.sql, bound).await, 0);
}

#[tokio::test]
async fn a_user_has_so_many_devices_and_no_more_even_at_once() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let other = ada.elsewhere(&scratch).await;
    subscribe(&ada, "https://push.example.com/1", "One", 2).await;
    run(&ada.sql, "begin").await;
    assert!(matches!(subscribe(&ada, "https://push.example.com/2", "Two", 2).await, Subscribed::Made(_)));
    let third = scratch.after_commit_of(&ada.sql, subscribe(&other, "https://push.example.com/3", "Three", 2)).await;
    assert!(matches!(third, Subscribed::NoRoom), "{third:?}");
    assert!(matches!(subscribe(&ada, "https://push.example.com/1", "Uno", 2).await, Subscribed::Replaced(_)));
    assert!(matches!(subscribe(&eve, "https://push.example.com/3", "Hers", 2).await, Subscribed::Made(_)));

    let id = PushSubscriptionId::parse(devices(&ada).await[0]["id"].as_str().expect("an id")).expect("an id");
    assert!(!push_subscription::delete(&eve.sql, eve.id, id).await.expect("an answer"));
    assert!(push_subscription::delete(&ada.sql, ada.id, id).await.expect("an answer"));
    assert!(!push_subscription::delete(&ada.sql, ada.id, id).await.expect("an answer"));
}

/// Puts a notification on its way, at that time.
async fn send(person: &Person, at: &str) {
    run(
        &person.sql,
        &format!(
            "insert into notifications (id, user_id, title) values (gen_random_uuid(), '{}', 'x');
             select send_notification(notifications, '{at}') from notifications order by created_at desc limit 1",
            person.id
        ),
    )
    .await;
}

/// Where notifications are on their way to, and when they are sent.
async fn deliveries(person: &Person) -> Vec<(String, String)> {
    let query = "select channel, utc_text(next_attempt_at) from notification_deliveries order by channel, id";
    let rows = person.sql.client().query(query, &[]).await.expect("rows");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn a_notification_goes_to_each_channel_that_was_chosen_and_to_no_other() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    for (person, device) in [(&ada, "a"), (&ada, "b"), (&eve, "c")] {
        subscribe(person, &format!("https://push.example.com/{device}"), device, 10).await;
        set_webhook(person, "https://example.com/hook", "whsec_x").await;
    }
    send(&ada, "2026-11-21T12:00Z").await;
    assert!(deliveries(&ada).await.is_empty(), "she chose nothing");
    let all = SettingsPatch { web_push: Some(true), webhook: Some(true), email: Some(true), quiet_hours: None };
    change(&ada, all).await;
    send(&ada, "2026-11-21T12:00Z").await;
    let noon = "2026-11-21T12:00:00.000000Z";
    let expected = ["email", "web_push", "web_push", "webhook"].map(|channel| (channel.to_owned(), noon.to_owned()));
    assert_eq!(deliveries(&ada).await, expected);
}

#[tokio::test]
async fn in_quiet_hours_of_the_persons_zone_channels_wait_until_they_are_over() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    run(&ada.sql, "update users set timezone = 'Asia/Kathmandu'").await;
    let patch = SettingsPatch {
        email: Some(true),
        quiet_hours: Some(Some(quiet("22:00", "07:00"))),
        ..SettingsPatch::default()
    };
    change(&ada, patch).await;
    // 22:45 there.
    send(&ada, "2026-11-21T17:00Z").await;
    assert_eq!(deliveries(&ada).await, [("email".to_owned(), "2026-11-22T01:15:00.000000Z".to_owned())]);
}

#[tokio::test]
async fn quiet_hours_end_when_the_clocks_first_show_it() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    for (what, zone, from, until, at, expected) in [
        ("by day, within", "UTC", "13:00", "15:00", "2026-11-21T13:00Z", "2026-11-21T15:00Z"),
        ("by day, before", "UTC", "13:00", "15:00", "2026-11-21T12:59:59Z", "2026-11-21T12:59:59Z"),
        ("by day, at their end", "UTC", "13:00", "15:00", "2026-11-21T15:00Z", "2026-11-21T15:00Z"),
        ("before midnight", "UTC", "22:00", "07:00", "2026-11-21T22:00Z", "2026-11-22T07:00Z"),
        ("after midnight", "UTC", "22:00", "07:00", "2026-11-22T00:00Z", "2026-11-22T07:00Z"),
        ("in the morning", "UTC", "22:00", "07:00", "2026-11-22T07:00Z", "2026-11-22T07:00Z"),
        ("in the evening", "UTC", "22:00", "07:00", "2026-11-22T21:59:59Z", "2026-11-22T21:59:59Z"),
        ("until midnight", "UTC", "20:00", "00:00", "2026-11-21T23:30Z", "2026-11-22T00:00Z"),
        ("from midnight", "UTC", "00:00", "06:00", "2026-11-22T00:00Z", "2026-11-22T06:00Z"),
        ("at the end of a month", "UTC", "22:00", "07:00", "2026-12-31T23:00Z", "2027-01-01T07:00Z"),
        ("far east", "Pacific/Kiritimati", "22:00", "07:00", "2026-11-21T09:00Z", "2026-11-21T17:00Z"),
        // Berlin, 28 March 2027: after 01:59 the clocks show 03:00.
        ("a short night", "Europe/Berlin", "22:00", "07:00", "2027-03-27T22:00Z", "2027-03-28T05:00Z"),
        ("an end that is skipped", "Europe/Berlin", "22:00", "02:30", "2027-03-27T23:00Z", "2027-03-28T01:30Z"),
        // New York, 1 November 2026: after 01:59 the clocks show 01:00 again.
        ("a long night", "America/New_York", "22:00", "07:00", "2026-11-01T03:00Z", "2026-11-01T12:00Z"),
        ("the first of two ends", "America/New_York", "22:00", "01:30", "2026-11-01T03:00Z", "2026-11-01T05:30Z"),
        ("between the two ends", "America/New_York", "22:00", "01:30", "2026-11-01T05:45Z", "2026-11-01T05:45Z"),
        ("before the second", "America/New_York", "22:00", "01:30", "2026-11-01T06:15Z", "2026-11-01T06:30Z"),
        // Lord Howe, 4 April 2027: after 01:59 the clocks show 01:30 again.
        ("half an hour", "Australia/Lord_Howe", "23:00", "06:00", "2027-04-03T13:00Z", "2027-04-03T19:30Z"),
    ] {
        let query = "select utc_text(end_of_quiet_hours(
            $1::text::timestamptz, $2::text, $3::text::time, $4::text::time)) = utc_text($5::text::timestamptz)";
        let row = sql.client().query_one(query, &[&at, &zone, &from, &until, &expected]).await.expect("an answer");
        assert!(row.get::<_, bool>(0), "{what}");
    }
}
