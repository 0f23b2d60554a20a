-- Searches that cost what one user has, not what all have; turns to hash a password that are given back.

-- A user's word as the index has it. GIN collects all words with a beginning before it looks whose they are, so whose they
-- are is their beginning. Cut, as an index takes no more than 2 kB; what is found is compared with the whole words.
create function own_word(of_user uuid, word text) returns text
    language sql immutable parallel safe strict
    return encode(uuid_send(of_user), 'base64') || left(word, 200);

create function own_words(of_user uuid, words tsvector) returns tsvector
    language sql immutable parallel safe strict
    return array_to_tsvector(array(select own_word(of_user, word) from unnest(tsvector_to_array(words)) as word));

-- A user's tasks that search_words(typed) may find, and few others: all its words, wherever they stand.
create function own_search_words(of_user uuid, typed text) returns tsquery
    language sql stable parallel safe
    return (
        select string_agg(
            '''' || replace(replace(own_word(of_user, part), '\', '\\'), '''', '''''') || ''':*', ' & '
        )::tsquery
        from unnest(typed_words(typed)) as word, unnest(tsvector_to_array(to_tsvector('simple', word))) as part
    );

-- What is new waits in a list to be sorted in, which every search reads from end to end: short (256 kB, not the default's 4 MB),
-- or searches are slow after writes; but a list, as sorting each task in by itself would double the cost of making it.
create index tasks_by_own_words on tasks using gin (own_words(user_id, fts)) with (gin_pending_list_limit = 256);
drop index tasks_by_words;

-- Read only when a search finds nothing.
create index tasks_by_spelling on tasks using gin (user_id, plain_words(lower(title)) gin_trgm_ops)
    with (gin_pending_list_limit = 256);

-- The user's tasks whose titles have a word like each of the typed ones, and how alike the worst of these is. The index is
-- asked for the longest of them.
create function tasks_spelled_alike(of_user uuid, typed text[]) returns table (task_id uuid, similarity double precision)
    language plpgsql stable
    set pg_trgm.word_similarity_threshold = 0.4
as $$
declare
    longest text := (select word from unnest(typed) as word order by char_length(word) desc limit 1);
begin
    return query
        select titled.id, worst.similarity::float8
        from (
            select tasks.id, plain_words(lower(tasks.title)) as title from tasks
            where tasks.user_id = of_user and plain_words(lower(tasks.title)) %> longest
            offset 0
        ) as titled
        cross join lateral (
            select min(word_similarity(word, titled.title)) as similarity from unnest(typed) as word
        ) as worst
        where worst.similarity >= 0.4::real;
end
$$;

-- Who hashes a password or waits to: the first ones hash, in the order of tickets. A row is deleted after the hash; one that
-- somebody left behind who is no more counts until its time is over. A crash may forget it all.
create unlogged table password_hash_turns (
    ticket bigint primary key generated always as identity,
    expires_at timestamptz not null
);

-- Queues up: {"ticket", "ahead"}, where `ahead` is how many hashes must end before; null if `longest_queue` wait already.
create function enter_hash_queue(at_once integer, longest_queue integer, lease interval) returns json
    language plpgsql volatile
as $$
declare
    before_me integer;
    drawn bigint;
begin
    perform set_config('synchronous_commit', 'off', true);
    -- One at a time, so that tickets are seen in their order. Ends with this statement, so that no pool can keep it.
    perform pg_advisory_xact_lock(hashtext('password_hash_turns'));
    delete from password_hash_turns where expires_at <= clock_timestamp();
    select count(*) into before_me from password_hash_turns;
    if before_me >= at_once + longest_queue then
        return null;
    end if;
    insert into password_hash_turns (expires_at) values (clock_timestamp() + lease) returning ticket into drawn;
    return json_build_object('ticket', drawn, 'ahead', greatest(before_me - at_once + 1, 0));
end
$$;

-- Asks again, and stays in the queue for another lease: as enter_hash_queue; null if the lease had ended.
create function advance_in_hash_queue(mine bigint, at_once integer, lease interval) returns json
    language plpgsql volatile
as $$
declare
    before_me integer;
begin
    perform set_config('synchronous_commit', 'off', true);
    update password_hash_turns set expires_at = clock_timestamp() + lease
    where ticket = mine and expires_at > clock_timestamp();
    if not found then
        return null;
    end if;
    select count(*) into before_me from password_hash_turns where ticket < mine and expires_at > clock_timestamp();
    return json_build_object('ticket', mine, 'ahead', greatest(before_me - at_once + 1, 0));
end
$$;

drop function reserve_password_hash;
drop table password_hash_schedule;
