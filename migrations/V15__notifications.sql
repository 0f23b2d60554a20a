-- Notifications and the ways to a person: in the page always, by the channels that the person chose, but for quiet hours.

alter table notifications
    -- What was told: the reminder in the state that it then had. It is told once, whatever is repeated.
    add column reminder_revision bigint,
    add column task_instance_id uuid references task_instances on delete set null,
    -- What it is about is due then.
    add column due_at timestamptz,
    -- The time that the reminder was set to, and whether it could not be told then.
    add column scheduled_for timestamptz,
    add column is_late boolean not null default false,
    add column read_at timestamptz,
    add constraint notifications_are_one_per_reminder_and_revision unique (reminder_id, reminder_revision),
    add constraint read_notifications_have_a_time check ((status = 'read') = (read_at is not null));
create index notifications_by_task_instance on notifications (task_instance_id);
create index notifications_by_age on notifications (user_id, created_at, id);

alter table reminders
    -- The revision that somebody was told of. Of one that was marked as sent and is of another, nobody was, yet.
    add column told_revision bigint;
create index reminders_untold on reminders (sent_at) where status = 'sent' and told_revision is distinct from revision;

-- A row from the first choice on; none: as the defaults say.
create table notification_settings (
    user_id uuid primary key references users on delete cascade,
    web_push boolean not null default false,
    webhook boolean not null default false,
    email boolean not null default false,
    -- Times of day in the user's zone, between which no channel but the page is used; across midnight if the first is later.
    quiet_from time,
    quiet_until time,
    updated_at timestamptz not null default now(),
    constraint quiet_hours_begin_and_end check ((quiet_from is null) = (quiet_until is null)),
    constraint quiet_hours_do_not_last_all_day check (quiet_from <> quiet_until)
);

