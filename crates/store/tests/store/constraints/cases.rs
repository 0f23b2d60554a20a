//! The checks, and what is tried with each.

/// One right row in every table that has a constraint.
pub const SCENE: &str = "
    insert into users (id, email, password_hash) values ('00000000-0000-0000-0000-000000000001', 'ada@example.com', 'h');
    insert into refresh_tokens (id, user_id, session_id, token_hash, expires_at)
        select gen_random_uuid(), id, gen_random_uuid(), sha256('1'), now() from users;
    insert into api_tokens (id, user_id, name, token_hash) select gen_random_uuid(), id, 'cli', sha256('1') from users;
    insert into calendar_feeds (id, user_id, token_hash) select gen_random_uuid(), id, sha256('1') from users;
    insert into login_failures values (sha256('1'), 1, now());
    insert into tasks (id, user_id, title) select '00000000-0000-0000-0000-000000000002', id, 'Pay rent' from users;
    insert into tags (user_id, name) select id, 'home' from users;
    insert into recurring_tasks (id, task_id, user_id, series_id, rrule, timezone_iana, starts_at, next_occurrence_at_utc,
            next_occurrence_local, next_occurrence_number)
        select gen_random_uuid(), tasks.id, user_id, gen_random_uuid(), 'FREQ=DAILY', 'UTC', now(), now(), now(), 1 from tasks;
    insert into task_instances (id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local)
        select gen_random_uuid(), id, user_id, 'Pay rent', 'Low', '2030-01-01Z', '2030-01-01' from recurring_tasks;
    insert into reminders (id, user_id, task_id, subject_task_id, scheduled_for_utc)
        select gen_random_uuid(), user_id, id, id, now() from tasks;
    insert into notifications (id, user_id, title, task_id, reminder_id, reminder_revision)
        select gen_random_uuid(), user_id, 'Pay rent', task_id, id, 1 from reminders;
    insert into notification_settings (user_id) select id from users;
    insert into push_subscriptions (id, user_id, endpoint, p256dh, auth)
        select gen_random_uuid(), id, 'https://push.example.com/1', 'p', 'a' from users;
    insert into webhooks (id, user_id, url, secret) select gen_random_uuid(), id, 'https://example.com', 's' from users;
    insert into notification_deliveries (notification_id, user_id, channel) select id, user_id, 'email' from notifications;
    insert into conversations (id, user_id) select gen_random_uuid(), id from users;
    insert into messages (id, conversation_id, user_id, role, content)
        select gen_random_uuid(), id, user_id, 'user', 'Hello' from conversations;
    insert into event_sequences (user_id, last_sequence) select id, 1 from users;
    insert into outbox (user_id, sequence, task_id, topic, event_type, data)
        select user_id, 1, id, 'task-events', 'task.created', '{}' from tasks;
    insert into processed_event_logs (event_id, idempotency_key, event_type) values ('1', '1', 't');
    insert into idempotency_keys (user_id, key, request_hash) select id, 'k', sha256('1') from users";

/// What a constraint refuses, and what lies just beside it.
pub struct Case {
    pub constraint: &'static str,
    pub refused: &'static [&'static str],
    pub taken: &'static [&'static str],
}

