-- When consumers noted the events of one type about the tasks whose ids are given, in seconds since 1970.
select outbox.task_id::text as task, extract(epoch from min(processed_at))::float8 as noted
from outbox
join processed_event_logs on processed_event_logs.event_id = outbox.event_id::text
where outbox.event_type = $1 and outbox.task_id = any ($2::text[]::uuid[])
group by outbox.task_id
