//! All of a user's tasks out, and tasks in.

use rondo_ports::{Document, Sql, SqlError};

use crate::task::{CreationDocument, tags_of};
use crate::{Creation, IdempotencyKey, RequestContext};

const EXPORT: &str = concat!(
    "select coalesce(json_agg(task_document(tasks, ",
    tags_of!("tasks.id"),
    ") order by created_at, id), '[]')::text
    from tasks
    where user_id = $1::text::uuid"
);

/// All tasks of the user, oldest first, as a JSON array.
///
/// # Errors
/// See [`SqlError`].
pub async fn export(sql: &impl Sql, context: RequestContext<'_>) -> Result<Document, SqlError> {
    sql.call(EXPORT, &[Some(&context.user.to_string())]).await
}

// A task keeps the id it came with, unless somebody else has a task of that id: ids tell nothing of other people. Of those
// that came with one id the first is made.
const IMPORT: &str = "
    with claim as materialized (
        select claim_idempotency_key($1::text::uuid, $3::text, decode($4::text, 'hex')) as earlier
    ),
    listed as materialized (
        select listed.*
        from claim, jsonb_to_recordset($5::text::jsonb) as listed (
            position int, fresh_id uuid, id uuid, title text, description text, status text, priority text, tags jsonb,
            due_at timestamptz, completed_at timestamptz, created_at timestamptz
        )
        where claim.earlier is null
    ),
    fresh as materialized (
        select distinct on (coalesce(listed.id, fresh_id))
            listed.*, case when listed.id is null or theirs.id is not null then fresh_id else listed.id end as new_id
        from listed
        left join tasks as theirs on theirs.id = listed.id
        where theirs.user_id is distinct from $1::text::uuid
        order by coalesce(listed.id, fresh_id), position
    ),
    created as (
        insert into tasks (user_id, id, title, description, status, priority, due_at, completed_at, created_at)
        select $1::text::uuid, new_id, title, description, status, priority, due_at,
            case when status = 'completed' then coalesce(completed_at, now()) end, coalesce(created_at, now())
        from fresh
        on conflict (id) do nothing
        returning tasks as task
    ),
    document as materialized (
        select (created.task).id, position, task_document(created.task, set_task_tags(
            $1::text::uuid, (created.task).id, array(select jsonb_array_elements_text(fresh.tags))
        )) as task
        from created
        join fresh on fresh.new_id = (created.task).id
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $2::text, coalesce(jsonb_agg(jsonb_build_object(
            'task_id', id, 'topic', 'task-events', 'type', 'task.created', 'data', jsonb_build_object('task', task)
        ) order by position), '[]')) as relay
        from document
    ),
    reply as materialized (
        select json_build_object(
            'created', (select count(*) from document),
            'skipped', (select count(*) from listed) - (select count(*) from document)
        ) as body
    ),
    kept as materialized (
        select keep_reply($1::text::uuid, $3::text, body) from reply, claim
        where $3::text is not null and claim.earlier is null
    )
    select coalesce(
        (select earlier from claim),
        (
            select json_build_object('outcome', 'made', 'reply', reply.body, 'relay', recorded.relay)
            from reply cross join recorded left join kept on true
        )
    )::text";

/// Makes the tasks `listed`, a JSON array of `{position, fresh_id, id?, title, description?, status, priority, tags, due_at?,
/// completed_at?, created_at?}`; those whose id the user has already, or
/// another of them came with before, are left out. The reply is `{"created", "skipped"}`.
///
/// # Errors
/// See [`SqlError`].
pub async fn import(
    sql: &impl Sql,
    context: RequestContext<'_>,
    listed: &str,
    key: Option<&IdempotencyKey>,
) -> Result<Creation, SqlError> {
    let document = sql
        .call(
            IMPORT,
            &[
                Some(&context.user.to_string()),
                Some(context.request_id),
                key.map(|key| key.key.as_str()),
                key.map(|key| key.request_hash.as_str()),
                Some(listed),
            ],
        )
        .await?;
    Ok(document.read::<CreationDocument>()?.into())
}
