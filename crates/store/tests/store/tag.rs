//! Tags: made by tasks, listed, renamed, merged, deleted.

use rondo_domain::ids::TagId;
use rondo_domain::tag::TagName;
use rondo_domain::task::TaskPatch;
use rondo_store::tag::{self, TagChange};
use rondo_store::task;
use serde_json::{Value, json};

use crate::people::{Event, Person, json as read, new_task_id, tagged, tags, titled};
use crate::server::{Scratch, run};

async fn rename(person: &Person, id: TagId, name: &str) -> TagChange {
    let name = TagName::parse(name).expect("a right name");
    tag::rename(&person.sql, person.context(), id, &name).await.expect("an answer")
}

async fn delete(person: &Person, id: TagId) -> TagChange {
    tag::delete(&person.sql, person.context(), id).await.expect("an answer")
}

fn changed(change: TagChange) -> Value {
    match change {
        TagChange::Changed { tag, .. } => read(&tag),
        TagChange::Absent => panic!("the tag is absent"),
    }
}

fn counted(name: &str, count: u64) -> (String, u64) {
    (name.to_owned(), count)
}

/// What the events after `sequence` say of the tags of the tasks, in the order of the events.
async fn tags_told_since(person: &Person, sequence: i64) -> Vec<(String, Value)> {
    let told = |event: Event| {
        assert_eq!((event.topic.as_str(), event.event_type.as_str()), ("task-events", "task.updated"));
        (event.subject, event.data["task"]["tags"].clone())
    };
    person.events().await.into_iter().filter(|event| event.sequence > sequence).map(told).collect()
}

#[tokio::test]
async fn tags_are_listed_by_name_with_their_tasks_and_are_the_users_own() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    ada.make(&tagged("One", &["shop", "étude", "home"])).await;
    ada.make(&tagged("Two", &["home"])).await;
    bob.make(&tagged("Three", &["home", "work"])).await;
    assert_eq!(ada.tag_list().await, [counted("home", 2), counted("shop", 1), counted("étude", 1)]);
    assert_eq!(bob.tag_list().await, [counted("home", 1), counted("work", 1)]);
}

#[tokio::test]
async fn two_tasks_that_bring_the_same_new_tag_at_once_share_it() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    run(&ada.sql, "begin").await;
    ada.create(new_task_id(), &tagged("One", &["b", "c"])).await;
    let two = tagged("Two", &["a", "b", "d"]);
    let (second, _) = scratch.after_commit_of(&ada.sql, other.create(new_task_id(), &two)).await;
    assert_eq!(second["tags"], json!(["a", "b", "d"]));
    assert_eq!(ada.tag_list().await, [counted("a", 1), counted("b", 2), counted("c", 1), counted("d", 1)]);
}

#[tokio::test]
async fn a_new_tag_of_a_task_that_was_not_made_is_made_by_the_one_that_waited() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    run(&ada.sql, "begin").await;
    ada.create(new_task_id(), &tagged("One", &["home"])).await;
    let two = tagged("Two", &["home"]);
    let (second, _) = scratch.after_rollback_of(&ada.sql, other.create(new_task_id(), &two)).await;
    assert_eq!(second["tags"], json!(["home"]));
    assert_eq!(ada.tag_list().await, [counted("home", 1)]);
}

#[tokio::test]
async fn a_renamed_tag_is_renamed_on_its_tasks_and_each_of_them_is_told_once() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let one = ada.make(&tagged("One", &["home", "x"])).await;
    let two = ada.make(&tagged("Two", &["x"])).await;
    let other = ada.make(&tagged("Three", &["home"])).await;
    let told = ada.last_sequence().await;
    let id = ada.tag_id("x").await;
    let tag = changed(rename(&ada, id, "attic").await);
    assert_eq!(tag, json!({"id": id.to_string(), "name": "attic", "task_count": 2}));
    assert_eq!(ada.tag_list().await, [counted("attic", 2), counted("home", 2)]);
    assert_eq!((&ada.read(one).await["tags"], &ada.read(one).await["version"]), (&json!(["attic", "home"]), &json!(2)));
    assert_eq!(ada.read(other).await["version"], 1);
    let expected = [(one.to_string(), json!(["attic", "home"])), (two.to_string(), json!(["attic"]))];
    assert_eq!(tags_told_since(&ada, told).await, expected);
}

