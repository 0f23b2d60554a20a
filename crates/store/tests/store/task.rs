//! One task: made, read, changed, deleted.

use rondo_domain::task::{Description, NewTask, Priority, Status, TaskPatch, Title};
use rondo_store::task::{self, Change, Deletion};
use serde_json::{Value, json};

use crate::people::{Person, REQUEST, hours, json as read, new_task_id, tagged, tags, text, titled};
use crate::server::{Scratch, run};

fn renamed(title: &str) -> TaskPatch {
    TaskPatch { title: Some(Title::parse(title).expect("a right title")), ..TaskPatch::default() }
}

pub fn changed(change: Change) -> Value {
    match change {
        Change::Changed { task, .. } => read(&task),
        other => panic!("not changed: {other:?}"),
    }
}

#[tokio::test]
async fn a_new_task_is_as_it_was_asked_for_and_reads_the_same() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let due = "2027-02-28T22:30:00.123456Z";
    let asked = NewTask {
        description: Some(Description::parse("for \"all\" of\nus").expect("right")),
        priority: Priority::High,
        due_at: Some(due.parse().expect("a time")),
        ..tagged("Buy bread", &["shop", "home"])
    };
    let id = new_task_id();
    let (task, _) = ada.create(id, &asked).await;
    assert_eq!(task["id"], id.to_string());
    assert_eq!(task["title"], "Buy bread");
    assert_eq!(task["description"], "for \"all\" of\nus");
    assert_eq!(task["status"], "pending");
    assert_eq!(task["priority"], "High");
    assert_eq!(task["tags"], json!(["home", "shop"]));
    assert_eq!(task["due_at"], due);
    assert_eq!(task["completed_at"], Value::Null);
    assert_eq!(task["series_id"], Value::Null);
    assert_eq!(task["version"], 1);
    assert_eq!(task["created_at"], task["updated_at"]);
    assert_eq!(ada.read(id).await, task);
}

#[tokio::test]
async fn a_task_that_is_made_completed_has_a_completion_time() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = ada.make(&NewTask { status: Status::Completed, ..titled("Was done before it was written down") }).await;
    let task = ada.read(id).await;
    assert_eq!(task["completed_at"], task["created_at"]);
}

#[tokio::test]
async fn creating_writes_one_event_with_the_whole_task() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = new_task_id();
    let (task, _) = ada.create(id, &tagged("Buy bread", &["shop"])).await;
    let events = ada.events().await;
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.topic.as_str(), event.event_type.as_str()), ("task-events", "task.created"));
    assert_eq!((event.sequence, &event.subject), (1, &id.to_string()));
    assert_eq!(event.data["task"], task);
    assert_eq!(event.data["event_type"], "task.created");
    assert_eq!(event.data["event_version"], 1);
    assert_eq!(event.data["user_id"], ada.id.to_string());
    assert_eq!(event.data["task_id"], id.to_string());
    assert_eq!(event.data["request_id"], REQUEST);
    assert_eq!(event.data["sequence"], 1);
    assert_eq!(event.data["occurred_at"], task["created_at"]);
}

#[tokio::test]
async fn someone_elses_task_reads_as_absent_whatever_is_done_with_it() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    let id = ada.make(&titled("Ada's own")).await;
    let before = ada.read(id).await;
    assert_eq!(bob.get(id).await, None);
    let changes = [
        task::change(&bob.sql, bob.context(), id, &renamed("Bob's"), None).await,
        task::change(&bob.sql, bob.context(), id, &renamed("Bob's"), Some(1)).await,
        task::complete(&bob.sql, bob.context(), id).await,
        task::reopen(&bob.sql, bob.context(), id).await,
    ];
    for change in changes {
        assert!(matches!(change, Ok(Change::Absent)), "{change:?}");
    }
    let deletion = task::delete(&bob.sql, bob.context(), id, None).await;
    assert!(matches!(deletion, Ok(Deletion::Absent)), "{deletion:?}");
    assert_eq!(ada.read(id).await, before);
    assert!(bob.events().await.is_empty());
}

#[tokio::test]
async fn a_task_that_never_was_is_absent() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = new_task_id();
    assert_eq!(ada.get(id).await, None);
    let change = task::change(&ada.sql, ada.context(), id, &renamed("Nothing"), None).await;
    assert!(matches!(change, Ok(Change::Absent)), "{change:?}");
    let deletion = task::delete(&ada.sql, ada.context(), id, Some(1)).await;
    assert!(matches!(deletion, Ok(Deletion::Absent)), "{deletion:?}");
    assert!(ada.events().await.is_empty());
}

#[tokio::test]
async fn a_change_changes_what_it_names_and_leaves_the_rest() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let asked = NewTask {
        description: Some(Description::parse("Rye").expect("right")),
        due_at: Some(hours(5)),
        ..tagged("Buy bread", &["shop"])
    };
    let id = ada.make(&asked).await;
    let before = ada.read(id).await;

    let patch = TaskPatch { priority: Some(Priority::Low), ..renamed("Bake bread") };
    let after = changed(task::change(&ada.sql, ada.context(), id, &patch, Some(1)).await.expect("an answer"));
    assert_eq!((&after["title"], &after["priority"]), (&json!("Bake bread"), &json!("Low")));
    assert_eq!(after["version"], 2);
    for field in ["description", "due_at", "tags", "status", "created_at", "completed_at"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert!(text(&after, "updated_at") > text(&before, "updated_at"));
    assert_eq!(ada.read(id).await, after);
}