-- A browser on a device, as it subscribed to its push service (https://www.w3.org/TR/push-api/).
create table push_subscriptions (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    endpoint text not null,
    -- The keys of RFC 8291, base64url: the browser's public key and the shared secret.
    p256dh text not null,
    auth text not null,
    -- What the user calls the device by.
    device text,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    constraint push_subscriptions_are_one_per_endpoint unique (endpoint),
    constraint push_subscriptions_have_an_endpoint_of_at_most_2000_characters check (char_length(endpoint) between 1 and 2000),
    constraint push_subscriptions_have_a_device_of_at_most_100_characters check (char_length(device) <= 100)
);
create index push_subscriptions_by_user on push_subscriptions (user_id, created_at, id);

create table webhooks (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    url text not null,
    -- Signs what is sent. Shown once; kept, for it is needed each time.
    secret text not null,
    created_at timestamptz not null default now(),
    constraint webhooks_are_one_per_user unique (user_id),
    constraint webhooks_have_an_address_of_at_most_2000_characters check (char_length(url) between 1 and 2000)
);

-- A notification on its way to one device or address.
create table notification_deliveries (
    id uuid primary key default gen_random_uuid(),
    notification_id uuid not null references notifications on delete cascade,
    user_id uuid not null references users on delete cascade,
    channel text not null,
    -- Null once the device is gone.
    push_subscription_id uuid references push_subscriptions on delete set null,
    status text not null default 'pending',
    attempts integer not null default 0,
    -- Not before: the time of the reminder, the end of quiet hours, the back-off, or the lease of whoever is sending it.
    next_attempt_at timestamptz not null default now(),
    last_error text,
    sent_at timestamptz,
    created_at timestamptz not null default now(),
    constraint notification_deliveries_have_a_known_channel check (channel in ('web_push', 'webhook', 'email')),
    constraint notification_deliveries_have_a_known_status check (status in ('pending', 'sent', 'failed', 'cancelled')),
    constraint notification_deliveries_to_a_device_are_by_web_push check (push_subscription_id is null or channel = 'web_push'),
    constraint sent_notification_deliveries_have_a_time check ((status = 'sent') = (sent_at is not null)),
    constraint notification_deliveries_count_attempts_from_0 check (attempts >= 0)
);
create unique index notification_deliveries_are_one_per_channel_and_device
    on notification_deliveries (notification_id, channel, push_subscription_id) nulls not distinct
    where channel <> 'web_push' or push_subscription_id is not null;
create index notification_deliveries_by_next_attempt on notification_deliveries (next_attempt_at) where status = 'pending';
create index notification_deliveries_by_notification on notification_deliveries (notification_id);
create index notification_deliveries_by_user on notification_deliveries (user_id);
create index notification_deliveries_by_push_subscription on notification_deliveries (push_subscription_id);

-- The API's push subscription, without its keys. By the endpoint a browser knows its own.
create function push_subscription_document(subscription push_subscriptions) returns json
    language sql stable parallel safe
    return json_build_object(
        'id', subscription.id,
        'endpoint', subscription.endpoint,
        'device', subscription.device,
        'created_at', utc_text(subscription.created_at),
        'last_used_at', utc_text(subscription.last_used_at)
    );

-- The API's notification.
create function notification_document(notification notifications) returns json
    language sql stable parallel safe
    return json_build_object(
        'id', notification.id,
        'task_id', notification.task_id,
        'task_instance_id', notification.task_instance_id,
        'reminder_id', notification.reminder_id,
        'title', notification.title,
        'body', notification.body,
        'status', notification.status,
        'due_at', utc_text(notification.due_at),
        'is_late', notification.is_late,
        'delivered_at', utc_text(notification.delivered_at),
        'read_at', utc_text(notification.read_at),
        'created_at', utc_text(notification.created_at),
        'deliveries', (
            select coalesce(json_agg(json_build_object(
                'channel', channel, 'status', delivery.status, 'attempts', attempts, 'last_error', last_error,
                'sent_at', utc_text(sent_at)
            ) order by channel, delivery.created_at, delivery.id), '[]')
            from notification_deliveries as delivery
            where delivery.notification_id = notification.id
        )
    );

-- Events without a topic are for the stream alone: nobody publishes them.
alter table outbox
    alter column topic drop not null,
    add constraint outbox_events_without_a_topic_count_as_published check (topic is not null or published_at is not null);

-- Writes events to the outbox: [{"task_id", "topic", "type", "data"}], in order; one without a topic is for the stream alone.
-- Returns what the caller is to publish once the change has been answered ({"holder", "events"}), or null while another
-- relays this user's events.
create or replace function record_events(of_user uuid, request_id text, events jsonb) returns json
    language plpgsql volatile
as $$
declare
    bumped event_sequences;
    how_many integer := jsonb_array_length(events);
begin
    if how_many = 0 then
        return null;
    end if;
    insert into event_sequences as s (user_id, last_sequence, relay_by, relay_until)
    values (of_user, how_many, pg_current_xact_id(), clock_timestamp() + interval '10 seconds')
    on conflict (user_id) do update set
        last_sequence = s.last_sequence + how_many,
        relay_by = case when s.relay_until > clock_timestamp() then s.relay_by else excluded.relay_by end,
        relay_until = case when s.relay_until > clock_timestamp() then s.relay_until else excluded.relay_until end
    returning * into bumped;

    insert into outbox (event_id, user_id, sequence, task_id, topic, event_type, data, published_at)
    select made.event_id, of_user, made.sequence, (made.event ->> 'task_id')::uuid, made.event ->> 'topic', made.event ->> 'type',
        jsonb_build_object(
            'event_id', made.event_id,
            'event_type', made.event ->> 'type',
            'event_version', 1,
            'user_id', of_user,
            'task_id', made.event ->> 'task_id',
            'occurred_at', utc_text(now()),
            'request_id', request_id,
            'sequence', made.sequence
        ) || (made.event -> 'data'),
        case when made.event ->> 'topic' is null then now() end
    from (
        select gen_random_uuid() as event_id, bumped.last_sequence - how_many + position as sequence, event
        from jsonb_array_elements(events) with ordinality as listed (event, position)
    ) as made
    order by made.sequence;

    if bumped.relay_by = pg_current_xact_id() then
        return json_build_object('holder', bumped.relay_by, 'events', events_to_publish(of_user, 100));
    end if;
    return null;
end
$$;

-- The zone of that name; UTC, if this database's edition of the zone data has none. Better to be told in UTC than not at all.
create function known_zone(zone text) returns text
    language plpgsql stable
as $$
begin
    perform now() at time zone zone;
    return zone;
exception when invalid_parameter_value then
    return 'UTC';
end
$$;

-- When a person may be disturbed next, from `at_time` on: then, or when the clocks first show the end of the quiet hours
-- that it falls into. An end that the clocks skip comes when it would have come without that.
create function end_of_quiet_hours(at_time timestamptz, zone text, quiet_from time, quiet_until time) returns timestamptz
    language plpgsql stable
as $$
declare
    here timestamp := at_time at time zone zone;
    clock_shows time := here::time;
    until_here timestamp;
    by_these_clocks timestamptz;
begin
    if quiet_from is null
        or (quiet_from < quiet_until and (clock_shows < quiet_from or clock_shows >= quiet_until))
        or (quiet_from > quiet_until and clock_shows < quiet_from and clock_shows >= quiet_until)
    then
        return at_time;
    end if;
    until_here := here::date + quiet_until + case when clock_shows >= quiet_until then interval '1 day' else interval '0' end;
    by_these_clocks := at_time + (until_here - here);
    if by_these_clocks at time zone zone = until_here then
        return by_these_clocks;
    end if;
    return greatest(at_time, until_here at time zone zone);
end
$$;

-- What a reminder is about, as it stands now, and why it is not to be told, if that is so: in the words of a cancellation.
create function subject_of_reminder(reminder reminders, out title text, out due_at timestamptz, out not_told text)
    language sql stable
as $$
    select
        coalesce(task_instances.title, tasks.title),
        coalesce(task_instances.scheduled_for_utc, reminder.occurrence_at, tasks.due_at),
        case
            when tasks.status = 'completed' or task_instances.status <> 'pending' then 'done'
            -- The next occurrence of a series, which has been moved, or is no longer to come or to be reminded of.
            when tasks.id is not null and reminder.recurring_task_id is not null and not exists (
                select from recurring_tasks as series
                where series.id = reminder.recurring_task_id
                    and series.status = 'active'
                    and series.reminder_minutes_before is not null
                    and series.next_occurrence_at_utc = reminder.occurrence_at
            ) then 'rescheduled'
            when reminder.minutes_before is not null and coalesce(task_instances.scheduled_for_utc, reminder.occurrence_at, tasks.due_at) is null
            then 'no_due_time'
        end
    from (select) as one
    left join tasks on tasks.id = reminder.task_id
    left join task_instances on task_instances.id = reminder.task_instance_id
$$;

-- What backend says of a reminder before somebody is told of it: {"title", "is_instance", "due_at"}, and `due` and `scheduled_for`
-- as the clocks in `zone`, the user's, show them. Null if nobody is to be told of it (any more).
create function reminder_to_tell(of_user uuid, of_reminder uuid, of_revision bigint) returns json
    language sql stable
    return (
        select json_build_object(
            'title', subject.title,
            'is_instance', reminders.recurring_task_id is not null or reminders.task_instance_id is not null,
            'due_at', utc_text(subject.due_at),
            'due', civil_text(subject.due_at at time zone zone),
            'scheduled_for', civil_text(reminders.scheduled_for_utc at time zone zone),
            'zone', zone
        )
        from reminders
        join users on users.id = reminders.user_id
        cross join known_zone(users.timezone) as zone
        cross join subject_of_reminder(reminders) as subject
        where reminders.id = of_reminder and reminders.user_id = of_user and reminders.revision = of_revision
            and reminders.status = 'sent'
            and subject.not_told is null
    );

-- Puts a notification on its way to each channel that its user chose, from `at_time` on, or the end of quiet hours.
create function send_notification(notification notifications, at_time timestamptz) returns void
    language plpgsql volatile
as $$
declare
    channels notification_settings;
    disturb_at timestamptz;
begin
    select * into channels from notification_settings where user_id = notification.user_id;
    if channels.user_id is null then
        return;
    end if;
    select end_of_quiet_hours(at_time, known_zone(timezone), channels.quiet_from, channels.quiet_until) into disturb_at
    from users where id = notification.user_id;
    insert into notification_deliveries (notification_id, user_id, channel, push_subscription_id, next_attempt_at)
    -- Locked, so that none is chosen that is just being taken away.
    select notification.id, notification.user_id, 'web_push', device.id, disturb_at
    from (
        select id from push_subscriptions
        where user_id = notification.user_id and channels.web_push
        order by id
        for key share
    ) as device
    union all
    select notification.id, notification.user_id, 'webhook', null, disturb_at
    from webhooks where user_id = notification.user_id and channels.webhook
    union all
    select notification.id, notification.user_id, 'email', null, disturb_at where channels.email;
end
$$;

-- Tells a person of a reminder that is due: the notification, its way to each channel, and the stream, at once, with the event's
-- claim. `telling` is what is to be said, {"id", "title", "body", "due_at", "is_late"}, composed of what reminder_to_tell said, or
-- null where that said nothing. If things stand otherwise by now, nothing is done but that said: "changed". Nobody is told of what
-- is done, gone, called off or has moved: the reminder is then cancelled, if it had been marked as sent. {"outcome": "delivered",
-- "has_deliveries"}, "suppressed", "repeated" or "changed"; the first two with a "relay" perhaps.
create function deliver_notification(
    consumer text, event_id text, event_type text, occurred_at timestamptz, request_id text,
    of_user uuid, of_reminder uuid, of_revision bigint, telling jsonb, told_now timestamptz
) returns json
    language plpgsql volatile
as $$
declare
    at_time timestamptz := coalesce(told_now, clock_timestamp());
    told reminders;
    subject record;
    made notifications;
    relayed json;
begin
    perform lock_reminders(array[of_reminder]);
    select * into told from reminders
    where id = of_reminder and user_id = of_user and status = 'sent' and revision = of_revision;
    select * into subject from subject_of_reminder(told);
    if told.id is not null and subject.not_told is null and (
        telling is null
        or telling ->> 'title' <> subject.title
        or (telling ->> 'due_at')::timestamptz is distinct from subject.due_at
    ) then
        return json_build_object('outcome', 'changed');
    end if;
    insert into processed_event_logs (event_id, idempotency_key, event_type, event_timestamp, result_id)
    values (deliver_notification.event_id, consumer || ':' || deliver_notification.event_id, deliver_notification.event_type,
        occurred_at, case when told.id is not null and subject.not_told is null then telling ->> 'id' end)
    on conflict (idempotency_key) do nothing;
    if not found or exists (select from notifications where reminder_id = told.id and reminder_revision = told.revision) then
        return json_build_object('outcome', 'repeated');
    end if;
    if told.id is null then
        return json_build_object('outcome', 'suppressed');
    end if;
    if subject.not_told is not null then
        update reminders set status = 'cancelled', cancel_reason = subject.not_told, sent_at = null
        where id = told.id
        returning * into told;
        return json_build_object('outcome', 'suppressed', 'relay', record_events(of_user, request_id, jsonb_build_array(
            reminder_event('reminder.cancelled', told, jsonb_build_object('reason', subject.not_told))
        )));
    end if;

    insert into notifications (
        id, user_id, task_id, task_instance_id, reminder_id, reminder_revision, title, body, due_at, scheduled_for, is_late,
        delivered_at)
    values (
        (telling ->> 'id')::uuid, of_user, told.subject_task_id, told.task_instance_id, told.id, told.revision,
        telling ->> 'title', telling ->> 'body', subject.due_at, told.scheduled_for_utc, (telling ->> 'is_late')::boolean, at_time)
    returning * into made;
    update reminders set told_revision = revision where id = told.id;
    perform send_notification(made, at_time);
    relayed := record_events(of_user, request_id, jsonb_build_array(jsonb_build_object(
        'task_id', told.subject_task_id, 'topic', null, 'type', 'notification.created',
        'data', jsonb_build_object('notification', notification_document(made))
    )));
    return json_build_object(
        'outcome', 'delivered',
        'has_deliveries', exists (select from notification_deliveries where notification_id = made.id),
        'relay', relayed
    );
end
$$;

-- Tells a person that a series' next occurrence comes at another instant than was thought: newer zone data say so, and the civil
-- time stays.
create function tell_of_moved_occurrence() returns trigger
    language plpgsql
as $$
declare
    made notifications;
begin
    perform lock_reminders_of(new.user_id);
    insert into notifications (id, user_id, task_id, title, body, due_at, delivered_at)
    select gen_random_uuid(), new.user_id, new.task_id, tasks.title,
        format(
            'The clocks of %s are set otherwise than was known. The next one is at %s there, as before: that is %s UTC instead of %s UTC.',
            new.timezone_iana, to_char(new.next_occurrence_local, 'Dy FMDD Mon, HH24:MI'),
            to_char(new.next_occurrence_at_utc at time zone 'UTC', 'Dy FMDD Mon, HH24:MI'),
            to_char(old.next_occurrence_at_utc at time zone 'UTC', 'Dy FMDD Mon, HH24:MI')
        ),
        new.next_occurrence_at_utc, clock_timestamp()
    from tasks where tasks.id = new.task_id
    returning * into made;
    perform send_notification(made, clock_timestamp());
    perform record_events(new.user_id, null, jsonb_build_array(jsonb_build_object(
        'task_id', new.task_id, 'topic', null, 'type', 'notification.created',
        'data', jsonb_build_object('notification', notification_document(made))
    )));
    return null;
end
$$;
-- Whoever changes a series themselves makes a new revision of it; going on to the next occurrence changes the civil time.
create trigger recurring_tasks_tell_of_an_occurrence_that_newer_zone_data_move
    after update of zone_data_version on recurring_tasks
    for each row when (
        new.status = 'active'
        and new.zone_data_version > old.zone_data_version
        and new.revision = old.revision
        and new.next_occurrence_local = old.next_occurrence_local
        and new.next_occurrence_at_utc <> old.next_occurrence_at_utc
    )
    execute function tell_of_moved_occurrence();

-- Keeps what a browser subscribed with. It has one subscription: one of the same endpoint gives way, whosever it was, and what was
-- on its way to somebody else there is not sent. {"outcome": "made" | "replaced", "reply"}, or "no_room" beyond `at_most`.
create function subscribe_device(
    of_user uuid, new_id uuid, of_endpoint text, of_p256dh text, of_auth text, of_device text, at_most integer
) returns json
    language plpgsql volatile
as $$
declare
    kept push_subscriptions;
    is_new boolean := false;
begin
    -- One at a time for each user, so that the count holds.
    perform from users where id = of_user for no key update;
    -- Again, if somebody else subscribes with the same endpoint at the same moment.
    for attempt in 1..3 loop
        delete from push_subscriptions where endpoint = of_endpoint and user_id <> of_user;
        update push_subscriptions set p256dh = of_p256dh, auth = of_auth, device = of_device
        where endpoint = of_endpoint and user_id = of_user
        returning * into kept;
        exit when found;
        if (select count(*) from push_subscriptions where user_id = of_user) >= at_most then
            return json_build_object('outcome', 'no_room');
        end if;
        insert into push_subscriptions (id, user_id, endpoint, p256dh, auth, device)
        values (new_id, of_user, of_endpoint, of_p256dh, of_auth, of_device)
        on conflict (endpoint) do nothing
        returning * into kept;
        is_new := found;
        exit when found;
    end loop;
    return json_build_object('outcome', case when is_new then 'made' else 'replaced' end, 'reply', push_subscription_document(kept));
end
$$;
