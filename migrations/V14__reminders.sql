-- Reminders: how they follow what they are about, come with occurrences, and fall due.
--
-- Locks are taken in the order tasks, recurring_tasks, task_instances, event_sequences (of several users in the order of
-- their ids), reminders, notifications.

alter table reminders
    -- Set: it is this long before the due time of its task, and follows it.
    add column minutes_before integer,
    -- Grows whenever it is given a time. What an alarm or an event says of an older one is no news.
    add column revision bigint not null default 1,
    -- When it was given its time. What was already past then is not late.
    add column set_at timestamptz not null default now(),
    add column cancel_reason text,
    -- The task that its events are about, and so their partition key: the task itself, or the template of the series.
    -- No reference: the events of a task that is being deleted name it, too.
    add column subject_task_id uuid not null,
    -- Of a reminder that each occurrence of a series gets: which series, and which occurrence. Until the occurrence is made
    -- it hangs on the template, from then on on the instance.
    add column recurring_task_id uuid references recurring_tasks on delete cascade,
    add column occurrence_at timestamptz,
    add constraint reminders_are_at_most_four_weeks_before check (minutes_before between 0 and 40320),
    add constraint reminders_have_a_known_type check (reminder_type in ('in_app')),
    add constraint reminders_have_a_known_cancel_reason
        check (cancel_reason in ('user', 'done', 'no_due_time', 'skipped', 'rescheduled')),
    add constraint cancelled_reminders_have_a_reason check ((status = 'cancelled') = (cancel_reason is not null)),
    add constraint failed_reminders_say_why check (status <> 'failed' or error_message is not null),
    add constraint reminders_of_a_series_name_the_occurrence
        check ((recurring_task_id is null) = (occurrence_at is null)),
    add constraint reminders_are_one_per_occurrence unique (recurring_task_id, occurrence_at);

alter table recurring_tasks
    -- Each occurrence gets a reminder this many minutes before its time; null: none.
    add column reminder_minutes_before integer,
    add constraint recurring_tasks_remind_at_most_four_weeks_before check (reminder_minutes_before between 0 and 40320);

-- The API's recurring task; `task` is the document of its template.
create or replace function recurring_task_document(series recurring_tasks, task json) returns json
    language sql stable parallel safe
    return json_build_object(
        'id', series.id,
        'task_id', series.task_id,
        'series_id', series.series_id,
        'rrule', series.rrule,
        'timezone_iana', series.timezone_iana,
        'starts_at', civil_text(series.starts_at),
        'recurrence_end_type', series.recurrence_end_type,
        'recurrence_max_count', series.recurrence_max_count,
        'recurrence_end_date', utc_text(series.recurrence_end_date),
        'gap', series.gap,
        'on_missed', series.on_missed,
        'overlap', series.overlap,
        'exdates', array(select civil_text(civil) from unnest(series.exdates) as civil),
        'rdates', array(select civil_text(civil) from unnest(series.rdates) as civil),
        'reminder_minutes_before', series.reminder_minutes_before,
        'status', series.status,
        'next_occurrence_at', utc_text(series.next_occurrence_at_utc),
        'current_instance_index', series.current_instance_index,
        'total_occurrences_executed', series.total_occurrences_executed,
        'summary', series.summary,
        'created_at', utc_text(series.created_at),
        'updated_at', utc_text(series.updated_at),
        'task', task
    );

-- The API's reminder.
create function reminder_document(reminder reminders) returns json
    language sql stable parallel safe
    return json_build_object(
        'id', reminder.id,
        'task_id', reminder.task_id,
        'task_instance_id', reminder.task_instance_id,
        'reminder_type', reminder.reminder_type,
        'scheduled_for', utc_text(reminder.scheduled_for_utc),
        'minutes_before', reminder.minutes_before,
        'status', reminder.status,
        'cancel_reason', reminder.cancel_reason,
        'error_message', reminder.error_message,
        'sent_at', utc_text(reminder.sent_at),
        'created_at', utc_text(reminder.created_at)
    );

