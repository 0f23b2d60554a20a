//! What becomes of a reminder that has fallen due: it is told once, or, where things have changed since, not at all. `series` has
//! those of occurrences; `inbox` is where notifications lie.

mod inbox;
mod series;

use jiff::SignedDuration;
use rondo_domain::ids::{NotificationId, ReminderId, TaskId};
use rondo_domain::listing::Page;
use rondo_domain::reminder::{Snooze, SnoozeMinutes};
use rondo_native::Database;
use rondo_store::notification::{self, Delivery, DueReminder, ReminderToTell, StatusFilter, Telling};
use rondo_store::processed_event::ConsumedEvent;
use rondo_store::{reminder, reminder_due, task};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::people::{Person, REQUEST, new_task_id, random, titled};
use crate::server::{Scratch, number, run};

const EVENT: &str = "0199a0b0-0000-7000-8000-0000000000e1";

/// A reminder of a task that has just fallen due.
struct Fallen {
    task: TaskId,
    reminder: ReminderId,
}

fn new_reminder_id() -> ReminderId {
    ReminderId::new(jiff::Timestamp::now(), random())
}

/// Has a reminder of a new task fall due; the task is due in half an hour, and so is the reminder's minutes before.
async fn fall_due(person: &Person) -> Fallen {
    let (task, reminder) = (new_task_id(), new_reminder_id());
    person.create(task, &titled("Pay rent")).await;
    run(
        &person.sql,
        &format!(
            "update tasks set due_at = now() + interval '30 minutes' where id = '{task}';
             insert into reminders (id, user_id, task_id, subject_task_id, minutes_before, scheduled_for_utc)
             values ('{reminder}', '{}', '{task}', '{task}', 30, now() - interval '1 second')",
            person.id
        ),
    )
    .await;
    fire(person, reminder).await;
    Fallen { task, reminder }
}

async fn fire(person: &Person, reminder: ReminderId) {
    let day = SignedDuration::from_hours(24);
    let fired = reminder_due::fire(&person.sql, REQUEST, Some(reminder), None, day).await.expect("an answer");
    assert!(fired.fired >= 1, "{fired:?}");
}

#[derive(Deserialize)]
struct Asked {
    reminder: Option<ReminderToTell>,
}

async fn ask(sql: &Database, person: &Person, reminder: ReminderId, revision: i64) -> Option<ReminderToTell> {
    let answer = notification::reminder_to_tell(sql, person.id, reminder, revision).await.expect("an answer");
    answer.read::<Asked>().expect("an answer").reminder
}

fn event(id: &str) -> ConsumedEvent<'_> {
    ConsumedEvent { consumer: "bell", event_id: id, event_type: "reminder.due", occurred_at: "2026-11-21T09:00:00Z" }
}

/// Delivers what was heard when it was asked.
async fn say(sql: &Database, person: &Person, due: DueReminder<'_>, heard: Option<&ReminderToTell>) -> Delivery {
    let telling = heard.map(|heard| Telling {
        id: NotificationId::new(jiff::Timestamp::now(), random()),
        title: &heard.title,
        body: "Due soon",
        due_at: heard.due_at.as_deref(),
        is_late: false,
    });
    notification::deliver(sql, person.context(), due, telling.as_ref(), None).await.expect("an answer")
}

async fn deliver_as(person: &Person, event_id: &str, reminder: ReminderId, revision: i64) -> Delivery {
    let heard = ask(&person.sql, person, reminder, revision).await;
    say(&person.sql, person, DueReminder { event: event(event_id), reminder, revision }, heard.as_ref()).await
}

async fn deliver(person: &Person, reminder: ReminderId) -> Delivery {
    deliver_as(person, EVENT, reminder, 1).await
}

async fn told(person: &Person) -> i64 {
    number(&person.sql, "select count(*) from notifications").await
}

async fn claimed(person: &Person) -> i64 {
    number(&person.sql, "select count(*) from processed_event_logs").await
}

async fn inbox(person: &Person) -> Value {
    let page = notification::list(&person.sql, person.id, StatusFilter::All, Page::default()).await;
    page.expect("an answer").read().expect("JSON")
}

/// The reminder's status and why it was called off.
async fn standing(person: &Person, reminder: ReminderId) -> (String, Option<String>) {
    let query = "select status, cancel_reason from reminders where id::text = $1";
    let row = person.sql.client().query_one(query, &[&reminder.to_string()]).await.expect("a reminder");
    (row.get(0), row.get(1))
}

fn cancelled(reason: &str) -> (String, Option<String>) {
    ("cancelled".to_owned(), Some(reason.to_owned()))
}

