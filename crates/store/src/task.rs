//! One task: made, read, changed, deleted.

use rondo_domain::ids::TaskId;
use rondo_domain::task::{NewTask, Status, TaskPatch};
use rondo_ports::{Sql, SqlError};
use serde::Deserialize;
use serde_json::json;

use crate::json::nullable;
use crate::{Creation, IdempotencyKey, RawJson, RelayBatch, RequestContext};

/// The names of the tags of the task `$task`, as JSON, in order.
macro_rules! tags_of {
    ($task:literal) => {
        concat!(
            "(select coalesce(json_agg(tags.name order by tags.name collate \"C\"), '[]') \
             from task_tags join tags on tags.id = task_tags.tag_id where task_tags.task_id = ",
            $task,
            ")"
        )
    };
}
pub(crate) use tags_of;

const CREATE: &str = "
    with claim as materialized (
        select claim_idempotency_key($1::text::uuid, $4::text, decode($5::text, 'hex')) as earlier
    ),
    created as (
        insert into tasks (user_id, id, title, description, status, priority, due_at, completed_at)
        select $1::text::uuid, $2::text::uuid, $6::text, $7::text, $8::text, $9::text, $10::text::timestamptz,
            case when $8::text = 'completed' then now() end
        from claim
        where claim.earlier is null
        returning tasks as task
    ),
    document as materialized (
        select (task).id, task_document(task, set_task_tags((task).user_id, (task).id, string_to_array($11::text, ','))) as task
        from created
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $3::text, jsonb_build_array(jsonb_build_object(
            'task_id', id, 'topic', 'task-events', 'type', 'task.created', 'data', jsonb_build_object('task', task)
        ))) as relay
        from document
    ),
    kept as materialized (
        select keep_reply($1::text::uuid, $4::text, task) from document where $4::text is not null
    )
    select coalesce(
        (select earlier from claim),
        (
            select json_build_object('outcome', 'made', 'reply', document.task, 'relay', recorded.relay)
            from document cross join recorded left join kept on true
        )
    )::text";

#[derive(Deserialize)]
pub(crate) struct CreationDocument {
    outcome: CreationOutcome,
    reply: Option<RawJson>,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CreationOutcome {
    Made,
    Replayed,
    KeyReused,
}

impl From<CreationDocument> for Creation {
    fn from(document: CreationDocument) -> Self {
        match (document.outcome, document.reply) {
            (CreationOutcome::Made, Some(reply)) => Self::Made { reply, relay: document.relay },
            (CreationOutcome::Replayed, Some(reply)) => Self::Replayed(reply),
            (_, None) | (CreationOutcome::KeyReused, _) => Self::KeyReused,
        }
    }
}

/// Makes a task.
///
/// # Errors
/// See [`SqlError`].
pub async fn create(
    sql: &impl Sql,
    context: RequestContext<'_>,
    id: TaskId,
    task: &NewTask,
    key: Option<&IdempotencyKey>,
) -> Result<Creation, SqlError> {
    let tags: Vec<&str> = task.tags.iter().collect();
    let document = sql
        .call(
            CREATE,
            &[
                Some(&context.user.to_string()),
                Some(&id.to_string()),
                Some(context.request_id),
                key.map(|key| key.key.as_str()),
                key.map(|key| key.request_hash.as_str()),
                Some(task.title.as_str()),
                task.description.as_ref().map(|description| description.as_str()),
                Some(task.status.as_str()),
                Some(task.priority.as_str()),
                task.due_at.map(|due| due.to_string()).as_deref(),
                Some(&tags.join(",")),
            ],
        )
        .await?;
    Ok(document.read::<CreationDocument>()?.into())
}

const GET: &str = concat!(
    "select coalesce((
        select task_document(tasks, ",
    tags_of!("tasks.id"),
    ")
        from tasks
        where id = $2::text::uuid and user_id = $1::text::uuid
    ), 'null')::text"
);

/// A task of the user; `None` if there is none of that id.
///
/// # Errors
/// See [`SqlError`].
pub async fn get(sql: &impl Sql, context: RequestContext<'_>, id: TaskId) -> Result<Option<RawJson>, SqlError> {
    let document = sql.call(GET, &[Some(&context.user.to_string()), Some(&id.to_string())]).await?;
    document.read::<RawJson>().map(|task| (task.as_str() != "null").then_some(task))
}

