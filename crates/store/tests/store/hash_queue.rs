//! The queue of those who hash passwords: in order, so many at once, and nobody's place kept for ever.

use rondo_native::Database;
use rondo_store::hash_queue::{self, HashLimits, HashTurn};

use crate::server::{Scratch, run};

const ONE_OF_THREE: HashLimits = HashLimits { at_once: 1, longest_queue: 2, lease_milliseconds: 60_000 };

async fn enter(sql: &Database, limits: HashLimits) -> Option<HashTurn> {
    hash_queue::enter(sql, limits).await.expect("an answer")
}

async fn ahead(sql: &Database, turn: HashTurn) -> Option<u32> {
    let turn = hash_queue::advance(sql, turn.ticket, ONE_OF_THREE).await.expect("an answer");
    turn.map(|turn| turn.ahead)
}

#[tokio::test]
async fn turns_come_in_the_order_of_tickets_each_when_one_is_given_back() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    let mut turns = Vec::new();
    for expected in 0..3 {
        let turn = enter(&sql, ONE_OF_THREE).await.expect("a place");
        assert_eq!(turn.ahead, expected);
        turns.push(turn);
    }
    let [first, second, third] = turns[..] else { panic!("{turns:?}") };
    assert_eq!((ahead(&sql, third).await, ahead(&sql, second).await), (Some(2), Some(1)));
    hash_queue::leave(&sql, first.ticket).await.expect("left");
    assert_eq!((ahead(&sql, third).await, ahead(&sql, second).await), (Some(1), Some(0)));
    hash_queue::leave(&sql, second.ticket).await.expect("left");
    assert_eq!(ahead(&sql, third).await, Some(0));
}

#[tokio::test]
async fn as_many_hash_at_once_as_may() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    let limits = HashLimits { at_once: 2, ..ONE_OF_THREE };
    let mut places = Vec::new();
    for _ in 0..5 {
        places.push(enter(&sql, limits).await.map(|turn| turn.ahead));
    }
    assert_eq!(places, [Some(0), Some(0), Some(1), Some(2), None]);
}

#[tokio::test]
async fn who_is_refused_takes_nobodys_place() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    let first = enter(&sql, ONE_OF_THREE).await.expect("a place");
    for _ in 0..2 {
        enter(&sql, ONE_OF_THREE).await.expect("a place");
    }
    for _ in 0..5 {
        assert_eq!(enter(&sql, ONE_OF_THREE).await, None);
    }
    hash_queue::leave(&sql, first.ticket).await.expect("left");
    assert_eq!(enter(&sql, ONE_OF_THREE).await.map(|turn| turn.ahead), Some(2));
}

#[tokio::test]
async fn who_is_no_more_holds_its_place_until_its_lease_is_over() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    let gone = enter(&sql, ONE_OF_THREE).await.expect("a place");
    let next = enter(&sql, ONE_OF_THREE).await.expect("a place");
    let lapse = format!("update password_hash_turns set expires_at = now() where ticket = {}", gone.ticket);
    run(&sql, &lapse).await;
    assert_eq!(ahead(&sql, next).await, Some(0));
    assert_eq!(ahead(&sql, gone).await, None, "whoever comes too late has to queue up again");
}

#[tokio::test]
async fn two_who_queue_up_at_once_are_one_after_the_other() {
    let scratch = Scratch::new().await;
    let (first, second) = (scratch.connect().await, scratch.connect().await);
    run(&first, "begin").await;
    assert_eq!(enter(&first, ONE_OF_THREE).await.map(|turn| turn.ahead), Some(0));
    let turn = scratch.after_commit_of(&first, enter(&second, ONE_OF_THREE)).await;
    assert_eq!(turn.map(|turn| turn.ahead), Some(1));
}
