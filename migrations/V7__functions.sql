-- What several statements of crates/store share. Each is called inside the one statement that makes a change.

create function utc_text(instant timestamptz) returns text
    language sql stable parallel safe strict
    return to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- The API's task. The planner inlines it, so it costs no call.
create function task_document(task tasks, tags json) returns json
    language sql stable parallel safe
    return json_build_object(
        'id', task.id,
        'title', task.title,
        'description', task.description,
        'status', task.status,
        'priority', task.priority,
        'tags', tags,
        'due_at', to_char(task.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'completed_at', to_char(task.completed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'series_id', task.series_id,
        'created_at', to_char(task.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'updated_at', to_char(task.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'version', task.version
    );

-- A task's tags in order, as they are now: being volatile, it sees what was committed while its statement waited for
-- the task's lock. A stable function, or a subquery, would still see the tags of before.
create function tag_names(of_task uuid) returns text[]
    language sql volatile
    return (
        select coalesce(array_agg(tags.name order by tags.name collate "C"), '{}')
        from task_tags
        join tags on tags.id = task_tags.tag_id
        where task_tags.task_id = of_task
    );

-- Makes a task's tags exactly `names` (null: leaves them) and returns them in order. Names come trimmed, lower-cased, once each.
create function set_task_tags(of_user uuid, of_task uuid, names text[]) returns json
    language plpgsql volatile
as $$
declare
    how_many integer;
begin
    if names is null then
        return to_json(tag_names(of_task));
    end if;
    delete from task_tags using tags
    where task_tags.task_id = of_task
        and tags.id = task_tags.tag_id
        and tags.name <> all (names);
    -- Again, if one of them was there and then gone, because somebody was just deleting or renaming it.
    for attempt in 1..3 loop
        exit when cardinality(names) = 0;
        insert into tags (user_id, name)
        select of_user, name from unnest(names) as name order by name
        on conflict (user_id, lower(name)) do nothing;
        -- Shared locks keep a tag from being deleted between finding it and tying it to the task.
        with found as (
            select tags.id from tags
            where tags.user_id = of_user and lower(tags.name) = any (names)
            order by tags.id
            for key share
        ),
        tied as (
            insert into task_tags (task_id, tag_id)
            select of_task, found.id from found
            on conflict do nothing
        )
        select count(*) into how_many from found;
        exit when how_many = cardinality(names);
    end loop;
    return to_json(tag_names(of_task));
end
$$;

-- The events of a user that wait to be published, in order, as CloudEvents' parts.
create function events_to_publish(of_user uuid, at_most integer) returns json
    language sql stable
    return (
        select coalesce(json_agg(json_build_object(
            'sequence', waiting.sequence, 'id', waiting.event_id, 'topic', waiting.topic, 'type', waiting.event_type,
            'subject', waiting.task_id, 'time', utc_text(waiting.created_at), 'data', waiting.data
        ) order by waiting.sequence), '[]')
        from (
            select * from outbox
            where user_id = of_user and published_at is null
            order by sequence
            limit at_most
        ) as waiting
    );

-- Writes events to the outbox: [{"task_id", "topic", "type", "data"}], in order. Returns what the caller is to
-- publish once the change has been answered ({"holder", "events"}), or null while another relays this user's events.
create function record_events(of_user uuid, request_id text, events jsonb) returns json
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

    insert into outbox (event_id, user_id, sequence, task_id, topic, event_type, data)
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
        ) || (made.event -> 'data')
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

-- Renames a tag (if the user has another of that name, the two become one) or, without a new name, deletes it. Its tasks
-- are changed too: their versions and their events say so. {"tag", "relay"}; the tag is null if there is none.
-- Each step sees what was committed while the one before waited for its locks, so that no task that was just tied is left out.
create function change_tag(of_user uuid, request_id text, of_tag uuid, new_name text) returns json
    language plpgsql volatile
as $$
declare
    reserved uuid;
    before tags;
    target uuid;
    retagged uuid[];
    relayed json;
begin
    -- Tasks, then the new name, then tags, each in the order of ids: so does everybody who ties one to the other.
    perform from tasks
    where user_id = of_user and id in (select task_id from task_tags where tag_id = of_tag)
    order by id
    for update;
    insert into tags (user_id, name)
    select of_user, new_name where new_name is not null
    on conflict (user_id, lower(name)) do nothing
    returning id into reserved;
    perform from tags
    where user_id = of_user and (id = of_tag or lower(name) = new_name)
    order by id
    for update;
    delete from tags where id = reserved;
    select * into before from tags where id = of_tag and user_id = of_user;
    if not found then
        return json_build_object('tag', null, 'relay', null);
    end if;

    retagged := array(select task_id from task_tags where tag_id = of_tag and before.name is distinct from new_name);
    select id into target from tags where user_id = of_user and lower(name) = new_name and id <> of_tag;
    if target is not null then
        insert into task_tags (task_id, tag_id)
        select task_id, target from unnest(retagged) as task_id
        on conflict do nothing;
    end if;
    if new_name is null or target is not null then
        delete from tags where id = of_tag;
    else
        update tags set name = new_name where id = of_tag;
    end if;

    with touched as (
        update tasks set updated_at = now(), version = version + 1
        where id = any (retagged) and user_id = of_user
        returning tasks as task
    )
    select record_events(of_user, request_id, coalesce(jsonb_agg(jsonb_build_object(
        'task_id', (task).id, 'topic', 'task-events', 'type', 'task.updated',
        'data', jsonb_build_object('task', task_document(task, to_json(tag_names((task).id))))
    ) order by (task).id), '[]'))
    into relayed from touched;
    return json_build_object(
        'tag', json_build_object(
            'id', coalesce(target, of_tag),
            'name', coalesce(new_name, before.name),
            'task_count', case
                when new_name is null then cardinality(retagged)
                else (select count(*) from task_tags where tag_id = coalesce(target, of_tag))
            end
        ),
        'relay', relayed
    );
end
$$;

-- Takes over the relay of a user's events; null when another has it, or there is nothing to publish.
create function claim_relay(of_user uuid) returns json
    language plpgsql volatile
as $$
declare
    waiting json;
begin
    update event_sequences set relay_by = pg_current_xact_id(), relay_until = clock_timestamp() + interval '10 seconds'
    where user_id = of_user and (relay_until is null or relay_until <= clock_timestamp());
    if not found then
        return null;
    end if;
    waiting := events_to_publish(of_user, 100);
    if json_array_length(waiting) = 0 then
        update event_sequences set relay_by = null, relay_until = null where user_id = of_user;
        return null;
    end if;
    return json_build_object('holder', pg_current_xact_id(), 'events', waiting);
end
$$;

-- Marks what was published and returns what came meanwhile; gives the relay up when there is nothing, or on `stop`.
-- It need not survive a crash: an event that is published again is told apart by its id.
create function confirm_relay(of_user uuid, holder xid8, published bigint[], stop boolean) returns json
    language plpgsql volatile
as $$
declare
    waiting json;
begin
    perform set_config('synchronous_commit', 'off', true);
    -- The lock first: whoever records an event now waits for it, or is seen below.
    perform from event_sequences where user_id = of_user for update;
    update outbox set published_at = now()
    where user_id = of_user and sequence = any (published) and published_at is null;
    if not stop then
        waiting := events_to_publish(of_user, 100);
        if json_array_length(waiting) > 0 then
            update event_sequences set relay_until = clock_timestamp() + interval '10 seconds'
            where user_id = of_user and relay_by = holder;
            if found then
                return json_build_object('holder', holder, 'events', waiting);
            end if;
            return null;
        end if;
    end if;
    update event_sequences set relay_by = null, relay_until = null where user_id = of_user and relay_by = holder;
    return null;
end
$$;

-- Claims an idempotency key. Null: the caller goes on, and leaves its reply by keep_reply. Else
-- {"outcome": "replayed", …the first reply} or {"outcome": "key_reused"}. Two at once: the second waits for the first.
create function claim_idempotency_key(of_user uuid, claimed text, hash bytea) returns json
    language plpgsql volatile
as $$
declare
    earlier idempotency_keys;
begin
    if claimed is null then
        return null;
    end if;
    insert into idempotency_keys (user_id, key, request_hash) values (of_user, claimed, hash)
    on conflict (user_id, key) do nothing;
    if found then
        return null;
    end if;
    select * into earlier from idempotency_keys where user_id = of_user and key = claimed;
    if earlier.request_hash = hash then
        return json_build_object('outcome', 'replayed', 'reply', earlier.reply);
    end if;
    return json_build_object('outcome', 'key_reused');
end
$$;

create function keep_reply(of_user uuid, claimed text, first_reply json) returns void
    language sql volatile
begin atomic
    update idempotency_keys set reply = first_reply where user_id = of_user and key = claimed;
end;
