//! Reminders before a due time follow it.

use super::*;

/// A task that is due in an hour, with a reminder a quarter of an hour before.
async fn reminded(person: &Person) -> (TaskId, ReminderId) {
    let task = task_due(person, minutes(60)).await;
    (task, remind(person, &before(task, 15)).await)
}

fn pending_at(at: Timestamp) -> (String, Option<String>, Value) {
    ("pending".to_owned(), None, shown(at))
}

#[tokio::test]
async fn a_due_time_that_moves_takes_its_reminders_along_later_and_earlier() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (task, reminder) = reminded(&ada).await;
    let fixed = remind(&ada, &at(task, minutes(40))).await;
    let sequence = ada.last_sequence().await;
    for (due, revision) in [(120, 2), (30, 3)] {
        move_due(&ada, task, Some(minutes(due))).await;
        assert_eq!(stands(&ada, reminder).await, pending_at(minutes(due - 15)));
        let told = told_since(&ada, sequence).await;
        let (event_type, data) = told.last().expect("it is told");
        assert_eq!((event_type.as_str(), &data["revision"]), ("reminder.scheduled", &json!(revision)));
        assert_eq!(data["scheduled_for"], shown(minutes(due - 15)));
    }
    assert_eq!(stands(&ada, fixed).await, pending_at(minutes(40)), "one at a time of its own stays");
    assert_eq!(told_since(&ada, sequence).await.len(), 2);
}

#[tokio::test]
async fn a_due_time_so_near_that_its_reminder_is_past_has_it_fall_due_at_once_and_not_late() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (task, reminder) = reminded(&ada).await;
    move_due(&ada, task, Some(minutes(5))).await;
    assert_eq!(stands(&ada, reminder).await, pending_at(minutes(-10)));
    let sequence = ada.last_sequence().await;
    reminder_due::fire(&ada.sql, REQUEST, Some(reminder), None, SignedDuration::from_mins(1)).await.expect("an answer");
    let told = told_since(&ada, sequence).await;
    assert_eq!((told[0].0.as_str(), &told[0].1["is_late"]), ("reminder.due", &json!(false)));
}

#[tokio::test]
async fn without_a_due_time_to_come_its_reminders_are_off_until_there_is_one_again() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    for gone in [None, Some(minutes(-5))] {
        let (task, reminder) = reminded(&ada).await;
        let sequence = ada.last_sequence().await;
        move_due(&ada, task, gone).await;
        let (status, reason, _) = stands(&ada, reminder).await;
        assert_eq!((status.as_str(), reason.as_deref()), ("cancelled", Some("no_due_time")), "{gone:?}");
        move_due(&ada, task, Some(minutes(90))).await;
        assert_eq!(stands(&ada, reminder).await, pending_at(minutes(75)));
        assert_eq!(types_since(&ada, sequence).await, ["reminder.cancelled", "reminder.scheduled"]);
    }
}

#[tokio::test]
async fn what_was_told_for_the_due_time_of_before_is_told_again_for_a_later_one_only() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (task, reminder) = reminded(&ada).await;
    fire_at(&ada.sql, Some(reminder), minutes(45)).await;
    let sequence = ada.last_sequence().await;
    move_due(&ada, task, Some(minutes(10))).await;
    assert_eq!(status(&ada, reminder).await, "sent", "its time would be past");
    move_due(&ada, task, Some(minutes(90))).await;
    assert_eq!(stands(&ada, reminder).await, pending_at(minutes(75)));
    assert_eq!(types_since(&ada, sequence).await, ["reminder.scheduled"]);
    fire_at(&ada.sql, Some(reminder), minutes(75)).await;
    assert_eq!(status(&ada, reminder).await, "sent");
}

#[tokio::test]
async fn what_its_owner_called_off_stays_off_wherever_the_due_time_moves() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (task, reminder) = reminded(&ada).await;
    cancel(&ada, reminder).await;
    let sequence = ada.last_sequence().await;
    for due in [Some(minutes(90)), None, Some(minutes(120))] {
        move_due(&ada, task, due).await;
        assert_eq!(stands(&ada, reminder).await.1.as_deref(), Some("user"), "{due:?}");
    }
    assert!(types_since(&ada, sequence).await.is_empty());
}

#[tokio::test]
async fn what_was_put_off_follows_the_due_time_again_when_that_moves() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (task, reminder) = reminded(&ada).await;
    snooze(&ada, reminder, Snooze::Until(minutes(50))).await;
    move_due(&ada, task, Some(minutes(120))).await;
    assert_eq!(stands(&ada, reminder).await, pending_at(minutes(105)));
}

#[tokio::test]
async fn a_change_that_leaves_the_due_time_tells_nothing_of_reminders() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (task, reminder) = reminded(&ada).await;
    let sequence = ada.last_sequence().await;
    move_due(&ada, task, Some(minutes(60))).await;
    task::complete(&ada.sql, ada.context(), task).await.expect("an answer");
    task::reopen(&ada.sql, ada.context(), task).await.expect("an answer");
    assert_eq!(stands(&ada, reminder).await, pending_at(minutes(45)));
    assert!(types_since(&ada, sequence).await.is_empty());
}
