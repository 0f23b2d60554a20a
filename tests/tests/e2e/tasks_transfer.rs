//! `GET /api/tasks/export` and `POST /api/tasks/import`: all tasks out, and in again.

use http::Method;
use serde_json::{Value, json};
use support::{App, User};

const JSON: &str = "application/json";
const CSV: &str = "text/csv";

/// Tasks with all that is hard to carry.
async fn difficult_tasks(user: &User) {
    let tasks = [
        json!({ "title": "plain" }),
        json!({ "title": "says \"hi\", twice", "description": "one\ntwo\r\nthree, \"four\"", "tags": ["a b", "c"] }),
        json!({ "title": "=1+1", "description": "@SUM(A1)", "tags": ["=cmd", "-x"] }),
        json!({ "title": "'=1+1", "description": "''quoted'" }),
        json!({ "title": "+49 30 1234", "priority": "High", "due_at": "2026-12-01T09:00:00.5+05:30" }),
        json!({ "title": "🙂 עברית", "description": "\t tabbed, = not first", "status": "completed", "priority": "Low" }),
        json!({ "title": "in progress", "description": "", "status": "in_progress" }),
        json!({ "title": "-", "description": "\r\n" }),
    ];
    for task in tasks {
        user.create_task(task).await.is(201);
    }
}

/// The tasks without what an import makes anew.
async fn essence(user: &User, without: &[&str]) -> Vec<Value> {
    let reply = user.tasks().query("page_size", "100").query("sort_order", "asc").await.is(200);
    let mut tasks = reply["tasks"].as_array().expect("tasks").clone();
    for task in &mut tasks {
        for field in without.iter().chain(&["version", "updated_at"]) {
            task.as_object_mut().expect("a task").remove(*field);
        }
    }
    tasks
}

#[tokio::test]
async fn tasks_come_back_from_json_as_they_went_out() {
    let app = App::start().await;
    let ada = app.user().await;
    difficult_tasks(&ada).await;
    let before = essence(&ada, &[]).await;
    let exported = ada.export("json").await.is(200);
    assert_eq!(exported.header("content-disposition"), "attachment; filename=\"rondo-tasks.json\"");
    assert_eq!(exported["tasks"].as_array().map(Vec::len), Some(8));
    assert_eq!(ada.import(JSON, exported.body.clone()).await.is(200).json, json!({ "created": 0, "skipped": 8 }));

    let ids = exported.pick("tasks", "id");
    ada.change_tasks(json!({ "ids": ids, "action": "delete" })).await.is(200);
    assert_eq!(ada.import(JSON, exported.body.clone()).await.is(200).json, json!({ "created": 8, "skipped": 0 }));
    assert_eq!(essence(&ada, &[]).await, before);
}

#[tokio::test]
async fn tasks_come_back_from_csv_as_they_went_out() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    difficult_tasks(&ada).await;
    let exported = ada.export("csv").await.is(200);
    assert_eq!(exported.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(exported.header("content-disposition"), "attachment; filename=\"rondo-tasks.csv\"");
    assert_eq!(eve.import(CSV, exported.body.clone()).await.is(200).json, json!({ "created": 8, "skipped": 0 }));
    let mut theirs = essence(&ada, &["id"]).await;
    // An empty cell is no description.
    theirs.iter_mut().filter(|task| task["description"] == "").for_each(|task| task["description"] = Value::Null);
    assert_eq!(essence(&eve, &["id"]).await, theirs);
}

#[tokio::test]
async fn no_cell_of_a_csv_begins_like_a_formula() {
    let app = App::start().await;
    let ada = app.user().await;
    for text in ["=1+1", "+1", "-1", "@x", "=HYPERLINK(\"http://example.com\")"] {
        ada.create_task(
            json!({ "title": text, "description": format!("{text} too"), "tags": [text.split('(').next()] }),
        )
        .await
        .is(201);
    }
    ada.create_task(json!({ "title": "x", "description": "\t=1" })).await.is(201);
    let csv = ada.export("csv").await.is(200).text();
    let begins_like_a_formula = |cell: &str| cell.trim_start_matches('"').starts_with(['=', '+', '-', '@', '\t']);
    let cells = csv.lines().flat_map(|line| line.split(','));
    assert_eq!(cells.filter(|cell| begins_like_a_formula(cell)).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[tokio::test]
async fn an_export_is_json_unless_csv_is_asked_for() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.new_task("x").await;
    assert_eq!(ada.call("exportTasks").await.is(200).header("content-type"), JSON);
    assert_eq!(ada.export("xml").await.wrong_fields(), ["format"]);
    assert_eq!(ada.export("json").query("page", "1").await.wrong_fields(), ["page"]);
}

#[tokio::test]
async fn an_export_has_the_users_own_tasks_only() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    ada.new_task("secret").await;
    assert_eq!(eve.export("json").await.is(200).json, json!({ "tasks": [] }));
    assert_eq!(eve.export("csv").await.is(200).text().lines().count(), 1);
}

#[tokio::test]
async fn an_import_never_touches_other_peoples_tasks_nor_tells_of_them() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let secret = ada.new_task("secret").await;
    let import = json!({ "tasks": [{ "id": secret.id(), "title": "mine now" }] }).to_string();
    assert_eq!(eve.import(JSON, import).await.is(200).json, json!({ "created": 1, "skipped": 0 }));
    assert_eq!(ada.task(&secret.id()).await.json, secret.json);
    eve.task(&secret.id()).await.is(404);
    assert_eq!(eve.tasks().await.pick("tasks", "title"), ["mine now"]);
}

