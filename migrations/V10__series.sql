-- What a series needs to run: its policies, the occurrences taken out and put in, its next occurrence in full, and its
-- states. No version before this one has written a series.
--
-- Two write to a series: who owns it (rule, states: crates/store/src/series.rs) and what makes its occurrences (the next
-- one, the counts, the end: crates/store/src/occurrence.rs). Both compute the next occurrence outside of the database,
-- from a row they have read, and save it only where `revision` and `next_occurrence_local` are still those that they read.
-- Locks are taken in the order tasks, recurring_tasks, task_instances, event_sequences.

alter table recurring_tasks
    -- A local time that does not exist moves forward by the length of the gap, or is left out.
    add column gap text not null default 'shift',
    -- Of the occurrences that fell due while nothing ran, which get an instance; the others are recorded as missed.
    add column on_missed text not null default 'latest',
    -- Whether an occurrence gets an instance while the one before is pending.
    add column overlap text not null default 'create',
    -- Civil times in the series' zone, as starts_at is, in order, each once: occurrences of the rule that are left out
    -- (RFC 5545 §3.8.5.1), and such as the rule does not have (§3.8.5.2). Arrays and no table, because they are read and
    -- written as a whole, with the rule.
    add column exdates timestamp[] not null default '{}',
    add column rdates timestamp[] not null default '{}',
    -- The rule in words. Made with the rule, by the engine, so that documents need no engine.
    add column summary text not null default '',
    -- The next occurrence: the civil time that names it (a gap may move the instant, next_occurrence_at_utc, away from
    -- it) and its number, which counts from 1 as COUNT does. From these two the engine goes on in constant time.
    add column next_occurrence_local timestamp,
    add column next_occurrence_number integer,
    -- Grows with each change of what decides which occurrences there are and what becomes of them, by a trigger, so that
    -- nobody forgets. Going on to the next occurrence leaves it.
    add column revision bigint not null default 1,
    add constraint recurring_tasks_have_a_known_gap_policy check (gap in ('shift', 'skip')),
    add constraint recurring_tasks_have_a_known_policy_for_missed_ones check (on_missed in ('latest', 'all', 'skip')),
    add constraint recurring_tasks_have_a_known_overlap_policy check (overlap in ('create', 'skip')),
    add constraint recurring_tasks_have_at_most_500_dates_out_and_in
        check (cardinality(exdates) <= 500 and cardinality(rdates) <= 500),
    add constraint recurring_tasks_end_after_at_least_one_occurrence check (recurrence_max_count >= 1),
    add constraint recurring_tasks_know_all_of_their_next_occurrence_or_nothing
        check (num_nulls(next_occurrence_at_utc, next_occurrence_local, next_occurrence_number) in (0, 3)),
    -- 0: an added date before the first occurrence of the rule.
    add constraint recurring_tasks_number_occurrences_from_0 check (next_occurrence_number >= 0),
    -- An active series always has something to wait for; after the last occurrence it is completed, in the same statement.
    add constraint recurring_tasks_that_run_have_a_next_occurrence
        check (status <> 'active' or next_occurrence_at_utc is not null);

-- pending -> active <-> paused -> completed, and any of those -> cancelled; active -> completed at the last occurrence.
-- Nothing leaves completed or cancelled. (What is no state at all is refused by the check of V3.)
create function hold_series_to_its_states() returns trigger
    language plpgsql
as $$
begin
    if old.status in ('completed', 'cancelled')
        or (old.status = 'pending' and new.status in ('paused', 'completed'))
        or (old.status in ('active', 'paused') and new.status = 'pending')
    then
        raise exception 'a series that is % does not become %', old.status, new.status
            using errcode = 'check_violation', constraint = 'recurring_tasks_change_their_status_as_allowed';
    end if;
    return new;
end
$$;
create trigger recurring_tasks_change_their_status_as_allowed
    before update of status on recurring_tasks
    for each row when (old.status is distinct from new.status)
    execute function hold_series_to_its_states();

create function count_revision_of_series() returns trigger
    language plpgsql
as $$
begin
    new.revision := old.revision + 1;
    return new;
