//! `/internal/notifications`, in notification-service: the notifications of whoever backend says.

use http::{Method, StatusCode};
use rondo_domain::ValueError;
use rondo_domain::ids::{NotificationId, UserId};
use rondo_domain::listing::Page;
use rondo_ports::Platform;
use rondo_store::notification::{self as store, StatusFilter};

use super::{no_notification, notification_id};
use crate::consumer::only_apps;
use crate::tasks::page;
use crate::{Endpoint, Problem, Reply, Request};

/// Who asks, and has made sure for whom.
const ASKED_BY: &str = "backend";
const NOTIFICATIONS: &str = "/internal/notifications";
/// Where all are read.
pub(super) const READ_ALL: &str = "/internal/notifications/read-all";

/// `/internal/notifications`, `/internal/notifications/{id}`, `/internal/notifications/{id}/read`,
/// `/internal/notifications/read-all`.
pub struct Inbox;

impl Endpoint for Inbox {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        only_apps(platform, request, &[ASKED_BY])?;
        let segments = request.segments_after(NOTIFICATIONS).unwrap_or_default();
        match (segments.as_slice(), &request.method) {
            ([], &Method::GET) => list(platform, request).await,
            (["read-all"], &Method::POST) => read_all(platform, request).await,
            ([id], &Method::GET) => show(platform, request, id).await,
            ([id, "read"], &Method::POST) => read(platform, request, id).await,
            _ => Err(Problem::not_found("path")),
        }
    }
}

/// Where a page is asked for.
pub(super) fn target_of_list(user: UserId, filter: StatusFilter, page: Page) -> String {
    format!(
        "{NOTIFICATIONS}?user_id={user}&status={}&page={}&page_size={}",
        filter.as_str(),
        page.number(),
        page.size()
    )
}

/// Where one is asked for.
pub(super) fn target_of_one(user: UserId, id: NotificationId) -> String {
    format!("{NOTIFICATIONS}/{id}?user_id={user}")
}

/// Where one is read.
pub(super) fn target_of_reading(id: NotificationId) -> String {
    format!("{NOTIFICATIONS}/{id}/read")
}

fn user(text: &str) -> Result<UserId, ValueError> {
    UserId::parse(text).ok_or_else(|| ValueError::new("must be a UUID"))
}

async fn list<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let mut query = request.query();
    let user = query.one("user_id", user);
    let filter: StatusFilter = query.one("status", str::parse).unwrap_or_default();
    let page = page(&mut query);
    let user = query.finish(user)?.ok_or_else(no_user)?;
    Ok(Reply::document(store::list(platform, user, filter, page).await?))
}

async fn show<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let mut query = request.query();
    let user = query.one("user_id", user);
    let user = query.finish(user)?.ok_or_else(no_user)?;
    let found = store::get(platform, user, notification_id(id)?).await?.ok_or_else(no_notification)?;
    Ok(Reply::raw(StatusCode::OK, found))
}

async fn read<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let noted = store::read(platform, reader(request)?, notification_id(id)?).await?.ok_or_else(no_notification)?;
    Ok(Reply::raw(StatusCode::OK, noted))
}

async fn read_all<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    Ok(Reply::document(store::read_all(platform, reader(request)?).await?))
}

fn no_user() -> Problem {
    Problem::invalid_value("user_id", "is required")
}

/// Who reads: the body's `user_id`.
fn reader(request: &Request) -> Result<UserId, Problem> {
    let mut form = request.form()?;
    let user = form.required("user_id", user);
    form.finish(user)
}
