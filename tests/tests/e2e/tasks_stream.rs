//! `GET /api/tasks/stream`: what changes, as it changes.

use http::Method;
use serde_json::json;
use support::App;
use support::stream::Said;

#[tokio::test]
async fn changes_are_told_as_they_happen() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.new_task("before").await;
    let mut stream = ada.stream(None).await;
    assert_eq!(stream.comment().await, "connected");

    let task = ada.create_task(json!({ "title": "live", "tags": ["a"] })).await.is(201);
    let (first, name, data) = stream.event().await;
    assert_eq!((name.as_str(), &data["task"]), ("task.created", &task.json));

    let completed = ada.complete_task(&task.id()).await.is(200);
    let (second, name, data) = stream.event().await;
    assert_eq!((name.as_str(), &data["task"]), ("task.updated", &completed.json));
    let (third, name, data) = stream.event().await;
    assert_eq!((name.as_str(), &data["status"]), ("task.status_changed", &json!("completed")));

    ada.delete_task(&task.id()).await.is(204);
    let (fourth, name, data) = stream.event().await;
    assert_eq!((name.as_str(), &data["task_id"]), ("task.deleted", &json!(task.id())));

    let ids: Vec<u64> = [first, second, third, fourth].iter().map(|id| id.parse().expect("a number")).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
}

#[tokio::test]
async fn nobody_hears_of_other_peoples_changes() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let mut stream = eve.stream(None).await;
    assert_eq!(stream.comment().await, "connected");
    ada.create_task(json!({ "title": "secret", "tags": ["secret"] })).await.is(201);
    eve.new_task("hers").await;
    let (_, _, data) = stream.event().await;
    assert_eq!((&data["task"]["title"], &data["user_id"]), (&json!("hers"), &json!(eve.id)));
}

#[tokio::test]
async fn who_comes_back_is_told_all_that_was_missed_once_and_in_order() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut stream = ada.stream(None).await;
    assert_eq!(stream.comment().await, "connected");
    ada.new_task("seen").await;
    let (last, _, _) = stream.event().await;
    drop(stream);

    let mut missed = Vec::new();
    for n in 0..25 {
        missed.push(ada.new_task(&format!("missed {n}")).await.id());
    }
    let mut stream = ada.stream(Some(&last)).await;
    let mut told = Vec::new();
    let mut previous: u64 = last.parse().expect("a number");
    for _ in 0..25 {
        let (id, name, data) = stream.event().await;
        let sequence = id.parse().expect("a number");
        assert!(sequence > previous, "{sequence} after {previous}");
        previous = sequence;
        assert_eq!(name, "task.created");
        told.push(data["task_id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(told, missed);
    let live = ada.new_task("live").await;
    assert_eq!(stream.event().await.2["task"], live.json);
}

#[tokio::test]
async fn nothing_is_lost_between_streams_while_many_write() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut stream = ada.stream(Some("0")).await;
    let writers: Vec<_> =
        (0..40).map(|n| tokio::spawn(ada.create_task(json!({ "title": format!("task {n}") })).into_future())).collect();
    let (mut told, mut last) = (Vec::new(), "0".to_owned());
    while told.len() < 40 {
        let (id, _, data) = stream.event().await;
        told.push(data["task_id"].as_str().expect("an id").to_owned());
        last = id;
        if told.len() % 9 == 0 {
            stream = ada.stream(Some(&last)).await;
        }
    }
    let mut made = Vec::new();
    for writer in writers {
        made.push(writer.await.expect("an answer").is(201).id());
    }
    made.sort();
    told.sort();
    assert_eq!(told, made);
    assert_eq!(last, "40");
}

#[tokio::test]
async fn more_than_one_batch_is_told_without_a_gap() {
    let app = App::start().await;
    let ada = app.user().await;
    let tasks: Vec<_> = (0..450).map(|n| json!({ "title": format!("task {n}") })).collect();
    ada.import("application/json", json!({ "tasks": tasks }).to_string()).await.is(200);
    let mut stream = ada.stream(Some("0")).await;
    for expected in 1..=450 {
        assert_eq!(stream.event().await.0, expected.to_string());
    }
}

#[tokio::test]
async fn who_asks_for_what_is_not_kept_is_told_to_load_again() {
    let app = App::start().await;
    let ada = app.user().await;
    for n in 0..3 {
        ada.new_task(&format!("task {n}")).await;
    }
    app.arrange(&format!("delete from outbox where sequence <= 2 and user_id = '{}'", ada.id)).await;
    for last in ["0", "99"] {
        let (id, name, _) = ada.stream(Some(last)).await.event().await;
        assert_eq!((id.as_str(), name.as_str()), ("3", "stream.reset"), "after {last}");
    }
    let (id, name, _) = ada.stream(Some("2")).await.event().await;
    assert_eq!((id.as_str(), name.as_str()), ("3", "task.created"));
}

#[tokio::test]
async fn a_quiet_stream_says_that_it_is_still_there() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut stream = ada.stream(None).await;
    assert_eq!(stream.comment().await, "connected");
    let begun = tokio::time::Instant::now();
    stream.comment().await;
    assert!(begun.elapsed() >= std::time::Duration::from_secs(10), "a comment came after {:?}", begun.elapsed());
}

#[tokio::test]
async fn an_event_id_that_is_none_begins_with_what_comes() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.new_task("before").await;
    let mut stream = ada.stream(Some("gibberish")).await;
    assert_eq!(stream.next().await, Some(Said::Comment("connected".into())));
    let after = ada.new_task("after").await;
    assert_eq!(stream.event().await.2["task"], after.json);
}

#[tokio::test]
async fn a_stream_ends_when_its_database_goes_so_that_the_page_comes_back() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut stream = ada.stream(None).await;
    assert_eq!(stream.comment().await, "connected");
    app.gate().close();
    assert_eq!(stream.next().await, None);
    app.gate().open();
    let task = support::eventually("the database is back", async || {
        ada.create_task(json!({ "title": "x" })).attempt().await.ok().filter(|reply| reply.status == 201)
    })
    .await;
    let (_, _, data) = ada.stream(Some("0")).await.event().await;
    assert_eq!(data["task"], task.json);
}

#[tokio::test]
async fn a_stream_is_only_for_those_who_signed_in_and_only_read() {
    let app = App::start().await;
    app.stranger().call("streamTasks").await.is(401);
    let ada = app.user().await;
    assert_eq!(ada.call("streamTasks").query("page", "1").await.wrong_fields(), ["page"]);
    assert_eq!(ada.call("streamTasks").method(Method::POST).await.is(405).header("allow"), "GET");
}
