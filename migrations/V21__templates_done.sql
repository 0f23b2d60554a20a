-- A series' template that is done says nothing of its occurrences (V20): neither keeps it their reminders from being put off, nor
-- what is told of the series from being sent.

-- Has a reminder wait until another time: as V14 has it.
create or replace function snooze_reminder(
    of_user uuid, request_id text, reminder_id uuid, until timestamptz, minutes integer, told_now timestamptz
) returns json
    language plpgsql volatile
as $$
declare
    at_time timestamptz := coalesce(told_now, clock_timestamp());
    snoozed reminders;
begin
    if not exists (select from reminders where id = reminder_id and user_id = of_user) then
        return null;
    end if;
    until := coalesce(until, at_time + make_interval(mins => minutes));
    if until <= at_time then
        return json_build_object('outcome', 'past');
    end if;
    perform lock_reminders(array[reminder_id]);
    select * into snoozed from reminders where id = reminder_id and user_id = of_user;
    if snoozed.id is null then
        return null;
    elsif snoozed.status = 'cancelled' then
        return json_build_object('outcome', 'cancelled');
    elsif snoozed.recurring_task_id is null
            and exists (select from tasks where id = snoozed.task_id and status = 'completed')
        or exists (select from task_instances where id = snoozed.task_instance_id and status <> 'pending')
    then
        return json_build_object('outcome', 'done');
    end if;
    update reminders set
        scheduled_for_utc = until, status = 'pending', sent_at = null, error_message = null,
        revision = revision + 1, set_at = now()
    where id = reminder_id
    returning * into snoozed;
    return json_build_object(
        'outcome', 'snoozed',
        'reply', reminder_document(snoozed),
        'relay', record_events(of_user, request_id, jsonb_build_array(reminder_event('reminder.scheduled', snoozed)))
    );
end
$$;

-- Takes deliveries whose time has come: as V20 has it.
create or replace function claim_deliveries(told_now timestamptz, lease interval, at_most integer) returns json
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
                when notifications.task_instance_id is not null then task_instances.status <> 'pending'
                else tasks.status = 'completed' and reminders.recurring_task_id is null
                    and (reminders.id is not null or not exists (select from recurring_tasks where task_id = tasks.id))
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
