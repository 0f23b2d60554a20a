-- What was said in the chat.

create table conversations (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    title text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index conversations_by_user on conversations (user_id, updated_at, id);

create table messages (
    id uuid primary key,
    conversation_id uuid not null references conversations on delete cascade,
    user_id uuid not null references users on delete cascade,
    role text not null,
    content text not null,
    actions jsonb not null default '[]',
    created_at timestamptz not null default now(),
    constraint messages_have_a_known_role check (role in ('user', 'assistant', 'tool'))
);
create index messages_by_conversation on messages (conversation_id, created_at, id);
create index messages_by_user on messages (user_id);
