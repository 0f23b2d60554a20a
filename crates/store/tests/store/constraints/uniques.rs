//! The unique constraints and indexes, and what is tried with each.

use super::cases::Case;

pub const UNIQUES: &[Case] = &[
    Case {
        constraint: "users_email_is_unique",
        refused: &["insert into users (id, email, password_hash) select gen_random_uuid(), email, 'h' from users"],
        taken: &["insert into users (id, email, password_hash) values (gen_random_uuid(), 'bob@example.com', 'h')"],
    },
    Case {
        constraint: "refresh_tokens_are_unique",
        refused: &["insert into refresh_tokens (id, user_id, session_id, token_hash, expires_at)
            select gen_random_uuid(), user_id, session_id, token_hash, now() from refresh_tokens"],
        taken: &["insert into refresh_tokens (id, user_id, session_id, token_hash, expires_at)
            select gen_random_uuid(), user_id, session_id, sha256('2'), now() from refresh_tokens"],
    },
    Case {
        constraint: "api_tokens_are_unique",
        refused: &["insert into api_tokens (id, user_id, name, token_hash)
            select gen_random_uuid(), user_id, 'other', token_hash from api_tokens"],
        taken: &["insert into api_tokens (id, user_id, name, token_hash)
            select gen_random_uuid(), user_id, name, sha256('2') from api_tokens"],
    },
    Case {
        constraint: "calendar_feeds_are_unique",
        refused: &["insert into calendar_feeds (id, user_id, token_hash)
            select gen_random_uuid(), user_id, token_hash from calendar_feeds"],
        taken: &["insert into calendar_feeds (id, user_id, token_hash)
            select gen_random_uuid(), user_id, sha256('2') from calendar_feeds"],
    },
    Case {
        constraint: "tags_are_unique_per_user",
        refused: &["insert into tags (user_id, name) select user_id, 'HOME' from tags"],
        taken: &[
            "insert into tags (user_id, name) select user_id, 'shop' from tags",
            "insert into users (id, email, password_hash) values (gen_random_uuid(), 'bob@example.com', 'h');
             insert into tags (user_id, name) select id, 'home' from users where email = 'bob@example.com'",
        ],
    },
    Case {
        constraint: "recurring_tasks_are_one_per_task",
        refused: &["insert into recurring_tasks (id, task_id, user_id, series_id, rrule, timezone_iana, starts_at, status)
            select gen_random_uuid(), id, user_id, gen_random_uuid(), 'FREQ=DAILY', 'UTC', now(), 'pending' from tasks"],
        taken: &[],
    },
    Case {
        constraint: "task_instances_are_one_per_occurrence",
        refused: &["insert into task_instances
                (id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local)
            select gen_random_uuid(), parent_task_id, user_id, 'x', 'Low', '2030-01-01T01:00:00+01:00', '2030-01-02'
            from task_instances"],
        taken: &["insert into task_instances
                (id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local)
            select gen_random_uuid(), parent_task_id, user_id, 'x', 'Low', '2030-01-02Z', '2030-01-02' from task_instances"],
    },
    Case {
        constraint: "task_instances_are_one_per_civil_time",
        refused: &["insert into task_instances
                (id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local)
            select gen_random_uuid(), parent_task_id, user_id, 'x', 'Low', '2030-01-02Z', '2030-01-01' from task_instances"],
        taken: &["insert into task_instances
                (id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local, scheduled_for_fold)
            select gen_random_uuid(), parent_task_id, user_id, 'x', 'Low', '2030-01-02Z', '2030-01-01', 1 from task_instances"],
    },
    Case {
        constraint: "reminders_are_one_per_occurrence",
        refused: &["update reminders set recurring_task_id = (select id from recurring_tasks), occurrence_at = '2030-01-01Z';
            insert into reminders (id, user_id, task_id, subject_task_id, scheduled_for_utc, recurring_task_id, occurrence_at)
            select gen_random_uuid(), user_id, task_id, task_id, now(), recurring_task_id, occurrence_at from reminders"],
        taken: &["insert into reminders (id, user_id, task_id, subject_task_id, scheduled_for_utc)
            select gen_random_uuid(), user_id, task_id, task_id, scheduled_for_utc from reminders"],
    },
    Case {
        constraint: "outbox_events_are_unique",
        refused: &["insert into outbox (event_id, user_id, sequence, task_id, topic, event_type, data)
            select event_id, user_id, 2, task_id, topic, event_type, data from outbox"],
        taken: &[],
    },
    Case {
        constraint: "outbox_sequences_are_unique_per_user",
        refused: &["insert into outbox (user_id, sequence, task_id, topic, event_type, data)
            select user_id, sequence, task_id, topic, event_type, data from outbox"],
        taken: &["insert into outbox (user_id, sequence, task_id, topic, event_type, data)
            select user_id, sequence + 1, task_id, topic, event_type, data from outbox"],
    },
    Case {
        constraint: "processed_event_logs_are_one_per_idempotency_key",
        refused: &["insert into processed_event_logs (event_id, idempotency_key, event_type) values ('2', '1', 't')"],
        taken: &["insert into processed_event_logs (event_id, idempotency_key, event_type) values ('1', '2', 't')"],
    },
    Case {
        constraint: "notifications_are_one_per_reminder_and_revision",
        refused: &["insert into notifications (id, user_id, title, reminder_id, reminder_revision)
            select gen_random_uuid(), user_id, 'x', reminder_id, reminder_revision from notifications"],
        taken: &[
            "insert into notifications (id, user_id, title, reminder_id, reminder_revision)
            select gen_random_uuid(), user_id, 'x', reminder_id, 2 from notifications",
            "insert into notifications (id, user_id, title, reminder_revision)
            select gen_random_uuid(), user_id, 'x', 1 from notifications, generate_series(1, 2)",
        ],
    },
    Case {
        constraint: "push_subscriptions_are_one_per_endpoint",
        refused: &["insert into push_subscriptions (id, user_id, endpoint, p256dh, auth)
            select gen_random_uuid(), user_id, endpoint, 'q', 'b' from push_subscriptions"],
        taken: &["insert into push_subscriptions (id, user_id, endpoint, p256dh, auth)
            select gen_random_uuid(), user_id, endpoint || '2', p256dh, auth from push_subscriptions"],
    },
    Case {
        constraint: "webhooks_are_one_per_user",
        refused: &["insert into webhooks (id, user_id, url, secret)
            select gen_random_uuid(), user_id, 'https://example.org', 't' from webhooks"],
        taken: &[],
    },
    Case {
        constraint: "notification_deliveries_are_one_per_channel_and_device",
        refused: &[
            "insert into notification_deliveries (notification_id, user_id, channel)
            select notification_id, user_id, channel from notification_deliveries",
            "insert into notification_deliveries (notification_id, user_id, channel, push_subscription_id)
            select notification_id, deliveries.user_id, 'web_push', push_subscriptions.id
            from notification_deliveries as deliveries, push_subscriptions, generate_series(1, 2)",
        ],
        taken: &[
            "insert into notification_deliveries (notification_id, user_id, channel)
            select notification_id, user_id, 'webhook' from notification_deliveries",
            // Two devices that are gone.
            "insert into notification_deliveries (notification_id, user_id, channel)
            select notification_id, user_id, 'web_push' from notification_deliveries, generate_series(1, 2)",
        ],
    },
];
