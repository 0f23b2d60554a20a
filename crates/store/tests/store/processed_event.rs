//! Events that a consumer has dealt with.

use rondo_store::processed_event::{self, Claim, ConsumedEvent};

use crate::server::{Scratch, number, run};

fn event<'a>(consumer: &'a str, event_id: &'a str) -> ConsumedEvent<'a> {
    ConsumedEvent { consumer, event_id, event_type: "task.created", occurred_at: "2026-11-21T05:00:00.5+01:00" }
}

#[tokio::test]
async fn an_event_is_new_once_to_each_consumer() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    let claim = async |event| processed_event::claim(&sql, event).await.expect("an answer");
    assert_eq!(claim(event("bell", "1")).await, Claim::First);
    assert_eq!(claim(event("bell", "1")).await, Claim::Repeated);
    assert_eq!(claim(event("mail", "1")).await, Claim::First);
    assert_eq!(claim(event("bell", "2")).await, Claim::First);
    let kept = "select count(*) from processed_event_logs where status = 'processed' and event_type = 'task.created'
        and event_timestamp = '2026-11-21T04:00:00.5Z' and expires_at > now() + interval '29 days'";
    assert_eq!(number(&sql, kept).await, 3);
}

#[tokio::test]
async fn of_two_deliveries_at_once_one_is_the_first() {
    let scratch = Scratch::new().await;
    let (first, second) = (scratch.connect().await, scratch.connect().await);
    run(&first, "begin").await;
    assert_eq!(processed_event::claim(&first, event("bell", "1")).await.expect("an answer"), Claim::First);
    let repeated = scratch.after_commit_of(&first, processed_event::claim(&second, event("bell", "1"))).await;
    assert_eq!(repeated.expect("an answer"), Claim::Repeated);
}
