//! `GET /api/tasks`: filters, order and pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::{App, Call, Reply, User};

pub async fn titles(call: Call) -> Vec<String> {
    call.await.is(200).pick("tasks", "title")
}

pub async fn sorted_titles(call: Call) -> Vec<String> {
    let mut titles = titles(call).await;
    titles.sort();
    titles
}

pub async fn make(user: &User, task: Value) -> Reply {
    user.create_task(task).await.is(201)
}

/// All pages one after the other, as ids.
async fn page_through(call: Call, size: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for page in 1.. {
        let reply = call.clone().query("page_size", &size.to_string()).query("page", &page.to_string()).await.is(200);
        let on_page = reply.pick("tasks", "id");
        let is_last = on_page.len() < size;
        ids.extend(on_page);
        if is_last {
            break;
        }
    }
    ids
}

#[tokio::test]
async fn nothing_found_is_an_empty_list() {
    let app = App::start().await;
    let reply = app.user().await.tasks().await.is(200);
    assert_eq!(reply.json, json!({ "tasks": [], "total": 0, "page": 1, "page_size": 20 }));
}

#[tokio::test]
async fn a_list_has_the_users_own_tasks_newest_first() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    eve.new_task("not hers").await;
    for title in ["first", "second", "third"] {
        ada.new_task(title).await;
    }
    assert_eq!(titles(ada.tasks()).await, ["third", "second", "first"]);
    assert_eq!(titles(ada.tasks().query("sort_order", "asc")).await, ["first", "second", "third"]);
}

#[tokio::test]
async fn a_listed_task_is_the_task_as_it_reads_alone() {
    let app = App::start().await;
    let ada = app.user().await;
    let task =
        make(&ada, json!({ "title": "x", "tags": ["b", "a"], "due_at": "2026-12-01T09:00:00Z", "description": "y" }))
            .await;
    assert_eq!(ada.tasks().await["tasks"], json!([task.json]));
}

#[tokio::test]
async fn status_and_priority_can_be_repeated_and_then_mean_any_of_them() {
    let app = App::start().await;
    let ada = app.user().await;
    for (title, status, priority) in
        [("a", "pending", "High"), ("b", "in_progress", "Low"), ("c", "completed", "Low"), ("d", "pending", "Medium")]
    {
        make(&ada, json!({ "title": title, "status": status, "priority": priority })).await;
    }
    assert_eq!(sorted_titles(ada.tasks().query("status", "pending")).await, ["a", "d"]);
    assert_eq!(
        sorted_titles(ada.tasks().query("status", "pending").query("status", "completed")).await,
        ["a", "c", "d"]
    );
    assert_eq!(sorted_titles(ada.tasks().query("priority", "Low").query("status", "completed")).await, ["c"]);
    assert_eq!(sorted_titles(ada.tasks().query("priority", "High").query("priority", "Medium")).await, ["a", "d"]);
}

#[tokio::test]
async fn all_the_tags_that_are_asked_for_must_be_on_the_task() {
    let app = App::start().await;
    let ada = app.user().await;
    for (title, tags) in
        [("a", json!(["home"])), ("b", json!(["home", "urgent"])), ("c", json!(["urgent"])), ("d", json!([]))]
    {
        make(&ada, json!({ "title": title, "tags": tags })).await;
    }
    assert_eq!(sorted_titles(ada.tasks().query("tags", "home")).await, ["a", "b"]);
    assert_eq!(sorted_titles(ada.tasks().query("tags", " HOME ").query("tags", "urgent")).await, ["b"]);
    assert_eq!(sorted_titles(ada.tasks().query("tags", "home").query("tags", "home")).await, ["a", "b"]);
    assert!(sorted_titles(ada.tasks().query("tags", "home").query("tags", "nowhere")).await.is_empty());
}

#[tokio::test]
async fn due_times_bound_a_list_at_any_offset() {
    let app = App::start().await;
    let ada = app.user().await;
    for (title, due_at) in [("early", "2026-12-01T08:00:00Z"), ("late", "2026-12-01T10:00:00Z")] {
        make(&ada, json!({ "title": title, "due_at": due_at })).await;
    }
    ada.new_task("whenever").await;
    let nine = "2026-12-01T10:00:00+01:00";
    assert_eq!(titles(ada.tasks().query("due_before", nine)).await, ["early"]);
    assert_eq!(titles(ada.tasks().query("due_after", nine)).await, ["late"]);
    assert_eq!(
        titles(ada.tasks().query("due_after", "2026-12-01T08:00:00Z").query("due_before", "2026-12-01T10:00:00Z"))
            .await,
        ["early"]
    );
}

#[tokio::test]
async fn high_priority_comes_first_under_descending_order() {
    let app = App::start().await;
    let ada = app.user().await;
    for priority in ["Medium", "High", "Low"] {
        make(&ada, json!({ "title": priority, "priority": priority })).await;
    }
    assert_eq!(titles(ada.tasks().query("sort_by", "priority")).await, ["High", "Medium", "Low"]);
    assert_eq!(
        titles(ada.tasks().query("sort_by", "priority").query("sort_order", "asc")).await,
        ["Low", "Medium", "High"]
    );
}

