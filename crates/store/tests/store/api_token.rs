//! Personal API tokens.

use jiff::Timestamp;
use rondo_domain::ids::ApiTokenId;
use rondo_domain::user::Name;
use rondo_store::api_token::{self, NewApiToken};
use rondo_store::{IdempotencyKey, Issuance};
use serde_json::Value;

use crate::people::{Person, hash, hours, json, random, text};
use crate::server::{Scratch, number, run};

async fn create_by_key(
    person: &Person,
    n: u64,
    expires_at: Option<Timestamp>,
    at_most: u32,
    key: Option<&IdempotencyKey>,
) -> Issuance {
    let name = Name::parse(&format!("token {n}")).expect("a name");
    let id = ApiTokenId::new(Timestamp::now(), random());
    let token = NewApiToken { id, name: &name, hash: &hash(n), expires_at };
    api_token::create(&person.sql, person.id, &token, at_most, key).await.expect("an answer")
}

/// The token, or nothing if the user has `at_most` already.
async fn create(person: &Person, n: u64, expires_at: Option<Timestamp>, at_most: u32) -> Option<Value> {
    match create_by_key(person, n, expires_at, at_most, None).await {
        Issuance::Made { document, .. } => Some(json(&document)),
        Issuance::NoRoom => None,
        Issuance::KeyReused => panic!("no key was given"),
    }
}

fn id(token: &Value) -> ApiTokenId {
    ApiTokenId::parse(&text(token, "id")).expect("an id")
}

async fn is_valid(person: &Person, n: u64) -> bool {
    api_token::authenticate(&person.sql, &hash(n)).await.expect("an answer") == Some(person.id)
}

#[tokio::test]
async fn a_token_says_whose_it_is_until_it_is_deleted() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let token = create(&ada, 1, None, 10).await.expect("made");
    assert_eq!((&token["name"], &token["last_used_at"]), (&"token 1".into(), &Value::Null));
    assert!(is_valid(&ada, 1).await);
    assert!(!is_valid(&ada, 2).await);
    assert!(api_token::delete(&ada.sql, ada.id, id(&token)).await.expect("an answer"));
    assert!(!api_token::delete(&ada.sql, ada.id, id(&token)).await.expect("an answer"));
    assert!(!is_valid(&ada, 1).await);
}

#[tokio::test]
async fn someone_elses_token_is_neither_listed_nor_deleted() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    let token = create(&ada, 1, None, 10).await.expect("made");
    let listed: Vec<Value> = api_token::list(&bob.sql, bob.id).await.expect("an answer").read().expect("a list");
    assert!(listed.is_empty());
    assert!(!api_token::delete(&bob.sql, bob.id, id(&token)).await.expect("an answer"));
    assert!(is_valid(&ada, 1).await);
}

#[tokio::test]
async fn tokens_are_listed_oldest_first_without_their_secret() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let expiry = "2030-01-01T00:00:00Z";
    let made = [
        create(&ada, 1, None, 10).await.expect("made"),
        create(&ada, 2, Some(expiry.parse().expect("a time")), 10).await.expect("made"),
    ];
    let listed: Vec<Value> = api_token::list(&ada.sql, ada.id).await.expect("an answer").read().expect("a list");
    assert_eq!(listed, made);
    assert_eq!(listed[1]["expires_at"], "2030-01-01T00:00:00.000000Z");
    assert!(listed.iter().all(|token| token.get("token_hash").is_none()));
}

#[tokio::test]
async fn an_expired_token_is_nobodys() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    create(&ada, 1, Some(hours(-1)), 10).await.expect("made");
    create(&ada, 2, Some(hours(1)), 10).await.expect("made");
    assert!(!is_valid(&ada, 1).await);
    assert!(is_valid(&ada, 2).await);
}

#[tokio::test]
async fn nobody_has_more_tokens_than_are_allowed() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    create(&ada, 1, None, 2).await.expect("made");
    let token = create(&ada, 2, None, 2).await.expect("made");
    assert_eq!(create(&ada, 3, None, 2).await, None);
    assert!(create(&bob, 4, None, 2).await.is_some());
    api_token::delete(&ada.sql, ada.id, id(&token)).await.expect("an answer");
    assert!(create(&ada, 5, None, 2).await.is_some());
}

#[tokio::test]
async fn when_a_token_was_used_is_noted_to_the_minute() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    create(&ada, 1, None, 10).await.expect("made");
    let used = "select coalesce(extract(epoch from last_used_at) * 1e6, 0)::bigint from api_tokens";
    assert!(is_valid(&ada, 1).await);
    let first = number(&ada.sql, used).await;
    assert!(first > 0);
    assert!(is_valid(&ada, 1).await);
    assert_eq!(number(&ada.sql, used).await, first, "not again within the minute");
    run(&ada.sql, "update api_tokens set last_used_at = now() - interval '61 seconds'").await;
    assert!(is_valid(&ada, 1).await);
    assert!(number(&ada.sql, used).await >= first);
}

fn made(creation: Issuance) -> (Value, String) {
    match creation {
        Issuance::Made { document, hash } => (json(&document), hash),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_asked_for_twice_under_one_key_is_made_once_and_told_again() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let key = IdempotencyKey { key: "k".to_owned(), request_hash: hash(1) };
    let first = made(create_by_key(&ada, 1, None, 1, Some(&key)).await);
    assert_eq!(first.1, hash(1));
    let again = made(create_by_key(&ada, 2, None, 1, Some(&key)).await);
    assert_eq!(again, first, "although there is no room for another");
    let other = IdempotencyKey { request_hash: hash(2), ..key };
    assert!(matches!(create_by_key(&ada, 2, None, 2, Some(&other)).await, Issuance::KeyReused));
    assert_eq!(number(&ada.sql, "select count(*) from api_tokens").await, 1);
}

#[tokio::test]
async fn a_token_asked_for_twice_at_once_under_one_key_is_made_once() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let key = IdempotencyKey { key: "k".to_owned(), request_hash: hash(1) };
    run(&ada.sql, "begin").await;
    let first = made(create_by_key(&ada, 1, None, 10, Some(&key)).await);
    let second = made(scratch.after_commit_of(&ada.sql, create_by_key(&other, 2, None, 10, Some(&key))).await);
    assert_eq!(second, first);
}

#[tokio::test]
async fn a_refusal_for_want_of_room_claims_no_key() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let token = create(&ada, 1, None, 1).await.expect("made");
    let key = IdempotencyKey { key: "k".to_owned(), request_hash: hash(2) };
    assert!(matches!(create_by_key(&ada, 2, None, 1, Some(&key)).await, Issuance::NoRoom));
    api_token::delete(&ada.sql, ada.id, id(&token)).await.expect("an answer");
    assert_eq!(made(create_by_key(&ada, 2, None, 1, Some(&key)).await).1, hash(2));
}
