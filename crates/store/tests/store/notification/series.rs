//! Reminders of occurrences: of one that is to come, and of an instance.

use rondo_domain::ids::{ReminderId, TaskId};
use rondo_store::notification::Delivery;
use serde_json::json;

use super::{cancelled, deliver, fire, inbox, standing, told};
use crate::people::{Person, titled};
use crate::server::{Scratch, run};

/// Has the reminder of a series' next occurrence fall due, before that occurrence; the series and the reminder.
async fn series_falls_due(person: &Person) -> (TaskId, ReminderId) {
    let task = person.make(&titled("Water the plants")).await;
    run(
        &person.sql,
        &format!(
            "insert into recurring_tasks (id, task_id, user_id, series_id, rrule, timezone_iana, starts_at, next_occurrence_at_utc,
                next_occurrence_local, next_occurrence_number, status, reminder_minutes_before)
             select gen_random_uuid(), id, user_id, gen_random_uuid(), 'FREQ=DAILY', 'UTC', now(), now() + interval '30 minutes',
                now() + interval '30 minutes', 1, 'active', 29
             from tasks where id = '{task}';
             update reminders set scheduled_for_utc = now() where subject_task_id = '{task}'"
        ),
    )
    .await;
    let query = "select id::text from reminders where subject_task_id::text = $1";
    let id: String = person.sql.client().query_one(query, &[&task.to_string()]).await.expect("planned").get(0);
    let reminder = ReminderId::parse(&id).expect("an id");
    fire(person, reminder).await;
    (task, reminder)
}

#[tokio::test]
async fn a_reminder_of_an_occurrence_to_come_is_told_unless_that_is_no_longer_to_come() {
    for (change, is_told) in [
        ("select", true),
        ("update recurring_tasks set status = 'paused'", false),
        ("update recurring_tasks set reminder_minutes_before = null", false),
        ("update recurring_tasks set next_occurrence_at_utc = next_occurrence_at_utc + interval '1 day'", false),
    ] {
        let scratch = Scratch::new().await;
        let ada = Person::register(&scratch, "ada").await;
        let (_, reminder) = series_falls_due(&ada).await;
        run(&ada.sql, change).await;
        let delivery = deliver(&ada, reminder).await;
        assert_eq!(matches!(delivery, Delivery::Delivered { .. }), is_told, "{change}: {delivery:?}");
        assert_eq!(told(&ada).await, i64::from(is_told), "{change}");
        if !is_told {
            assert_eq!(standing(&ada, reminder).await, cancelled("rescheduled"), "{change}");
        }
    }
}

#[tokio::test]
async fn a_reminder_of_an_instance_is_told_while_the_instance_is_to_do() {
    for (status, is_told) in [("pending", true), ("completed", false), ("skipped", false)] {
        let scratch = Scratch::new().await;
        let ada = Person::register(&scratch, "ada").await;
        let (task, reminder) = series_falls_due(&ada).await;
        run(
            &ada.sql,
            &format!(
                "insert into task_instances (id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local)
                 select gen_random_uuid(), id, user_id, 'Water them', 'Low', next_occurrence_at_utc, next_occurrence_local
                 from recurring_tasks;
                 update task_instances set status = '{status}', completed_at = case '{status}' when 'completed' then now() end"
            ),
        )
        .await;
        let delivery = deliver(&ada, reminder).await;
        assert_eq!(matches!(delivery, Delivery::Delivered { .. }), is_told, "{status}: {delivery:?}");
        let page = inbox(&ada).await;
        if is_told {
            let notification = &page["notifications"][0];
            assert_eq!((&notification["title"], &notification["task_id"]), (&json!("Water them"), &json!(task)));
            assert!(notification["task_instance_id"].is_string());
        } else {
            assert_eq!(page["total"], 0);
            assert_eq!(standing(&ada, reminder).await, cancelled("done"), "{status}");
        }
    }
}
