//! `POST /api/tasks` and `GET /api/tasks/{id}`: a task is made and read.

use serde_json::{Value, json};
use support::App;

#[tokio::test]
async fn a_task_is_created_with_all_that_was_asked_and_read_back_the_same() {
    let app = App::start().await;
    let ada = app.user().await;
    let made = ada
        .create_task(json!({
            "title": "  Pay rent ", "description": "to the landlord\n\tby transfer", "priority": "High",
            "tags": ["Money", " home ", "home"], "due_at": "2026-12-01T09:00:00+05:30",
        }))
        .await
        .is(201);
    assert_eq!(made["title"], "Pay rent");
    assert_eq!(made["description"], "to the landlord\n\tby transfer");
    assert_eq!(made["status"], "pending");
    assert_eq!(made["priority"], "High");
    assert_eq!(made["tags"], json!(["home", "money"]));
    assert_eq!(made["due_at"], "2026-12-01T03:30:00.000000Z");
    assert_eq!((&made["completed_at"], &made["series_id"]), (&json!(null), &json!(null)));
    assert_eq!(made["version"], 1);
    assert_eq!(made["created_at"], made["updated_at"]);
    assert_eq!(made.header("location"), format!("/api/tasks/{}", made.id()));
    assert_eq!(made.header("etag"), "\"1\"");

    let read = ada.task(&made.id()).await.is(200);
    assert_eq!(read.json, made.json);
    assert_eq!(read.header("etag"), "\"1\"");
}

#[tokio::test]
async fn a_title_is_all_that_a_task_needs() {
    let app = App::start().await;
    let made = app.user().await.new_task("buy milk").await;
    assert_eq!((&made["description"], &made["due_at"]), (&Value::Null, &Value::Null));
    assert_eq!((&made["priority"], &made["tags"]), (&json!("Medium"), &json!([])));
}

#[tokio::test]
async fn a_task_that_is_created_as_completed_has_a_completion_time() {
    let app = App::start().await;
    let made = app.user().await.create_task(json!({ "title": "done already", "status": "completed" })).await.is(201);
    assert_eq!(made["status"], "completed");
    assert!(made["completed_at"].is_string(), "{}", made.text());
}

#[tokio::test]
async fn values_that_a_task_can_not_have_are_named_each() {
    let app = App::start().await;
    let ada = app.user().await;
    let refused: [(Value, &str); 16] = [
        (json!({}), "title"),
        (json!({ "title": "" }), "title"),
        (json!({ "title": "   " }), "title"),
        (json!({ "title": "x".repeat(201) }), "title"),
        (json!({ "title": "two\nlines" }), "title"),
        (json!({ "title": "nul\u{0}" }), "title"),
        (json!({ "title": null }), "title"),
        (json!({ "title": 7 }), "title"),
        (json!({ "title": "x", "description": "x".repeat(10_001) }), "description"),
        (json!({ "title": "x", "description": "nul\u{0}" }), "description"),
        (json!({ "title": "x", "priority": "high" }), "priority"),
        (json!({ "title": "x", "status": "done" }), "status"),
        (json!({ "title": "x", "tags": "home" }), "tags"),
        (json!({ "title": "x", "tags": ["fine", "a,b"] }), "tags.1"),
        (json!({ "title": "x", "due_at": "tomorrow" }), "due_at"),
        (json!({ "title": "x", "colour": "red" }), "colour"),
    ];
    for (body, field) in refused {
        assert_eq!(ada.create_task(body.clone()).await.wrong_fields(), [field], "{body}");
    }
    let all = ada.create_task(json!({ "priority": 1, "tags": [""], "due_at": "2026-12-01", "id": "mine" })).await;
    assert_eq!(all.wrong_fields(), ["title", "priority", "tags.0", "due_at", "id"]);
    assert_eq!(ada.tasks().await.is(200)["total"], 0);
}

#[tokio::test]
async fn texts_are_measured_in_characters() {
    let app = App::start().await;
    let ada = app.user().await;
    let (title, description, tag) = ("🙂".repeat(200), "é".repeat(10_000), "ß".repeat(50));
    let made = ada.create_task(json!({ "title": title, "description": description, "tags": [tag] })).await.is(201);
    assert_eq!((&made["title"], &made["description"]), (&json!(title), &json!(description)));
    assert_eq!(made["tags"], json!([tag]));
}

