//! `/api/tasks` and `/api/tasks/{id}`: one task.

use http::Method;
use serde_json::{Value, json};

use crate::support::App;

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

#[tokio::test]
async fn a_patch_changes_what_it_names_and_leaves_the_rest() {
    let app = App::start().await;
    let ada = app.user().await;
    let before = ada
        .create_task(json!({
            "title": "old", "description": "stays", "priority": "Low", "tags": ["a"], "due_at": "2026-12-01T09:00:00Z",
        }))
        .await
        .is(201);
    let after = ada.change_task(&before.id(), json!({ "title": "new", "tags": ["c", "B"] })).await.is(200);
    assert_eq!((&after["title"], &after["tags"]), (&json!("new"), &json!(["b", "c"])));
    for field in ["id", "description", "status", "priority", "due_at", "created_at", "completed_at"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(after["version"], 2);
    assert_eq!(after.header("etag"), "\"2\"");
    assert!(after["updated_at"].as_str() > before["updated_at"].as_str());
    assert_eq!(ada.task(&before.id()).await.json, after.json);
}

#[tokio::test]
async fn null_in_a_patch_clears_what_can_be_empty() {
    let app = App::start().await;
    let ada = app.user().await;
    let task =
        ada.create_task(json!({ "title": "x", "description": "y", "due_at": "2026-12-01T09:00:00Z" })).await.id();
    let cleared = ada.change_task(&task, json!({ "description": null, "due_at": null })).await.is(200);
    assert_eq!((&cleared["description"], &cleared["due_at"]), (&Value::Null, &Value::Null));
    for field in ["title", "status", "priority", "tags"] {
        assert_eq!(ada.change_task(&task, json!({ field: null })).await.wrong_fields(), [field]);
    }
    assert_eq!(ada.change_task(&task, json!({ "tags": [] })).await.is(200)["tags"], json!([]));
}

#[tokio::test]
async fn a_patch_of_nothing_changes_nothing() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("as it is").await;
    assert_eq!(ada.change_task(&task.id(), json!({})).await.is(200).json, task.json);
    ada.change_task(&task.id(), json!({})).header("if-match", "\"1\"").await.is(200);
    ada.change_task(&task.id(), json!({})).header("if-match", "\"2\"").await.is(412);
}

#[tokio::test]
async fn a_patch_may_come_as_a_merge_patch() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let patch = |media_type: &str| ada.change_task(&task, Value::Null).body(media_type, "{\"title\": \"y\"}");
    patch("application/merge-patch+json").await.is(200);
    patch("application/json-patch+json").await.is(415);
    ada.change_task(&task, Value::Null).body("application/json", "[").await.is(400);
    ada.change_task(&task, Value::Null).body("application/json", vec![b' '; 64 * 1024 + 1]).await.is(413);
}

#[tokio::test]
async fn values_that_a_patch_can_not_have_are_refused_and_nothing_changes() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await;
    let wrong = json!({ "title": "", "status": "done", "version": 7, "completed_at": "2026-12-01T09:00:00Z" });
    assert_eq!(ada.change_task(&task.id(), wrong).await.wrong_fields(), ["title", "status", "completed_at", "version"]);
    assert_eq!(ada.task(&task.id()).await.json, task.json);
}

#[tokio::test]
async fn if_match_lets_only_the_version_that_it_names_through() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let change = |tag: &str| ada.change_task(&task, json!({ "priority": "High" })).header("if-match", tag);
    change("\"1\"").await.is(200);
    for stale in ["\"1\"", "\"3\"", "2", "W/\"2\"", "\"two\"", ""] {
        assert_eq!(change(stale).await.is(412)["status"], 412, "{stale}");
    }
    assert_eq!(change("\"2\"").await.is(200)["version"], 3);
    assert_eq!(change("*").await.is(200)["version"], 4);
    ada.delete_task(&task).header("if-match", "\"3\"").await.is(412);
    ada.delete_task(&task).header("if-match", "\"4\"").await.is(204);
}

#[tokio::test]
async fn of_two_changes_of_the_same_version_one_is_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let change =
        |title: &str| ada.change_task(&task, json!({ "title": title })).header("if-match", "\"1\"").into_future();
    let (one, other) = tokio::join!(change("one"), change("other"));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(ada.task(&task).await["version"], 2);
}

#[tokio::test]
async fn a_deleted_task_is_gone() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    ada.delete_task(&task).await.is(204);
    ada.delete_task(&task).await.is(404);
    ada.task(&task).await.is(404);
    ada.complete_task(&task).await.is(404);
    assert_eq!(ada.tasks().await["total"], 0);
}

#[tokio::test]
async fn completing_twice_is_the_same_as_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let first = ada.complete_task(&task).await.is(200);
    assert_eq!((&first["status"], &first["version"]), (&json!("completed"), &json!(2)));
    assert!(first["completed_at"].is_string());
    let second = ada.complete_task(&task).await.is(200);
    assert_eq!(second.json, first.json);
    assert_eq!(second.header("etag"), "\"2\"");
}

#[tokio::test]
async fn reopening_twice_is_the_same_as_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    assert_eq!(ada.reopen_task(&task).await.is(200)["version"], 1);
    ada.complete_task(&task).await.is(200);
    let first = ada.reopen_task(&task).await.is(200);
    assert_eq!((&first["status"], &first["completed_at"]), (&json!("pending"), &Value::Null));
    assert_eq!(ada.reopen_task(&task).await.is(200).json, first.json);
}

