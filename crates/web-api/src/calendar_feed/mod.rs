//! `/api/calendar-feeds` and `/api/calendar/{token}.ics`: private addresses that calendar programs read, without other
//! credentials. Who has one can read all tasks of whose it is, and nothing else; it can be revoked.

pub(crate) mod entries;
mod feeds;

use http::{Method, StatusCode, header};
use rondo_domain::ValueError;
use rondo_ports::Platform;
use rondo_store::calendar_feed as store;
use sha2::{Digest, Sha256};

use crate::auth::opaque;
use crate::idempotency::hex;
use crate::{Endpoint, Problem, Reply, Request};

/// `/api/calendar-feeds`, `/api/calendar-feeds/{id}`, `/api/calendar/{token}.ics`.
pub struct CalendarFeeds;

impl Endpoint for CalendarFeeds {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        if let Some(segments) = request.segments_after("/api/calendar") {
            return match (segments.as_slice(), &request.method) {
                ([file], &Method::GET | &Method::HEAD) => calendar(platform, request, file).await,
                ([_], _) => Err(Problem::method_not_allowed("GET")),
                _ => Err(Problem::not_found("path")),
            };
        }
        let segments = request.segments_after("/api/calendar-feeds").unwrap_or_default();
        match (segments.as_slice(), &request.method) {
            ([], &Method::GET) => feeds::list(platform, request).await,
            ([], &Method::POST) => feeds::create(platform, request).await,
            ([], _) => Err(Problem::method_not_allowed("GET, POST")),
            ([id], &Method::DELETE) => feeds::revoke(platform, request, id).await,
            ([_], _) => Err(Problem::method_not_allowed("DELETE")),
            _ => Err(Problem::not_found("path")),
        }
    }
}

async fn calendar<P: Platform>(platform: &P, request: &Request, file: &str) -> Result<Reply, Problem> {
    let mut query = request.query();
    let shape = query.one("as", shape).unwrap_or(rondo_ical::Shape::Todos);
    let shape = query.finish(shape)?;
    let no_such = || Problem::not_found("calendar");
    let token = file.strip_suffix(".ics").ok_or_else(no_such)?;
    let read = store::read(platform, &opaque::hash(token)).await?.ok_or_else(no_such)?;
    let calendar = entries::calendar(read, shape)?;
    let tag = format!("\"{}\"", &hex(&Sha256::digest(&calendar))[..32]);
    let reply = if has(request, &tag) {
        Reply::empty(StatusCode::NOT_MODIFIED)
    } else {
        let body = if request.method == Method::HEAD { String::new() } else { calendar };
        Reply::text(StatusCode::OK, "text/calendar; charset=utf-8", body)
    };
    // Who watches the address learns nothing by its Referer, and no cache that others share keeps it.
    Ok(reply
        .with_header(header::ETAG, &tag)
        .with_header(header::CACHE_CONTROL, "private, no-cache")
        .with_header(header::REFERRER_POLICY, "no-referrer"))
}

fn shape(name: &str) -> Result<rondo_ical::Shape, ValueError> {
    match name {
        "todos" => Ok(rondo_ical::Shape::Todos),
        "events" => Ok(rondo_ical::Shape::Events),
        _ => Err(ValueError::new("must be todos or events")),
    }
}

/// Whether the client has what `tag` names (RFC 9110 §13.1.2).
fn has(request: &Request, tag: &str) -> bool {
    let known = request.header(header::IF_NONE_MATCH.as_str()).unwrap_or_default();
    known.split(',').map(|known| known.trim().trim_start_matches("W/")).any(|known| known == tag || known == "*")
}
