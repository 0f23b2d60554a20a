-- Tasks and tags, with the index behind every way of finding them.

-- unaccent() is only stable, because its dictionary could be replaced; ours is not, and an index needs immutable.
create function plain_words(input text) returns text
    language sql immutable parallel safe strict
    return public.unaccent('public.unaccent'::regdictionary, input);

create table tasks (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    title text not null,
    description text,
    status text not null default 'pending',
    priority text not null default 'Medium',
    priority_rank smallint not null generated always as
        (case priority when 'High' then 3 when 'Medium' then 2 else 1 end) stored,
    due_at timestamptz,
    completed_at timestamptz,
    series_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version bigint not null default 1,
    fts tsvector not null generated always as (
        setweight(to_tsvector('simple', plain_words(title)), 'A')
        || setweight(to_tsvector('simple', plain_words(coalesce(description, ''))), 'B')
    ) stored,
    constraint tasks_have_a_title_of_1_to_200_characters check (char_length(title) between 1 and 200),
    constraint tasks_have_a_description_of_at_most_10000_characters check (char_length(description) <= 10000),
    constraint tasks_have_a_known_status check (status in ('pending', 'in_progress', 'completed')),
    constraint tasks_have_a_known_priority check (priority in ('High', 'Medium', 'Low')),
    constraint completed_tasks_have_a_completion_time check ((status = 'completed') = (completed_at is not null))
);
create index tasks_by_creation on tasks (user_id, created_at, id);
create index tasks_by_update on tasks (user_id, updated_at, id);
create index tasks_by_due_time on tasks (user_id, due_at, id);
create index tasks_by_priority on tasks (user_id, priority_rank, id);
create index tasks_by_title on tasks (user_id, lower(title), id);
create index tasks_by_status on tasks (user_id, status, created_at, id);
create index tasks_by_words on tasks using gin (user_id, fts);

create table tags (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references users on delete cascade,
    name text not null,
    created_at timestamptz not null default now(),
    constraint tags_have_a_name_of_1_to_50_characters check (char_length(name) between 1 and 50)
);
create unique index tags_are_unique_per_user on tags (user_id, lower(name));

create table task_tags (
    task_id uuid not null references tasks on delete cascade,
    tag_id uuid not null references tags on delete cascade,
    primary key (task_id, tag_id)
);
create index task_tags_by_tag on task_tags (tag_id, task_id);
