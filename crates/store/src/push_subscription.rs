//! Push subscriptions: the devices that a user's notifications are pushed to.

use rondo_domain::ids::{PushSubscriptionId, UserId};
use rondo_domain::notification::OutboundUrl;
use rondo_domain::user::Name;
use rondo_ports::{Document, Sql, SqlError};
use serde::Deserialize;

use crate::RawJson;

/// What a browser subscribed with.
#[derive(Debug)]
pub struct NewPushSubscription<'a> {
    /// Its id, if it is new.
    pub id: PushSubscriptionId,
    /// Where its push service takes messages for it.
    pub endpoint: &'a OutboundUrl,
    /// The browser's public key (RFC 8291), base64url.
    pub p256dh: &'a str,
    /// The secret that it shares with us (RFC 8291), base64url.
    pub auth: &'a str,
    /// What the user calls the device by.
    pub device: Option<&'a Name>,
}

/// What came of subscribing. Both documents are as the API shows them.
#[derive(Debug)]
pub enum Subscribed {
    /// It is new.
    Made(RawJson),
    /// There was one of this endpoint and user.
    Replaced(RawJson),
    /// The user has as many as one may have.
    NoRoom,
}

const SUBSCRIBE: &str = "
    select subscribe_device(
        $1::text::uuid, $2::text::uuid, $3::text, $4::text, $5::text, $6::text, $7::text::int
    )::text";

/// Keeps what a browser subscribed with, in the place of what there was of the same endpoint, whosever it was; a user has at
/// most so many.
///
/// # Errors
/// See [`SqlError`].
pub async fn subscribe(
    sql: &impl Sql,
    user: UserId,
    subscription: &NewPushSubscription<'_>,
    at_most: u32,
) -> Result<Subscribed, SqlError> {
    let NewPushSubscription { id, endpoint, p256dh, auth, device } = subscription;
    let parameters = [
        Some(&*user.to_string()),
        Some(&id.to_string()),
        Some(endpoint.as_str()),
        Some(p256dh),
        Some(auth),
        device.map(Name::as_str),
        Some(&at_most.to_string()),
    ];
    let SubscribedDocument { outcome, reply } = sql.call(SUBSCRIBE, &parameters).await?.read()?;
    Ok(match (outcome, reply) {
        (Outcome::Made, Some(reply)) => Subscribed::Made(reply),
        (Outcome::Replaced, Some(reply)) => Subscribed::Replaced(reply),
        (Outcome::NoRoom, _) | (_, None) => Subscribed::NoRoom,
    })
}

#[derive(Deserialize)]
struct SubscribedDocument {
    outcome: Outcome,
    reply: Option<RawJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Made,
    Replaced,
    NoRoom,
}

const LIST: &str = "
    select coalesce(json_agg(push_subscription_document(push_subscriptions) order by created_at, id), '[]')::text
    from push_subscriptions
    where user_id = $1::text::uuid";

/// The user's devices, oldest first, as the API shows them.
///
/// # Errors
/// See [`SqlError`].
pub async fn list(sql: &impl Sql, user: UserId) -> Result<Document, SqlError> {
    sql.call(LIST, &[Some(&user.to_string())]).await
}

const DELETE: &str = "
    with deleted as (
        delete from push_subscriptions where id = $2::text::uuid and user_id = $1::text::uuid returning 1
    )
    select to_json(exists (select from deleted))::text";

/// Takes the device away. False if there is none of that id.
///
/// # Errors
/// See [`SqlError`].
pub async fn delete(sql: &impl Sql, user: UserId, id: PushSubscriptionId) -> Result<bool, SqlError> {
    sql.call(DELETE, &[Some(&user.to_string()), Some(&id.to_string())]).await?.read()
}
