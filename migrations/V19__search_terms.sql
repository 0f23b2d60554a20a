-- What a search asks for is worked out in one go, by a function that keeps its plans: three in SQL were read and planned anew for
-- each search (V17), and each took the text apart for itself. Those go with the next release.

-- The words of what was typed, as a query of all of them as they are or as the beginnings of words, and as a query of the user's own
-- words (own_words); both null when there are no words (an emoji, say). Each word is quoted, so nothing that is typed is an operator.
create function search_terms(of_user uuid, typed text, out words text[], out query tsquery, out own tsquery)
    language plpgsql stable
as $$
begin
    words := array(
        select word from regexp_split_to_table(plain_words(lower(typed)), '\s+') as word where word ~ '[[:alnum:]]'
    );
    query := to_tsquery('simple', (select string_agg(as_beginning(word), ' & ') from unnest(words) as word));
    own := (
        select string_agg(as_beginning(own_word(of_user, part)), ' & ')::tsquery
        from unnest(words) as word, unnest(tsvector_to_array(to_tsvector('simple', word))) as part
    );
end
$$;

-- A word as tsquery reads it: taken as it stands, and found at the beginning of longer ones.
create function as_beginning(word text) returns text
    language sql immutable parallel safe strict
    return '''' || replace(replace(word, '\', '\\'), '''', '''''') || ''':*';
