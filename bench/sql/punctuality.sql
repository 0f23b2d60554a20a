-- How late people were notified of the reminders whose ids are given.
select
    count(distinct reminder_id) as notified,
    count(*) as told,
    coalesce(percentile_cont(0.5) within group (order by late_ms), 0) as p50_ms,
    coalesce(percentile_cont(0.99) within group (order by late_ms), 0) as p99_ms,
    coalesce(max(late_ms), 0) as max_ms
from (
    select reminder_id, extract(epoch from delivered_at - scheduled_for)::float8 * 1000 as late_ms
    from notifications
    where reminder_id = any ($1::text[]::uuid[])
) as late
