//! `/api/notification-settings/webhook`: where notifications are posted to.

use rondo_domain::ids::WebhookId;
use rondo_domain::notification::OutboundUrl;
use rondo_ports::Platform;
use rondo_push::webhook::Secret;
use rondo_store::webhook as store;

use super::reach;
use crate::auth::identify;
use crate::{Problem, Reply, Request};

/// `PUT /api/notification-settings/webhook`. The secret is in this reply and no other; the next one gets a new one.
pub(super) async fn set<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    let reach = reach(platform)?;
    let mut form = request.form()?;
    let url = form.required("url", |text| OutboundUrl::parse(text, reach));
    let url = form.finish(url)?;
    let id = WebhookId::new(platform.now(), platform.bytes());
    let secret = Secret::new(platform.bytes()).to_text();
    Ok(Reply::document(store::set(platform, identity.user, id, &url, &secret).await?))
}

/// `DELETE /api/notification-settings/webhook`.
pub(super) async fn delete<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
    let identity = identify(platform, request).await?;
    if store::delete(platform, identity.user).await? {
        Ok(Reply::no_content())
    } else {
        Err(Problem::not_found("webhook"))
    }
}
