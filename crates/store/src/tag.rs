//! Tags: listed, renamed (and so merged), deleted.

use rondo_domain::ids::TagId;
use rondo_domain::tag::TagName;
use rondo_ports::{Document, Sql, SqlError};
use serde::Deserialize;

use crate::json::nullable;
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

const RENAME: &str = "select change_tag($1::text::uuid, $3::text, $2::text::uuid, $4::text)::text";

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

const DELETE: &str = "select change_tag($1::text::uuid, $3::text, $2::text::uuid, null)::text";

/// Deletes the tag and takes it off all tasks.
///
/// # Errors
/// See [`SqlError`].
pub async fn delete(sql: &impl Sql, context: RequestContext<'_>, id: TagId) -> Result<TagChange, SqlError> {
    let document =
        sql.call(DELETE, &[Some(&context.user.to_string()), Some(&id.to_string()), Some(context.request_id)]).await?;
    Ok(document.read::<TagDocument>()?.into())
}