#[tokio::test]
async fn any_text_is_kept_as_it_was_written() {
    let app = App::start().await;
    let ada = app.user().await;
    for text in
        ["Robert'); DROP TABLE tasks;--", "שלום עולם", "👩‍👩‍👧‍👦 naïve 'quotes' \"double\" \\back $1 %s", "{\"json\": [1]}"]
    {
        let made = ada.create_task(json!({ "title": text, "description": text, "tags": [text] })).await;
        assert_eq!(made.status, if text.contains(',') { 422 } else { 201 }, "{text}");
        let made = ada.create_task(json!({ "title": text, "description": text })).await.is(201);
        let read = ada.task(&made.id()).await.is(200);
        assert_eq!((&read["title"], &read["description"]), (&json!(text), &json!(text)));
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_unreadable() {
    let app = App::start().await;
    let ada = app.user().await;
    for body in ["", "{", "not json", "{\"title\": \"x\"} trailing", "\u{feff}{}"] {
        ada.create_task(Value::Null).body("application/json", body.to_owned()).await.is(400);
    }
    ada.create_task(Value::Null).body("application/json", vec![0xff, 0xfe]).await.is(400);
    for body in [json!([]), json!("title"), json!(null), json!(1)] {
        ada.create_task(body).await.is(422);
    }
}

#[tokio::test]
async fn a_body_of_another_media_type_is_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.create_task(Value::Null).body("text/plain", "{\"title\": \"x\"}").await.is(415);
    let with_charset = ada.create_task(Value::Null).body("application/json; charset=utf-8", "{\"title\": \"x\"}");
    with_charset.await.is(201);
}

#[tokio::test]
async fn a_body_of_64_kib_is_taken_and_one_byte_more_is_not() {
    let app = App::start().await;
    let ada = app.user().await;
    let padded = |length: usize| {
        let body = json!({ "title": "x" }).to_string();
        body.clone() + &" ".repeat(length - body.len())
    };
    ada.create_task(Value::Null).body("application/json", padded(64 * 1024)).await.is(201);
    ada.create_task(Value::Null).body("application/json", padded(64 * 1024 + 1)).await.is(413);
    ada.create_task(Value::Null).body("application/json", padded(2 << 20)).await.is(413);
}

#[tokio::test]
async fn a_body_that_does_not_say_how_long_it_is_is_read_to_its_end() {
    let app = App::start().await;
    let ada = app.user().await;
    let made = ada.create_task(json!({ "title": "x", "description": "y".repeat(5_000) })).in_pieces().await.is(201);
    assert_eq!(made["description"].as_str().map(str::len), Some(5_000));
    ada.create_task(Value::Null).body("application/json", vec![b' '; 64 * 1024 + 1]).in_pieces().await.is(413);
    ada.create_task(Value::Null).body("application/json", "{\"title\"").in_pieces().await.is(400);
    ada.change_task(&made.id(), json!({ "title": "z" })).in_pieces().await.is(200);
}

#[tokio::test]
async fn due_times_are_instants_of_the_years_1_to_9999_to_the_microsecond() {
    let app = App::start().await;
    let ada = app.user().await;
    let taken = [
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-30T22:00:00Z", "9999-12-30T22:00:00.000000Z"),
        ("2026-12-01T09:00:00.1234561-08:00", "2026-12-01T17:00:00.123456Z"),
        ("2028-02-29T12:00:00+14:00", "2028-02-28T22:00:00.000000Z"),
    ];
    for (given, kept) in taken {
        assert_eq!(ada.create_task(json!({ "title": "x", "due_at": given })).await.is(201)["due_at"], kept);
    }
    for refused in
        ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-02-29T00:00:00Z", "2026-12-01T25:00:00Z"]
    {
        assert_eq!(
            ada.create_task(json!({ "title": "x", "due_at": refused })).await.wrong_fields(),
            ["due_at"],
            "{refused}"
        );
    }
}

#[tokio::test]
async fn nobody_sees_or_changes_a_task_without_signing_in() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("private").await.id();
    let stranger = app.stranger();
    let refused = [
        stranger.tasks(),
        stranger.create_task(json!({ "title": "x" })),
        stranger.task(&task),
        stranger.change_task(&task, json!({ "title": "y" })),
        stranger.delete_task(&task),
        stranger.complete_task(&task),
        stranger.reopen_task(&task),
    ];
    for call in refused {
        let problem = call.await.is(401);
        assert_eq!(problem.header("www-authenticate"), "Bearer");
    }
    assert_eq!(ada.task(&task).await.is(200)["version"], 1);
}

#[tokio::test]
async fn someone_elses_task_reads_as_absent() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let task = ada.new_task("private").await.id();
    let nothing = eve.task("0199a0b0-0000-7000-8000-000000000000").await.is(404);
    let refused = [
        eve.task(&task),
        eve.change_task(&task, json!({ "title": "mine" })),
        eve.change_task(&task, json!({})),
        eve.change_task(&task, json!({ "title": "mine" })).header("if-match", "\"7\""),
        eve.delete_task(&task),
        eve.delete_task(&task).header("if-match", "\"7\""),
        eve.complete_task(&task),
        eve.reopen_task(&task),
    ];
    for call in refused {
        let problem = call.await.is(404);
        assert_eq!((&problem["type"], &problem["detail"]), (&nothing["type"], &nothing["detail"]));
    }
    assert_eq!(ada.task(&task).await.is(200)["version"], 1);
}

#[tokio::test]
async fn what_is_no_id_is_absent() {
    let app = App::start().await;
    let ada = app.user().await;
    for id in ["1", "not-an-id", "' or 1=1 --", "%00", "🙂"] {
        ada.task(id).await.is(404);
        ada.change_task(id, json!({ "title": "x" })).await.is(404);
        ada.delete_task(id).await.is(404);
        ada.complete_task(id).await.is(404);
        ada.reopen_task(id).await.is(404);
    }
}
