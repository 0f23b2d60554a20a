-- Fills an empty, migrated database: `users` users, each with `tasks_each` tasks. The same every time.

create function bench.load(users integer, tasks_each integer, password_hash text) returns void
    language plpgsql volatile
as $$
begin
    perform setseed(0.42);

    insert into users (id, email, name, password_hash)
    select bench.user_id(number), format('user%s@bench.example', number), format('User %s', number), password_hash
    from generate_series(1, users) as number;

    insert into tags (user_id, name)
    select bench.user_id(number), name
    from generate_series(1, users) as number, unnest(bench.tag_names()) as name;

    -- Users take turns, so the tasks of one are spread over the whole table, as they are in life.
    insert into tasks (id, user_id, title, description, status, priority, due_at, completed_at, created_at, updated_at)
    select bench.task_id(number), bench.user_id(1 + number % users),
        bench.one_of(bench.verbs()) || ' ' || bench.one_of(bench.things(), 1.5)
            || case when luck < 0.3 then format(' (%s)', number) else '' end,
        case when luck > 0.4 then bench.one_of(bench.details()) || ' ' || bench.one_of(bench.details()) end,
        status,
        case when random() < 0.2 then 'High' when random() < 0.7 then 'Medium' else 'Low' end,
        case when random() < 0.6 then created_at + interval '30 days' * random() end,
        case when status = 'completed' then created_at + interval '5 days' end,
        created_at,
        created_at + case when status = 'pending' then interval '0' else interval '5 days' end
    from (
        select number, random() as luck,
            to_timestamp(1731000000 + number * 300::bigint) as created_at,
            case when random() < 0.5 then 'pending' when random() < 0.2 then 'in_progress' else 'completed' end as status
        from generate_series(1, users * tasks_each) as number
        offset 0
    ) as drawn;

    -- None to four tags each, the first names far more often than the last. A name drawn twice counts once.
    insert into task_tags (task_id, tag_id)
    select drawn.task_id, tags.id
    from (
        select id as task_id, user_id, bench.one_of(bench.tag_names(), 2) as name
        from (select id, user_id, floor(random() * 5)::integer as tag_count from tasks offset 0) as counted,
            generate_series(1, tag_count)
    ) as drawn
    join tags on tags.user_id = drawn.user_id and tags.name = drawn.name
    on conflict do nothing;
end
$$;