pub const CHECKS: &[Case] = &[
    Case {
        constraint: "users_email_is_lower_case",
        refused: &["update users set email = 'Ada@example.com'"],
        taken: &["update users set email = 'ada.2@example.com'"],
    },
    Case {
        constraint: "users_name_is_at_most_100_characters",
        refused: &["update users set name = repeat('é', 101)"],
        taken: &["update users set name = repeat('é', 100)", "update users set name = null"],
    },
    Case {
        constraint: "refresh_tokens_are_stored_as_sha256",
        refused: &["update refresh_tokens set token_hash = 'the token itself'"],
        taken: &["update refresh_tokens set token_hash = sha256('2')"],
    },
    Case {
        constraint: "api_tokens_are_stored_as_sha256",
        refused: &["update api_tokens set token_hash = 'the token itself'"],
        taken: &["update api_tokens set token_hash = sha256('2')"],
    },
    Case {
        constraint: "calendar_feeds_are_stored_as_sha256",
        refused: &["update calendar_feeds set token_hash = 'the token itself'"],
        taken: &["update calendar_feeds set token_hash = sha256('2')"],
    },
    Case {
        constraint: "api_tokens_have_a_name_of_1_to_100_characters",
        refused: &["update api_tokens set name = ''", "update api_tokens set name = repeat('x', 101)"],
        taken: &["update api_tokens set name = 'x'", "update api_tokens set name = repeat('x', 100)"],
    },
    Case {
        constraint: "login_failures_are_counted_from_1",
        refused: &["update login_failures set failures = 0"],
        taken: &["update login_failures set failures = 2"],
    },
    Case {
        constraint: "tasks_have_a_title_of_1_to_200_characters",
        refused: &["update tasks set title = ''", "update tasks set title = repeat('é', 201)"],
        taken: &["update tasks set title = 'x'", "update tasks set title = repeat('é', 200)"],
    },
    Case {
        constraint: "tasks_have_a_description_of_at_most_10000_characters",
        refused: &["update tasks set description = repeat('é', 10001)"],
        taken: &["update tasks set description = repeat('é', 10000)", "update tasks set description = ''"],
    },
    Case {
        constraint: "tasks_have_a_known_status",
        refused: &["update tasks set status = 'done'"],
        taken: &["update tasks set status = 'in_progress'"],
    },
    Case {
        constraint: "tasks_have_a_known_priority",
        refused: &["update tasks set priority = 'high'", "update tasks set priority = 'Urgent'"],
        taken: &["update tasks set priority = 'High'"],
    },
    Case {
        constraint: "completed_tasks_have_a_completion_time",
        refused: &["update tasks set status = 'completed'", "update tasks set completed_at = now()"],
        taken: &["update tasks set status = 'completed', completed_at = now()"],
    },
    Case {
        constraint: "tags_have_a_name_of_1_to_50_characters",
        refused: &["update tags set name = ''", "update tags set name = repeat('é', 51)"],
        taken: &["update tags set name = 'x'", "update tags set name = repeat('é', 50)"],
    },
    Case {
        constraint: "recurring_tasks_have_a_short_rule",
        refused: &["update recurring_tasks set rrule = repeat('x', 513)"],
        taken: &["update recurring_tasks set rrule = repeat('x', 512)"],
    },
    Case {
        constraint: "recurring_tasks_have_a_known_end_type",
        refused: &["update recurring_tasks set recurrence_end_type = 'sometime'"],
        taken: &["update recurring_tasks set recurrence_end_type = 'count', recurrence_max_count = 3"],
    },
    Case {
        constraint: "recurring_tasks_have_the_end_that_their_type_names",
        refused: &[
            "update recurring_tasks set recurrence_end_type = 'count'",
            "update recurring_tasks set recurrence_end_type = 'until'",
            "update recurring_tasks set recurrence_max_count = 3",
            "update recurring_tasks set recurrence_end_date = now()",
            "update recurring_tasks set recurrence_end_type = 'count', recurrence_max_count = 3, recurrence_end_date = now()",
        ],
        taken: &["update recurring_tasks set recurrence_end_type = 'until', recurrence_end_date = now()"],
    },
    Case {
        constraint: "recurring_tasks_have_a_known_status",
        refused: &["update recurring_tasks set status = 'stopped'"],
        taken: &["update recurring_tasks set status = 'paused'"],
    },
    Case {
        constraint: "recurring_tasks_that_ended_have_no_next_occurrence",
        refused: &[
            "update recurring_tasks set status = 'completed'",
            "update recurring_tasks set status = 'cancelled'",
        ],
        taken: &["update recurring_tasks set status = 'cancelled', next_occurrence_at_utc = null,
            next_occurrence_local = null, next_occurrence_number = null"],
    },
    Case {
        constraint: "recurring_tasks_have_a_known_gap_policy",
        refused: &["update recurring_tasks set gap = 'back'"],
        taken: &["update recurring_tasks set gap = 'skip'"],
    },
    Case {
        constraint: "recurring_tasks_have_a_known_policy_for_missed_ones",
        refused: &["update recurring_tasks set on_missed = 'first'"],
        taken: &["update recurring_tasks set on_missed = 'all'"],
    },
    Case {
        constraint: "recurring_tasks_have_a_known_overlap_policy",
        refused: &["update recurring_tasks set overlap = 'all'"],
        taken: &["update recurring_tasks set overlap = 'skip'"],
    },
    Case {
        constraint: "recurring_tasks_have_at_most_500_dates_out_and_in",
        refused: &[
            "update recurring_tasks set exdates = array_fill(starts_at, array[501])",
            "update recurring_tasks set rdates = array_fill(starts_at, array[501])",
        ],
        taken: &[
            "update recurring_tasks set exdates = array_fill(starts_at, array[500]), rdates = array_fill(starts_at, array[500])",
        ],
    },
    Case {
        constraint: "recurring_tasks_end_after_at_least_one_occurrence",
        refused: &["update recurring_tasks set recurrence_end_type = 'count', recurrence_max_count = 0"],
        taken: &["update recurring_tasks set recurrence_end_type = 'count', recurrence_max_count = 1"],
    },
    Case {
        constraint: "recurring_tasks_know_all_of_their_next_occurrence_or_nothing",
        refused: &[
            "update recurring_tasks set next_occurrence_local = null",
            "update recurring_tasks set next_occurrence_number = null",
        ],
        taken: &["update recurring_tasks set next_occurrence_local = now(), next_occurrence_number = 2"],
    },
    Case {
        constraint: "recurring_tasks_number_occurrences_from_0",
        refused: &["update recurring_tasks set next_occurrence_number = -1"],
        taken: &["update recurring_tasks set next_occurrence_number = 0"],
    },
    Case {
        constraint: "recurring_tasks_that_run_have_a_next_occurrence",
        refused: &["update recurring_tasks set next_occurrence_at_utc = null, next_occurrence_local = null,
            next_occurrence_number = null"],
        taken: &["update recurring_tasks set status = 'completed', next_occurrence_at_utc = null,
            next_occurrence_local = null, next_occurrence_number = null"],
    },
    Case {
        constraint: "recurring_tasks_count_from_0",
        refused: &[
            "update recurring_tasks set current_instance_index = -1",
            "update recurring_tasks set total_occurrences_executed = -1",
        ],
        taken: &["update recurring_tasks set current_instance_index = 1, total_occurrences_executed = 1"],
    },
    Case {
        constraint: "task_instances_have_a_known_priority",
        refused: &["update task_instances set priority = 'low'"],
        taken: &["update task_instances set priority = 'High'"],
    },
    Case {
        constraint: "task_instances_have_a_known_status",
        refused: &["update task_instances set status = 'in_progress'"],
        taken: &["update task_instances set status = 'missed'"],
    },
    Case {
        constraint: "task_instances_are_of_the_first_or_the_second_passage",
        refused: &["update task_instances set scheduled_for_fold = 2"],
        taken: &["update task_instances set scheduled_for_fold = 1"],
    },
    Case {
        constraint: "completed_task_instances_have_a_completion_time",
        refused: &["update task_instances set status = 'completed'", "update task_instances set completed_at = now()"],
        taken: &["update task_instances set status = 'completed', completed_at = now()"],
    },
    Case {
        constraint: "reminders_are_about_a_task_or_an_instance",
        refused: &[
            "update reminders set task_id = null",
            "update reminders set task_instance_id = (select id from task_instances)",
        ],
        taken: &["update reminders set task_id = null, task_instance_id = (select id from task_instances)"],
    },
    Case {
        constraint: "reminders_have_a_known_status",
        refused: &["update reminders set status = 'done'"],
        taken: &["update reminders set status = 'cancelled', cancel_reason = 'user'"],
    },
    Case {
        constraint: "sent_reminders_have_a_time",
        refused: &["update reminders set status = 'sent'", "update reminders set sent_at = now()"],
        taken: &["update reminders set status = 'sent', sent_at = now()"],
    },
    Case {
        constraint: "reminders_have_a_known_type",
        refused: &["update reminders set reminder_type = 'pigeon'"],
        taken: &["update reminders set reminder_type = 'in_app'"],
    },
    Case {
        constraint: "reminders_are_at_most_four_weeks_before",
        refused: &["update reminders set minutes_before = -1", "update reminders set minutes_before = 40321"],
        taken: &["update reminders set minutes_before = 0", "update reminders set minutes_before = 40320"],
    },
    Case {
        constraint: "reminders_have_a_known_cancel_reason",
        refused: &["update reminders set status = 'cancelled', cancel_reason = 'whim'"],
        taken: &["update reminders set status = 'cancelled', cancel_reason = 'skipped'"],
    },
    Case {
        constraint: "cancelled_reminders_have_a_reason",
        refused: &["update reminders set status = 'cancelled'", "update reminders set cancel_reason = 'user'"],
        taken: &["update reminders set status = 'cancelled', cancel_reason = 'user'"],
    },
    Case {
        constraint: "failed_reminders_say_why",
        refused: &["update reminders set status = 'failed'"],
        taken: &["update reminders set status = 'failed', error_message = 'too late'"],
    },
    Case {
        constraint: "reminders_of_a_series_name_the_occurrence",
        refused: &[
            "update reminders set occurrence_at = now()",
            "update reminders set recurring_task_id = (select id from recurring_tasks)",
        ],
        taken: &["update reminders set recurring_task_id = (select id from recurring_tasks), occurrence_at = now()"],
    },
    Case {
        constraint: "recurring_tasks_remind_at_most_four_weeks_before",
        refused: &[
            "update recurring_tasks set reminder_minutes_before = -1",
            "update recurring_tasks set reminder_minutes_before = 40321",
        ],
        taken: &[
            "update recurring_tasks set reminder_minutes_before = 0",
            "update recurring_tasks set reminder_minutes_before = 40320",
        ],
    },
    Case {
        constraint: "notifications_have_a_known_status",
        refused: &["update notifications set status = 'seen'"],
        taken: &["update notifications set status = 'read', read_at = now()"],
    },
    Case {
        constraint: "read_notifications_have_a_time",
        refused: &["update notifications set status = 'read'", "update notifications set read_at = now()"],
        taken: &["update notifications set status = 'read', read_at = now()"],
    },
    Case {
        constraint: "quiet_hours_begin_and_end",
        refused: &[
            "update notification_settings set quiet_from = '22:00'",
            "update notification_settings set quiet_until = '07:00'",
        ],
        taken: &["update notification_settings set quiet_from = '22:00', quiet_until = '07:00'"],
    },
    Case {
        constraint: "quiet_hours_do_not_last_all_day",
        refused: &["update notification_settings set quiet_from = '22:00', quiet_until = '22:00'"],
        taken: &["update notification_settings set quiet_from = '22:00', quiet_until = '21:59'"],
    },
    Case {
        constraint: "push_subscriptions_have_an_endpoint_of_at_most_2000_characters",
        refused: &[
            "update push_subscriptions set endpoint = ''",
            "update push_subscriptions set endpoint = repeat('x', 2001)",
        ],
        taken: &["update push_subscriptions set endpoint = repeat('x', 2000)"],
    },
    Case {
        constraint: "push_subscriptions_have_a_device_of_at_most_100_characters",
        refused: &["update push_subscriptions set device = repeat('é', 101)"],
        taken: &["update push_subscriptions set device = repeat('é', 100)"],
    },
    Case {
        constraint: "webhooks_have_an_address_of_at_most_2000_characters",
        refused: &["update webhooks set url = ''", "update webhooks set url = repeat('x', 2001)"],
        taken: &["update webhooks set url = repeat('x', 2000)"],
    },
    Case {
        constraint: "notification_deliveries_have_a_known_channel",
        refused: &["update notification_deliveries set channel = 'pigeon'"],
        taken: &["update notification_deliveries set channel = 'webhook'"],
    },
    Case {
        constraint: "notification_deliveries_have_a_known_status",
        refused: &["update notification_deliveries set status = 'done'"],
        taken: &["update notification_deliveries set status = 'failed'"],
    },
    Case {
        constraint: "notification_deliveries_to_a_device_are_by_web_push",
        refused: &["update notification_deliveries set push_subscription_id = (select id from push_subscriptions)"],
        taken: &[
            "update notification_deliveries set channel = 'web_push', push_subscription_id = (select id from push_subscriptions)",
            "update notification_deliveries set channel = 'web_push'",
        ],
    },
    Case {
        constraint: "sent_notification_deliveries_have_a_time",
        refused: &[
            "update notification_deliveries set status = 'sent'",
            "update notification_deliveries set sent_at = now()",
        ],
        taken: &["update notification_deliveries set status = 'sent', sent_at = now()"],
    },
    Case {
        constraint: "notification_deliveries_count_attempts_from_0",
        refused: &["update notification_deliveries set attempts = -1"],
        taken: &["update notification_deliveries set attempts = 1"],
    },
    Case {
        constraint: "outbox_events_without_a_topic_count_as_published",
        refused: &["update outbox set topic = null"],
        taken: &["update outbox set topic = null, published_at = now()"],
    },
    Case {
        constraint: "messages_have_a_known_role",
        refused: &["update messages set role = 'system'"],
        taken: &["update messages set role = 'tool'"],
    },
    Case {
        constraint: "event_sequences_are_relayed_by_someone_until_some_time",
        refused: &["update event_sequences set relay_by = '1'", "update event_sequences set relay_until = now()"],
        taken: &["update event_sequences set relay_by = '1', relay_until = now()"],
    },
    Case {
        constraint: "outbox_events_go_to_a_known_topic",
        refused: &["update outbox set topic = 'task-event'"],
        taken: &["update outbox set topic = 'reminders'"],
    },
    Case {
        constraint: "processed_event_logs_have_a_known_status",
        refused: &["update processed_event_logs set status = 'done'"],
        taken: &["update processed_event_logs set status = 'failed'"],
    },
    Case {
        constraint: "processed_event_logs_know_all_of_their_place_or_nothing",
        refused: &[
            "update processed_event_logs set sequence = 1",
            "update processed_event_logs set consumer = 'bell', task_id = gen_random_uuid()",
        ],
        taken: &["update processed_event_logs set consumer = 'bell', task_id = gen_random_uuid(), sequence = 1"],
    },
    Case {
        constraint: "idempotency_keys_are_1_to_255_characters",
        refused: &["update idempotency_keys set key = ''", "update idempotency_keys set key = repeat('k', 256)"],
        taken: &["update idempotency_keys set key = repeat('k', 255)"],
    },
];
