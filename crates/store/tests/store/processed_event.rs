//! Events that a consumer has dealt with.

use rondo_store::processed_event::{self, Claim, ConsumedEvent, Standing, StateEvent};

use crate::people::new_task_id;
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

#[tokio::test]
async fn of_events_that_tell_a_state_only_the_newest_of_a_task_is_news() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    let (task, other) = (new_task_id(), new_task_id());
    let state = |consumer, event_id, task, sequence| StateEvent { event: event(consumer, event_id), task, sequence };
    let standing = async |state| processed_event::standing(&sql, state).await.expect("an answer");
    let second = state("bell", "2", task, 2);
    assert_eq!(standing(second).await, Standing::New);
    assert_eq!(standing(second).await, Standing::New, "who has only asked has not acted");
    assert_eq!(processed_event::claim_state(&sql, second).await.expect("an answer"), Claim::First);
    assert_eq!(processed_event::claim_state(&sql, second).await.expect("an answer"), Claim::Repeated);
    assert_eq!(standing(second).await, Standing::Repeated);
    assert_eq!(standing(state("bell", "1", task, 1)).await, Standing::Older);
    assert_eq!(standing(state("bell", "3", task, 3)).await, Standing::New);
    assert_eq!(standing(state("bell", "4", other, 1)).await, Standing::New);
    assert_eq!(standing(state("mail", "1", task, 1)).await, Standing::New);
}