// The row is locked before it is looked at, so what the events say of before and after is what happened.
const CHANGE: &str = "
    with asked as materialized (
        select $4::text::jsonb as patch, string_to_array($5::text, ',') as tags
    ),
    before as materialized (
        select tasks as task from tasks
        where id = $2::text::uuid and user_id = $1::text::uuid
        for update
    ),
    wanted as materialized (
        select task from before
        where ($6::text is null or (task).version = $6::text::bigint)
            and (task).status <> all (string_to_array($7::text, ','))
    ),
    changed as (
        update tasks set
            title = coalesce(patch ->> 'title', title),
            description = case when patch ? 'description' then patch ->> 'description' else description end,
            status = coalesce(patch ->> 'status', status),
            priority = coalesce(patch ->> 'priority', priority),
            due_at = case when patch ? 'due_at' then (patch ->> 'due_at')::timestamptz else due_at end,
            completed_at = case coalesce(patch ->> 'status', status)
                when 'completed' then coalesce(completed_at, now())
            end,
            updated_at = now(),
            version = version + 1
        from wanted, asked
        where tasks.id = (wanted.task).id
        returning tasks as task, (wanted.task).status as status_before, asked.tags
    ),
    document as materialized (
        select task, status_before, task_document(task, set_task_tags((task).user_id, (task).id, tags)) as body
        from changed
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $3::text,
            jsonb_build_array(jsonb_build_object(
                'task_id', (task).id, 'topic', 'task-events', 'type', 'task.updated', 'data', jsonb_build_object('task', body)
            ))
            || case when (task).status = status_before then '[]' else jsonb_build_array(jsonb_build_object(
                'task_id', (task).id, 'topic', 'task-updates', 'type', 'task.status_changed', 'data', jsonb_build_object(
                    'previous_status', status_before, 'status', (task).status, 'title', (task).title,
                    'completed_at', body -> 'completed_at', 'version', (task).version
                )
            )) end
        ) as relay
        from document
    )
    select coalesce(
        (
            select json_build_object('outcome', 'changed', 'task', document.body, 'relay', recorded.relay)
            from document cross join recorded
        ),
        (
            select json_build_object(
                'outcome', case when $6::text is null or (task).version = $6::text::bigint then 'changed' else 'stale' end,
                'task', task_document(task, to_json(tag_names((task).id))))
            from before
        ),
        json_build_object('outcome', 'absent')
    )::text";