-- What wakes a reminder.
create function reminder_wakeup(reminder reminders) returns json
    language sql stable parallel safe
    return json_build_object(
        'reminder_id', reminder.id,
        'user_id', reminder.user_id,
        'revision', reminder.revision,
        'at', utc_text(reminder.scheduled_for_utc)
    );

-- What record_events takes to tell of a reminder.
create function reminder_event(event_type text, reminder reminders, further jsonb default '{}') returns jsonb
    language sql stable parallel safe
    return jsonb_build_object(
        'task_id', reminder.subject_task_id, 'topic', 'reminders', 'type', event_type, 'data', jsonb_build_object(
            'reminder_id', reminder.id,
            'revision', reminder.revision,
            'task_instance_id', reminder.task_instance_id,
            'reminder_type', reminder.reminder_type,
            'scheduled_for', utc_text(reminder.scheduled_for_utc)
        ) || further
    );

-- The sequence is also the lock under which the reminders of its user change.
create function lock_reminders_of(of_user uuid) returns void
    language sql volatile
begin atomic
    select last_sequence from event_sequences where user_id = of_user for update;
end;

-- Reminders before a due time follow it. They wait again, even if they were told for the due time of before, where the new
-- time is still to come.
create function move_reminders_with_task() returns trigger
    language plpgsql
as $$
declare
    told jsonb;
begin
    perform lock_reminders_of(new.user_id);
    with moved as (
        update reminders set
            scheduled_for_utc = new.due_at - make_interval(mins => minutes_before),
            status = 'pending', cancel_reason = null, error_message = null, sent_at = null,
            revision = revision + 1, set_at = now()
        where task_id = new.id and minutes_before is not null and recurring_task_id is null
            and cancel_reason is distinct from 'user'
            and new.due_at > now()
            and (status = 'pending' or new.due_at - make_interval(mins => minutes_before) > now())
        returning reminders as reminder
    ),
    stopped as (
        update reminders set status = 'cancelled', cancel_reason = 'no_due_time'
        where task_id = new.id and minutes_before is not null and recurring_task_id is null
            and status = 'pending'
            and (new.due_at is null or new.due_at <= now())
        returning reminders as reminder
    )
    select jsonb_agg(body order by (reminder).id) into told
    from (
        select reminder, reminder_event('reminder.scheduled', reminder) as body from moved
        union all
        select reminder, reminder_event('reminder.cancelled', reminder, '{"reason": "no_due_time"}') from stopped
    ) as event;
    perform record_events(new.user_id, null, told) where told is not null;
    return null;
end
$$;
create trigger tasks_move_their_reminders
    after update of due_at on tasks
    for each row when (old.due_at is distinct from new.due_at)
    execute function move_reminders_with_task();

-- Has the next occurrence of a series wait with its reminder, if the series has one for each; another is called off.
create function plan_reminder_of_next_occurrence() returns trigger
    language plpgsql
as $$
declare
    told jsonb;
    is_planned boolean := new.status = 'active' and new.reminder_minutes_before is not null;
begin
    perform lock_reminders_of(new.user_id);
    with stopped as (
        update reminders set status = 'cancelled', cancel_reason = 'rescheduled'
        where recurring_task_id = new.id and task_id is not null and status = 'pending'
            and not (is_planned and occurrence_at = new.next_occurrence_at_utc)
        returning reminders as reminder
    ),
    planned as (
        insert into reminders (id, user_id, task_id, subject_task_id, recurring_task_id, occurrence_at, minutes_before, scheduled_for_utc)
        select gen_random_uuid(), new.user_id, new.task_id, new.task_id, new.id, new.next_occurrence_at_utc,
            new.reminder_minutes_before,
            new.next_occurrence_at_utc - make_interval(mins => new.reminder_minutes_before)
        where is_planned
        on conflict (recurring_task_id, occurrence_at) do update set
            minutes_before = excluded.minutes_before,
            scheduled_for_utc = excluded.scheduled_for_utc,
            status = 'pending', cancel_reason = null,
            revision = reminders.revision + 1, set_at = now()
        where reminders.task_id is not null
            and (reminders.status = 'pending' and reminders.scheduled_for_utc <> excluded.scheduled_for_utc
                or reminders.cancel_reason = 'rescheduled')
        returning reminders as reminder
    )
    select jsonb_agg(body order by at) into told
    from (
        select 0 as at, reminder_event('reminder.cancelled', reminder, '{"reason": "rescheduled"}') as body from stopped
        union all
        select 1, reminder_event('reminder.scheduled', reminder) from planned
    ) as event;
    perform record_events(new.user_id, null, told) where told is not null;
    return null;
