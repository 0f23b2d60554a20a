//! Notifications, as their people read them. They lie with notification-service ([`inbox`]); backend, which knows who asks,
//! asks it for them.

mod inbox;

use http::{Method, StatusCode};
use rondo_domain::ids::NotificationId;
use rondo_ports::{Invocation, Platform};
use rondo_store::notification::StatusFilter;
use serde_json::{Value, json};

pub use inbox::Inbox;

use crate::auth::identify;
use crate::problem::log;
use crate::tasks::page;
use crate::{Endpoint, Problem, Reply, Request};

/// Where the notifications lie.
const SERVICE: &str = "notification-service";

/// `/api/notifications`, `/api/notifications/{id}`, `/api/notifications/{id}/read`, `/api/notifications/read-all`.
pub struct Notifications;

impl Endpoint for Notifications {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        let segments = request.segments_after("/api/notifications").unwrap_or_default();
        match (segments.as_slice(), &request.method) {
            ([], &Method::GET) => list(platform, request).await,
            ([], _) => Err(Problem::method_not_allowed("GET")),
            (["read-all"], &Method::POST) => read_all(platform, request).await,
            (["read-all"], _) => Err(Problem::method_not_allowed("POST")),
            ([id], &Method::GET) => show(platform, request, id).await,
            ([_], _) => Err(Problem::method_not_allowed("GET")),
            ([id, "read"], &Method::POST) => read(platform, request, id).await,
            ([_, "read"], _) => Err(Problem::method_not_allowed("POST")),
            _ => Err(Problem::not_found("path")),
        }
    }
}

fn no_notification() -> Problem {
    Problem::not_found("notification")
}

fn notification_id(text: &str) -> Result<NotificationId, Problem> {
    NotificationId::parse(text).ok_or_else(no_notification)
}

async fn list<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let user = identify(platform, request).await?.user;
    let mut query = request.query();
    let filter: StatusFilter = query.one("status", str::parse).unwrap_or_default();
    let page = page(&mut query);
    let (filter, page) = query.finish((filter, page))?;
    ask(platform, request, &inbox::target_of_list(user, filter, page), None).await
}

async fn show<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let user = identify(platform, request).await?.user;
    request.query().finish(())?;
    ask(platform, request, &inbox::target_of_one(user, notification_id(id)?), None).await
}

async fn read<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let user = identify(platform, request).await?.user;
    let target = inbox::target_of_reading(notification_id(id)?);
    ask(platform, request, &target, Some(&json!({ "user_id": user }))).await
}

async fn read_all<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let user = identify(platform, request).await?.user;
    ask(platform, request, inbox::READ_ALL, Some(&json!({ "user_id": user }))).await
}

/// Passes on what notification-service says.
async fn ask<P: Platform>(
    platform: &P,
    request: &Request,
    target: &str,
    body: Option<&Value>,
) -> Result<Reply, Problem> {
    let invocation = Invocation { target, body, request_id: request.id() };
    let answer = platform.invoke(SERVICE, &invocation).await.map_err(|error| {
        log(&format!("{SERVICE} did not answer: {error}"));
        Problem::unavailable()
    })?;
    match answer.status {
        200 => Ok(Reply::json_text(StatusCode::OK, answer.body)),
        404 => Err(no_notification()),
        status => Err(Problem::internal(&format!("{SERVICE} answered with {status}"))),
    }
}
