//! Several tasks at once, all or none.

use rondo_domain::ids::TaskId;
use rondo_domain::task::{BulkAction, NewTask, Priority, Status, TaskPatch};
use rondo_store::task;
use rondo_store::task_bulk::{self, BulkChange};
use serde_json::{Value, json};

use crate::people::{Person, json as read, new_task_id, tagged, tags, titled};
use crate::server::{Scratch, run};

async fn apply(person: &Person, ids: &[TaskId], action: BulkAction) -> BulkChange {
    task_bulk::apply(&person.sql, person.context(), ids, &action).await.expect("an answer")
}

fn reply(change: BulkChange) -> Value {
    match change {
        BulkChange::Changed { reply, .. } => read(&reply),
        other => panic!("not changed: {other:?}"),
    }
}

/// A field of each task of the reply, in its order.
fn column(reply: &Value, field: &str) -> Vec<Value> {
    reply["tasks"].as_array().expect("tasks").iter().map(|task| task[field].clone()).collect()
}

async fn three(person: &Person) -> [TaskId; 3] {
    [
        person.make(&titled("One")).await,
        person.make(&NewTask { status: Status::InProgress, ..titled("Two") }).await,
        person.make(&NewTask { status: Status::Completed, ..titled("Three") }).await,
    ]
}

#[tokio::test]
async fn completing_several_leaves_what_was_completed_and_replies_in_the_order_asked_for() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let [one, two, three] = three(&ada).await;
    let told = ada.last_sequence().await;
    let reply = reply(apply(&ada, &[three, one, two], BulkAction::Complete).await);
    assert_eq!(reply["updated"], 2);
    assert_eq!(column(&reply, "title"), ["Three", "One", "Two"]);
    assert_eq!(column(&reply, "status"), ["completed"; 3]);
    assert_eq!(column(&reply, "version"), [1, 2, 2]);
    let events = ["task.updated", "task.status_changed"];
    let expected: Vec<_> =
        [one, two].iter().flat_map(|id| events.map(|event| (event.to_owned(), id.to_string()))).collect();
    assert_eq!(ada.told_since(told).await, expected);
}

#[tokio::test]
async fn the_reply_shows_each_task_as_it_reads_afterwards() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let [one, two, three] = three(&ada).await;
    let actions = [
        BulkAction::Complete,
        BulkAction::Reopen,
        BulkAction::SetPriority(Priority::High),
        BulkAction::AddTags(tags(&["home", "shop"])),
        BulkAction::RemoveTags(tags(&["shop", "never there"])),
    ];
    for action in actions {
        let reply = reply(apply(&ada, &[two, three, one], action.clone()).await);
        for (place, id) in [two, three, one].into_iter().enumerate() {
            assert_eq!(reply["tasks"][place], ada.read(id).await, "{action:?}");
        }
    }
    assert_eq!(ada.read(one).await["tags"], json!(["home"]));
}

#[tokio::test]
async fn doing_it_again_changes_nothing_and_tells_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let ids = three(&ada).await;
    let actions = [
        BulkAction::Complete,
        BulkAction::SetPriority(Priority::High),
        BulkAction::AddTags(tags(&["home"])),
        BulkAction::RemoveTags(tags(&["home"])),
        BulkAction::Reopen,
    ];
    for action in actions {
        let once = reply(apply(&ada, &ids, action.clone()).await);
        let told = ada.last_sequence().await;
        let twice = reply(apply(&ada, &ids, action.clone()).await);
        assert_eq!((&twice["updated"], &twice["tasks"]), (&json!(0), &once["tasks"]), "{action:?}");
        assert_eq!(ada.last_sequence().await, told, "{action:?}");
    }
}

