-- Events out (outbox), events in (processed_event_logs), and requests that may be repeated (idempotency_keys).

-- One row per user. Every change of a user's things bumps `last_sequence` in its own statement, so the row
-- is the lock that makes the order of sequences the order of commits: a reader that asks for what comes
-- after N misses nothing. The same row says who relays the user's events at the moment (relay_by, a
-- transaction id, until relay_until), which keeps the events of a task in their order on the topic.
create table event_sequences (
    user_id uuid primary key references users on delete cascade,
    last_sequence bigint not null default 0,
    relay_by xid8,
    relay_until timestamptz,
    constraint event_sequences_are_relayed_by_someone_until_some_time
        check ((relay_by is null) = (relay_until is null))
) with (fillfactor = 50);

create table outbox (
    id bigint generated always as identity primary key,
    event_id uuid not null default gen_random_uuid(),
    user_id uuid not null references users on delete cascade,
    sequence bigint not null,
    task_id uuid not null,
    topic text not null,
    event_type text not null,
    data jsonb not null,
    created_at timestamptz not null default now(),
    published_at timestamptz,
    constraint outbox_events_are_unique unique (event_id),
    constraint outbox_sequences_are_unique_per_user unique (user_id, sequence),
    constraint outbox_events_go_to_a_known_topic check (topic in ('task-events', 'task-updates', 'reminders'))
);
create index outbox_to_publish on outbox (user_id, sequence) where published_at is null;
create index outbox_published on outbox (published_at) where published_at is not null;

create table processed_event_logs (
    id uuid primary key default gen_random_uuid(),
    event_id text not null,
    idempotency_key text not null,
    event_type text not null,
    status text not null default 'processed',
    result_id text,
    error_message text,
    event_timestamp timestamptz,
    processed_at timestamptz not null default now(),
    expires_at timestamptz not null default now() + interval '30 days',
    constraint processed_event_logs_are_one_per_idempotency_key unique (idempotency_key),
    constraint processed_event_logs_have_a_known_status check (status in ('processing', 'processed', 'failed'))
);
create index processed_event_logs_by_event on processed_event_logs (event_id);
create index processed_event_logs_by_expiry on processed_event_logs (expires_at);

create table idempotency_keys (
    user_id uuid not null references users on delete cascade,
    key text not null,
    request_hash bytea not null,
    reply json,
    created_at timestamptz not null default now(),
    primary key (user_id, key),
    constraint idempotency_keys_are_1_to_255_characters check (char_length(key) between 1 and 255)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
