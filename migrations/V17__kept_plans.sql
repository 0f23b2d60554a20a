-- What creating a task calls keeps its plans. Postgres reads and plans a function in SQL anew for each statement that calls it,
-- unless the planner inlines it, which it can't do with these: each has a subquery. In PL/pgSQL they are planned once a session.
-- Functions of indexes stay in SQL: maintenance calls them with a search path of its own, in which PL/pgSQL finds nothing of ours.

create or replace function events_to_publish(of_user uuid, at_most integer) returns json
    language plpgsql stable
as $$
begin
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
end
$$;

create or replace function tag_names(of_task uuid) returns text[]
    language plpgsql volatile
as $$
begin
    return (
        select coalesce(array_agg(tags.name order by tags.name collate "C"), '{}')
        from task_tags
        join tags on tags.id = task_tags.tag_id
        where task_tags.task_id = of_task
    );
end
$$;
