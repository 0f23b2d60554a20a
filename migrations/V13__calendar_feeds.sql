-- Private addresses of calendars: whoever knows one reads its owner's tasks, without other credentials. So only what it
-- hashes to is kept, as of personal API tokens.

create table calendar_feeds (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    token_hash bytea not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    constraint calendar_feeds_are_unique unique (token_hash),
    constraint calendar_feeds_are_stored_as_sha256 check (octet_length(token_hash) = 32)
);
create index calendar_feeds_by_user on calendar_feeds (user_id, created_at);
