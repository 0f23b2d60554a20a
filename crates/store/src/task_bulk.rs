//! Several tasks at once, all or none.

use rondo_domain::ids::TaskId;
use rondo_domain::tag::TagNames;
use rondo_domain::task::{BulkAction, Status, TaskPatch};
use rondo_ports::{Sql, SqlError};
use serde::Deserialize;

use crate::json::nullable;
use crate::task::columns;
use crate::{RawJson, RelayBatch, RequestContext};

const CHANGE: &str = "
    with asked as materialized (
        select string_to_array($2::text, ',')::uuid[] as ids, $4::text::jsonb as patch,
            string_to_array($5::text, ',') as added, string_to_array($6::text, ',') as removed
    ),
    before as materialized (
        select tasks as task
        from tasks
        where user_id = $1::text::uuid and id = any ((select ids from asked)::uuid[])
        order by id
        for update
    ),
    wanted as materialized (
        select task, tags_before, tags_after
        from before, asked
        cross join lateral tag_names((task).id) as tags_before
        cross join lateral (
            select coalesce(array_agg(distinct name collate \"C\" order by name collate \"C\"), '{}') as tags_after
            from unnest(tags_before || added) as name
            where name <> all (removed)
        ) as then_tied
    ),
    verdict as materialized (
        select case
            when (select count(*) from before) < cardinality(ids) then 'absent'
            when exists (select from wanted where cardinality(tags_after) > $7::text::int) then 'too_many_tags'
            else 'changed'
        end as outcome
        from asked
    ),
    changed as (
        update tasks set
            status = coalesce(patch ->> 'status', status),
            priority = coalesce(patch ->> 'priority', priority),
            completed_at = case coalesce(patch ->> 'status', status)
                when 'completed' then coalesce(completed_at, now())
            end,
            updated_at = now(),
            version = version + 1
        from wanted, asked, verdict
        where tasks.id = (wanted.task).id
            and verdict.outcome = 'changed'
            and (task).status <> all (string_to_array($8::text, ','))
            and (
                (patch ->> 'status') <> (task).status
                or (patch ->> 'priority') <> (task).priority
                or tags_after <> tags_before
            )
        returning tasks as task, (wanted.task).status as status_before, tags_after
    ),
    document as materialized (
        select task, status_before, task_document(task, set_task_tags((task).user_id, (task).id, tags_after)) as body
        from changed
        order by (task).id
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $3::text, coalesce(jsonb_agg(event order by (task).id, place), '[]')) as relay
        from document
        cross join lateral (
            select 1 as place, jsonb_build_object(
                'task_id', (task).id, 'topic', 'task-events', 'type', 'task.updated', 'data', jsonb_build_object('task', body)
            ) as event
            union all
            select 2, jsonb_build_object(
                'task_id', (task).id, 'topic', 'task-updates', 'type', 'task.status_changed', 'data', jsonb_build_object(
                    'previous_status', status_before, 'status', (task).status, 'title', (task).title,
                    'completed_at', body -> 'completed_at', 'version', (task).version
                )
            )
            where (task).status <> status_before
        ) as told
    )
    select json_build_object(
        'outcome', verdict.outcome,
        'reply', case when verdict.outcome = 'changed' then json_build_object(
            'updated', (select count(*) from document),
            'tasks', coalesce((
                select json_agg(
                    coalesce(body, task_document(task, to_json(tags_before))) order by array_position(ids, (task).id)
                )
                from wanted left join (select (task).id, body from document) as fresh on fresh.id = (wanted.task).id
            ), '[]')
        ) end,
        'relay', (select relay from recorded)
    )::text
    from verdict, asked";

const DELETE: &str = "
    with asked as materialized (
        select string_to_array($2::text, ',')::uuid[] as ids
    ),
    before as materialized (
        select id from tasks
        where user_id = $1::text::uuid and id = any ((select ids from asked)::uuid[])
        order by id
        for update
    ),
    wanted as materialized (
        select before.ids, cancel_series($1::text::uuid, before.ids) as cancelled
        from (select array_agg(id order by id) as ids from before) as before, asked
        where cardinality(before.ids) = cardinality(asked.ids)
    ),
    deleted as (
        delete from tasks using wanted
        where tasks.id = any (wanted.ids)
        returning tasks.id, tasks.title, tasks.version
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $3::text,
            coalesce((select cancelled from wanted), '[]') || coalesce(jsonb_agg(jsonb_build_object(
                'task_id', id, 'topic', 'task-events', 'type', 'task.deleted',
                'data', jsonb_build_object('title', title, 'version', version)
            ) order by id), '[]')
        ) as relay
        from deleted
    )
    select json_build_object(
        'outcome', case when (select count(*) from before) = cardinality(ids) then 'changed' else 'absent' end,
        'reply', json_build_object('updated', (select count(*) from deleted), 'tasks', '[]'::json),
        'relay', (select relay from recorded)
    )::text
    from asked";

