//! Finding tasks: filter, search, order, page.

use rondo_domain::listing::{Page, SortBy, SortOrder, TaskFilter};
use rondo_ports::{Document, Sql, SqlError};

use crate::RequestContext;
use crate::task::tags_of;

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
    let Statement { text, parameters } = statement(context, filter, sort, page);
    let parameters: Vec<Option<&str>> = parameters.iter().map(|parameter| Some(parameter.as_str())).collect();
    sql.call(&text, &parameters).await
}

/// A statement with the values of its parameters, in order.
struct Statement {
    text: String,
    parameters: Vec<String>,
}

impl Statement {
    /// Adds a parameter; what it is called in the text.
    fn parameter(&mut self, value: impl ToString) -> String {
        self.parameters.push(value.to_string());
        format!("${}::text", self.parameters.len())
    }
}

/// The statement for what is asked. It says only what is asked, so that one plan serves whatever values come; no value is
/// ever in its text, so there are only so many. What a search or tags find is found once, for the page and to be counted;
/// a list without them is read in the order of an index and counted beside.
fn statement(context: RequestContext<'_>, filter: &TaskFilter, sort: (SortBy, SortOrder), page: Page) -> Statement {
    let mut statement = Statement { text: String::new(), parameters: Vec::new() };
    let user = statement.parameter(context.user);
    let conditions = conditions(&mut statement, &user, filter);
    let (found, from) = match &filter.search {
        Some(search) => {
            let typed = statement.parameter(search.as_str());
            (hits(&user, &typed, &conditions), "hits".to_owned())
        }
        None if filter.tags.iter().next().is_some() => {
            (format!("hits as materialized (select t from tasks as t where {conditions}),"), "hits".to_owned())
        }
        None => (String::new(), format!("tasks as t where {conditions}")),
    };
    let order = order_by(sort);
    let (size, offset) = (statement.parameter(page.size()), statement.parameter(page.offset()));
    let number = statement.parameter(page.number());
    statement.text = format!(
        "with {found}
        page as materialized (
            select t as task, row_number() over (order by {order}) as place
            from {from}
            order by {order}
            limit {size}::bigint offset {offset}::bigint
        )
        select json_build_object(
            'tasks', coalesce((select json_agg(task_document(task, {TAGS}) order by place) from page), '[]'),
            'total', (select count(*) from {from}),
            'page', {number}::bigint,
            'page_size', {size}::bigint
        )::text"
    );
    statement
}

const TAGS: &str = tags_of!("(task).id");

/// What a task `t` of the user must be, apart from the search.
fn conditions(statement: &mut Statement, user: &str, filter: &TaskFilter) -> String {
    let mut conditions = vec![format!("(t).user_id = {user}::uuid")];
    if let Some(any) = joined(filter.status.iter().map(|status| status.as_str())) {
        conditions.push(format!("(t).status = any (string_to_array({}, ','))", statement.parameter(any)));
    }
    if let Some(any) = joined(filter.priority.iter().map(|priority| priority.as_str())) {
        conditions.push(format!("(t).priority = any (string_to_array({}, ','))", statement.parameter(any)));
    }
    if let Some(all) = joined(filter.tags.iter()) {
        let all = statement.parameter(all);
        conditions.push(format!(
            "(t).id = any (array(
                select tied.task_id
                from tags
                join task_tags as tied on tied.tag_id = tags.id
                where tags.user_id = {user}::uuid and lower(tags.name) = any (string_to_array({all}, ','))
                group by tied.task_id
                having count(*) = cardinality(string_to_array({all}, ','))
            ))"
        ));
    }
    if let Some(due) = filter.due_before {
        conditions.push(format!("(t).due_at < {}::timestamptz", statement.parameter(due)));
    }
    if let Some(due) = filter.due_after {
        conditions.push(format!("(t).due_at >= {}::timestamptz", statement.parameter(due)));
    }
    conditions.join(" and ")
}

fn joined<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let joined = names.collect::<Vec<_>>().join(",");
    (!joined.is_empty()).then_some(joined)
}

/// The tasks that a search finds under `conditions`, each with its relevance: those with all the words, the last letters of
/// which may be missing; if no task of the user has them, those that contain the text as it stands, or whose titles are
/// spelled alike. `candidates` are found by an index that knows words cut short, and whose they are only by their words.
fn hits(user: &str, typed: &str, conditions: &str) -> String {
    format!(
        "
        words as materialized (
            select query, own, words from search_terms({user}::uuid, {typed})
        ),
        candidates as materialized (
            select t from words, tasks as t where own_words(t.user_id, t.fts) @@ words.own
        ),
        exact as materialized (
            select t, ts_rank((t).fts, words.query)::float8 as relevance
            from candidates, words
            where (t).user_id = {user}::uuid and (t).fts @@ words.query
        ),
        spelled as materialized (
            select alike.task_id, alike.similarity
            from words, tasks_spelled_alike({user}::uuid, words.words) as alike
            where not exists (select from exact)
        ),
        alike as materialized (
            select t, coalesce(spelled.similarity, spelling_similarity(words.words, t.title)) as relevance
            from words, tasks as t
            left join spelled on spelled.task_id = t.id
            where t.user_id = {user}::uuid and not exists (select from exact)
                and (spelled.task_id is not null or contains_text(t.title, {typed}) or contains_text(t.description, {typed}))
        ),
        hits as materialized (
            select t, relevance from exact where {conditions}
            union all
            select t, relevance from alike where {conditions}
        ),"
    )
}

/// The order; ties are ordered by id, so that pages neither repeat nor skip.
fn order_by(sort: (SortBy, SortOrder)) -> &'static str {
    use SortBy::{CreatedAt, DueAt, Priority, Relevance, Title, UpdatedAt};
    use SortOrder::{Ascending, Descending};
    match sort {
        (CreatedAt, Ascending) => "(t).created_at, (t).id",
        (CreatedAt, Descending) => "(t).created_at desc, (t).id desc",
        (UpdatedAt, Ascending) => "(t).updated_at, (t).id",
        (UpdatedAt, Descending) => "(t).updated_at desc, (t).id desc",
        (DueAt, Ascending) => "(t).due_at, (t).id",
        (DueAt, Descending) => "(t).due_at desc nulls last, (t).id desc",
        (Priority, Ascending) => "(t).priority_rank, (t).id",
        (Priority, Descending) => "(t).priority_rank desc, (t).id desc",
        (Title, Ascending) => "lower((t).title), (t).id",
        (Title, Descending) => "lower((t).title) desc, (t).id desc",
        (Relevance, Ascending) => "relevance, (t).id",
        (Relevance, Descending) => "relevance desc, (t).id desc",
    }
}
