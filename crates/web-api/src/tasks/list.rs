//! `GET /api/tasks`.

use rondo_domain::ValueError;
use rondo_domain::listing::{Page, SearchText, SortBy, SortOrder, TaskFilter};
use rondo_domain::tag::{TagName, TagNames};
use rondo_domain::time;
use rondo_ports::Platform;

use crate::auth::identify;
use crate::query::Query;
use crate::{Problem, Reply, Request};

pub(super) async fn list<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let (filter, sort, page) = asked(request.query())?;
    let tasks = rondo_store::task_list::list(platform, identity.context(request), &filter, sort, page).await?;
    Ok(Reply::document(tasks))
}

fn asked(mut query: Query) -> Result<(TaskFilter, (SortBy, SortOrder), Page), Problem> {
    let filter = TaskFilter {
        status: query.many("status", str::parse),
        priority: query.many("priority", str::parse),
        tags: tags(&mut query),
        search: query.one("search", SearchText::parse).flatten(),
        due_before: query.one("due_before", time::instant),
        due_after: query.one("due_after", time::instant),
    };
    let sort_by = query.one("sort_by", str::parse);
    if sort_by == Some(SortBy::Relevance) && filter.search.is_none() {
        query.fail("sort_by", "can be relevance only when searching");
    }
    let by_itself = if filter.search.is_some() { SortBy::Relevance } else { SortBy::CreatedAt };
    let sort = (sort_by.unwrap_or(by_itself), query.one("sort_order", str::parse).unwrap_or_default());
    let page = page(&mut query);
    query.finish((filter, sort, page))
}

fn tags(query: &mut Query) -> TagNames {
    let names = query.many("tags", TagName::parse);
    TagNames::new(names).unwrap_or_else(|error: ValueError| {
        query.fail("tags", error.to_string());
        TagNames::default()
    })
}

/// Takes `page` and `page_size`.
pub(crate) fn page(query: &mut Query) -> Page {
    let size = query.one("page_size", |text| Page::default().with_size(text)).unwrap_or_default();
    query.one("page", |text| size.with_number(text)).unwrap_or(size)
}
