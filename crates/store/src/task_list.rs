//! Finding tasks: filter, search, order, page.

use std::borrow::Cow;

use rondo_domain::listing::{Page, SortBy, SortOrder, TaskFilter};
use rondo_ports::{Document, Sql, SqlError};

use crate::RequestContext;
use crate::task::tags_of;

/// What a task `t` must be, apart from the search. Parameters that are null ask for nothing.
const FILTER: &str = "
    t.user_id = $1::text::uuid
    and ($2::text is null or t.status = any (string_to_array($2::text, ',')))
    and ($3::text is null or t.priority = any (string_to_array($3::text, ',')))
    and ($4::text is null or t.id in (
        select tied.task_id
        from tags
        join task_tags as tied on tied.tag_id = tags.id
        where tags.user_id = $1::text::uuid and tags.name = any (string_to_array($4::text, ','))
        group by tied.task_id
        having count(*) = cardinality(string_to_array($4::text, ','))
    ))
    and ($5::text is null or t.due_at < $5::text::timestamptz)
    and ($6::text is null or t.due_at >= $6::text::timestamptz)";

/// The tasks that a search finds, each with its relevance: those with all the words, the last letters of which may be
/// missing; if no task has them, those that contain the text as it stands, or whose titles are spelled alike.
const HITS: &str = "
    words as materialized (
        select search_words($9::text) as query
    ),
    exact as materialized (
        select t.id, ts_rank(t.fts, words.query)::float8 as relevance
        from tasks as t, words
        where t.user_id = $1::text::uuid and t.fts @@ words.query
    ),
    hits as materialized (
        select id, relevance from exact
        union all
        select t.id, spelling_similarity($9::text, t.title)
        from tasks as t
        where t.user_id = $1::text::uuid
            and not exists (select from exact)
            and (contains_text(t.title, $9::text) or contains_text(t.description, $9::text)
                or spelling_similarity($9::text, t.title) >= 0.4)
    ),";

const DOCUMENT: &str = concat!(
    "
    select json_build_object(
        'tasks', coalesce((select json_agg(task_document(task, ",
    tags_of!("(task).id"),
    ") order by place) from page), '[]'),
        'total', total.count,
        'page', $10::text::bigint,
        'page_size', $7::text::bigint
    )::text
    from total"
);

/// A page of the user's tasks as the API answers: `{"tasks", "total", "page", "page_size"}`.
///
/// # Errors
/// See [`SqlError`].
pub async fn list(
    sql: &impl Sql,
    context: RequestContext<'_>,
    filter: &TaskFilter,
    sort: (SortBy, SortOrder),
    page: Page,
) -> Result<Document, SqlError> {
    let search = filter.search.as_ref().map(|search| search.as_str());
    sql.call(
        &statement(search.is_some(), sort),
        &[
            Some(&context.user.to_string()),
            any_of(filter.status.iter().map(|status| status.as_str())).as_deref(),
            any_of(filter.priority.iter().map(|priority| priority.as_str())).as_deref(),
            any_of(filter.tags.iter()).as_deref(),
            filter.due_before.map(|due| due.to_string()).as_deref(),
            filter.due_after.map(|due| due.to_string()).as_deref(),
            Some(&page.size().to_string()),
            Some(&page.offset().to_string()),
            search,
            Some(&page.number().to_string()),
        ],
    )
    .await
}

fn any_of<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let joined = names.collect::<Vec<_>>().join(",");
    (!joined.is_empty()).then_some(joined)
}

/// The statement: one per order, with and without a search, so the plan of each is its own.
fn statement(searching: bool, sort: (SortBy, SortOrder)) -> Cow<'static, str> {
    let order = order_by(sort);
    let (hits, from, nothing) = if searching {
        (HITS, "tasks as t join hits on hits.id = t.id", "")
    } else {
        // The parameter is there in both, so that both are called alike.
        ("", "tasks as t", "and $9::text is null")
    };
    Cow::Owned(format!(
        "with {hits}
        page as materialized (
            select t as task, row_number() over (order by {order}) as place
            from {from}
            where {FILTER} {nothing}
            order by {order}
            limit $7::text::bigint offset $8::text::bigint
        ),
        total as materialized (
            select count(*) as count from {from} where {FILTER} {nothing}
        )
        {DOCUMENT}"
    ))
}

/// The order; ties are ordered by id, so that pages neither repeat nor skip.
fn order_by(sort: (SortBy, SortOrder)) -> &'static str {
    use SortBy::{CreatedAt, DueAt, Priority, Relevance, Title, UpdatedAt};
    use SortOrder::{Ascending, Descending};
    match sort {
        (CreatedAt, Ascending) => "t.created_at, t.id",
        (CreatedAt, Descending) => "t.created_at desc, t.id desc",
        (UpdatedAt, Ascending) => "t.updated_at, t.id",
        (UpdatedAt, Descending) => "t.updated_at desc, t.id desc",
        (DueAt, Ascending) => "t.due_at, t.id",
        (DueAt, Descending) => "t.due_at desc nulls last, t.id desc",
        (Priority, Ascending) => "t.priority_rank, t.id",
        (Priority, Descending) => "t.priority_rank desc, t.id desc",
        (Title, Ascending) => "lower(t.title), t.id",
        (Title, Descending) => "lower(t.title) desc, t.id desc",
        (Relevance, Ascending) => "hits.relevance, t.id",
        (Relevance, Descending) => "hits.relevance desc, t.id desc",
    }
}
