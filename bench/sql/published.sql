-- How many tasks of the users whose ids are given were told of on their topic, and when the last was, in seconds since 1970.
select count(*) as published, extract(epoch from max(published_at))::float8 as last
from outbox
where user_id = any ($1::text[]::uuid[]) and event_type = 'task.created' and published_at is not null