#[tokio::test]
async fn a_task_in_progress_stays_so_when_it_is_reopened() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    ada.change_task(&task, json!({ "status": "in_progress" })).await.is(200);
    assert_eq!(ada.reopen_task(&task).await.is(200)["status"], "in_progress");
}

#[tokio::test]
async fn a_completion_time_comes_and_goes_with_the_status() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let completed = ada.change_task(&task, json!({ "status": "completed" })).await.is(200);
    assert!(completed["completed_at"].is_string());
    let renamed = ada.change_task(&task, json!({ "title": "y" })).await.is(200);
    assert_eq!(renamed["completed_at"], completed["completed_at"]);
    let reopened = ada.change_task(&task, json!({ "status": "in_progress" })).await.is(200);
    assert_eq!(reopened["completed_at"], Value::Null);
}

#[tokio::test]
async fn a_path_says_which_methods_it_takes() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    let expected = [
        (ada.tasks().method(Method::PUT), "GET, POST"),
        (ada.task(&task).method(Method::PUT), "GET, PATCH, DELETE"),
        (ada.complete_task(&task).method(Method::GET), "POST"),
        (ada.reopen_task(&task).method(Method::DELETE), "POST"),
        (ada.change_tasks(json!({})).method(Method::PUT), "POST"),
    ];
    for (call, allow) in expected {
        assert_eq!(call.await.is(405).header("allow"), allow);
    }
}

#[tokio::test]
async fn the_same_idempotency_key_gives_the_first_reply_again() {
    let app = App::start().await;
    let ada = app.user().await;
    let create = |title: &str, key: &str| ada.create_task(json!({ "title": title })).header("idempotency-key", key);
    let first = create("once", "key 1").await.is(201);
    let again = create("once", "key 1").await.is(201);
    assert_eq!(again.json, first.json);
    assert_eq!(again.header("location"), first.header("location"));
    assert_ne!(create("once", "key 2").await.is(201).id(), first.id());
    assert_eq!(create("twice", "key 1").await.wrong_fields(), ["Idempotency-Key"]);
    assert_eq!(ada.tasks().await["total"], 2);
}

#[tokio::test]
async fn the_first_reply_comes_again_even_when_the_task_has_changed_or_is_gone() {
    let app = App::start().await;
    let ada = app.user().await;
    let create = || ada.create_task(json!({ "title": "once" })).header("idempotency-key", "k");
    let first = create().await.is(201);
    ada.change_task(&first.id(), json!({ "title": "other" })).await.is(200);
    assert_eq!(create().await.is(201).json, first.json);
    ada.delete_task(&first.id()).await.is(204);
    assert_eq!(create().await.is(201).json, first.json);
    assert_eq!(ada.tasks().await["total"], 0);
}

#[tokio::test]
async fn requests_with_one_idempotency_key_at_once_make_one_task() {
    let app = App::start().await;
    let ada = app.user().await;
    let create =
        || tokio::spawn(ada.create_task(json!({ "title": "once" })).header("idempotency-key", "k").into_future());
    let calls: Vec<_> = (0..8).map(|_| create()).collect();
    let mut ids = Vec::new();
    for call in calls {
        ids.push(call.await.expect("an answer").is(201).id());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(ada.tasks().await["total"], 1);
    assert_eq!(app.count("select count(*) from outbox").await, 1);
}

#[tokio::test]
async fn an_idempotency_key_is_its_users_own() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let first = ada.create_task(json!({ "title": "secret" })).header("idempotency-key", "k").await.is(201);
    let other = eve.create_task(json!({ "title": "secret" })).header("idempotency-key", "k").await.is(201);
    assert_ne!(first.id(), other.id());
    assert_eq!(
        eve.create_task(json!({ "title": "x" })).header("idempotency-key", "k").await.wrong_fields(),
        ["Idempotency-Key"]
    );
}

#[tokio::test]
async fn an_idempotency_key_that_is_none_is_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    for key in ["", "  ", &"k".repeat(256), "schl\u{fc}ssel"] {
        let refused = ada.create_task(json!({ "title": "x" })).header("idempotency-key", key).await;
        assert_eq!(refused.wrong_fields(), ["Idempotency-Key"], "{key}");
    }
    ada.create_task(json!({ "title": "x" })).header("idempotency-key", &"k".repeat(255)).await.is(201);
}

#[tokio::test]
async fn a_refused_request_does_not_spend_its_idempotency_key() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.create_task(json!({ "title": "" })).header("idempotency-key", "k").await.is(422);
    ada.create_task(json!({ "title": "right" })).header("idempotency-key", "k").await.is(201);
}

#[tokio::test]
async fn the_access_token_must_be_ours_whole_and_fresh() {
    use crate::support::people::access_token;
    let app = App::start().await;
    let ada = app.user().await;
    let id = rondo_domain::ids::UserId::parse(&ada.id).expect("an id");
    let now = jiff::Timestamp::now();
    let fresh = access_token(id, now);
    app.stranger().with_token(&fresh).tasks().await.is(200);
    let expired = access_token(id, now - jiff::SignedDuration::from_mins(16));
    let (head, signature) = fresh.rsplit_once('.').expect("three parts");
    let unsigned = format!("{}.", head);
    for token in [expired.as_str(), &fresh[..fresh.len() - 2], &unsigned, signature, "x.y.z", "rondo_", "🙂"] {
        app.stranger().with_token(token).tasks().await.is(401);
    }
    for value in ["Basic YTpi", "Bearer", "Bearer ", &fresh] {
        app.stranger().tasks().header("authorization", value).await.is(401);
    }
    app.stranger().tasks().header("authorization", &format!("bearer  {fresh}")).await.is(200);
}
