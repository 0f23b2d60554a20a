//! Notifications on their way to devices and addresses: who claims them, and for how long; and what is said of them counts.

use jiff::SignedDuration;
use rondo_domain::delivery::{Channel, Outcome};
use rondo_native::Database;
use rondo_store::notification_delivery::{self as store, Delivery, Settlement};

use crate::people::{Person, titled};
use crate::server::{Scratch, number, run};

const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// Somebody with two devices and a webhook, whose task is due now and who has been told so.
async fn told(scratch: &Scratch) -> (Person, rondo_domain::ids::TaskId) {
    let ada = Person::register(scratch, "ada").await;
    let task = ada.make(&titled("Pay rent")).await;
    run(
        &ada.sql,
        &format!(
            "insert into notification_settings (user_id, web_push, webhook) values ('{user}', true, true);
            insert into push_subscriptions (id, user_id, endpoint, p256dh, auth)
            select gen_random_uuid(), '{user}', 'https://push.example/' || n, 'key', 'secret' from generate_series(1, 2) as n;
            insert into webhooks (id, user_id, url, secret) values (gen_random_uuid(), '{user}', 'https://hook.example', 'whsec_1');
            insert into notifications (id, user_id, task_id, title, body, due_at, scheduled_for, delivered_at)
            values (gen_random_uuid(), '{user}', '{task}', 'Pay rent', 'Due now', '2026-11-21T12:00Z', '2026-11-21T11:30Z', now());
            select send_notification(notifications, now()) from notifications",
            user = ada.id
        ),
    )
    .await;
    (ada, task)
}

async fn claim(sql: &Database) -> Vec<Delivery> {
    store::claim(sql, None, LEASE, 50).await.expect("an answer")
}

async fn settle(sql: &Database, delivery: &Delivery, outcome: Outcome) -> usize {
    let settlement = Settlement { id: delivery.id, attempt: delivery.attempt, outcome };
    store::settle(sql, None, &[settlement]).await.expect("an answer")
}

async fn let_leases_end(sql: &Database) {
    run(
        sql,
        "update notification_deliveries set next_attempt_at = now() - interval '1 second' where status = 'pending'",
    )
    .await;
}

fn again(seconds: i64) -> Outcome {
    Outcome::Again { reason: "It was away.".to_owned(), after: SignedDuration::from_secs(seconds) }
}

#[tokio::test]
async fn what_is_claimed_comes_with_all_that_is_needed_to_send_it() {
    let scratch = Scratch::new().await;
    let (ada, task) = told(&scratch).await;
    run(&ada.sql, "update users set timezone = 'Europe/Berlin'").await;
    let claimed = claim(&ada.sql).await;
    let pushed: Vec<_> = claimed.iter().filter(|delivery| delivery.channel == Channel::WebPush).collect();
    assert_eq!((claimed.len(), pushed.len()), (3, 2));
    let keys = pushed[0].push_subscription.as_ref().expect("a device");
    assert_eq!((keys.p256dh.as_str(), keys.auth.as_str()), ("key", "secret"));
    let call = claimed.iter().find(|delivery| delivery.channel == Channel::Webhook).expect("a call");
    let webhook = call.webhook.as_ref().expect("a webhook");
    assert_eq!((webhook.url.as_str(), webhook.secret.as_str()), ("https://hook.example", "whsec_1"));
    assert!(call.push_subscription.is_none() && call.email.is_none() && pushed[0].webhook.is_none());
    assert_eq!((call.attempt, call.notification.task_id, call.notification.user_id), (1, Some(task), ada.id));
    assert_eq!(call.clocks.zone, "Europe/Berlin");
    assert_eq!(call.clocks.due.map(|due| due.to_string()).as_deref(), Some("2026-11-21T13:00:00"));
}

#[tokio::test]
async fn what_is_claimed_is_nobody_elses_until_the_lease_ends() {
    let scratch = Scratch::new().await;
    let (ada, _) = told(&scratch).await;
    let first = claim(&ada.sql).await;
    assert!(claim(&ada.sql).await.is_empty());
    let_leases_end(&ada.sql).await;
    let second = claim(&ada.sql).await;
    assert_eq!(second.len(), first.len());
    assert!(second.iter().all(|delivery| delivery.attempt == 2));
    assert_eq!(settle(&ada.sql, &first[0], Outcome::Sent).await, 0, "whose lease has ended says nothing");
    assert_eq!(settle(&ada.sql, &second[0], Outcome::Sent).await, 1);
}

#[tokio::test]
async fn two_who_claim_at_once_get_different_ones() {
    let scratch = Scratch::new().await;
    let (ada, _) = told(&scratch).await;
    let other = scratch.connect().await;
    run(&ada.sql, "begin").await;
    let mine = store::claim(&ada.sql, None, LEASE, 2).await.expect("an answer");
    let theirs = claim(&other).await;
    run(&ada.sql, "commit").await;
    assert_eq!((mine.len(), theirs.len()), (2, 1));
    assert!(mine.iter().all(|delivery| delivery.id != theirs[0].id));
}

