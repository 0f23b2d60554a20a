//! The relay's protocol: who publishes a user's events, in which order, and what happens when they don't; and the stream.

use rondo_domain::task::{NewTask, Status};
use rondo_store::outbox::{self, Then};
use rondo_store::{RelayBatch, task};

use crate::people::{Person, new_task_id, titled};
use crate::server::{Scratch, run};

fn sequences(batch: &RelayBatch) -> Vec<i64> {
    batch.events.iter().map(|event| event.sequence).collect()
}

async fn make(person: &Person) -> Option<RelayBatch> {
    person.create(new_task_id(), &titled("Task")).await.1
}

async fn confirm(person: &Person, holder: &str, published: &[i64], then: Then) -> Option<RelayBatch> {
    outbox::confirm(&person.sql, person.id, holder, published, then).await.expect("an answer")
}

async fn claim(person: &Person) -> Option<RelayBatch> {
    outbox::claim(&person.sql, person.id).await.expect("an answer")
}

/// The sequences that are published, as the sweep would find them.
async fn waiting(person: &Person) -> Vec<i64> {
    let query = "select sequence from outbox where user_id::text = $1 and published_at is null order by sequence";
    let rows = person.sql.client().query(query, &[&person.id.to_string()]).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

async fn is_swept(person: &Person) -> bool {
    outbox::users_with_events_to_publish(&person.sql).await.expect("an answer").contains(&person.id)
}

/// The lease of whoever relays runs out.
async fn expire(person: &Person) {
    run(
        &person.sql,
        "update event_sequences set relay_until = clock_timestamp() - interval '1 second' where relay_by is not null",
    )
    .await;
}

#[tokio::test]
async fn who_writes_first_relays_and_the_others_leave_theirs_to_it() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    let batch = make(&ada).await.expect("nobody else relays");
    assert_eq!(sequences(&batch), [1]);
    assert!(make(&ada).await.is_none());
    assert!(make(&bob).await.is_some(), "each user has a relay of their own");
    assert!(!is_swept(&ada).await, "somebody is at it");
    assert!(claim(&ada).await.is_none());
    assert_eq!(ada.relay(Some(batch)).await, [1, 2]);
    assert!(waiting(&ada).await.is_empty());
    assert!(make(&ada).await.is_some(), "the relay was given up");
}

#[tokio::test]
async fn an_event_in_a_batch_is_what_the_change_wrote() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let batch = make(&ada).await.expect("nobody else relays");
    let [event] = batch.events.as_slice() else { panic!("{batch:?}") };
    let [written] = &ada.events().await[..] else { panic!("one event") };
    assert_eq!(
        (&event.topic, &event.event_type, &event.subject),
        (&written.topic, &written.event_type, &written.subject)
    );
    assert_eq!(crate::people::json(&event.data), written.data);
    assert_eq!(
        (&written.data["event_id"], &written.data["occurred_at"]),
        (&event.id.clone().into(), &event.time.clone().into())
    );
}

#[tokio::test]
async fn confirming_returns_what_came_meanwhile_in_order() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let first = make(&ada).await.expect("nobody else relays");
    let id = ada.make(&titled("Another")).await;
    task::complete(&ada.sql, ada.context(), id).await.expect("an answer");
    let next = confirm(&ada, &first.holder, &[1], Then::Continue).await.expect("more came");
    assert_eq!((sequences(&next), &next.holder), (vec![2, 3, 4], &first.holder));
    assert!(confirm(&ada, &next.holder, &[2, 3, 4], Then::Continue).await.is_none());
}

#[tokio::test]
async fn what_is_not_confirmed_comes_again_with_its_id() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let first = make(&ada).await.expect("nobody else relays");
    make(&ada).await;
    let again = confirm(&ada, &first.holder, &[], Then::Continue).await.expect("nothing was published");
    assert_eq!(sequences(&again), [1, 2]);
    assert_eq!(again.events[0].id, first.events[0].id);
}

