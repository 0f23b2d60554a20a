//! All tasks out, and tasks in.

use rondo_domain::ids::TaskId;
use rondo_domain::task::{NewTask, Status};
use rondo_store::{Creation, IdempotencyKey, RelayBatch, task_transfer};
use serde_json::{Value, json};

use crate::people::{Person, described, hash, json as read, made, new_task_id, tagged, titled};
use crate::server::{Scratch, run};

/// A task of a file; `position` and the id that it gets if it can't keep its own are added by [`import`].
fn listed(id: Option<TaskId>, title: &str) -> Value {
    let id = id.map(|id| id.to_string());
    json!({"id": id, "title": title, "status": "pending", "priority": "Low", "tags": []})
}

fn document(tasks: &[Value]) -> String {
    let tasks = tasks.iter().enumerate().map(|(position, task)| {
        let mut task = task.clone();
        task["position"] = json!(position);
        task["fresh_id"] = json!(new_task_id().to_string());
        task
    });
    Value::Array(tasks.collect()).to_string()
}

async fn import_for_relay(person: &Person, tasks: &[Value]) -> (Value, Option<RelayBatch>) {
    let creation = task_transfer::import(&person.sql, person.context(), &document(tasks), None).await;
    made(creation.expect("an answer"))
}

async fn import(person: &Person, tasks: &[Value]) -> Value {
    import_for_relay(person, tasks).await.0
}

async fn export(person: &Person) -> Vec<Value> {
    task_transfer::export(&person.sql, person.context()).await.expect("an answer").read().expect("tasks")
}

#[tokio::test]
async fn an_export_is_all_of_the_users_tasks_oldest_first_as_they_read() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    assert!(export(&ada).await.is_empty());
    let one = ada.make(&described("One", "\"quoted\"\n🎉")).await;
    let two = ada.make(&tagged("Two", &["home"])).await;
    bob.make(&titled("Bob's")).await;
    assert_eq!(export(&ada).await, [ada.read(one).await, ada.read(two).await]);
}

#[tokio::test]
async fn an_import_makes_the_tasks_with_all_that_the_file_says() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = new_task_id();
    let task = json!({
        "id": id.to_string(), "title": "Buy bread", "description": "Rye", "status": "completed", "priority": "High",
        "tags": ["home", "shop"], "due_at": "2026-03-29T02:30:00+01:00", "completed_at": "2026-03-28T10:00:00Z",
        "created_at": "2025-12-31T23:59:59.5Z",
    });
    assert_eq!(import(&ada, std::slice::from_ref(&task)).await, json!({"created": 1, "skipped": 0}));
    let made = ada.read(id).await;
    for field in ["title", "description", "status", "priority", "tags"] {
        assert_eq!(made[field], task[field], "{field}");
    }
    assert_eq!(made["due_at"], "2026-03-29T01:30:00.000000Z");
    assert_eq!(made["completed_at"], "2026-03-28T10:00:00.000000Z");
    assert_eq!(made["created_at"], "2025-12-31T23:59:59.500000Z");
    assert_eq!(made["version"], 1);
}

#[tokio::test]
async fn each_imported_task_is_told_in_the_order_of_the_file() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let ids = [new_task_id(), new_task_id(), new_task_id()];
    let tasks = [listed(Some(ids[2]), "c"), listed(Some(ids[0]), "a"), listed(Some(ids[1]), "b")];
    let (_, relay) = import_for_relay(&ada, &tasks).await;
    assert_eq!(relay.map(|batch| batch.events.len()), Some(3));
    let told = |id: TaskId| ("task.created".to_owned(), id.to_string());
    assert_eq!(ada.told_since(0).await, [told(ids[2]), told(ids[0]), told(ids[1])]);
    assert_eq!(ada.events().await[1].data["task"], ada.read(ids[0]).await);
}