#[tokio::test]
async fn a_reminder_is_told_once_however_often_its_event_comes() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let Fallen { task, reminder } = fall_due(&ada).await;
    let before = ada.last_sequence().await;
    assert!(matches!(deliver(&ada, reminder).await, Delivery::Delivered { has_deliveries: false, .. }));
    for again in [EVENT, EVENT, "0199a0b0-0000-7000-8000-0000000000e2"] {
        let delivery = deliver_as(&ada, again, reminder, 1).await;
        assert!(matches!(delivery, Delivery::Repeated), "{delivery:?}");
    }
    assert_eq!((told(&ada).await, claimed(&ada).await), (1, 2));

    let page = inbox(&ada).await;
    let notification = &page["notifications"][0];
    assert_eq!(
        (&notification["title"], &notification["body"], &notification["status"]),
        (&json!("Pay rent"), &json!("Due soon"), &json!("unread"))
    );
    assert_eq!(
        (&notification["task_id"], &notification["reminder_id"], &notification["task_instance_id"]),
        (&json!(task), &json!(reminder), &Value::Null)
    );
    assert_eq!(notification["due_at"], ada.read(task).await["due_at"]);
    let events = ada.events().await;
    let [event] = &events.iter().filter(|event| event.sequence > before).collect::<Vec<_>>()[..] else {
        panic!("{events:?}")
    };
    assert_eq!((event.event_type.as_str(), event.topic.as_str()), ("notification.created", ""));
    assert_eq!(event.data["notification"], *notification);
    assert_eq!(number(&ada.sql, "select count(*) from outbox where topic is null and published_at is null").await, 0);
}

#[tokio::test]
async fn of_two_who_deliver_at_once_one_tells() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let Fallen { reminder, .. } = fall_due(&ada).await;
    run(&ada.sql, "begin").await;
    assert!(matches!(deliver(&ada, reminder).await, Delivery::Delivered { .. }));
    let second = scratch.after_commit_of(&ada.sql, deliver(&other, reminder)).await;
    assert!(matches!(second, Delivery::Repeated), "{second:?}");
    assert_eq!(told(&ada).await, 1);
}

#[tokio::test]
async fn who_delivers_after_another_gave_up_tells() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let other = ada.elsewhere(&scratch).await;
    let Fallen { reminder, .. } = fall_due(&ada).await;
    run(&ada.sql, "begin").await;
    assert!(matches!(deliver(&ada, reminder).await, Delivery::Delivered { .. }));
    let second = scratch.after_rollback_of(&ada.sql, deliver(&other, reminder)).await;
    assert!(matches!(second, Delivery::Delivered { .. }), "{second:?}");
    assert_eq!((told(&ada).await, claimed(&ada).await), (1, 1));
}

/// What may happen to a task or its reminder just before it is told.
#[derive(Debug, Clone, Copy)]
enum Change {
    Complete,
    Delete,
    Snooze,
    Move,
    LoseDueTime,
}

const CHANGES: [Change; 5] = [Change::Complete, Change::Delete, Change::Snooze, Change::Move, Change::LoseDueTime];

impl Change {
    async fn happen(self, person: &Person, Fallen { task, reminder }: &Fallen) {
        let set_due =
            async |due: &str| run(&person.sql, &format!("update tasks set due_at = {due} where id = '{task}'")).await;
        match self {
            Self::Complete => drop(task::complete(&person.sql, person.context(), *task).await.expect("an answer")),
            Self::Delete => drop(task::delete(&person.sql, person.context(), *task, None).await.expect("an answer")),
            Self::Snooze => {
                let for_long = Snooze::For(SnoozeMinutes::new(10).expect("minutes"));
                reminder::snooze(&person.sql, person.context(), *reminder, for_long, None).await.expect("an answer");
            }
            Self::Move => set_due("now() + interval '2 hours'").await,
            Self::LoseDueTime => set_due("null").await,
        }
    }

    /// Where the reminder then stands, if it is there.
    async fn hold(self, person: &Person, reminder: ReminderId) {
        match self {
            Self::Complete => assert_eq!(standing(person, reminder).await, cancelled("done")),
            Self::LoseDueTime => assert_eq!(standing(person, reminder).await, cancelled("no_due_time")),
            Self::Snooze | Self::Move => assert_eq!(standing(person, reminder).await, ("pending".to_owned(), None)),
            Self::Delete => {}
        }
    }
}