#[tokio::test]
async fn the_same_id_twice_in_an_import_is_one_task() {
    let app = App::start().await;
    let ada = app.user().await;
    let id = "0199a0b0-0000-7000-8000-00000000000a";
    let import = json!({ "tasks": [{ "id": id, "title": "first" }, { "id": id, "title": "second" }] }).to_string();
    assert_eq!(ada.import(JSON, import).await.is(200).json, json!({ "created": 1, "skipped": 1 }));
    assert_eq!(ada.tasks().await.pick("tasks", "title"), ["first"]);
    assert_eq!(app.kinds_told(&ada).await, ["task.created"]);
}

#[tokio::test]
async fn what_is_wrong_with_an_import_is_named_by_its_place_and_nothing_is_imported() {
    let app = App::start().await;
    let ada = app.user().await;
    let import = json!({ "tasks": [{ "title": "fine" }, { "title": "" }, { "title": "x", "priority": "top", "colour": "red" }, 7] });
    let wrong = ada.import(JSON, import.to_string()).await.wrong_fields();
    assert!(!wrong.is_empty() && wrong.iter().all(|field| field.starts_with("tasks.")), "{wrong:?}");
    let import = json!({ "tasks": [{ "title": "fine" }, { "title": "" }, { "title": "x", "priority": "top", "colour": "red" }] });
    assert_eq!(
        ada.import(JSON, import.to_string()).await.wrong_fields(),
        ["tasks.1.title", "tasks.2.priority", "tasks.2.colour"]
    );
    let csv = "title,priority,tags\nfine,High,\"a,b\"\n,Low,\nx,top,\n";
    assert_eq!(ada.import(CSV, csv).await.wrong_fields(), ["rows.2.title", "rows.3.priority"]);
    assert_eq!(ada.tasks().await["total"], 0);
    assert_eq!(ada.tags().await.json, json!([]));
}

#[tokio::test]
async fn an_import_that_is_none_is_refused() {
    let app = App::start().await;
    let ada = app.user().await;
    for unreadable in ["", "{", "\u{0}"] {
        ada.import(JSON, unreadable).await.is(400);
    }
    ada.import(CSV, vec![b't', b'i', b't', b'l', b'e', b'\n', 0xff, 0xfe, b'\n']).await.is(400);
    ada.import(CSV, "title,priority\nonly one cell\n").await.is(400);
    for (body, field) in
        [("[]", "body"), ("{}", "tasks"), ("{\"tasks\": {}}", "tasks"), ("{\"tasks\": [], \"x\": 1}", "x")]
    {
        assert_eq!(ada.import(JSON, body).await.wrong_fields(), [field], "{body}");
    }
    assert_eq!(ada.import(CSV, "title,colour\nx,red\n").await.wrong_fields(), ["colour"]);
    ada.import("text/vcard", "BEGIN:VCARD").await.is(415);
    let many: Vec<Value> = (0..1_001).map(|_| json!({ "title": "x" })).collect();
    assert_eq!(ada.import(JSON, json!({ "tasks": many }).to_string()).await.wrong_fields(), ["tasks"]);
    ada.import(JSON, vec![b' '; (1 << 20) + 1]).await.is(413);
    assert_eq!(ada.tasks().await["total"], 0);
}

#[tokio::test]
async fn a_spreadsheets_csv_is_understood() {
    let app = App::start().await;
    let ada = app.user().await;
    let csv =
        "\u{feff}title,tags,due_at\r\n\"Buy milk, bread\",\"Home, Shop\",2026-12-01T09:00:00+01:00\r\nplain,,\r\n";
    assert_eq!(ada.import(CSV, csv).await.is(200)["created"], 2);
    let milk = ada.tasks().query("search", "milk").await.is(200)["tasks"][0].clone();
    assert_eq!((&milk["title"], &milk["tags"]), (&json!("Buy milk, bread"), &json!(["home", "shop"])));
    assert_eq!(milk["due_at"], "2026-12-01T08:00:00.000000Z");
}

#[tokio::test]
async fn a_thousand_tasks_are_imported_at_once_and_told_each() {
    let app = App::start().await;
    let ada = app.user().await;
    let many: Vec<Value> = (0..1_000).map(|n| json!({ "title": format!("task {n}"), "tags": ["imported"] })).collect();
    assert_eq!(ada.import(JSON, json!({ "tasks": many }).to_string()).await.is(200)["created"], 1_000);
    assert_eq!(ada.tasks().await["total"], 1_000);
    assert_eq!(app.kinds_told(&ada).await, vec!["task.created"; 1_000]);
}

#[tokio::test]
async fn the_same_import_with_the_same_key_is_done_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let import = |title: &str| {
        let body = json!({ "tasks": [{ "title": title }] }).to_string();
        ada.import(JSON, body).header("idempotency-key", "k")
    };
    let first = import("x").await.is(200);
    assert_eq!(import("x").await.is(200).json, first.json);
    assert_eq!(import("y").await.wrong_fields(), ["Idempotency-Key"]);
    assert_eq!(ada.tasks().await["total"], 1);
}

#[tokio::test]
async fn transfers_are_only_for_those_who_signed_in_and_have_one_method_each() {
    let app = App::start().await;
    app.stranger().export("json").await.is(401);
    app.stranger().import(JSON, "{}").await.is(401);
    let ada = app.user().await;
    assert_eq!(ada.export("json").method(Method::POST).await.is(405).header("allow"), "GET");
    assert_eq!(ada.import(JSON, "{}").method(Method::GET).await.is(405).header("allow"), "POST");
}
