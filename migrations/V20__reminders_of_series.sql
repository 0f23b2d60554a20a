-- The template of a series stands for none of its occurrences: that somebody completes it says nothing of them. So it no longer
-- silences their reminders, which wait on it until the occurrence has an instance. For the locks see V14.

-- Marks reminders that are due: as V18 has it.
create or replace function fire_reminders(
    request_id text, named uuid, told_now timestamptz, grace interval, at_most integer
) returns json
    language plpgsql volatile
as $$
declare
    at_time timestamptz := coalesce(told_now, clock_timestamp());
    due uuid[];
    told jsonb;
    owner jsonb;
    relayed json;
    relays jsonb := '[]';
    fired integer;
begin
    due := array(select id from reminders where id = named and status = 'pending' and scheduled_for_utc <= at_time);
    -- 'rondo', 'fire'
    if (named is null or cardinality(due) > 0) and pg_try_advisory_xact_lock(x'726f6e64'::integer, x'66697265'::integer) then
        due := due || array(
            select id from reminders
            where status = 'pending' and scheduled_for_utc <= at_time and id is distinct from named
            order by scheduled_for_utc, id
            limit at_most - cardinality(due)
        );
    end if;
    perform lock_reminders(due);

    with judged as materialized (
        select reminders.id, at_time - greatest(reminders.scheduled_for_utc, set_at) as late_by, case
            when tasks.status = 'completed' and reminders.recurring_task_id is null or task_instances.status <> 'pending'
            then 'cancelled'
            when at_time - greatest(reminders.scheduled_for_utc, set_at) > grace then 'failed'
            else 'sent'
        end as outcome
        from reminders
        left join tasks on tasks.id = reminders.task_id
        left join task_instances on task_instances.id = reminders.task_instance_id
        where reminders.id = any (due) and reminders.status = 'pending' and reminders.scheduled_for_utc <= at_time
    ),
    marked as (
        update reminders set
            status = outcome,
            sent_at = case outcome when 'sent' then at_time end,
            cancel_reason = case outcome when 'cancelled' then 'done' end,
            error_message = case outcome when 'failed' then 'It fell due while Rondo was not running, too long ago to be of use.' end
        from judged
        where reminders.id = judged.id
        returning reminders as reminder, late_by
    ),
    event as (
        select (reminder).user_id, (reminder).scheduled_for_utc as at, (reminder).id, case (reminder).status
            when 'sent' then reminder_event('reminder.due', reminder, jsonb_build_object('is_late', late_by > interval '1 minute'))
            when 'failed' then reminder_event('reminder.cancelled', reminder, '{"reason": "too_late"}')
            else reminder_event('reminder.cancelled', reminder, '{"reason": "done"}')
        end as body
        from marked
    ),
    by_user as (
        select user_id, jsonb_agg(body order by at, id) as events from event group by user_id
    )
    select (select count(*) from marked), coalesce(
        jsonb_agg(jsonb_build_object('user', user_id, 'events', events) order by user_id), '[]'
    ) into fired, told
    from by_user;

    for owner in select value from jsonb_array_elements(told) loop
        relayed := record_events((owner ->> 'user')::uuid, request_id, owner -> 'events');
        if relayed is not null then
            relays := relays || jsonb_build_array(jsonb_build_object('user', owner -> 'user', 'batch', relayed));
        end if;
    end loop;
    return json_build_object(
        'fired', fired,
        'is_full', cardinality(due) >= at_most,
        'waits', (
            select reminder_wakeup(reminders) from reminders
            where id = named and status = 'pending' and scheduled_for_utc > at_time
        ),
        'relays', relays
    );
end
$$;

-- What a reminder is about, as it stands now, and why it is not to be told: as V15 has it.
create or replace function subject_of_reminder(reminder reminders, out title text, out due_at timestamptz, out not_told text)
    language sql stable
