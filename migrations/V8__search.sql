-- What a search for words means.

-- The words of a search as a query: all of them, each as it is or as the beginning of a word. Null when there are none
-- (an emoji, say). Each word is quoted, so nothing that is typed is an operator.
create function search_words(typed text) returns tsquery
    language sql stable parallel safe
    return (
        select to_tsquery('simple', string_agg(
            '''' || replace(replace(word, '\', '\\'), '''', '''''') || ''':*', ' & '
        ))
        from regexp_split_to_table(plain_words(lower(typed)), '\s+') as word
        where word ~ '[[:alnum:]]'
    );

create function contains_text(within text, typed text) returns boolean
    language sql immutable parallel safe
    return coalesce(position(lower(typed) in lower(within)) > 0, false);

-- The words of a search as they are compared with those of titles.
create function typed_words(typed text) returns text[]
    language sql stable parallel safe
    return array(
        select word from regexp_split_to_table(plain_words(lower(typed)), '\s+') as word where word ~ '[[:alnum:]]'
    );

-- How alike the worst of the typed words is to some word of the title: 0 to 1.
create function spelling_similarity(typed text[], title text) returns double precision
    language sql stable parallel safe
    return (
        select coalesce(min(word_similarity(word, plain_words(lower(title)))), 0)::float8 from unnest(typed) as word
    );