/// What came of a change.
#[derive(Debug)]
pub enum Change {
    /// The task is as it was asked for.
    Changed {
        /// The task.
        task: RawJson,
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// Someone was faster: the task is no longer of the version that was named.
    Stale,
    /// There is no such task.
    Absent,
}

#[derive(Deserialize)]
struct ChangeDocument {
    outcome: ChangeOutcome,
    #[serde(default, deserialize_with = "nullable")]
    task: Option<RawJson>,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangeOutcome {
    Changed,
    Stale,
    Absent,
}

impl From<ChangeDocument> for Change {
    fn from(document: ChangeDocument) -> Self {
        match (document.outcome, document.task) {
            (ChangeOutcome::Changed, Some(task)) => Self::Changed { task, relay: document.relay },
            (ChangeOutcome::Stale, _) => Self::Stale,
            (ChangeOutcome::Changed, None) | (ChangeOutcome::Absent, _) => Self::Absent,
        }
    }
}

/// Changes what `patch` names, if the task is still of `version` (or none is named).
///
/// # Errors
/// See [`SqlError`].
pub async fn change(
    sql: &impl Sql,
    context: RequestContext<'_>,
    id: TaskId,
    patch: &TaskPatch,
    version: Option<u64>,
) -> Result<Change, SqlError> {
    change_unless(sql, context, id, patch, version, &[]).await
}

/// Completes the task; one that is completed stays as it is.
///
/// # Errors
/// See [`SqlError`].
pub async fn complete(sql: &impl Sql, context: RequestContext<'_>, id: TaskId) -> Result<Change, SqlError> {
    let patch = TaskPatch { status: Some(Status::Completed), ..TaskPatch::default() };
    change_unless(sql, context, id, &patch, None, &[Status::Completed]).await
}

/// Reopens the task; one that is not completed stays as it is.
///
/// # Errors
/// See [`SqlError`].
pub async fn reopen(sql: &impl Sql, context: RequestContext<'_>, id: TaskId) -> Result<Change, SqlError> {
    let patch = TaskPatch { status: Some(Status::Pending), ..TaskPatch::default() };
    change_unless(sql, context, id, &patch, None, &[Status::Pending, Status::InProgress]).await
}

async fn change_unless(
    sql: &impl Sql,
    context: RequestContext<'_>,
    id: TaskId,
    patch: &TaskPatch,
    version: Option<u64>,
    unless: &[Status],
) -> Result<Change, SqlError> {
    let tags = patch.tags.as_ref().map(|tags| tags.iter().collect::<Vec<_>>().join(","));
    let unless: Vec<&str> = unless.iter().map(|status| status.as_str()).collect();
    let document = sql
        .call(
            CHANGE,
            &[
                Some(&context.user.to_string()),
                Some(&id.to_string()),
                Some(context.request_id),
                Some(&columns(patch)),
                tags.as_deref(),
                version.map(|version| version.to_string()).as_deref(),
                Some(&unless.join(",")),
            ],
        )
        .await?;
    Ok(document.read::<ChangeDocument>()?.into())
}

/// The columns that `patch` changes, as JSON: absent stays, null clears.
pub(crate) fn columns(patch: &TaskPatch) -> String {
    let mut columns = serde_json::Map::new();
    if let Some(title) = &patch.title {
        columns.insert("title".into(), json!(title.as_str()));
    }
    if let Some(description) = &patch.description {
        columns.insert("description".into(), json!(description.as_ref().map(|text| text.as_str())));
    }
    if let Some(status) = patch.status {
        columns.insert("status".into(), json!(status.as_str()));
    }
    if let Some(priority) = patch.priority {
        columns.insert("priority".into(), json!(priority.as_str()));
    }
    if let Some(due_at) = patch.due_at {
        columns.insert("due_at".into(), json!(due_at.map(|due| due.to_string())));
    }
    serde_json::Value::Object(columns).to_string()
}

const DELETE: &str = "
    with before as materialized (
        select tasks as task from tasks
        where id = $2::text::uuid and user_id = $1::text::uuid
        for update
    ),
    wanted as materialized (
        select task, cancel_series($1::text::uuid, array[(task).id]) as cancelled
        from before
        where $4::text is null or (task).version = $4::text::bigint
    ),
    deleted as (
        delete from tasks using wanted
        where tasks.id = (wanted.task).id
        returning tasks.id, tasks.title, tasks.version, wanted.cancelled
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $3::text, cancelled || jsonb_build_array(jsonb_build_object(
            'task_id', id, 'topic', 'task-events', 'type', 'task.deleted',
            'data', jsonb_build_object('title', title, 'version', version)
        ))) as relay
        from deleted
    )
    select coalesce(
        (select json_build_object('outcome', 'deleted', 'relay', relay) from recorded),
        (select json_build_object('outcome', 'stale') from before),
        json_build_object('outcome', 'absent')
    )::text";

/// What came of a deletion.
#[derive(Debug)]
pub enum Deletion {
    /// It is gone.
    Deleted {
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// Someone was faster: the task is no longer of the version that was named.
    Stale,
    /// There is no such task.
    Absent,
}

#[derive(Deserialize)]
struct DeletionDocument {
    outcome: DeletionOutcome,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum DeletionOutcome {
    Deleted,
    Stale,
    Absent,
}

/// Deletes the task and all that hangs on it, if it is still of `version` (or none is named). A series that it is the template
/// of is cancelled, which is told, and then goes with it: whoever deletes a task wants nothing of it kept.
///
/// # Errors
/// See [`SqlError`].
pub async fn delete(
    sql: &impl Sql,
    context: RequestContext<'_>,
    id: TaskId,
    version: Option<u64>,
) -> Result<Deletion, SqlError> {
    let document = sql
        .call(
            DELETE,
            &[
                Some(&context.user.to_string()),
                Some(&id.to_string()),
                Some(context.request_id),
                version.map(|version| version.to_string()).as_deref(),
            ],
        )
        .await?;
    let document: DeletionDocument = document.read()?;
    Ok(match document.outcome {
        DeletionOutcome::Deleted => Deletion::Deleted { relay: document.relay },
        DeletionOutcome::Stale => Deletion::Stale,
        DeletionOutcome::Absent => Deletion::Absent,
    })
}
