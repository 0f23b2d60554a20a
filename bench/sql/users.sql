-- The users, each with a hundred ids of their tasks.
select users.id::text as id, users.email, (
    select array_agg(earliest.id::text)
    from (select tasks.id from tasks where tasks.user_id = users.id order by tasks.created_at, tasks.id limit 100) as earliest
) as tasks
from users
order by users.id
