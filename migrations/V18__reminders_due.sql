-- Reminders fall due: see V14 for the order of locks.

-- Marks reminders that are due: sent (`reminder.due` tells it), cancelled if what they are about is done by now, failed if they
-- are older than `grace`. `named` (may be null) first, and whatever else is due, unless another call sees to that already.
-- {"fired": how many, "is_full": whether there may be more, "waits": the wakeup of `named` if its time is still to come,
-- "relays": [{"user", "batch"}]}
create function fire_reminders(
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
            when tasks.status = 'completed' or task_instances.status <> 'pending' then 'cancelled'
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
