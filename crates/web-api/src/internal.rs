//! `GET /internal/reminders/{id}?user_id&revision`, in backend: whether a reminder that has fallen due is still to be told, and
//! what of it. notification-service asks, right before it tells.

use http::Method;
use rondo_domain::ValueError;
use rondo_domain::ids::{ReminderId, UserId};
use rondo_ports::Platform;
use rondo_store::notification;

use crate::consumer::only_apps;
use crate::{Endpoint, Problem, Reply, Request};

/// Who asks.
const ASKED_BY: &str = "notification-service";
/// What comes before the reminder's id.
const REMINDERS: &str = "/internal/reminders";

/// `/internal/reminders/{id}`.
pub struct Internal;

impl Endpoint for Internal {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        only_apps(platform, request, &[ASKED_BY])?;
        match (request.segments_after(REMINDERS).as_deref(), &request.method) {
            (Some([id]), &Method::GET) => reminder(platform, request, id).await,
            (Some([_]), _) => Err(Problem::method_not_allowed("GET")),
            _ => Err(Problem::not_found("path")),
        }
    }
}

/// Where a reminder is asked for.
pub(crate) fn target_of_reminder(user: UserId, reminder: ReminderId, revision: i64) -> String {
    format!("{REMINDERS}/{reminder}?user_id={user}&revision={revision}")
}

/// A reminder that is gone, or somebody else's, is answered as one that is not to be told: 404 would say that the question has
/// come to the wrong place.
async fn reminder<P: Platform>(platform: &P, request: &Request, id: &str) -> Result<Reply, Problem> {
    let id = ReminderId::parse(id).ok_or_else(|| Problem::not_found("path"))?;
    let mut query = request.query();
    let user = query.one("user_id", |text| UserId::parse(text).ok_or_else(|| ValueError::new("must be a UUID")));
    let revision = query.one("revision", |text| text.parse().map_err(|_| ValueError::new("must be a whole number")));
    let (user, revision) = query
        .finish(user.zip(revision))?
        .ok_or_else(|| Problem::invalid_value("revision", "is required, and so is user_id"))?;
    Ok(Reply::document(notification::reminder_to_tell(platform, user, id, revision).await?))
}
