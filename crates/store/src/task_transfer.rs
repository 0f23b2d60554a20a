//! All of a user's tasks out, and tasks in.

use rondo_domain::ids::{RecurringTaskId, SeriesId};
use rondo_domain::series::Plan;
use rondo_ports::{Document, Sql, SqlError};
use serde_json::{Value, json};

use crate::series::row_of;
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
            due_at timestamptz, completed_at timestamptz, created_at timestamptz, series jsonb, instances jsonb
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
        insert into tasks (user_id, id, series_id, title, description, status, priority, due_at, completed_at, created_at)
        select $1::text::uuid, new_id, (series ->> 'series_id')::uuid, title, description, status, priority, due_at,
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
    begun as (
        insert into recurring_tasks (
            id, task_id, user_id, series_id, rrule, timezone_iana, starts_at, recurrence_end_type, recurrence_max_count,
            recurrence_end_date, gap, on_missed, overlap, exdates, rdates, summary, status, next_occurrence_at_utc,
            next_occurrence_local, next_occurrence_number, current_instance_index, total_occurrences_executed, created_at
        )
        select asked.id, document.id, $1::text::uuid, asked.series_id, asked.rrule, asked.timezone_iana, asked.starts_at,
            asked.recurrence_end_type, asked.recurrence_max_count, asked.recurrence_end_date, asked.gap, asked.on_missed,
            asked.overlap, asked.exdates, asked.rdates, asked.summary, asked.status, asked.next_occurrence_at_utc,
            asked.next_occurrence_local, asked.next_occurrence_number, jsonb_array_length(fresh.instances),
            (select count(*) from jsonb_array_elements(fresh.instances) as made where made ->> 'status' in ('pending', 'completed')),
            coalesce(fresh.created_at, now())
        from document
        join fresh on fresh.new_id = document.id
        cross join jsonb_populate_record(null::recurring_tasks, fresh.series) as asked
        where fresh.series is not null
        returning recurring_tasks as series
    ),
    settled as (
        insert into task_instances (
            id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local, scheduled_for_fold, status,
            completed_at
        )
        select made.id, (begun.series).id, $1::text::uuid, made.title, made.priority, made.at, made.local, made.fold,
            made.status, made.completed_at
        from begun
        join fresh on fresh.new_id = (begun.series).task_id
        cross join jsonb_to_recordset(fresh.instances) as made (
            id uuid, title text, priority text, at timestamptz, local timestamp, fold smallint, status text,
            completed_at timestamptz
        )
        on conflict do nothing
    ),
    event as (
        select position, 0 as place, jsonb_build_object(
            'task_id', id, 'topic', 'task-events', 'type', 'task.created', 'data', jsonb_build_object('task', task)
        ) as body
        from document
        union all
        select position, 1, recurring_scheduled_event(series)
        from begun
        join document on document.id = (series).task_id
        where (series).status = 'active'
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $2::text, coalesce(jsonb_agg(body order by position, place), '[]')) as relay
        from event
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

/// The `series` of a task that is imported.
#[must_use]
pub fn series_of(plan: &Plan, recurring_task: RecurringTaskId, series: SeriesId) -> Value {
    let mut row = row_of(plan);
    row["id"] = json!(recurring_task);
    row["series_id"] = json!(series);
    row
}

/// Makes the tasks `listed`, a JSON array of `{position, fresh_id, id?, title, description?, status, priority, tags, due_at?,
/// completed_at?, created_at?, series?, instances?}`; those whose id (`id`, or `fresh_id` where that is none or somebody
/// else's) the user has already, or another of them came with before, are left out. With a series, made by
/// [`series_of`], comes what was made of it. The reply is `{"created", "skipped"}`.
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
