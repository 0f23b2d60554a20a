//! What the database knows of how Rondo does.

use rondo_domain::task::{NewTask, Status};
use rondo_store::metrics;

use crate::people::{Person, titled};
use crate::server::{Scratch, run};

#[tokio::test]
async fn an_empty_database_counts_nothing() {
    let scratch = Scratch::new().await;
    let sql = scratch.connect().await;
    metrics::ping(&sql).await.expect("it answers");
    let metrics = metrics::read(&sql).await.expect("an answer");
    assert_eq!((metrics.users, metrics.tasks.len(), metrics.outbox_backlog), (0, 0, 0));
    assert_eq!((metrics.reminders_overdue, metrics.occurrences_overdue, metrics.processed_events), (0, 0, 0));
    let ages = [metrics.outbox_oldest_seconds, metrics.reminders_latest_seconds, metrics.occurrences_latest_seconds];
    assert_eq!(ages, [0.0; 3]);
}

#[tokio::test]
async fn tasks_are_counted_by_status_and_the_backlog_by_what_is_not_published() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (_, relay) = ada.create(crate::people::new_task_id(), &titled("One")).await;
    ada.relay(relay).await;
    ada.make(&titled("Two")).await;
    ada.make(&NewTask { status: Status::Completed, ..titled("Three") }).await;
    run(&ada.sql, "update outbox set created_at = now() - interval '100 seconds' where sequence = 2").await;
    let metrics = metrics::read(&ada.sql).await.expect("an answer");
    assert_eq!((metrics.users, metrics.outbox_backlog), (1, 2));
    assert_eq!((metrics.tasks["pending"], metrics.tasks["completed"]), (2, 1));
    assert!((100.0..200.0).contains(&metrics.outbox_oldest_seconds), "{metrics:?}");
}

#[tokio::test]
async fn what_is_due_and_not_made_is_told_with_its_age() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = ada.make(&titled("Pay rent")).await;
    run(
        &ada.sql,
        &format!(
            "insert into reminders (id, user_id, task_id, subject_task_id, scheduled_for_utc) values
                (gen_random_uuid(), '{user}', '{task}', '{task}', now() - interval '50 seconds'),
                (gen_random_uuid(), '{user}', '{task}', '{task}', now() + interval '50 seconds');
             insert into recurring_tasks
                (id, task_id, user_id, series_id, rrule, timezone_iana, starts_at, next_occurrence_at_utc,
                 next_occurrence_local, next_occurrence_number) values
                (gen_random_uuid(), '{task}', '{user}', gen_random_uuid(), 'FREQ=DAILY', 'UTC', now(),
                 now() - interval '70 seconds', now() - interval '70 seconds', 1)",
            user = ada.id
        ),
    )
    .await;
    let metrics = metrics::read(&ada.sql).await.expect("an answer");
    assert_eq!((metrics.reminders_overdue, metrics.occurrences_overdue), (1, 1));
    assert!((50.0..150.0).contains(&metrics.reminders_latest_seconds), "{metrics:?}");
    assert!((70.0..170.0).contains(&metrics.occurrences_latest_seconds), "{metrics:?}");
}