#[tokio::test]
async fn nobody_is_told_of_what_is_done_gone_or_moved() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    for (index, change) in CHANGES.into_iter().enumerate() {
        let fallen = fall_due(&ada).await;
        change.happen(&ada, &fallen).await;
        assert!(ask(&ada.sql, &ada, fallen.reminder, 1).await.is_none(), "{change:?}");
        let delivery = deliver_as(&ada, &format!("event {index}"), fallen.reminder, 1).await;
        assert!(matches!(delivery, Delivery::Suppressed { .. }), "{change:?}: {delivery:?}");
        change.hold(&ada, fallen.reminder).await;
    }
    assert_eq!((told(&ada).await, claimed(&ada).await), (0, CHANGES.len() as i64));
}

#[tokio::test]
async fn nobody_is_told_of_what_changes_while_it_is_being_delivered() {
    for change in CHANGES {
        let scratch = Scratch::new().await;
        let ada = Person::register(&scratch, "ada").await;
        let other = ada.elsewhere(&scratch).await;
        let fallen = fall_due(&ada).await;
        run(&ada.sql, "begin").await;
        change.happen(&ada, &fallen).await;
        // It was asked while the change was not committed.
        let delivery = scratch.after_commit_of(&ada.sql, deliver(&other, fallen.reminder)).await;
        assert!(matches!(delivery, Delivery::Suppressed { .. }), "{change:?}: {delivery:?}");
        assert_eq!((told(&ada).await, claimed(&ada).await), (0, 1), "{change:?}");
        change.hold(&ada, fallen.reminder).await;
    }
}

#[tokio::test]
async fn what_was_going_to_change_and_did_not_is_told() {
    for change in CHANGES {
        let scratch = Scratch::new().await;
        let ada = Person::register(&scratch, "ada").await;
        let other = ada.elsewhere(&scratch).await;
        let fallen = fall_due(&ada).await;
        run(&ada.sql, "begin").await;
        change.happen(&ada, &fallen).await;
        let delivery = scratch.after_rollback_of(&ada.sql, deliver(&other, fallen.reminder)).await;
        assert!(matches!(delivery, Delivery::Delivered { .. }), "{change:?}: {delivery:?}");
        assert_eq!(told(&ada).await, 1);
    }
}

#[tokio::test]
async fn what_changes_after_it_was_told_stays_told_once() {
    for change in CHANGES {
        let scratch = Scratch::new().await;
        let ada = Person::register(&scratch, "ada").await;
        let other = ada.elsewhere(&scratch).await;
        let fallen = fall_due(&ada).await;
        run(&ada.sql, "begin").await;
        assert!(matches!(deliver(&ada, fallen.reminder).await, Delivery::Delivered { .. }));
        scratch.after_commit_of(&ada.sql, change.happen(&other, &fallen)).await;
        assert_eq!(told(&ada).await, 1, "{change:?}");
        let again = deliver(&ada, fallen.reminder).await;
        assert!(matches!(again, Delivery::Repeated), "{change:?}: {again:?}");
        if matches!(change, Change::Complete | Change::LoseDueTime) {
            assert_eq!(standing(&ada, fallen.reminder).await, ("sent".to_owned(), None), "{change:?}");
        }
    }
}

#[tokio::test]
async fn what_was_composed_of_something_else_is_composed_again() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let Fallen { task, reminder } = fall_due(&ada).await;
    let due = DueReminder { event: event(EVENT), reminder, revision: 1 };
    let heard = ask(&ada.sql, &ada, reminder, 1).await;
    assert!(heard.is_some());
    for change in ["title = 'Pay rents'", "due_at = due_at - interval '29 minutes'"] {
        run(&ada.sql, &format!("update tasks set {change} where id = '{task}'")).await;
        let delivery = say(&ada.sql, &ada, due, heard.as_ref()).await;
        assert!(matches!(delivery, Delivery::Changed), "{change}: {delivery:?}");
        assert_eq!((told(&ada).await, claimed(&ada).await), (0, 0));
    }
    // It was done when it was asked, and is not any more.
    let delivery = say(&ada.sql, &ada, due, None).await;
    assert!(matches!(delivery, Delivery::Changed), "{delivery:?}");
    assert!(matches!(deliver(&ada, reminder).await, Delivery::Delivered { .. }));
    assert_eq!(inbox(&ada).await["notifications"][0]["title"], "Pay rents");
}