#[tokio::test]
async fn a_tag_renamed_to_what_it_is_changes_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = ada.make(&tagged("One", &["home"])).await;
    let id = ada.tag_id("home").await;
    let tag = changed(rename(&ada, id, "home").await);
    assert_eq!(tag, json!({"id": id.to_string(), "name": "home", "task_count": 1}));
    assert_eq!(ada.read(task).await["version"], 1);
    assert_eq!(ada.last_sequence().await, 1);
}

#[tokio::test]
async fn a_tag_renamed_to_another_becomes_one_with_it() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let both = ada.make(&tagged("Both", &["job", "work"])).await;
    let old = ada.make(&tagged("Old", &["job"])).await;
    let new = ada.make(&tagged("New", &["work"])).await;
    let told = ada.last_sequence().await;
    let (job, work) = (ada.tag_id("job").await, ada.tag_id("work").await);
    let tag = changed(rename(&ada, job, "work").await);
    assert_eq!(tag, json!({"id": work.to_string(), "name": "work", "task_count": 3}));
    assert_eq!(ada.tag_list().await, [counted("work", 3)]);
    let expected = [(both.to_string(), json!(["work"])), (old.to_string(), json!(["work"]))];
    assert_eq!(tags_told_since(&ada, told).await, expected);
    for (task, version) in [(both, 2), (old, 2), (new, 1)] {
        let task = ada.read(task).await;
        assert_eq!((&task["tags"], &task["version"]), (&json!(["work"]), &json!(version)));
    }
}

#[tokio::test]
async fn a_deleted_tag_is_taken_off_its_tasks_and_each_of_them_is_told_once() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let one = ada.make(&tagged("One", &["home", "x"])).await;
    ada.make(&tagged("Two", &["home"])).await;
    let told = ada.last_sequence().await;
    let id = ada.tag_id("x").await;
    let tag = changed(delete(&ada, id).await);
    assert_eq!(tag, json!({"id": id.to_string(), "name": "x", "task_count": 1}));
    assert_eq!(ada.tag_list().await, [counted("home", 2)]);
    assert_eq!(tags_told_since(&ada, told).await, [(one.to_string(), json!(["home"]))]);
    assert_eq!(ada.read(one).await["version"], 2);
    assert!(matches!(delete(&ada, id).await, TagChange::Absent));
}

#[tokio::test]
async fn a_tag_without_tasks_goes_without_a_word() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = ada.make(&tagged("One", &["home"])).await;
    let patch = TaskPatch { tags: Some(tags(&[])), ..TaskPatch::default() };
    task::change(&ada.sql, ada.context(), task, &patch, None).await.expect("an answer");
    assert_eq!(ada.tag_list().await, [counted("home", 0)]);
    let told = ada.last_sequence().await;
    changed(delete(&ada, ada.tag_id("home").await).await);
    assert_eq!(ada.last_sequence().await, told);
}

#[tokio::test]
async fn someone_elses_tag_is_absent() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    ada.make(&tagged("One", &["home"])).await;
    bob.make(&tagged("Two", &["work"])).await;
    let home = ada.tag_id("home").await;
    assert!(matches!(rename(&bob, home, "work").await, TagChange::Absent));
    assert!(matches!(rename(&bob, home, "new").await, TagChange::Absent));
    assert!(matches!(delete(&bob, home).await, TagChange::Absent));
    assert_eq!((ada.tag_list().await, bob.tag_list().await), (vec![counted("home", 1)], vec![counted("work", 1)]));
}

#[tokio::test]
async fn a_rename_never_merges_with_someone_elses_tag() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    ada.make(&tagged("One", &["home"])).await;
    bob.make(&tagged("Two", &["work"])).await;
    changed(rename(&ada, ada.tag_id("home").await, "work").await);
    assert_eq!((ada.tag_list().await, bob.tag_list().await), (vec![counted("work", 1)], vec![counted("work", 1)]));
}

/// Makes a task tagged `x` that commits while `change` of that tag, by another connection, waits for it.
async fn made_meanwhile(change: impl AsyncFn(&Person, TagId) -> TagChange) -> (Scratch, Person, Value) {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    ada.make(&tagged("Before", &["x", "y"])).await;
    let tag = ada.tag_id("x").await;
    run(&ada.sql, "begin").await;
    let task = ada.make(&tagged("Meanwhile", &["x"])).await;
    changed(scratch.after_commit_of(&ada.sql, change(&other, tag)).await);
    let task = ada.read(task).await;
    (scratch, ada, task)
}

