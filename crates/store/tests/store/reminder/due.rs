//! What falls due is marked once, each time that it was given.

use super::*;
use crate::server::number;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A task with a reminder in ten minutes; nobody relays its owner's events.
async fn reminded(person: &Person) -> (TaskId, ReminderId) {
    let task = task_due(person, minutes(60)).await;
    let reminder = remind(person, &at(task, minutes(10))).await;
    run(&person.sql, "update event_sequences set relay_by = null, relay_until = null").await;
    (task, reminder)
}

#[tokio::test]
async fn a_reminder_is_sent_at_its_time_and_not_before_and_once() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (task, reminder) = reminded(&ada).await;
    let sequence = ada.last_sequence().await;

    let early = fire_at(&ada.sql, Some(reminder), minutes(9)).await;
    let waits = early.waits.expect("it waits");
    assert_eq!((early.fired, waits.reminder_id, waits.user_id, waits.revision), (0, reminder, ada.id, 1));
    assert_eq!(waits.at, minutes(10));

    let fired = fire_at(&ada.sql, Some(reminder), minutes(10)).await;
    assert_eq!((fired.fired, fired.is_full, fired.waits), (1, false, None));
    let sent = get(&ada, reminder).await.expect("it is there");
    assert_eq!((&sent["status"], &sent["sent_at"]), (&json!("sent"), &shown(minutes(10))));
    let told = told_since(&ada, sequence).await;
    let [(event_type, data)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (event_type.as_str(), &data["reminder_id"], &data["task_id"]),
        ("reminder.due", &json!(reminder), &json!(task))
    );
    assert_eq!((&data["revision"], &data["is_late"]), (&json!(1), &json!(false)));
    assert_eq!(fired.relays.iter().map(|relay| relay.user).collect::<Vec<_>>(), [ada.id]);

    assert_eq!(fire_at(&ada.sql, Some(reminder), minutes(11)).await.fired, 0);
    assert_eq!(types_since(&ada, sequence).await.len(), 1);
}

#[tokio::test]
async fn in_operation_the_clock_of_the_database_decides() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (_, reminder) = reminded(&ada).await;
    let fire = async || reminder_due::fire(&ada.sql, REQUEST, None, None, DAY).await.expect("an answer").fired;
    assert_eq!(fire().await, 0);
    run(&ada.sql, "update reminders set scheduled_for_utc = now() - interval '1 second'").await;
    assert_eq!(fire().await, 1);
    assert_eq!(status(&ada, reminder).await, "sent");
}

#[tokio::test]
async fn more_than_a_minute_after_its_time_a_reminder_is_late_and_after_the_grace_it_is_of_no_use() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    for (seconds, expected, is_late) in
        [(60, "sent", false), (61, "sent", true), (86_400, "sent", true), (86_401, "failed", true)]
    {
        let (_, reminder) = reminded(&ada).await;
        let sequence = ada.last_sequence().await;
        fire_at(&ada.sql, Some(reminder), minutes(10) + SignedDuration::from_secs(seconds)).await;
        assert_eq!(status(&ada, reminder).await, expected, "{seconds} s");
        let told = told_since(&ada, sequence).await;
        if expected == "sent" {
            assert_eq!((told[0].0.as_str(), &told[0].1["is_late"]), ("reminder.due", &json!(is_late)), "{seconds} s");
        } else {
            assert_eq!((told[0].0.as_str(), &told[0].1["reason"]), ("reminder.cancelled", &json!("too_late")));
            assert!(get(&ada, reminder).await.expect("it is there")["error_message"].is_string());
        }
    }
}

#[tokio::test]
async fn of_what_is_done_nobody_is_reminded_and_of_what_was_reopened_they_are() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let ((done, off), (reopened, on)) = (reminded(&ada).await, reminded(&ada).await);
    for task in [done, reopened] {
        task::complete(&ada.sql, ada.context(), task).await.expect("an answer");
    }
    assert_eq!((status(&ada, off).await.as_str(), status(&ada, on).await.as_str()), ("pending", "pending"));
    task::reopen(&ada.sql, ada.context(), reopened).await.expect("an answer");
    let sequence = ada.last_sequence().await;
    assert_eq!(fire_at(&ada.sql, None, minutes(10)).await.fired, 2);
    let (status_off, reason, _) = stands(&ada, off).await;
    assert_eq!((status_off.as_str(), reason.as_deref()), ("cancelled", Some("done")));
    assert_eq!(status(&ada, on).await, "sent");
    let mut types = types_since(&ada, sequence).await;
    types.sort();
    assert_eq!(types, ["reminder.cancelled", "reminder.due"]);
}

#[tokio::test]
async fn the_one_that_is_named_takes_others_along_whosever_they_are() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let ((_, named), (_, other)) = (reminded(&ada).await, reminded(&eve).await);
    let fired = fire_at(&ada.sql, Some(named), minutes(10)).await;
    assert_eq!(fired.fired, 2);
    let mut told: Vec<_> = fired.relays.iter().map(|relay| relay.user).collect();
    told.sort();
    let mut expected = [ada.id, eve.id];
    expected.sort();
    assert_eq!(told, expected);
    assert_eq!((status(&ada, named).await, status(&eve, other).await), ("sent".to_owned(), "sent".to_owned()));
}

#[tokio::test]
async fn very_many_come_a_hundred_at_a_time_the_earliest_first() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = task_due(&ada, minutes(60)).await;
    let make = format!(
        "insert into reminders (id, user_id, task_id, subject_task_id, scheduled_for_utc)
         select gen_random_uuid(), '{}', '{task}', '{task}', '{}'::timestamptz + n * interval '1 second'
         from generate_series(1, 250) as n",
        ada.id,
        minutes(0)
    );
    run(&ada.sql, &make).await;
    let fire = async || fire_at(&ada.sql, None, minutes(5)).await;
    let first = fire().await;
    assert_eq!((first.fired, first.is_full), (100, true));
    let left = number(
        &ada.sql,
        "select count(*) from reminders where status = 'pending' and scheduled_for_utc
        < (select max(scheduled_for_utc) from reminders where status = 'sent')",
    )
    .await;
    assert_eq!(left, 0, "an earlier one was left");
    assert_eq!(fire().await.fired, 100);
    let last = fire().await;
    assert_eq!((last.fired, last.is_full), (50, false));
}

#[tokio::test]
async fn what_comes_soon_is_told_with_what_is_overdue_the_earliest_first() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let task = task_due(&ada, minutes(600)).await;
    let (second, first) = (remind(&ada, &at(task, minutes(20))).await, remind(&ada, &at(task, minutes(10))).await);
    let (too_far, off) = (remind(&ada, &at(task, minutes(30))).await, remind(&ada, &at(task, minutes(10))).await);
    cancel(&ada, off).await;
    let soon = reminder_due::soon(&ada.sql, Some(minutes(15)), 300).await.expect("an answer");
    let ids: Vec<ReminderId> = soon.iter().map(|wakeup| wakeup.reminder_id).collect();
    assert_eq!(ids, [first, second], "{too_far} is too far");
    assert_eq!((soon[1].at, soon[1].user_id, soon[1].revision), (minutes(20), ada.id, 1));
}