#[tokio::test]
async fn stopping_marks_what_was_published_and_leaves_the_rest_to_the_sweep() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let first = make(&ada).await.expect("nobody else relays");
    make(&ada).await;
    make(&ada).await;
    let all = confirm(&ada, &first.holder, &[1], Then::Continue).await.expect("two more");
    assert!(confirm(&ada, &all.holder, &[2], Then::Stop).await.is_none());
    assert_eq!(waiting(&ada).await, [3]);
    assert!(is_swept(&ada).await);
    let swept = claim(&ada).await.expect("nobody relays");
    assert_eq!(sequences(&swept), [3]);
    assert_eq!(ada.relay(Some(swept)).await, [3]);
    assert!(!is_swept(&ada).await);
}

#[tokio::test]
async fn after_a_stop_the_next_writer_takes_what_was_left_along_in_order() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let first = make(&ada).await.expect("nobody else relays");
    assert!(confirm(&ada, &first.holder, &[], Then::Stop).await.is_none());
    let next = make(&ada).await.expect("nobody relays");
    assert_eq!(sequences(&next), [1, 2]);
}

#[tokio::test]
async fn with_nothing_to_publish_there_is_nothing_to_claim() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    assert!(claim(&ada).await.is_none(), "there never was an event");
    let batch = make(&ada).await;
    ada.relay(batch).await;
    assert!(claim(&ada).await.is_none(), "all are published");
    assert!(make(&ada).await.is_some(), "and the claim held nobody up");
}

#[tokio::test]
async fn a_holder_that_died_is_taken_over_by_the_sweep_after_its_lease() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    make(&ada).await.expect("nobody else relays");
    assert!(claim(&ada).await.is_none());
    expire(&ada).await;
    assert!(is_swept(&ada).await);
    let batch = claim(&ada).await.expect("the lease has run out");
    assert_eq!(sequences(&batch), [1]);
    assert!(claim(&ada).await.is_none(), "one sweep has it");
    assert!(!is_swept(&ada).await);
}

#[tokio::test]
async fn a_holder_that_died_is_taken_over_by_the_next_writer_after_its_lease() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let dead = make(&ada).await.expect("nobody else relays");
    expire(&ada).await;
    let batch = make(&ada).await.expect("the lease has run out");
    assert_eq!(sequences(&batch), [1, 2]);
    assert_ne!(batch.holder, dead.holder);
}

#[tokio::test]
async fn who_was_taken_over_can_say_what_it_published_and_gets_nothing_more() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let slow = make(&ada).await.expect("nobody else relays");
    make(&ada).await;
    expire(&ada).await;
    let taken = claim(&ada).await.expect("the lease has run out");
    assert_eq!(sequences(&taken), [1, 2]);
    assert!(confirm(&ada, &slow.holder, &[1], Then::Continue).await.is_none());
    assert_eq!(waiting(&ada).await, [2]);
    assert!(confirm(&ada, &slow.holder, &[], Then::Stop).await.is_none(), "nor can it give up what another holds");
    assert!(claim(&ada).await.is_none());
    assert_eq!(ada.relay(Some(taken)).await, [1, 2]);
}

#[tokio::test]
async fn who_is_slow_but_was_not_taken_over_goes_on_with_a_new_lease() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let slow = make(&ada).await.expect("nobody else relays");
    make(&ada).await;
    expire(&ada).await;
    let next = confirm(&ada, &slow.holder, &[1], Then::Continue).await.expect("more came");
    assert_eq!(sequences(&next), [2]);
    assert!(claim(&ada).await.is_none(), "the lease is new");
}

#[tokio::test]
async fn nobody_confirms_for_somebody_else() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    let adas = make(&ada).await.expect("nobody else relays");
    make(&bob).await.expect("nobody else relays");
    assert!(confirm(&bob, &adas.holder, &[1], Then::Stop).await.is_none());
    assert_eq!(waiting(&ada).await, [1]);
    assert!(claim(&bob).await.is_none(), "Bob's relay goes on");
}

#[tokio::test]
async fn a_writer_that_is_not_done_yet_is_waited_for_and_not_missed() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let relay = ada.elsewhere(&scratch).await;
    let first = make(&ada).await.expect("nobody else relays");
    run(&ada.sql, "begin").await;
    assert!(make(&ada).await.is_none(), "it is left to the one that relays");
    let next = scratch.after_commit_of(&ada.sql, confirm(&relay, &first.holder, &[1], Then::Continue)).await;
    assert_eq!(next.as_ref().map(sequences), Some(vec![2]));
}

