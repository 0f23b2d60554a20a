//! Tags: listed, renamed (and so merged), deleted.

use rondo_domain::ids::TagId;
use rondo_domain::tag::TagName;
use rondo_ports::{Document, Sql, SqlError};
use serde::Deserialize;

use crate::json::nullable;
use crate::task::tags_of;
use crate::{RawJson, RelayBatch, RequestContext};

const LIST: &str = "
    select coalesce(json_agg(json_build_object('id', id, 'name', name, 'task_count', task_count) order by name collate \"C\"), '[]')::text
    from (
        select tags.id, tags.name, (select count(*) from task_tags where task_tags.tag_id = tags.id) as task_count
        from tags
        where user_id = $1::text::uuid
    ) as counted";

/// The user's tags in alphabetical order, as the API answers: `[{"id", "name", "task_count"}]`.
///
/// # Errors
/// See [`SqlError`].
pub async fn list(sql: &impl Sql, context: RequestContext<'_>) -> Result<Document, SqlError> {
    sql.call(LIST, &[Some(&context.user.to_string())]).await
}

/// What came of renaming or deleting a tag.
#[derive(Debug)]
pub enum TagChange {
    /// It was done.
    Changed {
        /// The tag as it is now; after a deletion, as it was.
        tag: RawJson,
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// There is no such tag.
    Absent,
}

#[derive(Deserialize)]
struct TagDocument {
    #[serde(default, deserialize_with = "nullable")]
    tag: Option<RawJson>,
    relay: Option<RelayBatch>,
}

impl From<TagDocument> for TagChange {
    fn from(document: TagDocument) -> Self {
        match document.tag {
            Some(tag) => Self::Changed { tag, relay: document.relay },
            None => Self::Absent,
        }
    }
}

// The tasks of a tag that changes are changed too: their versions and their events say so.
macro_rules! tell_of_retagged {
    () => {
        concat!(
            "
    touched as (
        update tasks set updated_at = now(), version = version + 1
        from retagged
        where tasks.id = retagged.task_id and tasks.user_id = $1::text::uuid
        returning tasks as task
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $3::text, coalesce(jsonb_agg(jsonb_build_object(
            'task_id', (task).id, 'topic', 'task-events', 'type', 'task.updated',
            'data', jsonb_build_object('task', task_document(task, (
                select coalesce(json_agg(name order by name collate \"C\"), '[]')
                from jsonb_array_elements_text(retagged.tags) as name
            )))
        ) order by (task).id), '[]')) as relay
        from touched join retagged on retagged.task_id = (touched.task).id
    )"
        )
    };
}

const RENAME: &str = concat!(
    "
    with renamed as materialized (
        select id, name from tags where id = $2::text::uuid and user_id = $1::text::uuid for update
    ),
    target as materialized (
        select tags.id from tags, renamed
        where tags.user_id = $1::text::uuid and lower(tags.name) = $4::text and tags.id <> renamed.id
        for update of tags
    ),
    retagged as materialized (
        select tied.task_id, (
            select to_jsonb(array_agg(distinct case when tags.id = renamed.id then $4::text else tags.name end))
            from task_tags join tags on tags.id = task_tags.tag_id
            where task_tags.task_id = tied.task_id
        ) as tags
        from task_tags as tied join renamed on renamed.id = tied.tag_id
        where renamed.name <> $4::text
    ),
    moved as (
        insert into task_tags (task_id, tag_id)
        select retagged.task_id, target.id from retagged, target
        on conflict do nothing
    ),
    kept as (
        update tags set name = $4::text from renamed
        where tags.id = renamed.id and not exists (select from target)
        returning tags.id
    ),
    merged as (
        delete from tags using renamed
        where tags.id = renamed.id and exists (select from target)
    ),",
    tell_of_retagged!(),
    "
    select json_build_object(
        'tag', (
            select json_build_object('id', coalesce(target.id, renamed.id), 'name', $4::text, 'task_count', (
                select count(distinct task_id) from task_tags where tag_id in (renamed.id, target.id)
            ))
            from renamed left join target on true
        ),
        'relay', (select relay from recorded)
    )::text"
);

/// Renames the tag; if the user has another of that name, the two become one.
///
/// # Errors
/// See [`SqlError`].
pub async fn rename(
    sql: &impl Sql,
    context: RequestContext<'_>,
    id: TagId,
    name: &TagName,
) -> Result<TagChange, SqlError> {
    let document = sql
        .call(
            RENAME,
            &[Some(&context.user.to_string()), Some(&id.to_string()), Some(context.request_id), Some(name.as_str())],
        )
        .await?;
    Ok(document.read::<TagDocument>()?.into())
}

const DELETE: &str = concat!(
    "
    with doomed as materialized (
        select id, name from tags where id = $2::text::uuid and user_id = $1::text::uuid for update
    ),
    retagged as materialized (
        select tied.task_id, to_jsonb(",
    tags_of!("tied.task_id"),
    ") - doomed.name as tags
        from task_tags as tied join doomed on doomed.id = tied.tag_id
    ),
    deleted as (
        delete from tags using doomed where tags.id = doomed.id
    ),",
    tell_of_retagged!(),
    "
    select json_build_object(
        'tag', (select json_build_object('id', id, 'name', name, 'task_count', (select count(*) from retagged)) from doomed),
        'relay', (select relay from recorded)
    )::text"
);

/// Deletes the tag and takes it off all tasks.
///
/// # Errors
/// See [`SqlError`].
pub async fn delete(sql: &impl Sql, context: RequestContext<'_>, id: TagId) -> Result<TagChange, SqlError> {
    let document =
        sql.call(DELETE, &[Some(&context.user.to_string()), Some(&id.to_string()), Some(context.request_id)]).await?;
    Ok(document.read::<TagDocument>()?.into())
}