#[tokio::test]
async fn what_may_be_missing_can_be_cleared() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let asked = NewTask {
        description: Some(Description::parse("Rye").expect("right")),
        due_at: Some(hours(5)),
        ..tagged("Buy bread", &["shop"])
    };
    let id = ada.make(&asked).await;
    let patch =
        TaskPatch { description: Some(None), due_at: Some(None), tags: Some(tags(&[])), ..TaskPatch::default() };
    let after = changed(task::change(&ada.sql, ada.context(), id, &patch, None).await.expect("an answer"));
    assert_eq!((&after["description"], &after["due_at"], &after["tags"]), (&Value::Null, &Value::Null, &json!([])));
}

#[tokio::test]
async fn a_change_of_an_old_version_is_stale_and_changes_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = ada.make(&titled("First")).await;
    changed(task::change(&ada.sql, ada.context(), id, &renamed("Second"), Some(1)).await.expect("an answer"));
    let told = ada.last_sequence().await;
    for version in [0, 1, 3] {
        let change = task::change(&ada.sql, ada.context(), id, &renamed("Third"), Some(version)).await;
        assert!(matches!(change, Ok(Change::Stale)), "{version}: {change:?}");
        let deletion = task::delete(&ada.sql, ada.context(), id, Some(version)).await;
        assert!(matches!(deletion, Ok(Deletion::Stale)), "{version}: {deletion:?}");
    }
    assert_eq!(ada.read(id).await["title"], "Second");
    assert_eq!(ada.last_sequence().await, told);
}

#[tokio::test]
async fn of_two_changes_of_one_version_the_one_that_waited_is_stale() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let id = ada.make(&titled("First")).await;
    run(&ada.sql, "begin").await;
    changed(task::change(&ada.sql, ada.context(), id, &renamed("Second"), Some(1)).await.expect("an answer"));
    let patch = renamed("Third");
    let second = task::change(&other.sql, other.context(), id, &patch, Some(1));
    let outcome = scratch.after_commit_of(&ada.sql, second).await;
    assert!(matches!(outcome, Ok(Change::Stale)), "{outcome:?}");
    assert_eq!(ada.read(id).await["title"], "Second");
}

#[tokio::test]
async fn of_two_changes_without_a_version_both_are_kept() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let id = ada.make(&tagged("First", &["home"])).await;
    run(&ada.sql, "begin").await;
    let patch = TaskPatch { tags: Some(tags(&["shop"])), ..renamed("Second") };
    changed(task::change(&ada.sql, ada.context(), id, &patch, None).await.expect("an answer"));
    let second = task::complete(&other.sql, other.context(), id);
    let after = changed(scratch.after_commit_of(&ada.sql, second).await.expect("an answer"));
    assert_eq!((&after["title"], &after["status"]), (&json!("Second"), &json!("completed")));
    assert_eq!((&after["tags"], &after["version"]), (&json!(["shop"]), &json!(3)));
    let events = ada.events().await;
    let last = events.last().expect("events");
    assert_eq!((&last.data["previous_status"], &last.data["version"]), (&json!("pending"), &json!(3)));
}

#[tokio::test]
async fn deleting_tells_the_title_and_leaves_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = ada.make(&tagged("Buy bread", &["shop"])).await;
    let deletion = task::delete(&ada.sql, ada.context(), id, Some(1)).await;
    assert!(matches!(deletion, Ok(Deletion::Deleted { .. })), "{deletion:?}");
    assert_eq!(ada.get(id).await, None);
    assert_eq!(ada.tag_list().await, [("shop".to_owned(), 0)]);
    let events = ada.events().await;
    let last = events.last().expect("events");
    assert_eq!((last.topic.as_str(), last.event_type.as_str()), ("task-events", "task.deleted"));
    assert_eq!((&last.data["title"], &last.data["version"]), (&json!("Buy bread"), &json!(1)));

    let again = task::delete(&ada.sql, ada.context(), id, None).await;
    assert!(matches!(again, Ok(Deletion::Absent)), "{again:?}");
    assert_eq!(ada.events().await.len(), 2);
}

#[tokio::test]
async fn of_two_deletions_at_once_the_second_finds_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let id = ada.make(&titled("Buy bread")).await;
    run(&ada.sql, "begin").await;
    task::delete(&ada.sql, ada.context(), id, None).await.expect("an answer");
    let second = scratch.after_commit_of(&ada.sql, task::delete(&other.sql, other.context(), id, None)).await;
    assert!(matches!(second, Ok(Deletion::Absent)), "{second:?}");
    assert_eq!(ada.last_sequence().await, 2);
}

#[tokio::test]
async fn a_change_that_waited_for_a_deletion_finds_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let id = ada.make(&titled("Buy bread")).await;
    run(&ada.sql, "begin").await;
    task::delete(&ada.sql, ada.context(), id, None).await.expect("an answer");
    let second = scratch.after_commit_of(&ada.sql, task::complete(&other.sql, other.context(), id)).await;
    assert!(matches!(second, Ok(Change::Absent)), "{second:?}");
}

#[tokio::test]
async fn a_task_whose_change_failed_has_no_event() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = ada.make(&titled("Buy bread")).await;
    let again = task::create(&ada.sql, ada.context(), id, &tagged("The same id", &["shop"]), None).await;
    assert!(again.is_err(), "{again:?}");
    assert_eq!(ada.events().await.len(), 1);
    assert!(ada.tag_list().await.is_empty());
}
