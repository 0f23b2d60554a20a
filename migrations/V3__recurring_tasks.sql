-- Series and their occurrences.

create table recurring_tasks (
    id uuid primary key,
    task_id uuid not null references tasks on delete cascade,
    user_id uuid not null references users on delete cascade,
    series_id uuid not null,
    rrule text not null,
    timezone_iana text not null,
    starts_at timestamp not null,
    recurrence_end_type text not null default 'never',
    recurrence_max_count integer,
    recurrence_end_date timestamptz,
    status text not null default 'active',
    next_occurrence_at_utc timestamptz,
    current_instance_index integer not null default 0,
    total_occurrences_executed integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint recurring_tasks_are_one_per_task unique (task_id),
    constraint recurring_tasks_have_a_short_rule check (char_length(rrule) <= 512),
    constraint recurring_tasks_have_a_known_end_type check (recurrence_end_type in ('never', 'count', 'until')),
    constraint recurring_tasks_have_the_end_that_their_type_names check (
        (recurrence_end_type = 'count') = (recurrence_max_count is not null)
        and (recurrence_end_type = 'until') = (recurrence_end_date is not null)
    ),
    constraint recurring_tasks_have_a_known_status
        check (status in ('pending', 'active', 'paused', 'completed', 'cancelled')),
    constraint recurring_tasks_that_ended_have_no_next_occurrence
        check (status not in ('completed', 'cancelled') or next_occurrence_at_utc is null),
    constraint recurring_tasks_count_from_0
        check (current_instance_index >= 0 and total_occurrences_executed >= 0)
);
create index recurring_tasks_by_next_occurrence on recurring_tasks (status, next_occurrence_at_utc);
create index recurring_tasks_by_user on recurring_tasks (user_id, created_at, id);

create table task_instances (
    id uuid primary key,
    parent_task_id uuid not null references recurring_tasks on delete cascade,
    user_id uuid not null references users on delete cascade,
    title text not null,
    priority text not null,
    scheduled_for_utc timestamptz not null,
    status text not null default 'pending',
    completed_at timestamptz,
    error_message text,
    retry_count integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint task_instances_are_one_per_occurrence unique (parent_task_id, scheduled_for_utc),
    constraint task_instances_have_a_known_priority check (priority in ('High', 'Medium', 'Low')),
    constraint task_instances_have_a_known_status check (status in ('pending', 'completed', 'skipped', 'missed')),
    constraint completed_task_instances_have_a_completion_time
        check ((status = 'completed') = (completed_at is not null))
);
create index task_instances_by_user on task_instances (user_id, scheduled_for_utc);
create index task_instances_by_status on task_instances (parent_task_id, status);
