//! Instances of recurring tasks: found and settled.

use rondo_domain::ids::{TaskId, TaskInstanceId};
use rondo_domain::listing::Page;
use rondo_domain::series::InstanceStatus;
use rondo_store::task::{self, Deletion};
use rondo_store::task_instance::{self, Settle, Settlement};
use serde_json::{Value, json};

use crate::people::{Person, json as read, random};
use crate::series::{daily, now};
use crate::server::{Scratch, run};

/// An instance of the series whose template is `task`, on a day of December 2026.
async fn instance(person: &Person, task: TaskId, day: u32) -> TaskInstanceId {
    let id = TaskInstanceId::new(now(), random());
    let insert = format!(
        "insert into task_instances (id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local)
         select '{id}', id, user_id, 'x', 'Low', '2026-12-{day:02}T14:00:00Z', '2026-12-{day:02}T09:00:00'
         from recurring_tasks where task_id = '{task}'"
    );
    run(&person.sql, &insert).await;
    id
}

async fn settle(person: &Person, task: TaskId, id: TaskInstanceId, settle: Settle) -> Settlement {
    task_instance::settle(&person.sql, person.context(), task, id, settle).await.expect("an answer")
}

async fn statuses(person: &Person, task: TaskId, status: &[InstanceStatus], page: Page) -> Option<Value> {
    task_instance::list(&person.sql, person.context(), task, status, page).await.expect("an answer").as_ref().map(read)
}

#[tokio::test]
async fn instances_are_listed_latest_first() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await.task;
    let (first, second) = (instance(&ada, task, 1).await, instance(&ada, task, 2).await);
    settle(&ada, task, first, Settle::Skip).await;
    let all = statuses(&ada, task, &[], Page::default()).await.expect("a page");
    assert_eq!((&all["instances"][0]["id"], &all["total"]), (&json!(second), &json!(2)));
    let skipped = statuses(&ada, task, &[InstanceStatus::Skipped], Page::default()).await.expect("a page");
    assert_eq!((&skipped["instances"][0]["id"], &skipped["total"]), (&json!(first), &json!(1)));
    assert_eq!(statuses(&ada, TaskId::new(now(), random()), &[], Page::default()).await, None);
}

#[tokio::test]
async fn settling_twice_is_told_once_and_settling_otherwise_does_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await.task;
    let id = instance(&ada, task, 1).await;
    let last = ada.last_sequence().await;
    assert!(matches!(settle(&ada, task, id, Settle::Complete).await, Settlement::Settled { .. }));
    assert!(matches!(settle(&ada, task, id, Settle::Complete).await, Settlement::Settled { relay: None, .. }));
    assert!(matches!(settle(&ada, task, id, Settle::Skip).await, Settlement::SettledOtherwise));
    assert_eq!(ada.told_since(last).await, [("task.status_changed".to_owned(), task.to_string())]);
}

#[tokio::test]
async fn an_instance_is_settled_only_by_its_owner_and_below_its_series() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let (task, other, hers) = (daily(&ada).await.task, daily(&ada).await.task, daily(&eve).await.task);
    let id = instance(&ada, task, 1).await;
    assert!(matches!(settle(&ada, other, id, Settle::Skip).await, Settlement::Absent));
    assert!(matches!(settle(&eve, task, id, Settle::Skip).await, Settlement::Absent));
    assert!(matches!(settle(&eve, hers, id, Settle::Skip).await, Settlement::Absent));
}

#[tokio::test]
async fn settling_waits_for_a_deletion_instead_of_blocking_it() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = daily(&ada).await.task;
    let id = instance(&ada, task, 1).await;
    let other = ada.elsewhere(&scratch).await;
    run(&other.sql, "begin").await;
    assert!(matches!(task::delete(&other.sql, other.context(), task, None).await, Ok(Deletion::Deleted { .. })));
    let outcome = scratch.after_commit_of(&other.sql, settle(&ada, task, id, Settle::Complete)).await;
    assert!(matches!(outcome, Settlement::Absent), "{outcome:?}");
}
