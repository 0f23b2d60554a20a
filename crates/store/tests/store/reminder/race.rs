//! A reminder falls due while something else happens to it or to its task, in both orders: whoever has the locks is through
//! before the other looks.

use super::*;

/// A task with a reminder in ten minutes, and a second connection of its owner.
struct Scene {
    scratch: Scratch,
    ada: Person,
    first: Person,
    task: TaskId,
    reminder: ReminderId,
}

impl Scene {
    async fn new() -> Self {
        let scratch = Scratch::new().await;
        let ada = Person::register(&scratch, "ada").await;
        let task = task_due(&ada, minutes(60)).await;
        let reminder = remind(&ada, &before(task, 50)).await;
        let first = ada.elsewhere(&scratch).await;
        Self { scratch, ada, first, task, reminder }
    }

    /// What is told of the reminder when it falls due while `change`, made by another connection, is under way.
    async fn fires_after(&self, change: impl AsyncFn(&Person)) -> Vec<String> {
        let sequence = self.ada.last_sequence().await;
        run(&self.first.sql, "begin").await;
        change(&self.first).await;
        let firing = fire_at(&self.ada.sql, Some(self.reminder), minutes(10));
        self.scratch.after_commit_of(&self.first.sql, firing).await;
        types_since(&self.ada, sequence).await
    }

    /// What is told of the reminder when `change` is made while it falls due.
    async fn fires_before(&self, change: impl AsyncFn(&Person)) -> Vec<String> {
        let sequence = self.ada.last_sequence().await;
        run(&self.first.sql, "begin").await;
        fire_at(&self.first.sql, Some(self.reminder), minutes(10)).await;
        self.scratch.after_commit_of(&self.first.sql, change(&self.ada)).await;
        types_since(&self.ada, sequence).await
    }
}

#[tokio::test]
async fn completed_a_moment_before_it_is_not_told_and_a_moment_after_it_was() {
    let scene = Scene::new().await;
    let complete = async |person: &Person| {
        task::complete(&person.sql, person.context(), scene.task).await.expect("an answer");
    };
    assert_eq!(scene.fires_after(complete).await, ["reminder.cancelled"]);
    assert_eq!(stands(&scene.ada, scene.reminder).await.1.as_deref(), Some("done"));
    let scene = Scene::new().await;
    let complete = async |person: &Person| {
        task::complete(&person.sql, person.context(), scene.task).await.expect("an answer");
    };
    assert_eq!(scene.fires_before(complete).await, ["reminder.due"]);
    assert_eq!(status(&scene.ada, scene.reminder).await, "sent");
}

#[tokio::test]
async fn deleted_a_moment_before_it_is_not_told_and_a_moment_after_it_was() {
    for (is_deleted_first, told) in [(true, "reminder.cancelled"), (false, "reminder.due")] {
        let scene = Scene::new().await;
        let delete = async |person: &Person| {
            task::delete(&person.sql, person.context(), scene.task, None).await.expect("an answer");
        };
        let types = if is_deleted_first { scene.fires_after(delete).await } else { scene.fires_before(delete).await };
        assert_eq!(types, [told]);
        assert_eq!(get(&scene.ada, scene.reminder).await, None);
    }
}

#[tokio::test]
async fn moved_a_moment_before_it_waits_and_a_moment_after_it_waits_again() {
    for (is_moved_first, told) in
        [(true, vec!["reminder.scheduled"]), (false, vec!["reminder.due", "reminder.scheduled"])]
    {
        let scene = Scene::new().await;
        let later = async |person: &Person| move_due(person, scene.task, Some(minutes(120))).await;
        let types = if is_moved_first { scene.fires_after(later).await } else { scene.fires_before(later).await };
        assert_eq!(types, told);
        let (status, _, at) = stands(&scene.ada, scene.reminder).await;
        assert_eq!((status.as_str(), at), ("pending", shown(minutes(70))));
    }
}

#[tokio::test]
async fn put_off_a_moment_before_it_waits_and_a_moment_after_it_waits_again() {
    for (is_put_off_first, told) in
        [(true, vec!["reminder.scheduled"]), (false, vec!["reminder.due", "reminder.scheduled"])]
    {
        let scene = Scene::new().await;
        let later = async |person: &Person| {
            let outcome = snooze(person, scene.reminder, Snooze::Until(minutes(30))).await;
            assert!(matches!(outcome, Snoozing::Snoozed { .. }), "{outcome:?}");
        };
        let types = if is_put_off_first { scene.fires_after(later).await } else { scene.fires_before(later).await };
        assert_eq!(types, told);
        let (status, _, at) = stands(&scene.ada, scene.reminder).await;
        assert_eq!((status.as_str(), at), ("pending", shown(minutes(30))));
    }
}

#[tokio::test]
async fn called_off_a_moment_before_it_is_not_told_and_a_moment_after_it_can_not_be_called_off() {
    let scene = Scene::new().await;
    let call_off = async |person: &Person| drop(cancel(person, scene.reminder).await);
    assert_eq!(scene.fires_after(call_off).await, ["reminder.cancelled"]);
    assert_eq!(stands(&scene.ada, scene.reminder).await.1.as_deref(), Some("user"));
    let scene = Scene::new().await;
    let call_off = async |person: &Person| {
        let outcome = cancel(person, scene.reminder).await;
        assert!(matches!(outcome, Cancellation::Over(ReminderStatus::Sent)), "{outcome:?}");
    };
    assert_eq!(scene.fires_before(call_off).await, ["reminder.due"]);
}

#[tokio::test]
async fn two_calls_at_once_tell_it_once() {
    let scene = Scene::new().await;
    let again = async |person: &Person| {
        assert_eq!(fire_at(&person.sql, Some(scene.reminder), minutes(10)).await.fired, 0);
    };
    assert_eq!(scene.fires_before(again).await, ["reminder.due"]);
}

#[tokio::test]
async fn two_calls_at_once_for_different_ones_do_not_wait_for_each_other() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let (hers, other) = (task_due(&ada, minutes(60)).await, task_due(&eve, minutes(60)).await);
    let (hers, other) = (remind(&ada, &at(hers, minutes(10))).await, remind(&eve, &at(other, minutes(20))).await);
    run(&ada.sql, "begin").await;
    fire_at(&ada.sql, Some(hers), minutes(10)).await;
    assert_eq!(fire_at(&eve.sql, Some(other), minutes(20)).await.fired, 1);
    run(&ada.sql, "commit").await;
    assert_eq!(status(&ada, hers).await, "sent");
}

#[tokio::test]
async fn a_call_that_dies_before_it_commits_leaves_it_due() {
    let scene = Scene::new().await;
    run(&scene.first.sql, "begin").await;
    fire_at(&scene.first.sql, Some(scene.reminder), minutes(10)).await;
    let firing = fire_at(&scene.ada.sql, Some(scene.reminder), minutes(10));
    assert_eq!(scene.scratch.after_rollback_of(&scene.first.sql, firing).await.fired, 1);
}
