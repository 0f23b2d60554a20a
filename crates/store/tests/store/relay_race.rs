//! Writers, relays that publish, fail, die or are slow, sweeps and a reader of the stream, loose on one user's events. Whatever
//! their order, every event is published, those of a holder in order, and the reader skips none.
//!
//! Everything is drawn from a seed; a failure names it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use rondo_domain::ids::TaskId;
use rondo_store::outbox::{self, Then};
use rondo_store::{RelayBatch, task};

use crate::people::{Person, titled};
use crate::server::{Scratch, number, run};

const ROUNDS: u64 = 6;
const WRITERS: usize = 3;
const WRITES: usize = 20;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// What reached the topic, in this order.
type Topic = RefCell<Vec<i64>>;

/// Publishes a batch and what follows it, as far as the dice let it: it may die before it confirms, stop in the middle, or
/// be so slow that its lease runs out.
async fn relay(person: &Person, topic: &Topic, dice: &mut Dice, batch: Option<RelayBatch>) {
    let mut next = batch;
    while let Some(batch) = next {
        let sequences: Vec<i64> = batch.events.iter().map(|event| event.sequence).collect();
        assert!(sequences.is_sorted_by(|a, b| b - a == 1), "a batch has a hole: {sequences:?}");
        let reached = match dice.roll(4) {
            0 => dice.roll(sequences.len() as u64 + 1) as usize,
            _ => sequences.len(),
        };
        topic.borrow_mut().extend(&sequences[..reached]);
        match dice.roll(10) {
            0 => return,
            1 => expire(person).await,
            _ => {}
        }
        let then = if reached < sequences.len() { Then::Stop } else { Then::Continue };
        next = outbox::confirm(&person.sql, person.id, &batch.holder, &sequences[..reached], then)
            .await
            .expect("an answer");
    }
}

async fn expire(person: &Person) {
    run(&person.sql, "update event_sequences set relay_until = clock_timestamp() where relay_by is not null").await;
}

async fn write(person: &Person, topic: &Topic, mut dice: Dice, task: TaskId) {
    for _ in 0..WRITES {
        let batch = if dice.roll(2) == 0 {
            person.create(crate::people::new_task_id(), &titled("Task")).await.1
        } else {
            let change = match dice.roll(2) {
                0 => task::complete(&person.sql, person.context(), task).await,
                _ => task::reopen(&person.sql, person.context(), task).await,
            };
            match change.expect("an answer") {
                task::Change::Changed { relay, .. } => relay,
                other => panic!("{other:?}"),
            }
        };
        relay(person, topic, &mut dice, batch).await;
    }
}

/// Claims what nobody relays until the writers are done.
async fn sweep(person: &Person, topic: &Topic, mut dice: Dice, writing: &Cell<usize>) {
    while writing.get() > 0 {
        if dice.roll(8) == 0 {
            expire(person).await;
        }
        let batch = outbox::claim(&person.sql, person.id).await.expect("an answer");
        relay(person, topic, &mut dice, batch).await;
    }
}

/// Reads the stream until the writers are done; each portion must go on where the last ended.
async fn follow(person: &Person, writing: &Cell<usize>) {
    let mut seen = 0;
    loop {
        let was_writing = writing.get() > 0;
        let portion = outbox::events_after(&person.sql, person.id, seen).await.expect("an answer");
        for event in &portion {
            assert_eq!(event.sequence, seen + 1, "the stream skipped or repeated");
            seen = event.sequence;
        }
        if !was_writing && portion.is_empty() {
            assert_eq!(seen, person.last_sequence().await);
            return;
        }
    }
}

async fn race(seed: u64) {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = ada.make(&titled("Back and forth")).await;
    let mut people = Vec::new();
    for _ in 0..WRITERS + 2 {
        people.push(ada.elsewhere(&scratch).await);
    }
    let (topic, writing) = (Topic::default(), Cell::new(WRITERS));
    let dice = |n: u64| Dice(seed.wrapping_mul(1_000).wrapping_add(n));
    let writer = async |n: usize| {
        write(&people[n], &topic, dice(n as u64), task).await;
        writing.set(writing.get() - 1);
    };
    tokio::join!(
        writer(0),
        writer(1),
        writer(2),
        sweep(&people[WRITERS], &topic, dice(10), &writing),
        follow(&people[WRITERS + 1], &writing),
    );

    // Whatever was left by those who died, the next sweep after their lease publishes.
    expire(&ada).await;
    let batch = outbox::claim(&ada.sql, ada.id).await.expect("an answer");
    let swept = ada.relay(batch).await;
    topic.borrow_mut().extend(swept);
    assert_eq!(number(&ada.sql, "select count(*) from outbox where published_at is null").await, 0);
    let last = ada.last_sequence().await;
    let reached: BTreeSet<i64> = topic.borrow().iter().copied().collect();
    assert_eq!(reached, (1..=last).collect(), "all that happened reached the topic");
}

#[tokio::test]
async fn no_event_is_left_unpublished_and_none_is_skipped_whoever_races() {
    for seed in 0..ROUNDS {
        println!("seed {seed}");
        race(seed).await;
    }
}

/// Without deaths and expired leases there is one relay at a time: then the topic has each event once, in order.
#[tokio::test]
async fn while_nobody_dies_each_event_reaches_the_topic_once_and_in_order() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (second, third) = (ada.elsewhere(&scratch).await, ada.elsewhere(&scratch).await);
    let topic = Topic::default();
    let writer = async |person: &Person| {
        for _ in 0..30 {
            let mut next = person.create(crate::people::new_task_id(), &titled("Task")).await.1;
            while let Some(batch) = next {
                let sequences: Vec<i64> = batch.events.iter().map(|event| event.sequence).collect();
                topic.borrow_mut().extend(&sequences);
                let confirmed = outbox::confirm(&person.sql, person.id, &batch.holder, &sequences, Then::Continue);
                next = confirmed.await.expect("an answer");
            }
        }
    };
    tokio::join!(writer(&ada), writer(&second), writer(&third));
    assert_eq!(*topic.borrow(), (1..=90).collect::<Vec<_>>());
}