end
$$;
create trigger recurring_tasks_count_their_revisions
    before update of rrule, timezone_iana, starts_at, recurrence_end_type, recurrence_max_count, recurrence_end_date,
        status, gap, on_missed, overlap, exdates, rdates
    on recurring_tasks
    for each row when (
        (old.rrule, old.timezone_iana, old.starts_at, old.recurrence_end_type, old.recurrence_max_count,
            old.recurrence_end_date, old.status, old.gap, old.on_missed, old.overlap, old.exdates, old.rdates)
        is distinct from
        (new.rrule, new.timezone_iana, new.starts_at, new.recurrence_end_type, new.recurrence_max_count,
            new.recurrence_end_date, new.status, new.gap, new.on_missed, new.overlap, new.exdates, new.rdates)
    )
    execute function count_revision_of_series();

alter table task_instances
    -- The civil time that names the occurrence within its series, in the series' zone. It stays when the rules of a zone
    -- change and the instant moves: so an occurrence that was made is not made again. Whoever makes one whose civil time
    -- is taken (the series moved to a zone where that time is still to come) passes it over.
    add column scheduled_for_local timestamp not null,
    -- 1 for the second of two passages of a local time when clocks go back. Only rules that go by elapsed time (HOURLY,
    -- MINUTELY) occur at both; all others take the first, 0.
    add column scheduled_for_fold smallint not null default 0,
    add constraint task_instances_are_one_per_civil_time unique (parent_task_id, scheduled_for_local, scheduled_for_fold),
    add constraint task_instances_are_of_the_first_or_the_second_passage check (scheduled_for_fold in (0, 1));

create function civil_text(civil timestamp) returns text
    language sql immutable parallel safe strict
    return to_char(civil, 'YYYY-MM-DD"T"HH24:MI:SS');

-- The API's recurring task; `task` is the document of its template.
create function recurring_task_document(series recurring_tasks, task json) returns json
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
        'status', series.status,
        'next_occurrence_at', utc_text(series.next_occurrence_at_utc),
        'current_instance_index', series.current_instance_index,
        'total_occurrences_executed', series.total_occurrences_executed,
        'summary', series.summary,
        'created_at', utc_text(series.created_at),
        'updated_at', utc_text(series.updated_at),
        'task', task
    );

-- The API's instance of a recurring task.
create function task_instance_document(instance task_instances) returns json
    language sql stable parallel safe
    return json_build_object(
        'id', instance.id,
        'parent_task_id', instance.parent_task_id,
        'title', instance.title,
        'priority', instance.priority,
        'scheduled_for', utc_text(instance.scheduled_for_utc),
        'status', instance.status,
        'completed_at', utc_text(instance.completed_at),
        'created_at', utc_text(instance.created_at)
    );

-- What record_events takes to tell that a series waits for another occurrence than before, or for one again.
create function recurring_scheduled_event(series recurring_tasks) returns jsonb
    language sql stable parallel safe
    return jsonb_build_object(
        'task_id', series.task_id, 'topic', 'task-events', 'type', 'recurring.scheduled', 'data', jsonb_build_object(
            'recurring_task_id', series.id,
            'series_id', series.series_id,
            'revision', series.revision,
            'status', series.status,
            'rrule', series.rrule,
            'timezone_iana', series.timezone_iana,
            'next_occurrence_at', utc_text(series.next_occurrence_at_utc),
            'ends', jsonb_build_object(
                'type', series.recurrence_end_type,
                'max_count', series.recurrence_max_count,
                'end_date', utc_text(series.recurrence_end_date)
            )
        )
    );

-- Cancels the series of these tasks, as far as they run; returns the recurring.cancelled events, for record_events. The
-- caller holds the locks of the tasks.
create function cancel_series(of_user uuid, of_tasks uuid[]) returns jsonb
    language sql volatile
as $$
    with cancelled as (
        update recurring_tasks set
            status = 'cancelled',
            next_occurrence_at_utc = null,
            next_occurrence_local = null,
            next_occurrence_number = null,
            updated_at = now()
        where user_id = of_user and task_id = any (of_tasks) and status not in ('completed', 'cancelled')
        returning recurring_tasks as series
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'task_id', (series).task_id, 'topic', 'task-events', 'type', 'recurring.cancelled', 'data', jsonb_build_object(
            'recurring_task_id', (series).id,
            'series_id', (series).series_id,
            'revision', (series).revision
        )
    ) order by (series).task_id), '[]')
    from cancelled
$$;