end
$$;
create trigger recurring_tasks_plan_the_reminder_of_their_first_occurrence
    after insert on recurring_tasks
    for each row when (new.reminder_minutes_before is not null)
    execute function plan_reminder_of_next_occurrence();
create trigger recurring_tasks_plan_the_reminder_of_their_next_occurrence
    after update of next_occurrence_at_utc, status, reminder_minutes_before on recurring_tasks
    for each row when (
        (old.next_occurrence_at_utc, old.status, old.reminder_minutes_before)
            is distinct from (new.next_occurrence_at_utc, new.status, new.reminder_minutes_before)
        and (old.reminder_minutes_before is not null or new.reminder_minutes_before is not null)
    )
    execute function plan_reminder_of_next_occurrence();

-- The reminder of an occurrence goes over to its instance; one that had none to go over gets one. Nobody is reminded of an
-- occurrence that is left out.
create function hand_reminder_to_instance() returns trigger
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
create trigger task_instances_take_over_their_reminder
    after insert on task_instances
    for each row execute function hand_reminder_to_instance();

-- Whatever takes a reminder along that waits: its cancellation is told.
create function tell_of_deleted_reminder() returns trigger
    language plpgsql
as $$
begin
    -- Not if the user is being deleted: nobody is left to be told.
    perform record_events(old.user_id, null, jsonb_build_array(
        reminder_event('reminder.cancelled', old, '{"reason": "deleted"}')
    ))
    from users where id = old.user_id;
    return old;
end
$$;
create trigger reminders_that_wait_are_missed
    before delete on reminders
    for each row when (old.status = 'pending')
    execute function tell_of_deleted_reminder();

-- What is to be published of these users' events by whoever runs this statement: [{"user", "batch"}]. Of changes that nothing but a
-- trigger tells of, nobody else learns that the relay is theirs.
create function relays_taken_here(of_users uuid[]) returns json
    language plpgsql volatile
as $$
begin
    return (
        select coalesce(json_agg(json_build_object('user', user_id, 'batch', json_build_object(
            'holder', relay_by, 'events', events_to_publish(user_id, 100)
        )) order by user_id), '[]')
        from event_sequences
        where user_id = any (of_users) and relay_by = pg_current_xact_id()
    );
end
$$;

-- Makes a reminder. {"outcome": "made", "reply", "relay"}, or why not: "no_such_thing", "done" (what it is about is completed),
-- "no_due_time", "past", "no_room"; or as claim_idempotency_key has it. Only what is made claims the key. `about_task`
-- or `about_instance`; `wanted_at`, or `minutes` before the due time.
create function make_reminder(
    of_user uuid, request_id text, key text, hash bytea,
    reminder_id uuid, about_task uuid, about_instance uuid, wanted_at timestamptz, minutes integer, of_type text,
    told_now timestamptz, at_most integer
) returns json
    language plpgsql volatile
as $$
declare
    at_time timestamptz := coalesce(told_now, clock_timestamp());
    earlier json;
    subject uuid;
    due timestamptz;
    is_done boolean;
    made reminders;
    reply json;
    relayed json;
