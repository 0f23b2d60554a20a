//! `/api/recurrence/preview`: what a rule would do.

use serde_json::{Value, json};
use support::reply::pick;
use support::{App, Reply};

fn utc(preview: &Reply) -> Vec<String> {
    preview.pick("occurrences", "utc")
}

#[tokio::test]
async fn a_preview_shows_the_first_occurrences_from_the_start_on_also_when_they_are_past() {
    let app = App::start().await;
    let ada = app.user().await;
    let asked = json!({
        "rrule": "FREQ=WEEKLY;BYDAY=FR;BYHOUR=14", "timezone_iana": "America/New_York", "starts_at": "2024-03-01T00:00:00", "count": 3,
    });
    let preview = ada.preview(asked).await.is(200);
    // New York's clocks go forward on 10 March.
    assert_eq!(utc(&preview), ["2024-03-01T19:00:00Z", "2024-03-08T19:00:00Z", "2024-03-15T18:00:00Z"]);
    let local = ["2024-03-01T14:00:00", "2024-03-08T14:00:00", "2024-03-15T14:00:00"];
    assert_eq!(pick(&preview["occurrences"], "local"), local);
    assert_eq!(preview["notes"], json!([]));
    assert!(preview["summary"].as_str().is_some_and(|summary| summary.contains("Friday")));
    assert_eq!((&ada.tasks().await.is(200)["total"], app.told(&ada).await.len()), (&json!(0), 0));
}

#[tokio::test]
async fn a_time_that_does_not_exist_is_moved_and_noted_or_left_out() {
    let app = App::start().await;
    let ada = app.user().await;
    let daily = |gap: &str| {
        json!({
            "rrule": "FREQ=DAILY", "timezone_iana": "America/New_York", "starts_at": "2027-03-13T02:30:00", "count": 2, "gap": gap,
        })
    };
    let moved = ada.preview(daily("shift")).await.is(200);
    assert_eq!(utc(&moved), ["2027-03-13T07:30:00Z", "2027-03-14T07:30:00Z"]);
    assert_eq!(moved["occurrences"][1]["local"], "2027-03-14T03:30:00");
    assert!(moved["notes"][0].as_str().is_some_and(|note| note.starts_with("02:30 does not exist on 2027-03-14")));
    let left_out = ada.preview(daily("skip")).await.is(200);
    assert_eq!(utc(&left_out), ["2027-03-13T07:30:00Z", "2027-03-15T06:30:00Z"]);
}

#[tokio::test]
async fn a_preview_has_ten_occurrences_unless_it_is_asked_for_others_or_the_series_ends() {
    let app = App::start().await;
    let ada = app.user().await;
    let previewed = async |fields: Value| {
        let mut asked = json!({ "rrule": "FREQ=DAILY", "timezone_iana": "UTC" });
        asked.as_object_mut().expect("fields").extend(fields.as_object().expect("fields").clone());
        utc(&ada.preview(asked).await.is(200)).len()
    };
    assert_eq!(previewed(json!({})).await, 10);
    assert_eq!(previewed(json!({ "count": null })).await, 10);
    assert_eq!(previewed(json!({ "count": 100 })).await, 100);
    assert_eq!(previewed(json!({ "rrule": "FREQ=DAILY;COUNT=3" })).await, 3);
    assert_eq!(previewed(json!({ "recurrence_max_count": 3 })).await, 3);
    let (starts_at, exdates) = ("2026-01-01T09:00:00", ["2026-01-02T09:00:00"]);
    assert_eq!(
        previewed(json!({ "rrule": "FREQ=DAILY;COUNT=3", "starts_at": starts_at, "exdates": exdates })).await,
        2
    );
}

#[tokio::test]
async fn what_can_not_be_previewed_is_refused_by_field() {
    let app = App::start().await;
    let ada = app.user().await;
    let right = json!({ "rrule": "FREQ=DAILY", "timezone_iana": "UTC" });
    for (fields, field) in [
        (json!({ "count": 0 }), "count"),
        (json!({ "count": 101 }), "count"),
        (json!({ "count": "3" }), "count"),
        (json!({ "rrule": "FREQ=HOURLY;INTERVAL=24;BYHOUR=10", "starts_at": "2026-01-01T09:00:00" }), "rrule"),
        (json!({ "rrule": "FREQ=DAILY;UNTIL=20200101", "starts_at": "2026-01-01T09:00:00" }), "rrule"),
        (json!({ "timezone_iana": "x" }), "timezone_iana"),
        (json!({ "title": "x" }), "title"),
    ] {
        let mut asked = right.clone();
        asked.as_object_mut().expect("fields").extend(fields.as_object().expect("fields").clone());
        assert_eq!(ada.preview(asked.clone()).await.wrong_fields(), [field], "{asked}");
    }
    assert_eq!(ada.preview(json!({})).await.wrong_fields(), ["rrule", "timezone_iana"]);
}

#[tokio::test]
async fn a_preview_needs_the_database_only_for_an_api_token() {
    let app = App::start().await;
    let ada = app.user().await;
    let token = ada.create_api_token(json!({ "name": "cli" })).await.is(201);
    let cli = app.stranger().with_token(token["token"].as_str().expect("a token"));
    let asked = || json!({ "rrule": "FREQ=DAILY", "timezone_iana": "UTC" });
    cli.preview(asked()).await.is(200);
    app.gate().close();
    cli.preview(asked()).await.is(503);
    ada.preview(asked()).await.is(200);
}
