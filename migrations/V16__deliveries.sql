-- Notifications on their way by other channels than the page: claimed by whoever sends them, and settled.

-- Takes deliveries whose time has come, for as long as `lease`; then, if nothing was said of them, they come again. What is to be
-- told no longer is called off instead, and what falls into quiet hours, though it waited for something else, waits for their end.
-- [{"id", "attempt", "channel", "notification": {…}, "clocks": its times as the person's clocks show them, "is_past": whether its
-- time was a minute ago or longer, or the due time has moved, so that its text is to be made anew, "push_subscription",
-- "webhook", "email"}]
create function claim_deliveries(told_now timestamptz, lease interval, at_most integer) returns json
    language plpgsql volatile
as $$
declare
    at_time timestamptz := coalesce(told_now, clock_timestamp());
    claimed uuid[];
    taken json;
begin
    claimed := array(
        select id from notification_deliveries
        where status = 'pending' and next_attempt_at <= at_time
        order by next_attempt_at, id
        limit at_most
        for update skip locked
    );
    update notification_deliveries as delivery set status = 'cancelled', last_error = judged.why
    from (
        select waiting.id, case
            when notifications.status = 'read' then 'It had been read already.'
            when tasks.id is null or case
                when notifications.task_instance_id is null then tasks.status = 'completed'
                else task_instances.status <> 'pending'
            end then 'The task was done already.'
            when reminders.revision <> notifications.reminder_revision or subject.not_told is not null
            then 'The reminder was put off or moved.'
            when not coalesce(case waiting.channel
                when 'web_push' then settings.web_push when 'webhook' then settings.webhook else settings.email
            end, false) then 'The channel was turned off.'
        end as why
        from notification_deliveries as waiting
        join notifications on notifications.id = waiting.notification_id
        left join tasks on tasks.id = notifications.task_id
        left join task_instances on task_instances.id = notifications.task_instance_id
        left join reminders on reminders.id = notifications.reminder_id
        left join lateral subject_of_reminder(reminders) as subject on reminders.id is not null
        left join notification_settings as settings on settings.user_id = notifications.user_id
        where waiting.id = any (claimed)
    ) as judged
    where delivery.id = judged.id and judged.why is not null;
    -- Whoever was to send them never came to say what became of it.
    update notification_deliveries set status = 'failed', last_error = coalesce(last_error, 'It could not be sent.')
    where id = any (claimed) and status = 'pending' and attempts >= 20;
    update notification_deliveries as delivery set next_attempt_at = quiet.ends_at
    from (
        select users.id, end_of_quiet_hours(at_time, known_zone(timezone), quiet_from, quiet_until) as ends_at
        from users
        join notification_settings as settings on settings.user_id = users.id
        where quiet_from is not null and users.id in (select user_id from notification_deliveries where id = any (claimed))
    ) as quiet
    where delivery.id = any (claimed) and delivery.status = 'pending' and delivery.user_id = quiet.id and quiet.ends_at > at_time;
    with leased as (
        update notification_deliveries set attempts = attempts + 1, next_attempt_at = at_time + lease
        where id = any (claimed) and status = 'pending' and next_attempt_at <= at_time
        returning *
    )
    select coalesce(json_agg(json_build_object(
        'id', leased.id,
        'attempt', leased.attempts,
        'channel', leased.channel,
        'created_at', utc_text(leased.created_at),
        'notification', json_build_object(
            'id', notifications.id,
            'user_id', notifications.user_id,
            'task_id', notifications.task_id,
            'task_instance_id', notifications.task_instance_id,
            'reminder_id', notifications.reminder_id,
            'title', notifications.title,
            'body', notifications.body,
            'due_at', utc_text(notifications.due_at),
            'scheduled_for', utc_text(notifications.scheduled_for),
            'is_late', notifications.is_late,
            'created_at', utc_text(notifications.created_at)
        ),
        'clocks', json_build_object(
            'zone', zone,
            'due', civil_text(coalesce(subject.due_at, notifications.due_at) at time zone zone),
            'scheduled_for', civil_text(notifications.scheduled_for at time zone zone)
        ),
        'is_past', coalesce(
            notifications.scheduled_for + interval '1 minute' <= at_time or subject.due_at <> notifications.due_at, false
        ),
        'push_subscription', case when push_subscriptions.id is not null then json_build_object(
            'id', push_subscriptions.id, 'endpoint', push_subscriptions.endpoint,
            'p256dh', push_subscriptions.p256dh, 'auth', push_subscriptions.auth
        ) end,
        'webhook', case when leased.channel = 'webhook' and webhooks.id is not null then json_build_object(
            'url', webhooks.url, 'secret', webhooks.secret
        ) end,
        'email', case when leased.channel = 'email' then users.email end
    ) order by leased.created_at, leased.id), '[]')
    into taken
    from leased
    join notifications on notifications.id = leased.notification_id
    join users on users.id = leased.user_id
    left join reminders on reminders.id = notifications.reminder_id
    left join lateral subject_of_reminder(reminders) as subject on reminders.id is not null
    cross join known_zone(users.timezone) as zone
    left join push_subscriptions on push_subscriptions.id = leased.push_subscription_id
    left join webhooks on webhooks.user_id = leased.user_id;
    return taken;
end
$$;

-- Says what became of deliveries that were claimed: [{"id", "attempt", "outcome": "sent"|"again"|"failed"|"gone", "error",
-- "wait_s"}]. Whoever's lease has run out meanwhile says nothing. `gone`: the device is, and so its subscription.
create function settle_deliveries(told_now timestamptz, outcomes jsonb) returns json
    language sql volatile
as $$
    with outcome as materialized (
        select * from jsonb_to_recordset(outcomes) as said (id uuid, attempt integer, outcome text, error text, wait_s integer)
    ),
    settled as (
        update notification_deliveries as delivery set
            status = case outcome when 'sent' then 'sent' when 'again' then 'pending' else 'failed' end,
            sent_at = case outcome when 'sent' then coalesce(told_now, clock_timestamp()) end,
            last_error = error,
            next_attempt_at = coalesce(told_now, clock_timestamp()) + make_interval(secs => coalesce(wait_s, 0))
        from outcome
        where delivery.id = outcome.id and delivery.status = 'pending' and delivery.attempts = outcome.attempt
        returning delivery.push_subscription_id, outcome.outcome
    ),
    used as (
        update push_subscriptions set last_used_at = now()
        where id in (select push_subscription_id from settled where outcome = 'sent')
    ),
    gone as (
        delete from push_subscriptions
        where id in (select push_subscription_id from settled where outcome = 'gone')
    )
    select json_build_object('settled', (select count(*) from settled))
$$;