begin
    if exists (select from idempotency_keys as used where used.user_id = of_user and used.key = make_reminder.key) then
        return claim_idempotency_key(of_user, key, hash);
    end if;
    -- Locked against others who remind of it, too: they are counted.
    if about_task is not null then
        select id, due_at, status = 'completed' into subject, due, is_done
        from tasks where id = about_task and user_id = of_user for no key update;
    else
        perform from task_instances where id = about_instance and user_id = of_user for no key update;
        select series.task_id, instance.scheduled_for_utc, instance.status <> 'pending' into subject, due, is_done
        from task_instances as instance
        join recurring_tasks as series on series.id = instance.parent_task_id
        where instance.id = about_instance and instance.user_id = of_user;
    end if;
    if subject is null then
        return json_build_object('outcome', 'no_such_thing');
    elsif is_done then
        return json_build_object('outcome', 'done');
    elsif minutes is not null and due is null then
        return json_build_object('outcome', 'no_due_time');
    end if;
    wanted_at := coalesce(wanted_at, due - make_interval(mins => minutes));
    if wanted_at <= at_time then
        return json_build_object('outcome', 'past');
    end if;
    if (
        select count(*) from reminders
        where (task_id = about_task or task_instance_id = about_instance) and status = 'pending'
    ) >= at_most then
        return json_build_object('outcome', 'no_room');
    end if;
    earlier := claim_idempotency_key(of_user, key, hash);
    if earlier is not null then
        return earlier;
    end if;
    perform lock_reminders_of(of_user);
    insert into reminders (
        id, user_id, task_id, task_instance_id, subject_task_id, reminder_type, scheduled_for_utc, minutes_before)
    values (reminder_id, of_user, about_task, about_instance, subject, of_type, wanted_at, minutes)
    returning * into made;
    reply := reminder_document(made);
    relayed := record_events(of_user, request_id, jsonb_build_array(reminder_event('reminder.scheduled', made)));
    perform keep_reply(of_user, key, reply) where key is not null;
    return json_build_object('outcome', 'made', 'reply', reply, 'relay', relayed);
end
$$;

-- Locks what reminders are about, and then them: whatever changes one of these at the same time is over, or comes after.
create function lock_reminders(these uuid[]) returns void
    language plpgsql volatile
as $$
begin
    perform from tasks
    where id in (select task_id from reminders where id = any (these)) order by id for share;
    perform from task_instances
    where id in (select task_instance_id from reminders where id = any (these)) order by id for share;
    perform from event_sequences
    where user_id in (select user_id from reminders where id = any (these)) order by user_id for update;
    perform from reminders where id = any (these) order by id for update;
end
$$;

-- Calls a reminder off. {"outcome": "cancelled", "relay"}; "already" if it was; "sent" and "failed" can't be; null if there is none.
create function cancel_reminder(of_user uuid, request_id text, reminder_id uuid) returns json
    language plpgsql volatile
as $$
declare
    stopped reminders;
    found_status text;
begin
    if not exists (select from reminders where id = reminder_id and user_id = of_user) then
        return null;
    end if;
    perform lock_reminders(array[reminder_id]);
    update reminders set status = 'cancelled', cancel_reason = 'user'
    where id = reminder_id and user_id = of_user and status = 'pending'
    returning * into stopped;
    if stopped.id is not null then
        return json_build_object('outcome', 'cancelled', 'relay', record_events(of_user, request_id, jsonb_build_array(
            reminder_event('reminder.cancelled', stopped, '{"reason": "user"}')
        )));
    end if;
    select status into found_status from reminders where id = reminder_id and user_id = of_user;
    return case found_status
        when 'cancelled' then json_build_object('outcome', 'already')
        else json_build_object('outcome', found_status)
    end;
end
$$;

-- Has a reminder wait until another time, whether or not it was told already. {"outcome": "snoozed", "reply", "relay"}, or why not:
-- "cancelled", "done", "past"; null if there is none. `until`, or `minutes` from now.
create function snooze_reminder(
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
    elsif exists (select from tasks where id = snoozed.task_id and status = 'completed')
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