#[tokio::test]
async fn a_writer_that_waited_for_a_relay_to_give_up_takes_it_over() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let relay = ada.elsewhere(&scratch).await;
    let first = make(&ada).await.expect("nobody else relays");
    run(&relay.sql, "begin").await;
    assert!(confirm(&relay, &first.holder, &[1], Then::Continue).await.is_none());
    let batch = scratch.after_commit_of(&relay.sql, make(&ada)).await;
    assert_eq!(batch.as_ref().map(sequences), Some(vec![2]));
}

#[tokio::test]
async fn of_two_who_claim_at_once_one_gets_it() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    make(&ada).await;
    expire(&ada).await;
    run(&ada.sql, "begin").await;
    assert!(claim(&ada).await.is_some());
    assert!(scratch.after_commit_of(&ada.sql, claim(&other)).await.is_none());
}

#[tokio::test]
async fn a_claim_that_is_rolled_back_was_none() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    make(&ada).await;
    expire(&ada).await;
    run(&ada.sql, "begin").await;
    assert!(claim(&ada).await.is_some());
    assert!(scratch.after_rollback_of(&ada.sql, claim(&other)).await.is_some());
}

#[tokio::test]
async fn the_stream_reads_on_from_where_it_was_and_sees_only_its_own() {
    let scratch = Scratch::new().await;
    let (ada, bob) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "bob").await);
    make(&ada).await;
    make(&bob).await;
    ada.make(&NewTask { status: Status::InProgress, ..titled("Two") }).await;
    let events = outbox::events_after(&ada.sql, ada.id, 0).await.expect("an answer");
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2]);
    let written = ada.events().await;
    for (event, written) in events.iter().zip(&written) {
        assert_eq!((&event.event_type, crate::people::json(&event.data)), (&written.event_type, written.data.clone()));
    }
    let rest = outbox::events_after(&ada.sql, ada.id, 1).await.expect("an answer");
    assert_eq!(rest.len(), 1);
    assert!(outbox::events_after(&ada.sql, ada.id, 2).await.expect("an answer").is_empty());
}

#[tokio::test]
async fn the_stream_reads_two_hundred_at_a_time() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    for _ in 0..205 {
        make(&ada).await;
    }
    let portion = outbox::events_after(&ada.sql, ada.id, 0).await.expect("an answer");
    assert_eq!((portion.len(), portion.last().map(|event| event.sequence)), (200, Some(200)));
    assert_eq!(outbox::events_after(&ada.sql, ada.id, 200).await.expect("an answer").len(), 5);
}

#[tokio::test]
async fn the_range_says_where_events_end_and_where_those_that_are_kept_begin() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let range = outbox::sequence_range(&ada.sql, ada.id).await.expect("an answer");
    assert_eq!((range.last, range.oldest), (0, None));
    make(&ada).await;
    make(&ada).await;
    run(&ada.sql, "delete from outbox where sequence = 1").await;
    let range = outbox::sequence_range(&ada.sql, ada.id).await.expect("an answer");
    assert_eq!((range.last, range.oldest), (2, Some(2)));
    run(&ada.sql, "delete from outbox").await;
    let range = outbox::sequence_range(&ada.sql, ada.id).await.expect("an answer");
    assert_eq!((range.last, range.oldest), (2, None), "sequences go on even if all events are forgotten");
    make(&ada).await;
    assert_eq!(ada.last_sequence().await, 3);
}

#[tokio::test]
async fn an_event_that_is_not_committed_hides_those_behind_it() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (other, reader) = (ada.elsewhere(&scratch).await, ada.elsewhere(&scratch).await);
    run(&ada.sql, "begin").await;
    make(&ada).await;
    let behind = async {
        make(&other).await;
        outbox::events_after(&reader.sql, ada.id, 0).await.expect("an answer").len()
    };
    assert_eq!(outbox::events_after(&reader.sql, ada.id, 0).await.expect("an answer").len(), 0);
    assert_eq!(scratch.after_commit_of(&ada.sql, behind).await, 2);
}
