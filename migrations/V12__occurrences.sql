-- Occurrences are made: what a consumer has seen of each task, which zone data a next occurrence comes from, and the one
-- function that makes what fell due.

alter table processed_event_logs
    -- Of events that tell a state: who consumed it, of which task it was, and its place among that task's events. What is
    -- older than the newest that was seen is no news. No reference: events of deleted tasks come, too.
    add column consumer text,
    add column task_id uuid,
    add column sequence bigint,
    add constraint processed_event_logs_know_all_of_their_place_or_nothing
        check (num_nulls(consumer, task_id, sequence) in (0, 3));
create index processed_event_logs_by_place on processed_event_logs (consumer, task_id, sequence)
    where sequence is not null;

alter table recurring_tasks
    -- The version of the zone data, such as 2026a, that next_occurrence_at_utc was last held against; empty: not yet.
    -- Versions sort by age.
    add column zone_data_version text not null default '';
create index recurring_tasks_by_zone_data on recurring_tasks (zone_data_version) where status = 'active';

-- Moves series on: makes what fell due of them, and puts the next occurrence in the place of the one that each waited for.
-- `plans`, made by crates/web-api/src/occurrences from rows that were read before:
--   [{"recurring_task_id", "user_id", "revision", "due_local", "due_at",            what was read: it must still be so
--     "occurrences": [{"id", "key", "at", "local", "fold", "missed"}],      what fell due, in order
--     "next_local", "next_at", "next_number"}]                              null: the series has come to its end
-- A series that somebody else is changing, or has changed since, is left as it is. No occurrences: only the instant of
-- the next one is corrected, which `recurring.scheduled` tells.
-- Returns {"advanced": [ids of recurring tasks], "made": how many rows, "relays": [{"user", "batch"}]}.
create function advance_series(request_id text, zone_data text, plans jsonb) returns json
    language plpgsql volatile
as $$
declare
    held uuid[];
    outcome jsonb;
    owner jsonb;
    relayed json;
    relays jsonb := '[]';
begin
    -- Nobody is waited for here: who waits while it holds others may wait in a circle.
    held := array(
        select series.id
        from jsonb_to_recordset(plans) as plan (
            recurring_task_id uuid, user_id uuid, revision bigint, due_local timestamp, due_at timestamptz)
        join recurring_tasks as series on series.id = plan.recurring_task_id and series.user_id = plan.user_id
        where series.status = 'active'
            and series.revision = plan.revision
            and series.next_occurrence_local = plan.due_local
            and series.next_occurrence_at_utc = plan.due_at
        order by series.id
        for update of series skip locked
    );

    with plan as materialized (
        select listed.*
        from jsonb_to_recordset(plans) as listed (
            recurring_task_id uuid, due_at timestamptz, occurrences jsonb,
            next_local timestamp, next_at timestamptz, next_number integer)
        where listed.recurring_task_id = any (held)
    ),
    due as materialized (
        select series.id as recurring_task_id, series.task_id, series.user_id, series.overlap, occurrence.*
        from plan
        join recurring_tasks as series on series.id = plan.recurring_task_id
        cross join jsonb_to_recordset(plan.occurrences) as occurrence (
            id uuid, key text, at timestamptz, local timestamp, fold smallint, missed boolean)
    ),
    claimed as (
        insert into processed_event_logs (event_id, idempotency_key, event_type, event_timestamp, result_id)
        select 'recurring-task-' || task_id, key, 'occurrence', at, id from due
        on conflict (idempotency_key) do nothing
        returning idempotency_key
    ),
    judged as (
        select due.*, case
            when missed then 'missed'
            when overlap = 'skip' and (
                row_number() over (partition by recurring_task_id, missed order by at) > 1
                or exists (select from task_instances where parent_task_id = recurring_task_id and status = 'pending')
            ) then 'skipped'
            else 'pending'
        end as status
        from due
        join claimed on claimed.idempotency_key = due.key
    ),
    made as (
        insert into task_instances (
            id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local, scheduled_for_fold, status)
        select judged.id, judged.recurring_task_id, judged.user_id, tasks.title, tasks.priority, at, local, fold, judged.status
        from judged
        join tasks on tasks.id = judged.task_id
        on conflict do nothing
        returning task_instances as instance
    ),
    advanced as (
        update recurring_tasks as series set
            next_occurrence_at_utc = plan.next_at,
            next_occurrence_local = plan.next_local,
            next_occurrence_number = plan.next_number,
            status = case when plan.next_at is null then 'completed' else series.status end,
            current_instance_index = current_instance_index
                + (select count(*) from made where (instance).parent_task_id = series.id),
            total_occurrences_executed = total_occurrences_executed
                + (select count(*) from made where (instance).parent_task_id = series.id and (instance).status = 'pending'),
            zone_data_version = greatest(zone_data, series.zone_data_version),
            updated_at = case when plan.occurrences = '[]' and plan.next_at = plan.due_at then updated_at else now() end
        from plan
        where series.id = plan.recurring_task_id
        returning series as series, plan.occurrences = '[]' and plan.next_at <> plan.due_at as is_corrected
    ),
    event as (
        select (series).user_id, (instance).scheduled_for_utc as at, jsonb_build_object(
            'task_id', (series).task_id, 'topic', 'task-updates', 'type', 'task.instance_created',
            'data', jsonb_build_object(
                'recurring_task_id', (series).id,
                'series_id', (series).series_id,
                'instance', task_instance_document(instance)
            )
        ) as body
        from made
        join advanced on (series).id = (instance).parent_task_id
        where (instance).status = 'pending'
        union all
        select (series).user_id, (series).next_occurrence_at_utc, recurring_scheduled_event(series)
        from advanced
        where is_corrected
    ),
    told as (
        select user_id, jsonb_agg(body order by at, body ->> 'task_id') as events from event group by user_id
    )
    select jsonb_build_object(
        'advanced', (select coalesce(jsonb_agg((series).id), '[]') from advanced),
        'made', (select count(*) from made),
        'told', (
            select coalesce(jsonb_agg(jsonb_build_object('user', user_id, 'events', events) order by user_id), '[]') from told
        )
    ) into outcome;

    -- In the order of users, as each of them is a lock.
    for owner in select value from jsonb_array_elements(outcome -> 'told') loop
        relayed := record_events((owner ->> 'user')::uuid, request_id, owner -> 'events');
        if relayed is not null then
            relays := relays || jsonb_build_array(jsonb_build_object('user', owner -> 'user', 'batch', relayed));
        end if;
    end loop;
    return json_build_object('advanced', outcome -> 'advanced', 'made', outcome -> 'made', 'relays', relays);
end
$$;
