//! Only what is past its time is forgotten.

use rondo_store::housekeeping::{self, Forgotten};
use rondo_store::{IdempotencyKey, outbox, task};

use crate::people::{Person, email, hash, new_task_id, titled};
use crate::server::{Scratch, number, run};

const NOTHING: Forgotten =
    Forgotten { events: 0, processed_events: 0, idempotency_keys: 0, refresh_tokens: 0, login_failures: 0 };

/// Two of everything that housekeeping knows, all of it young.
async fn two_of_everything(ada: &Person) {
    for n in 1..=2 {
        let key = IdempotencyKey { key: format!("key {n}"), request_hash: hash(n) };
        let creation = task::create(&ada.sql, ada.context(), new_task_id(), &titled("Task"), Some(&key)).await;
        let (_, relay) = crate::people::made(creation.expect("an answer"));
        ada.relay(relay).await;
        let address = email(&format!("stranger{n}"));
        rondo_store::user::record_login_failure(&ada.sql, &address).await.expect("an answer");
        run(
            &ada.sql,
            &format!(
                "insert into processed_event_logs (event_id, idempotency_key, event_type) values ('{n}', '{n}', 't');
                 insert into refresh_tokens (id, user_id, session_id, token_hash, expires_at) values
                    (gen_random_uuid(), '{}', gen_random_uuid(), sha256('{n}'), now() + interval '1 hour')",
                ada.id
            ),
        )
        .await;
    }
}

#[tokio::test]
async fn what_is_young_stays() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    two_of_everything(&ada).await;
    run(
        &ada.sql,
        "update outbox set published_at = now() - interval '23 hours';
         update idempotency_keys set created_at = now() - interval '23 hours';
         update login_failures set last_failure_at = now() - interval '23 hours'",
    )
    .await;
    assert_eq!(housekeeping::forget(&ada.sql).await.expect("an answer"), NOTHING);
}

#[tokio::test]
async fn what_is_past_its_time_goes_and_its_neighbour_stays() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    two_of_everything(&ada).await;
    run(
        &ada.sql,
        "update outbox set published_at = now() - interval '25 hours' where sequence = 1;
         update idempotency_keys set created_at = now() - interval '25 hours' where key = 'key 1';
         update processed_event_logs set expires_at = now() where event_id = '1';
         update refresh_tokens set expires_at = now() where token_hash = sha256('1');
         update login_failures set last_failure_at = now() - interval '25 hours'
         where email_hash = sha256('stranger1@example.com')",
    )
    .await;
    let forgotten = housekeeping::forget(&ada.sql).await.expect("an answer");
    let one_of_each =
        Forgotten { events: 1, processed_events: 1, idempotency_keys: 1, refresh_tokens: 1, login_failures: 1 };
    assert_eq!(forgotten, one_of_each);
    assert_eq!(housekeeping::forget(&ada.sql).await.expect("an answer"), NOTHING);
    assert_eq!(outbox::sequence_range(&ada.sql, ada.id).await.expect("an answer").oldest, Some(2));
    assert_eq!(number(&ada.sql, "select count(*) from tasks").await, 2);
}

#[tokio::test]
async fn an_event_that_was_never_published_is_never_forgotten() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    ada.make(&titled("Task")).await;
    run(&ada.sql, "update outbox set created_at = now() - interval '1 year'").await;
    assert_eq!(housekeeping::forget(&ada.sql).await.expect("an answer"), NOTHING);
    assert_eq!(ada.events().await.len(), 1);
}

#[tokio::test]
async fn of_two_who_clean_at_once_one_finds_nothing_left() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    two_of_everything(&ada).await;
    run(&ada.sql, "update outbox set published_at = now() - interval '25 hours'").await;
    run(&ada.sql, "begin").await;
    assert_eq!(housekeeping::forget(&ada.sql).await.expect("an answer").events, 2);
    let second = scratch.after_commit_of(&ada.sql, housekeeping::forget(&other.sql)).await;
    assert_eq!(second.expect("an answer"), NOTHING);
}