#[tokio::test]
async fn an_exported_file_can_be_imported_by_somebody_else_and_comes_out_the_same_but_for_ids() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    ada.make(&tagged("One", &["home"])).await;
    ada.make(&NewTask { status: Status::Completed, ..described("Two", "too") }).await;
    let file = export(&ada).await;
    assert_eq!(import(&bob, &file).await, json!({"created": 2, "skipped": 0}));
    let copy = export(&bob).await;
    for (original, copy) in file.iter().zip(&copy) {
        assert_ne!(original["id"], copy["id"]);
        for field in ["title", "description", "status", "priority", "tags", "due_at", "completed_at", "created_at"] {
            assert_eq!(original[field], copy[field], "{field}");
        }
    }
    assert_eq!(export(&ada).await, file, "nothing of Ada's was touched");
}

#[tokio::test]
async fn what_the_user_has_already_is_left_out_and_told_by_nobody() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let own = ada.make(&titled("Mine")).await;
    let told = ada.last_sequence().await;
    let reply = import(&ada, &[listed(Some(own), "Changed in the file"), listed(None, "New")]).await;
    assert_eq!(reply, json!({"created": 1, "skipped": 1}));
    assert_eq!(ada.read(own).await["title"], "Mine");
    assert_eq!(ada.told_since(told).await.len(), 1);
    let (reply, relay) = import_for_relay(&ada, &[listed(Some(own), "Again")]).await;
    assert_eq!((reply, relay.is_none()), (json!({"created": 0, "skipped": 1}), true));
}

#[tokio::test]
async fn an_id_that_comes_twice_in_a_file_is_made_once_whoever_has_it() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    for id in [new_task_id(), bob.make(&titled("Bob's")).await] {
        let told = ada.last_sequence().await;
        let tasks = [listed(Some(id), "First"), listed(Some(id), "Second"), listed(None, "x"), listed(None, "x")];
        assert_eq!(import(&ada, &tasks).await, json!({"created": 3, "skipped": 1}));
        assert_eq!(ada.told_since(told).await.len(), 3);
    }
    let titles: Vec<Value> = export(&ada).await.iter().map(|task| task["title"].clone()).collect();
    assert_eq!(titles.iter().filter(|title| *title == "First").count(), 2);
    assert!(!titles.contains(&json!("Second")));
}

#[tokio::test]
async fn a_thousand_tasks_come_in_at_once_and_share_their_tags() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let tasks: Vec<Value> = (0..1_000)
        .map(|n| {
            let mut task = listed(None, &format!("Task {n}"));
            task["tags"] = json!(["all", format!("t{}", n % 10)]);
            task
        })
        .collect();
    let (reply, relay) = import_for_relay(&ada, &tasks).await;
    assert_eq!(reply, json!({"created": 1_000, "skipped": 0}));
    assert_eq!(ada.tag_list().await.len(), 11);
    assert_eq!(ada.relay(relay).await, (1..=1_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_empty_file_makes_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (reply, relay) = import_for_relay(&ada, &[]).await;
    assert_eq!((reply, relay.is_none()), (json!({"created": 0, "skipped": 0}), true));
}

#[tokio::test]
async fn an_import_with_a_key_is_done_once() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let key = |n| IdempotencyKey { key: "k".to_owned(), request_hash: hash(n) };
    let file = document(&[listed(None, "One"), listed(None, "Two")]);
    let import = async |person: &Person, n| {
        task_transfer::import(&person.sql, person.context(), &file, Some(&key(n))).await.expect("an answer")
    };
    run(&ada.sql, "begin").await;
    let (first, _) = made(import(&ada, 1).await);
    match scratch.after_commit_of(&ada.sql, import(&other, 1)).await {
        Creation::Replayed(reply) => assert_eq!(read(&reply), first),
        other => panic!("{other:?}"),
    }
    assert!(matches!(import(&ada, 2).await, Creation::KeyReused));
    assert_eq!(export(&ada).await.len(), 2);
}

#[tokio::test]
async fn one_wrong_task_lets_none_in() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let mut wrong = listed(None, "Two");
    wrong["status"] = json!("done");
    let file = document(&[listed(None, "One"), wrong]);
    let refused = task_transfer::import(&ada.sql, ada.context(), &file, None).await;
    assert!(refused.is_err(), "{refused:?}");
    assert!(export(&ada).await.is_empty() && ada.events().await.is_empty());
}
