//! `/api/calendar-feeds` and `/api/calendar/{token}.ics`: what calendar programs read.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use support::{App, User, eventually};

use crate::auth::text;

/// Makes a feed; its address.
async fn subscribe(user: &User) -> String {
    text(&user.create_calendar_feed().await.is(201), "url").to_owned()
}

#[tokio::test]
async fn a_calendar_program_reads_the_tasks_of_whom_the_feed_belongs_to_until_it_is_revoked() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    ada.create_task(json!({ "title": "Pay rent", "due_at": "2026-12-01T09:00:00Z" })).await.is(201);
    eve.new_task("secret").await;
    let made = ada.create_calendar_feed().await.is(201);
    assert_eq!(made.header("location"), format!("/api/calendar-feeds/{}", made.id()));
    assert_eq!(made["last_used_at"], Value::Null);
    let url = text(&made, "url");
    assert!(url.starts_with(&format!("http://{}/api/calendar/", app.address())), "{url}");

    let program = app.stranger();
    let calendar = program.calendar(url).await.is(200);
    assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(calendar.header("cache-control"), "private, no-cache");
    let read = calendar.text();
    assert!(read.contains("SUMMARY:Pay rent\r\n") && read.contains("DUE:20261201T090000Z\r\n"), "{read}");
    assert!(!read.contains("secret"), "{read}");

    let listed = ada.calendar_feeds().await.is(200);
    assert!(!listed.text().contains("url"), "the address is shown once");
    eventually("its use is noted", async || {
        ada.calendar_feeds().await.json[0]["last_used_at"].is_string().then_some(())
    })
    .await;
    let hashed = "select count(*) from calendar_feeds where user_id::text = $1 and octet_length(token_hash) = 32";
    assert_eq!(app.count_of(hashed, &ada.id).await, 1);

    assert_eq!(eve.calendar_feeds().await.json, json!([]));
    eve.revoke_calendar_feed(&made.id()).await.is(404);
    ada.revoke_calendar_feed(&made.id()).await.is(204);
    ada.revoke_calendar_feed(&made.id()).await.is(404);
    ada.revoke_calendar_feed("no-id").await.is(404);
    program.calendar(url).await.is(404);
}

#[tokio::test]
async fn a_calendar_that_did_not_change_is_not_sent_again() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.create_task(json!({ "title": "x", "due_at": "2026-12-01T09:00:00Z" })).await.is(201);
    let url = subscribe(&ada).await;
    let program = app.stranger();
    let tag = program.calendar(&url).await.is(200).header("etag").to_owned();
    let again = async || program.calendar(&url).header("if-none-match", &format!("\"other\", {tag}")).await;
    assert_eq!(again().await.is(304).header("etag"), tag);
    let events = program.calendar(&url).query("as", "events").await.is(200);
    assert_ne!(events.header("etag"), tag);
    ada.change_task(&task.id(), json!({ "title": "y" })).await.is(200);
    assert!(again().await.is(200).text().contains("SUMMARY:y"));
}

#[tokio::test]
async fn a_calendar_of_events_has_what_is_due_and_what_recurs() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.create_task(json!({ "title": "due", "due_at": "2026-12-01T09:00:00Z" })).await.is(201);
    ada.new_task("whenever").await;
    let series =
        json!({ "title": "weekly", "rrule": "FREQ=WEEKLY;BYDAY=FR;BYHOUR=14", "timezone_iana": "America/New_York" });
    ada.create_recurring_task(series).await.is(201);
    let events = app.stranger().calendar(&subscribe(&ada).await).query("as", "events").await.is(200).text();
    assert_eq!(events.matches("BEGIN:VEVENT").count(), 2, "{events}");
    assert!(events.contains("RRULE:FREQ=WEEKLY;BYHOUR=14;BYDAY=FR\r\n"), "{events}");
    assert!(events.contains("DTSTART;TZID=America/New_York:") && events.contains("BEGIN:VTIMEZONE"), "{events}");
    assert!(!events.contains("whenever") && !events.contains("VTODO"), "{events}");
}

#[tokio::test]
async fn a_head_request_tells_the_same_without_the_calendar() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.new_task("x").await;
    let url = subscribe(&ada).await;
    let program = app.stranger();
    let whole = program.calendar(&url).await.is(200);
    let head = program.calendar(&url).method(Method::HEAD).attempt().await.expect("an answer");
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.header("etag"), whole.header("etag"));
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_not_found_whoever_asks() {
    let app = App::start().await;
    let ada = app.user().await;
    let url = subscribe(&ada).await;
    for path in ["/api/calendar/x.ics", "/api/calendar/.ics", "/api/calendar", "/api/calendar/a/b.ics"] {
        let reply = ada.elsewhere(Method::GET, path).attempt().await.expect("an answer");
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
    let without_suffix = url.split_once("/api/").map(|(_, path)| format!("/api/{}", path.trim_end_matches(".ics")));
    let reply = ada.elsewhere(Method::GET, &without_suffix.expect("a path")).attempt().await.expect("an answer");
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert_eq!(app.stranger().calendar(&url).query("as", "journal").await.wrong_fields(), ["as"]);
    assert_eq!(app.stranger().calendar(&url).query("at", "x").await.wrong_fields(), ["at"]);
    assert_eq!(app.stranger().calendar(&url).method(Method::POST).await.is(405).header("allow"), "GET");
}

#[tokio::test]
async fn ten_calendar_feeds_are_enough() {
    let app = App::start().await;
    let ada = app.user().await;
    for _ in 0..10 {
        ada.create_calendar_feed().await.is(201);
    }
    ada.create_calendar_feed().await.is(409);
    let oldest = ada.calendar_feeds().await.json[0]["id"].as_str().expect("an id").to_owned();
    ada.revoke_calendar_feed(&oldest).await.is(204);
    ada.create_calendar_feed().await.is(201);
}

#[tokio::test]
async fn the_same_idempotency_key_makes_the_same_feed() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let create = |user: &User, body: Value| user.create_calendar_feed().json(body).header("idempotency-key", "k");
    let first = create(&ada, json!({})).await.is(201);
    assert_eq!(create(&ada, json!({})).await.is(201).json, first.json);
    assert_eq!(ada.create_calendar_feed().header("idempotency-key", "k").await.wrong_fields(), ["Idempotency-Key"]);
    assert_ne!(create(&eve, json!({})).await.is(201)["url"], first["url"]);
    app.stranger().calendar(text(&first, "url")).await.is(200);
}

#[tokio::test]
async fn feeds_are_only_for_those_who_signed_in_and_take_nothing_else() {
    let app = App::start().await;
    let (ada, stranger) = (app.user().await, app.stranger());
    stranger.calendar_feeds().await.is(401);
    stranger.create_calendar_feed().await.is(401);
    stranger.revoke_calendar_feed("x").await.is(401);
    assert_eq!(ada.create_calendar_feed().json(json!({ "name": "x" })).await.wrong_fields(), ["name"]);
    ada.create_calendar_feed().body("application/json", "{").await.is(400);
    ada.create_calendar_feed().body("text/plain", "{}").await.is(415);
    ada.create_calendar_feed().body("application/json", vec![b' '; 64 * 1024 + 1]).await.is(413);
    assert_eq!(ada.calendar_feeds().query("x", "1").await.wrong_fields(), ["x"]);
    assert_eq!(ada.calendar_feeds().method(Method::PUT).await.is(405).header("allow"), "GET, POST");
    assert_eq!(ada.revoke_calendar_feed("x").method(Method::GET).await.is(405).header("allow"), "DELETE");
}