#[tokio::test]
async fn reopening_leaves_what_is_begun() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let ids = three(&ada).await;
    let reply = reply(apply(&ada, &ids, BulkAction::Reopen).await);
    assert_eq!(column(&reply, "status"), ["pending", "in_progress", "pending"]);
    assert_eq!((&reply["updated"], &reply["tasks"][2]["completed_at"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn if_one_is_absent_or_someone_elses_nothing_is_done() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    let [one, two, _] = three(&ada).await;
    let bobs = bob.make(&titled("Bob's")).await;
    let told = ada.last_sequence().await;
    for missing in [bobs, new_task_id()] {
        for action in [BulkAction::Complete, BulkAction::Delete, BulkAction::AddTags(tags(&["home"]))] {
            let change = apply(&ada, &[one, missing, two], action.clone()).await;
            assert!(matches!(change, BulkChange::Absent), "{action:?}: {change:?}");
        }
    }
    assert_eq!((&ada.read(one).await["version"], &ada.read(two).await["version"]), (&json!(1), &json!(1)));
    assert_eq!(bob.read(bobs).await["version"], 1);
    assert_eq!(ada.last_sequence().await, told);
    assert!(ada.tag_list().await.is_empty());
}

#[tokio::test]
async fn if_one_would_have_too_many_tags_nothing_is_done() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let names: Vec<String> = (0..20).map(|n| format!("t{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let full = ada.make(&tagged("Full", &names)).await;
    let room = ada.make(&titled("Room for more")).await;
    let change = apply(&ada, &[room, full], BulkAction::AddTags(tags(&["one more"]))).await;
    assert!(matches!(change, BulkChange::TooManyTags), "{change:?}");
    assert_eq!((&ada.read(room).await["tags"], ada.last_sequence().await), (&json!([]), 2));
    let had = reply(apply(&ada, &[room, full], BulkAction::AddTags(tags(&["t3"]))).await);
    assert_eq!(had["updated"], 1, "one that it has is not one more");
}

#[tokio::test]
async fn deleting_several_tells_each_and_replies_with_their_number() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let [one, two, three] = three(&ada).await;
    let told = ada.last_sequence().await;
    let reply = reply(apply(&ada, &[three, one], BulkAction::Delete).await);
    assert_eq!(reply, json!({"updated": 2, "tasks": []}));
    assert_eq!((ada.get(one).await, ada.get(three).await), (None, None));
    assert!(ada.get(two).await.is_some());
    let gone = |id: TaskId| ("task.deleted".to_owned(), id.to_string());
    assert_eq!(ada.told_since(told).await, [gone(one), gone(three)]);
}

#[tokio::test]
async fn a_hundred_tasks_are_told_in_order_and_handed_to_the_relay_in_portions() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let mut ids = Vec::new();
    for n in 0..100 {
        let (_, relay) = {
            let id = new_task_id();
            ids.push(id);
            ada.create(id, &titled(&format!("Task {n}"))).await
        };
        ada.relay(relay).await;
    }
    let BulkChange::Changed { relay, .. } = apply(&ada, &ids, BulkAction::Complete).await else {
        panic!("not changed")
    };
    let relay = relay.expect("nobody else relays");
    assert_eq!(relay.events.len(), 100);
    assert_eq!(ada.relay(Some(relay)).await, (101..=300).collect::<Vec<_>>());
}

#[tokio::test]
async fn two_in_opposite_order_wait_for_one_another() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let mut ids = Vec::new();
    for n in 0..30 {
        ids.push(ada.make(&titled(&format!("Task {n}"))).await);
    }
    let backwards: Vec<TaskId> = ids.iter().rev().copied().collect();
    for round in 0..20 {
        let priority = if round % 2 == 0 { Priority::High } else { Priority::Low };
        let (first, second) = tokio::join!(
            apply(&ada, &ids, BulkAction::AddTags(tags(&["a", "b"]))),
            apply(&other, &backwards, BulkAction::SetPriority(priority)),
        );
        assert_eq!(reply(second)["updated"], 30);
        reply(first);
    }
}

#[tokio::test]
async fn tags_that_were_given_meanwhile_are_kept() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let id = ada.make(&tagged("One", &["old"])).await;
    run(&ada.sql, "begin").await;
    let patch = TaskPatch { tags: Some(tags(&["new", "old"])), ..TaskPatch::default() };
    task::change(&ada.sql, ada.context(), id, &patch, None).await.expect("an answer");
    let change = scratch.after_commit_of(&ada.sql, apply(&other, &[id], BulkAction::AddTags(tags(&["more"])))).await;
    let reply = reply(change);
    assert_eq!(reply["tasks"][0]["tags"], json!(["more", "new", "old"]));
}

#[tokio::test]
async fn what_waited_and_then_finds_nothing_to_do_shows_the_task_as_it_is() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let id = ada.make(&titled("One")).await;
    run(&ada.sql, "begin").await;
    reply(apply(&ada, &[id], BulkAction::AddTags(tags(&["home"]))).await);
    let change = scratch.after_commit_of(&ada.sql, apply(&other, &[id], BulkAction::AddTags(tags(&["home"])))).await;
    let reply = reply(change);
    assert_eq!((&reply["updated"], &reply["tasks"][0]), (&json!(0), &ada.read(id).await));
}

#[tokio::test]
async fn what_waited_for_a_deletion_is_not_done_at_all() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let [one, two, three] = three(&ada).await;
    run(&ada.sql, "begin").await;
    task::delete(&ada.sql, ada.context(), two, None).await.expect("an answer");
    let ids = [one, two, three];
    let change = scratch.after_commit_of(&ada.sql, apply(&other, &ids, BulkAction::SetPriority(Priority::Low))).await;
    assert!(matches!(change, BulkChange::Absent), "{change:?}");
    assert_eq!(ada.read(one).await["version"], 1);
}
