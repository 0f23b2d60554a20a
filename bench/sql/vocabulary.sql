-- What the data set is made of, by number: the loader, the load and pgbench all name the same users, tasks and words.

create schema bench;
grant usage on schema bench to public;

create function bench.user_id(number integer) returns uuid
    language sql immutable parallel safe
    return ('01930000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid;

-- As a UUIDv7 of its time: one task each five minutes, so that a thousand users' worth of ids is not in one page.
create function bench.task_id(number integer) returns uuid
    language sql immutable parallel safe
    return (regexp_replace(lpad(to_hex(1731000000000 + number * 300000::bigint), 12, '0'), '(.{8})(.{4})', '\1-\2')
        || '-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid;

create function bench.verbs() returns text[]
    language sql immutable parallel safe
    return array['Pay', 'Call', 'Review', 'Write', 'Book', 'Plan', 'Fix', 'Order', 'Send', 'Clean', 'Renew', 'Prepare',
        'Update', 'Check', 'Discuss', 'Collect', 'Cancel', 'Print', 'Measure', 'Translate'];

create function bench.things() returns text[]
    language sql immutable parallel safe
    return array['invoice', 'insurance', 'dentist', 'quarterly report', 'flight', 'birthday dinner', 'leaking tap',
        'printer paper', 'newsletter', 'garage', 'passport', 'presentation', 'website', 'backup', 'contract', 'parcel',
        'subscription', 'photos', 'kitchen wall', 'manual', 'budget', 'bicycle', 'tax return', 'interview',
        'release notes', 'school form', 'medication', 'guest room', 'playlist', 'Müller account'];

create function bench.details() returns text[]
    language sql immutable parallel safe
    return array['Ask Anna for the latest numbers first.', 'The deadline moved, so there is no hurry.',
        'Documents are in the shared folder under administration.', 'Compare at least three offers before deciding.',
        'Bring the old one along for reference.', 'It failed last time because nobody answered the phone.',
        'See the notes from the meeting on Thursday.', 'Costs should stay below 250 euros.',
        'Remember to reply to everyone afterwards.', 'Needs a signature from both of us.',
        'The appointment can be changed until the day before.', 'Take pictures and attach them here.'];

create function bench.tag_names() returns text[]
    language sql immutable parallel safe
    return array['home', 'work', 'urgent', 'errands', 'family', 'finance', 'health', 'travel', 'reading', 'garden', 'car',
        'school', 'phone', 'someday', 'waiting', 'project-x', 'shopping', 'sport', 'music', 'admin'];

-- What people type into the search box: the beginnings of words that are there.
create function bench.searches() returns text[]
    language sql immutable parallel safe
    return array['invo', 'insur', 'dent', 'quarterly rep', 'fligh', 'birth', 'leak', 'printer', 'newsl', 'garag', 'passp',
        'present', 'backup', 'contr', 'subscr', 'kitchen', 'budg', 'bicyc', 'tax', 'interv', 'release no', 'medic', 'anna',
        'muller', 'pay invo', 'call dent', 'review contr', 'signature', 'thurs', 'pictures'];

-- One of `choices`; those at the front come up more often the larger `skew` is (1: all alike).
create function bench.one_of(choices text[], skew double precision default 1) returns text
    language sql volatile parallel safe
    return choices[1 + floor(cardinality(choices) * power(random(), skew))::integer];
