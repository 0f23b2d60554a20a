-- What is due to be told, and what was told.

create table reminders (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    task_id uuid references tasks on delete cascade,
    task_instance_id uuid references task_instances on delete cascade,
    reminder_type text not null default 'in_app',
    scheduled_for_utc timestamptz not null,
    status text not null default 'pending',
    sent_at timestamptz,
    error_message text,
    created_at timestamptz not null default now(),
    constraint reminders_are_about_a_task_or_an_instance check (num_nonnulls(task_id, task_instance_id) = 1),
    constraint reminders_have_a_known_status check (status in ('pending', 'sent', 'cancelled', 'failed')),
    constraint sent_reminders_have_a_time check ((status = 'sent') = (sent_at is not null))
);
create index reminders_by_time on reminders (status, scheduled_for_utc);
create index reminders_by_user on reminders (user_id, scheduled_for_utc, id);
create index reminders_by_task on reminders (task_id);
create index reminders_by_task_instance on reminders (task_instance_id);

create table notifications (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    task_id uuid references tasks on delete set null,
    reminder_id uuid references reminders on delete set null,
    title text not null,
    body text not null default '',
    status text not null default 'unread',
    delivered_at timestamptz,
    created_at timestamptz not null default now(),
    constraint notifications_have_a_known_status check (status in ('unread', 'read'))
);
create index notifications_by_user on notifications (user_id, status, created_at, id);
create index notifications_by_task on notifications (task_id);
create index notifications_by_reminder on notifications (reminder_id);