#[tokio::test]
async fn a_task_that_was_made_while_its_tag_was_renamed_is_told_too() {
    let (_scratch, ada, task) = made_meanwhile(async |person: &Person, tag| rename(person, tag, "z").await).await;
    assert_eq!((&task["tags"], &task["version"]), (&json!(["z"]), &json!(2)));
    assert_eq!(ada.told_since(2).await.len(), 2);
}

#[tokio::test]
async fn a_task_that_was_made_while_its_tag_was_merged_has_the_other_tag() {
    let (_scratch, ada, task) = made_meanwhile(async |person: &Person, tag| rename(person, tag, "y").await).await;
    assert_eq!((&task["tags"], &task["version"]), (&json!(["y"]), &json!(2)));
    assert_eq!(ada.told_since(2).await.len(), 2);
}

#[tokio::test]
async fn a_task_that_was_made_while_its_tag_was_deleted_loses_it_and_is_told() {
    let (_scratch, ada, task) = made_meanwhile(delete).await;
    assert_eq!((&task["tags"], &task["version"]), (&json!([]), &json!(2)));
    assert_eq!(ada.told_since(2).await.len(), 2);
}

/// Makes a task tagged `x` at another connection that waits for `change` of that tag.
async fn made_after(change: impl AsyncFn(&Person, TagId) -> TagChange) -> Value {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    ada.make(&tagged("Before", &["x", "y"])).await;
    let tag = ada.tag_id("x").await;
    run(&ada.sql, "begin").await;
    changed(change(&ada, tag).await);
    let after = tagged("After", &["x"]);
    scratch.after_commit_of(&ada.sql, other.create(new_task_id(), &after)).await.0
}

#[tokio::test]
async fn a_task_that_brings_a_tag_that_is_just_going_has_a_new_one_of_that_name() {
    assert_eq!(made_after(delete).await["tags"], json!(["x"]));
    assert_eq!(made_after(async |person: &Person, tag| rename(person, tag, "y").await).await["tags"], json!(["x"]));
    assert_eq!(made_after(async |person: &Person, tag| rename(person, tag, "z").await).await["tags"], json!(["x"]));
}

#[tokio::test]
async fn a_tag_that_is_renamed_to_one_that_is_just_being_made_becomes_one_with_it() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    ada.make(&tagged("Before", &["x"])).await;
    let tag = ada.tag_id("x").await;
    run(&ada.sql, "begin").await;
    ada.make(&tagged("Meanwhile", &["new"])).await;
    changed(scratch.after_commit_of(&ada.sql, rename(&other, tag, "new")).await);
    assert_eq!(ada.tag_list().await, [counted("new", 2)]);
}

#[tokio::test]
async fn tags_that_are_merged_tied_and_taken_off_from_all_sides_at_once_never_fail_and_tell_each_change_once() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (second, third, fourth) =
        (ada.elsewhere(&scratch).await, ada.elsewhere(&scratch).await, ada.elsewhere(&scratch).await);
    let task = ada.make(&titled("Task")).await;
    let patch = TaskPatch { tags: Some(tags(&["x", "y"])), ..TaskPatch::default() };
    for round in 0..40 {
        task::change(&ada.sql, ada.context(), task, &patch, None).await.expect("an answer");
        let (x, y) = (ada.tag_id("x").await, ada.tag_id("y").await);
        let other = tagged("Other", &["x", "y", "z"]);
        let (_, _, change, _) = tokio::join!(
            rename(&ada, x, "y"),
            async { if round % 2 == 0 { rename(&second, y, "x").await } else { delete(&second, y).await } },
            task::change(&third.sql, third.context(), task, &patch, None),
            fourth.create(new_task_id(), &other),
        );
        change.expect("an answer");
    }
    let task = ada.read(task).await;
    let told: Vec<_> = ada
        .events()
        .await
        .iter()
        .filter(|event| event.subject == task["id"])
        .map(|event| event.data["task"]["version"].clone())
        .collect();
    let versions: Vec<_> = (1..=task["version"].as_u64().expect("a version")).map(|version| json!(version)).collect();
    assert_eq!(told, versions);
}
