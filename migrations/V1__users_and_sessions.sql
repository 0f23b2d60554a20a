-- People, their sessions, and what protects the sign-in.

create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists btree_gin;

create table users (
    id uuid primary key,
    email text not null,
    name text,
    timezone text not null default 'UTC',
    password_hash text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint users_email_is_unique unique (email),
    constraint users_email_is_lower_case check (email = lower(email)),
    constraint users_name_is_at_most_100_characters check (char_length(name) <= 100)
);

-- A session is a chain of refresh tokens: each is spent by the one that follows it.
create table refresh_tokens (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    session_id uuid not null,
    token_hash bytea not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    spent_at timestamptz,
    constraint refresh_tokens_are_unique unique (token_hash),
    constraint refresh_tokens_are_stored_as_sha256 check (octet_length(token_hash) = 32)
);
create index refresh_tokens_by_session on refresh_tokens (user_id, session_id);
create index refresh_tokens_by_expiry on refresh_tokens (expires_at);

create table api_tokens (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    name text not null,
    token_hash bytea not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    expires_at timestamptz,
    constraint api_tokens_are_unique unique (token_hash),
    constraint api_tokens_are_stored_as_sha256 check (octet_length(token_hash) = 32),
    constraint api_tokens_have_a_name_of_1_to_100_characters check (char_length(name) between 1 and 100)
);
create index api_tokens_by_user on api_tokens (user_id, created_at);

-- Wrong passwords in a row, by the hash of the e-mail tried: also for e-mails that nobody has,
-- so that a limit does not tell whether an account exists.
create table login_failures (
    email_hash bytea primary key,
    failures integer not null,
    last_failure_at timestamptz not null,
    constraint login_failures_are_counted_from_1 check (failures >= 1)
);

-- One row: when the next password hash may start. Hashing is the one thing here that takes tens of
-- milliseconds of a core; spacing it out keeps a flood of logins from starving everything else.
create table password_hash_schedule (
    only_row boolean primary key default true,
    next_at timestamptz not null default '-infinity',
    constraint password_hash_schedule_has_one_row check (only_row)
);
insert into password_hash_schedule default values;