#[tokio::test]
async fn what_has_no_due_time_comes_last_either_way() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.new_task("never").await;
    for (title, due_at) in [("late", "2026-12-02T00:00:00Z"), ("early", "2026-12-01T00:00:00Z")] {
        make(&ada, json!({ "title": title, "due_at": due_at })).await;
    }
    let by_due = |order: &str| titles(ada.tasks().query("sort_by", "due_at").query("sort_order", order));
    assert_eq!(by_due("asc").await, ["early", "late", "never"]);
    assert_eq!(by_due("desc").await, ["late", "early", "never"]);
}

#[tokio::test]
async fn titles_are_ordered_without_regard_to_case_and_changes_by_their_time() {
    let app = App::start().await;
    let ada = app.user().await;
    let banana = ada.new_task("banana").await.id();
    ada.new_task("Apple").await;
    ada.new_task("cherry").await;
    let by = |sort: &str, order: &str| titles(ada.tasks().query("sort_by", sort).query("sort_order", order));
    assert_eq!(by("title", "asc").await, ["Apple", "banana", "cherry"]);
    assert_eq!(by("title", "desc").await, ["cherry", "banana", "Apple"]);
    ada.complete_task(&banana).await.is(200);
    assert_eq!(by("updated_at", "desc").await[0], "banana");
    assert_eq!(by("updated_at", "asc").await[2], "banana");
}

#[tokio::test]
async fn pages_of_equals_neither_repeat_nor_skip() {
    let app = App::start().await;
    let ada = app.user().await;
    let tasks: Vec<Value> =
        (0..53).map(|n| json!({ "title": "same", "created_at": "2026-01-01T00:00:00Z", "due_at": if n % 2 == 0 { json!(null) } else { json!("2026-12-01T00:00:00Z") } })).collect();
    ada.import("application/json", json!({ "tasks": tasks }).to_string()).await.is(200);
    for sort in ["created_at", "updated_at", "due_at", "priority", "title"] {
        for order in ["asc", "desc"] {
            let ids = page_through(ada.tasks().query("sort_by", sort).query("sort_order", order), 10).await;
            let distinct: BTreeSet<_> = ids.iter().collect();
            assert_eq!((ids.len(), distinct.len()), (53, 53), "{sort} {order}");
        }
    }
    let found = page_through(ada.tasks().query("search", "same"), 10).await;
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 53);
    assert_eq!(found.len(), 53);
}

#[tokio::test]
async fn paging_from_the_oldest_neither_repeats_nor_skips_while_tasks_are_added() {
    let app = App::start().await;
    let ada = app.user().await;
    let tasks: Vec<Value> = (0..60).map(|n| json!({ "title": format!("task {n}") })).collect();
    ada.import("application/json", json!({ "tasks": tasks }).to_string()).await.is(200);
    let before: BTreeSet<String> = page_through(ada.tasks(), 100).await.into_iter().collect();
    let add = async {
        for n in 0..40 {
            ada.new_task(&format!("added {n}")).await;
        }
    };
    let read = page_through(ada.tasks().query("sort_order", "asc"), 7);
    let ((), seen) = tokio::join!(add, read);
    let seen_before: Vec<&String> = seen.iter().filter(|id| before.contains(*id)).collect();
    assert_eq!(seen_before.len(), 60, "each was seen");
    assert_eq!(seen_before.into_iter().collect::<BTreeSet<_>>().len(), 60, "none was seen twice");
}

#[tokio::test]
async fn a_page_says_how_many_there_are_in_all() {
    let app = App::start().await;
    let ada = app.user().await;
    for n in 0..5 {
        ada.new_task(&format!("task {n}")).await;
    }
    let second = ada.tasks().query("page", "2").query("page_size", "2").await.is(200);
    assert_eq!((&second["total"], &second["page"], &second["page_size"]), (&json!(5), &json!(2), &json!(2)));
    assert_eq!(second.pick("tasks", "title"), ["task 2", "task 1"]);
    let beyond = ada.tasks().query("page", "9").query("page_size", "2").await.is(200);
    assert_eq!((&beyond["total"], &beyond["tasks"]), (&json!(5), &json!([])));
}

#[tokio::test]
async fn parameters_that_can_not_be_are_named_each() {
    let app = App::start().await;
    let ada = app.user().await;
    let refused = [
        ("page", "0"),
        ("page", "-1"),
        ("page", "two"),
        ("page", ""),
        ("page", "99999999999999999999"),
        ("page_size", "0"),
        ("page_size", "101"),
        ("page_size", "1.5"),
        ("status", "done"),
        ("priority", "high"),
        ("tags", ""),
        ("tags", "a,b"),
        ("due_before", "tomorrow"),
        ("due_after", "2026-12-01"),
        ("sort_by", "colour"),
        ("sort_by", "relevance"),
        ("sort_order", "down"),
        ("search", &"x".repeat(201)),
        ("search", "nul\u{0}"),
        ("limit", "5"),
        ("", ""),
    ];
    for (name, value) in refused {
        assert_eq!(ada.tasks().query(name, value).await.wrong_fields(), [name], "{name}={value}");
    }
    let twice = ada.tasks().query("page", "1").query("page", "2");
    assert_eq!(twice.await.wrong_fields(), ["page"]);
}

#[tokio::test]
async fn a_page_far_beyond_the_end_is_empty_not_an_error() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.new_task("x").await;
    let far = ada.tasks().query("page", "1000000").query("page_size", "100").await.is(200);
    assert_eq!(far["tasks"], json!([]));
}