#[tokio::test]
async fn what_failed_comes_again_after_its_wait_and_what_is_over_never() {
    let scratch = Scratch::new().await;
    let (ada, _) = told(&scratch).await;
    let claimed = claim(&ada.sql).await;
    settle(&ada.sql, &claimed[0], again(30)).await;
    settle(&ada.sql, &claimed[1], Outcome::Failed("It refused.".to_owned())).await;
    settle(&ada.sql, &claimed[2], Outcome::Sent).await;
    let waits = "select count(*) from notification_deliveries where status = 'pending' and last_error = 'It was away.'
        and next_attempt_at between now() + interval '25 seconds' and now() + interval '30 seconds'";
    assert_eq!(number(&ada.sql, waits).await, 1);
    let_leases_end(&ada.sql).await;
    let again = claim(&ada.sql).await;
    assert_eq!(again.iter().map(|delivery| (delivery.id, delivery.attempt)).collect::<Vec<_>>(), [(claimed[0].id, 2)]);
    let over = "select count(*) from notification_deliveries where status = 'failed' and last_error = 'It refused.'
        or status = 'sent' and sent_at is not null and last_error is null";
    assert_eq!(number(&ada.sql, over).await, 2);
}

#[tokio::test]
async fn a_device_that_is_gone_goes_with_its_subscription_and_others_stay() {
    let scratch = Scratch::new().await;
    let (ada, _) = told(&scratch).await;
    let claimed = claim(&ada.sql).await;
    let devices: Vec<_> = claimed.iter().filter(|delivery| delivery.push_subscription.is_some()).collect();
    settle(&ada.sql, devices[0], Outcome::Gone("It has unsubscribed.".to_owned())).await;
    settle(&ada.sql, devices[1], Outcome::Sent).await;
    assert_eq!(number(&ada.sql, "select count(*) from push_subscriptions where last_used_at is not null").await, 1);
    assert_eq!(number(&ada.sql, "select count(*) from push_subscriptions").await, 1);
    assert_eq!(number(&ada.sql, "select count(*) from notification_deliveries where status = 'failed'").await, 1);
}

#[tokio::test]
async fn what_was_put_off_or_moved_meanwhile_is_called_off_and_a_text_that_no_longer_holds_is_known() {
    let about_a_reminder = "
        insert into reminders (id, user_id, task_id, subject_task_id, scheduled_for_utc, status, sent_at, revision)
        select gen_random_uuid(), user_id, id, id, now(), 'sent', now(), 1 from tasks;
        update tasks set due_at = '2026-11-21T12:00Z';
        update notifications set reminder_id = reminders.id, reminder_revision = 1, scheduled_for = now() from reminders";
    let scratch = Scratch::new().await;
    let (ada, _) = told(&scratch).await;
    run(&ada.sql, about_a_reminder).await;
    assert_eq!(claim(&ada.sql).await.iter().map(|delivery| delivery.is_past).collect::<Vec<_>>(), [false; 3]);

    let_leases_end(&ada.sql).await;
    run(&ada.sql, "update tasks set due_at = '2026-11-22T12:00Z'").await;
    let moved = claim(&ada.sql).await;
    assert_eq!(moved.iter().map(|delivery| delivery.is_past).collect::<Vec<_>>(), [true; 3]);
    assert_eq!(moved[0].clocks.due.map(|due| due.to_string()).as_deref(), Some("2026-11-22T12:00:00"));

    let_leases_end(&ada.sql).await;
    run(&ada.sql, "update reminders set status = 'pending', sent_at = null, revision = 2").await;
    assert!(claim(&ada.sql).await.is_empty());
    let off = "select count(*) from notification_deliveries where status = 'cancelled' and last_error = 'The reminder was put off or moved.'";
    assert_eq!(number(&ada.sql, off).await, 3);
}

#[tokio::test]
async fn what_is_tried_again_in_quiet_hours_waits_for_their_end() {
    let scratch = Scratch::new().await;
    let (ada, _) = told(&scratch).await;
    let claimed = claim(&ada.sql).await;
    settle(&ada.sql, &claimed[0], again(0)).await;
    run(
        &ada.sql,
        "update notification_settings set quiet_from = (now() at time zone 'UTC')::time - interval '1 hour',
            quiet_until = (now() at time zone 'UTC')::time + interval '1 hour'",
    )
    .await;
    assert!(claim(&ada.sql).await.is_empty());
    let waits = "select count(*) from notification_deliveries where status = 'pending' and attempts = 1
        and next_attempt_at between now() + interval '59 minutes' and now() + interval '61 minutes'";
    assert_eq!(number(&ada.sql, waits).await, 1);
}

#[tokio::test]
async fn what_nobody_ever_says_anything_of_is_given_up() {
    let scratch = Scratch::new().await;
    let (ada, _) = told(&scratch).await;
    run(&ada.sql, "update notification_deliveries set attempts = 20").await;
    assert!(claim(&ada.sql).await.is_empty());
    let failed = "select count(*) from notification_deliveries where status = 'failed' and last_error is not null";
    assert_eq!(number(&ada.sql, failed).await, 3);
}

#[tokio::test]
async fn what_is_done_deleted_read_or_turned_off_by_then_is_called_off() {
    for change in [
        "update tasks set status = 'completed', completed_at = now()",
        "update notifications set status = 'read', read_at = now()",
        "delete from tasks",
        "update notification_settings set web_push = false, webhook = false",
    ] {
        let scratch = Scratch::new().await;
        let (ada, _) = told(&scratch).await;
        run(&ada.sql, change).await;
        assert!(claim(&ada.sql).await.is_empty(), "{change}");
        let called_off =
            "select count(*) from notification_deliveries where status = 'cancelled' and last_error is not null";
        assert_eq!(
            number(&ada.sql, called_off).await,
            number(&ada.sql, "select count(*) from notification_deliveries").await
        );
    }
}
