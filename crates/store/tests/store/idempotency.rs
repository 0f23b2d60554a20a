//! Idempotency keys: a creation that is asked for again.

use rondo_domain::task::NewTask;
use rondo_store::{Creation, IdempotencyKey, task};

use crate::people::{Person, hash, json, made, new_task_id, tagged, titled};
use crate::server::{Scratch, number, run};

fn key(name: &str, request: u64) -> IdempotencyKey {
    IdempotencyKey { key: name.to_owned(), request_hash: hash(request) }
}

async fn create(person: &Person, task: &NewTask, key: &IdempotencyKey) -> Creation {
    task::create(&person.sql, person.context(), new_task_id(), task, Some(key)).await.expect("an answer")
}

#[tokio::test]
async fn the_same_key_and_body_gives_the_first_reply_and_makes_nothing() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (first, _) = made(create(&ada, &tagged("Buy bread", &["shop"]), &key("k", 1)).await);
    match create(&ada, &tagged("Buy bread", &["shop"]), &key("k", 1)).await {
        Creation::Replayed(reply) => assert_eq!(json(&reply), first),
        other => panic!("{other:?}"),
    }
    assert_eq!(number(&ada.sql, "select count(*) from tasks").await, 1);
    assert_eq!(ada.events().await.len(), 1);
}

#[tokio::test]
async fn the_first_reply_is_replayed_even_when_the_task_has_changed_since() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let id = new_task_id();
    let first = task::create(&ada.sql, ada.context(), id, &titled("Buy bread"), Some(&key("k", 1))).await;
    let (first, _) = made(first.expect("an answer"));
    task::complete(&ada.sql, ada.context(), id).await.expect("an answer");
    match create(&ada, &titled("Buy bread"), &key("k", 1)).await {
        Creation::Replayed(reply) => assert_eq!(json(&reply), first),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    made(create(&ada, &titled("Buy bread"), &key("k", 1)).await);
    let other = create(&ada, &titled("Buy cake"), &key("k", 2)).await;
    assert!(matches!(other, Creation::KeyReused), "{other:?}");
    assert_eq!(number(&ada.sql, "select count(*) from tasks").await, 1);
}

#[tokio::test]
async fn a_key_is_its_users_own() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    made(create(&ada, &titled("Buy bread"), &key("k", 1)).await);
    made(create(&bob, &titled("Buy cake"), &key("k", 2)).await);
}

#[tokio::test]
async fn of_two_at_once_the_second_waits_and_gets_the_firsts_reply() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    run(&ada.sql, "begin").await;
    let (first, _) = made(create(&ada, &titled("Buy bread"), &key("k", 1)).await);
    let bread = titled("Buy bread");
    let same = key("k", 1);
    match scratch.after_commit_of(&ada.sql, create(&other, &bread, &same)).await {
        Creation::Replayed(reply) => assert_eq!(json(&reply), first),
        other => panic!("{other:?}"),
    }
    assert_eq!(ada.events().await.len(), 1);
}

#[tokio::test]
async fn of_two_at_once_the_second_makes_it_if_the_first_fails() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    run(&ada.sql, "begin").await;
    made(create(&ada, &titled("Buy bread"), &key("k", 1)).await);
    let bread = titled("Buy bread");
    let same = key("k", 1);
    let (_, relay) = made(scratch.after_rollback_of(&ada.sql, create(&other, &bread, &same)).await);
    assert!(relay.is_some());
    assert_eq!(number(&ada.sql, "select count(*) from tasks").await, 1);
}

#[tokio::test]
async fn a_creation_that_fails_leaves_its_key_free() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let taken = ada.make(&titled("Buy bread")).await;
    let failed = task::create(&ada.sql, ada.context(), taken, &titled("The same id"), Some(&key("k", 1))).await;
    assert!(failed.is_err(), "{failed:?}");
    made(create(&ada, &titled("The same id"), &key("k", 1)).await);
}