#[tokio::test]
async fn an_event_of_an_older_time_tells_nothing_and_that_of_the_newer_does() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let fallen = fall_due(&ada).await;
    Change::Snooze.happen(&ada, &fallen).await;
    run(&ada.sql, "update reminders set scheduled_for_utc = now()").await;
    fire(&ada, fallen.reminder).await;
    assert!(matches!(deliver_as(&ada, "old", fallen.reminder, 1).await, Delivery::Suppressed { relay: None }));
    assert!(matches!(deliver_as(&ada, "new", fallen.reminder, 2).await, Delivery::Delivered { .. }));
    assert!(matches!(deliver_as(&ada, "old again", fallen.reminder, 1).await, Delivery::Suppressed { relay: None }));
    assert_eq!(told(&ada).await, 1);
}

#[tokio::test]
async fn a_snoozed_reminder_is_told_a_second_time() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let fallen = fall_due(&ada).await;
    assert!(matches!(deliver_as(&ada, "first", fallen.reminder, 1).await, Delivery::Delivered { .. }));
    Change::Snooze.happen(&ada, &fallen).await;
    run(&ada.sql, "update reminders set scheduled_for_utc = now()").await;
    fire(&ada, fallen.reminder).await;
    assert!(matches!(deliver_as(&ada, "second", fallen.reminder, 2).await, Delivery::Delivered { .. }));
    assert_eq!(told(&ada).await, 2);
}

#[tokio::test]
async fn nobody_is_told_of_other_peoples_reminders() {
    let scratch = Scratch::new().await;
    let (ada, eve) = (Person::register(&scratch, "ada").await, Person::register(&scratch, "eve").await);
    let Fallen { reminder, .. } = fall_due(&ada).await;
    assert!(ask(&eve.sql, &eve, reminder, 1).await.is_none());
    let heard = ask(&ada.sql, &ada, reminder, 1).await;
    let due = DueReminder { event: event("eve's"), reminder, revision: 1 };
    let delivery = say(&eve.sql, &eve, due, heard.as_ref()).await;
    assert!(matches!(delivery, Delivery::Suppressed { relay: None }), "{delivery:?}");
    assert_eq!(told(&ada).await, 0);
    assert!(matches!(deliver(&ada, reminder).await, Delivery::Delivered { .. }));
}

#[tokio::test]
async fn what_nobody_was_told_of_is_found_until_somebody_is_or_expressly_not() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let (first, second) = (fall_due(&ada).await, fall_due(&ada).await);
    let untold = async |seconds: i64| {
        let at = jiff::Timestamp::now() + SignedDuration::from_secs(seconds);
        let found = notification::untold(&ada.sql, Some(at), 30).await.expect("an answer");
        found.into_iter().map(|found| (found.reminder_id, found.revision, found.is_late)).collect::<Vec<_>>()
    };
    assert_eq!(untold(20).await, []);
    assert_eq!(untold(40).await, [(first.reminder, 1, false), (second.reminder, 1, false)]);
    deliver_as(&ada, "first", first.reminder, 1).await;
    assert_eq!(untold(90).await, [(second.reminder, 1, true)]);
    Change::Complete.happen(&ada, &second).await;
    deliver_as(&ada, "second", second.reminder, 1).await;
    assert_eq!(untold(90).await, []);
    // Told of its first time, it is untold of its second.
    Change::Snooze.happen(&ada, &first).await;
    run(&ada.sql, &format!("update reminders set scheduled_for_utc = now() where id = '{}'", first.reminder)).await;
    fire(&ada, first.reminder).await;
    assert_eq!(untold(40).await, [(first.reminder, 2, false)]);
}

#[tokio::test]
async fn times_are_told_as_the_persons_clocks_show_them() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    let Fallen { reminder, .. } = fall_due(&ada).await;
    run(
        &ada.sql,
        "update users set timezone = 'Asia/Kathmandu';
         update tasks set due_at = '2026-01-21T18:30Z';
         update reminders set scheduled_for_utc = '2026-01-21T18:00Z'",
    )
    .await;
    let heard = ask(&ada.sql, &ada, reminder, 1).await.expect("it is to be told");
    assert_eq!(heard.due.map(|due| due.to_string()).as_deref(), Some("2026-01-22T00:15:00"));
    assert_eq!(
        (heard.scheduled_for.to_string().as_str(), heard.zone.as_str()),
        ("2026-01-21T23:45:00", "Asia/Kathmandu")
    );
    run(&ada.sql, "update users set timezone = 'Mars/Olympus_Mons'").await;
    let heard = ask(&ada.sql, &ada, reminder, 1).await.expect("it is to be told");
    assert_eq!((heard.scheduled_for.to_string().as_str(), heard.zone.as_str()), ("2026-01-21T18:00:00", "UTC"));
}
