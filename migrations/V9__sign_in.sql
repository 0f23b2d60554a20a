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

create function user_document(person users) returns json
    language sql stable parallel safe
    return json_build_object(
        'id', person.id,
        'email', person.email,
        'name', person.name,
        'timezone', person.timezone,
        'created_at', to_char(person.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    );