as $$
    select
        coalesce(task_instances.title, tasks.title),
        coalesce(task_instances.scheduled_for_utc, reminder.occurrence_at, tasks.due_at),
        case
            when tasks.status = 'completed' and reminder.recurring_task_id is null or task_instances.status <> 'pending'
            then 'done'
            -- The next occurrence of a series, which has been moved, or is no longer to come or to be reminded of.
            when tasks.id is not null and reminder.recurring_task_id is not null and not exists (
                select from recurring_tasks as series
                where series.id = reminder.recurring_task_id
                    and series.status = 'active'
                    and series.reminder_minutes_before is not null
                    and series.next_occurrence_at_utc = reminder.occurrence_at
            ) then 'rescheduled'
            when reminder.minutes_before is not null and coalesce(task_instances.scheduled_for_utc, reminder.occurrence_at, tasks.due_at) is null
            then 'no_due_time'
        end
    from (select) as one
    left join tasks on tasks.id = reminder.task_id
    left join task_instances on task_instances.id = reminder.task_instance_id
$$;

-- Takes deliveries whose time has come: as V16 has it.
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

-- The reminder of an occurrence goes over to its instance: as V14 has it. So does the notification of one that came before, so that
-- the occurrence can be completed from there.
create or replace function hand_reminder_to_instance() returns trigger
    language plpgsql
as $$
declare
    series recurring_tasks;
    told jsonb;
begin
    select * into series from recurring_tasks where id = new.parent_task_id;
    if series.reminder_minutes_before is null then
        return null;
    end if;
    perform lock_reminders_of(new.user_id);
    with stopped as (
        update reminders set status = 'cancelled', cancel_reason = 'skipped'
        where new.status <> 'pending' and recurring_task_id = series.id and occurrence_at = new.scheduled_for_utc
            and status = 'pending'
        returning reminders as reminder
    ),
    handed as (
        insert into reminders (
            id, user_id, task_instance_id, subject_task_id, recurring_task_id, occurrence_at, minutes_before, scheduled_for_utc)
        select gen_random_uuid(), new.user_id, new.id, series.task_id, series.id, new.scheduled_for_utc,
            series.reminder_minutes_before,
            new.scheduled_for_utc - make_interval(mins => series.reminder_minutes_before)
        where new.status = 'pending'
        on conflict (recurring_task_id, occurrence_at) do update set
            task_id = null,
            task_instance_id = excluded.task_instance_id
        where reminders.task_id is not null
        returning reminders as reminder, xmax = 0 as is_new
    ),
    told_before as (
        update notifications set task_instance_id = new.id
        from handed
        where notifications.reminder_id = (handed.reminder).id and task_instance_id is null
    )
    select jsonb_agg(body) into told
    from (
        select reminder_event('reminder.cancelled', reminder, '{"reason": "skipped"}') as body from stopped
        union all
        select reminder_event('reminder.scheduled', reminder) from handed where is_new
    ) as event;
    perform record_events(new.user_id, null, told) where told is not null;
    return null;
end
$$;

-- The API's notification. `series_id` says that its task is the template of a series; without an instance, what it is about has
-- none yet (or won't have one). `outcome`: what became of the task or instance meanwhile; null while it is still to be done.
create or replace function notification_document(notification notifications) returns json
    language sql stable parallel safe
    return json_build_object(
        'id', notification.id,
        'task_id', notification.task_id,
        'task_instance_id', notification.task_instance_id,
        'series_id', (select series_id from recurring_tasks where task_id = notification.task_id),
        'outcome', case
            when notification.task_instance_id is not null then (
                select nullif(status, 'pending') from task_instances where id = notification.task_instance_id
            )
            else (
                select status from tasks
                where id = notification.task_id and status = 'completed'
                    and not exists (select from recurring_tasks where task_id = tasks.id)
            )
        end,
        'reminder_id', notification.reminder_id,
        'title', notification.title,
        'body', notification.body,
        'status', notification.status,
        'due_at', utc_text(notification.due_at),
        'is_late', notification.is_late,
        'delivered_at', utc_text(notification.delivered_at),
        'read_at', utc_text(notification.read_at),
        'created_at', utc_text(notification.created_at),
        'deliveries', (
            select coalesce(json_agg(json_build_object(
                'channel', channel, 'status', delivery.status, 'attempts', attempts, 'last_error', last_error,
                'sent_at', utc_text(sent_at)
            ) order by channel, delivery.created_at, delivery.id), '[]')
            from notification_deliveries as delivery
            where delivery.notification_id = notification.id
        )
    );