/// What came of a bulk action.
#[derive(Debug)]
pub enum BulkChange {
    /// It was done with all of them.
    Changed {
        /// The reply: `{"updated", "tasks"}`.
        reply: RawJson,
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// One of the tasks is not there; nothing was changed.
    Absent,
    /// One of the tasks would have more tags than a task may have; nothing was changed.
    TooManyTags,
}

#[derive(Deserialize)]
struct BulkDocument {
    outcome: BulkOutcome,
    #[serde(default, deserialize_with = "nullable")]
    reply: Option<RawJson>,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum BulkOutcome {
    Changed,
    Absent,
    TooManyTags,
}

/// Does `action` with the tasks `ids`, each named once.
///
/// # Errors
/// See [`SqlError`].
pub async fn apply(
    sql: &impl Sql,
    context: RequestContext<'_>,
    ids: &[TaskId],
    action: &BulkAction,
) -> Result<BulkChange, SqlError> {
    let user = context.user.to_string();
    let ids = ids.iter().map(TaskId::to_string).collect::<Vec<_>>().join(",");
    let document = if let BulkAction::Delete = action {
        sql.call(DELETE, &[Some(&user), Some(&ids), Some(context.request_id)]).await?
    } else {
        let change = TaskChange::of(action);
        sql.call(
            CHANGE,
            &[
                Some(&user),
                Some(&ids),
                Some(context.request_id),
                Some(&columns(&change.patch)),
                Some(&change.added),
                Some(&change.removed),
                Some(&TagNames::MAX.to_string()),
                Some(&change.unless),
            ],
        )
        .await?
    };
    let document: BulkDocument = document.read()?;
    Ok(match (document.outcome, document.reply) {
        (BulkOutcome::Changed, Some(reply)) => BulkChange::Changed { reply, relay: document.relay },
        (BulkOutcome::TooManyTags, _) => BulkChange::TooManyTags,
        (BulkOutcome::Changed, None) | (BulkOutcome::Absent, _) => BulkChange::Absent,
    })
}

/// What an action is to each of the tasks.
#[derive(Default)]
struct TaskChange {
    patch: TaskPatch,
    added: String,
    removed: String,
    unless: String,
}

impl TaskChange {
    fn of(action: &BulkAction) -> Self {
        let with_status =
            |status| Self { patch: TaskPatch { status: Some(status), ..TaskPatch::default() }, ..Self::default() };
        let joined = |tags: &TagNames| tags.iter().collect::<Vec<_>>().join(",");
        match action {
            BulkAction::Complete => with_status(Status::Completed),
            BulkAction::Reopen => {
                Self { unless: Status::InProgress.as_str().to_owned(), ..with_status(Status::Pending) }
            }
            BulkAction::SetPriority(priority) => {
                Self { patch: TaskPatch { priority: Some(*priority), ..TaskPatch::default() }, ..Self::default() }
            }
            BulkAction::AddTags(tags) => Self { added: joined(tags), ..Self::default() },
            BulkAction::RemoveTags(tags) => Self { removed: joined(tags), ..Self::default() },
            BulkAction::Delete => Self::default(),
        }
    }
}
