-- What keeps signing in from being guessed at, or from starving everything else.

-- Reserves a turn to hash a password: the seconds to wait for it, or null if it would be longer than `longest_wait`.
create function reserve_password_hash(spacing interval, longest_wait interval) returns double precision
    language plpgsql volatile
as $$
declare
    turn timestamptz;
begin
    -- A turn that a crash forgets does no harm.
    perform set_config('synchronous_commit', 'off', true);
    update password_hash_schedule set next_at = greatest(next_at, clock_timestamp()) + spacing
    where next_at < clock_timestamp() + longest_wait
    returning next_at - spacing into turn;
    return greatest(extract(epoch from turn - clock_timestamp())::float8, case when found then 0 end);
end
$$;

-- For how many more seconds nobody may try this e-mail: from the tenth wrong password in a row 30 seconds, then
-- twice as long each time, at most 15 minutes. Null: no limit.
create function login_blocked_seconds(hash bytea) returns double precision
    language sql stable
    return (
        select nullif(greatest(extract(epoch from
            last_failure_at + least(interval '30 seconds' * power(2, least(failures, 20) - 10), interval '15 minutes')
            - clock_timestamp()
        )::float8, 0), 0)
        from login_failures
        where email_hash = hash and failures >= 10
    );

-- Ends a session; returns how many tokens it had. A token that is being refreshed is waited for, and the one that it is
-- spent for is seen on the next turn: when nothing is left to delete, nothing is on its way either.
create function end_session(of_user uuid, ended uuid) returns bigint
    language plpgsql volatile
as $$
declare
    tokens bigint;
    in_all bigint := 0;
begin
    loop
        delete from refresh_tokens where user_id = of_user and session_id = ended;
        get diagnostics tokens = row_count;
        exit when tokens = 0;
        in_all := in_all + tokens;
    end loop;
    return in_all;
end
$$;

-- Ends all sessions of a user but `kept` (null: all), each as end_session does.
create function end_other_sessions(of_user uuid, kept uuid) returns bigint
    language sql volatile
    return (
        select coalesce(sum(end_session(of_user, others.session_id)), 0)
        from (
            select distinct session_id from refresh_tokens
            where user_id = of_user and session_id is distinct from kept
        ) as others
    );

create function user_document(person users) returns json
    language sql stable parallel safe
    return json_build_object(
        'id', person.id,
        'email', person.email,
        'name', person.name,
        'timezone', person.timezone,
        'created_at', to_char(person.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    );
