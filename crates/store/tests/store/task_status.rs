//! One task: completed and reopened.

use rondo_domain::task::{NewTask, Status, TaskPatch};
use rondo_store::task;
use serde_json::{Value, json};

use crate::people::{Person, tagged, titled};
use crate::server::{Scratch, run};
use crate::task::changed;

#[tokio::test]
async fn completing_writes_what_changed_and_that_the_status_changed() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = ada.make(&titled("Buy bread")).await;
    let task = changed(task::complete(&ada.sql, ada.context(), id).await.expect("an answer"));
    assert_eq!((&task["status"], &task["version"]), (&json!("completed"), &json!(2)));
    assert_eq!(task["completed_at"], task["updated_at"]);

    let events = ada.events().await;
    let [_, updated, status] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((updated.topic.as_str(), updated.event_type.as_str()), ("task-events", "task.updated"));
    assert_eq!((updated.sequence, &updated.data["task"]), (2, &task));
    assert_eq!((status.topic.as_str(), status.event_type.as_str()), ("task-updates", "task.status_changed"));
    assert_eq!((status.sequence, &status.data["sequence"]), (3, &json!(3)));
    assert_eq!(status.data["previous_status"], "pending");
    assert_eq!(status.data["status"], "completed");
    assert_eq!(status.data["title"], "Buy bread");
    assert_eq!(status.data["completed_at"], task["completed_at"]);
    assert_eq!(status.data["version"], 2);
}

#[tokio::test]
async fn completing_twice_is_the_same_as_once() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = ada.make(&titled("Buy bread")).await;
    let once = changed(task::complete(&ada.sql, ada.context(), id).await.expect("an answer"));
    let told = ada.last_sequence().await;
    let twice = changed(task::complete(&ada.sql, ada.context(), id).await.expect("an answer"));
    assert_eq!(twice, once);
    assert_eq!(ada.last_sequence().await, told);
}

#[tokio::test]
async fn completing_twice_at_once_publishes_once() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let id = ada.make(&tagged("Buy bread", &["shop"])).await;
    run(&ada.sql, "begin").await;
    let first = changed(task::complete(&ada.sql, ada.context(), id).await.expect("an answer"));
    let second = task::complete(&other.sql, other.context(), id);
    let second = changed(scratch.after_commit_of(&ada.sql, second).await.expect("an answer"));
    assert_eq!(second, first);
    assert_eq!(ada.last_sequence().await, 3);
}

#[tokio::test]
async fn reopening_takes_the_completion_time_away_and_leaves_what_is_open() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = ada.make(&NewTask { status: Status::Completed, ..titled("Buy bread") }).await;
    let task = changed(task::reopen(&ada.sql, ada.context(), id).await.expect("an answer"));
    assert_eq!((&task["status"], &task["completed_at"]), (&json!("pending"), &Value::Null));
    let told = ada.last_sequence().await;
    let again = changed(task::reopen(&ada.sql, ada.context(), id).await.expect("an answer"));
    assert_eq!(again, task);

    let begun = ada.make(&NewTask { status: Status::InProgress, ..titled("Bake bread") }).await;
    let still = changed(task::reopen(&ada.sql, ada.context(), begun).await.expect("an answer"));
    assert_eq!((&still["status"], &still["version"]), (&json!("in_progress"), &json!(1)));
    assert_eq!(ada.last_sequence().await, told + 1, "only the creation of the second task was told");
}

#[tokio::test]
async fn a_patch_to_the_status_it_has_tells_no_change_of_status_and_keeps_the_completion_time() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = ada.make(&NewTask { status: Status::Completed, ..titled("Buy bread") }).await;
    let before = ada.read(id).await;
    let patch = TaskPatch { status: Some(Status::Completed), ..TaskPatch::default() };
    let after = changed(task::change(&ada.sql, ada.context(), id, &patch, None).await.expect("an answer"));
    assert_eq!((&after["completed_at"], &after["version"]), (&before["completed_at"], &json!(2)));
    assert_eq!(ada.told_since(1).await, [("task.updated".to_owned(), id.to_string())]);
}
