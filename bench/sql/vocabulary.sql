-- What the data set is made of, by number: the loader, the load and pgbench all name the same users, tasks and words.

create schema bench;
grant usage on schema bench to public;

create function bench.user_id(number integer) returns uuid
    language sql immutable parallel safe
    return ('01930000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid;

-- As a UUIDv7 of its time: one task each five minutes.
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
    return array[
        'invoice', 'insurance', 'dentist', 'quarterly report', 'flight', 'birthday dinner', 'leaking tap',
        'printer paper', 'newsletter', 'garage', 'passport', 'presentation', 'website', 'backup', 'contract',
        'parcel', 'subscription', 'photos', 'kitchen wall', 'manual', 'budget', 'bicycle', 'tax return',
        'interview', 'release notes', 'school form', 'medication', 'guest room', 'playlist', 'Müller account',
        'electricity meter', 'holiday plan', 'landlord', 'library book', 'server certificate', 'gutter',
        'vaccination', 'theatre ticket', 'sourdough starter', 'driving licence', 'winter tyres', 'piano lesson',
        'smoke detector', 'expense claim', 'customer survey', 'roadmap', 'hedge', 'allotment', 'anniversary gift',
        'camping stove', 'visa application', 'pension statement', 'moving boxes', 'job posting',
        'onboarding guide', 'swimming course', 'router firmware', 'coffee machine', 'wedding speech', 'warranty',
        'dishwasher', 'annual review', 'choir rehearsal', 'stair carpet', 'blood test', 'train pass',
        'translation', 'board meeting', 'marathon training', 'password manager', 'chimney sweep', 'rain barrel',
        'podcast episode', 'logo draft', 'seminar paper', 'lawn mower', 'kindergarten place', 'credit card',
        'mortgage offer', 'inventory list', 'data export', 'recipe book', 'window frame', 'parents'' evening',
        'hiking boots', 'optician', 'sewing machine', 'neighbours'' key', 'compost bin', 'charity run',
        'sales forecast', 'incident report', 'bathroom mirror', 'language exam', 'fishing permit', 'bookshelf',
        'carpool'
    ];

create function bench.details() returns text[]
    language sql immutable parallel safe
    return array[
        'Ask Anna for the latest numbers first.', 'The deadline moved, so there is no hurry.',
        'Documents are in the shared folder under administration.',
        'Compare at least three offers before deciding.', 'Bring the old one along for reference.',
        'It failed last time because nobody answered the phone.', 'See the notes from the meeting on Thursday.',
        'Costs should stay below 250 euros.', 'Remember to reply to everyone afterwards.',
        'Needs a signature from both of us.', 'The appointment can be changed until the day before.',
        'Take pictures and attach them here.', 'Jonas knows where the spare parts are.',
        'Only possible before noon.', 'Waiting for confirmation from headquarters.',
        'Check whether the voucher is still valid.', 'Half of it is done already.',
        'Put the receipt into the blue binder.', 'The colour has to match the curtains.',
        'Use the template from last spring.', 'Somebody from accounting will join.',
        'Parking is difficult there, so go by tram.', 'Serial number is on the back.',
        'Delivery takes about nine working days.', 'Read chapter four beforehand.', 'Do not forget the charger.',
        'Lukas wants to see a draft on Monday.', 'There is a discount for members.',
        'Keep the packaging until everything works.', 'The form is available in two languages.'
    ];

create function bench.tag_names() returns text[]
    language sql immutable parallel safe
    return array['home', 'work', 'urgent', 'errands', 'family', 'finance', 'health', 'travel', 'reading', 'garden', 'car',
        'school', 'phone', 'someday', 'waiting', 'project-x', 'shopping', 'sport', 'music', 'admin'];

-- What people type into the search box: the beginnings of words that are there.
create function bench.searches() returns text[]
    language sql immutable parallel safe
    return array[
        'invo', 'insur', 'dent', 'quarterly rep', 'fligh', 'birth', 'leak', 'printer', 'newsl', 'garag', 'passp',
        'present', 'backup', 'contr', 'subscr', 'kitchen', 'budg', 'bicyc', 'tax ret', 'interv', 'release no',
        'medic', 'anna', 'muller', 'pay invo', 'call dent', 'review contr', 'signature', 'thurs', 'electri',
        'landl', 'vaccin', 'winter ty', 'expense', 'roadm', 'visa app', 'onboard', 'router', 'warran', 'pension',
        'chimn', 'podc', 'mortg', 'optic', 'incident', 'vouch', 'receipt', 'accounting', 'serial num', 'charger'
    ];

-- One of `choices`; those at the front come up more often the larger `skew` is (1: all alike).
create function bench.one_of(choices text[], skew double precision default 1) returns text
    language sql volatile parallel safe
    return choices[1 + floor(cardinality(choices) * power(random(), skew))::integer];
