//! `/api/tags`: the user's tags.

use http::{Method, StatusCode};
use rondo_domain::ids::TagId;
use rondo_domain::tag::TagName;
use rondo_ports::Platform;
use rondo_store::tag::{self as store, TagChange};

use crate::auth::identify;
use crate::{Endpoint, Problem, Reply, Request};

/// `/api/tags`, `/api/tags/{id}`.
pub struct Tags;

impl Endpoint for Tags {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        let segments = request.segments_after("/api/tags").unwrap_or_default();
        match (segments.as_slice(), &request.method) {
            ([], &Method::GET) => list(platform, request).await,
            ([], _) => Err(Problem::method_not_allowed("GET")),
            ([id], &Method::PATCH) => rename(platform, request, id).await,
            ([id], &Method::DELETE) => delete(platform, request, id).await,
            ([_], _) => Err(Problem::method_not_allowed("PATCH, DELETE")),
            _ => Err(Problem::not_found("path")),
        }
    }
}

async fn list<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    request.query().finish(())?;
    Ok(Reply::document(store::list(platform, identity.context(request)).await?))
}

fn tag_id(text: &str) -> Result<TagId, Problem> {
    TagId::parse(text).ok_or_else(|| Problem::not_found("tag"))
}

async fn rename<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let id = tag_id(id)?;
    let mut form = request.merge_patch()?;
    let name = form.required("name", TagName::parse);
    let name = form.finish(name)?;
    match store::rename(platform, identity.context(request), id, &name).await? {
        TagChange::Changed { tag, relay } => Ok(Reply::raw(StatusCode::OK, tag).with_relay(identity.user, relay)),
        TagChange::Absent => Err(Problem::not_found("tag")),
    }
}

async fn delete<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    match store::delete(platform, identity.context(request), tag_id(id)?).await? {
        TagChange::Changed { relay, .. } => Ok(Reply::no_content().with_relay(identity.user, relay)),
        TagChange::Absent => Err(Problem::not_found("tag")),
    }
}
