//! Webhooks: the address that a user's notifications are posted to, and the secret that signs them.

use rondo_domain::ids::{UserId, WebhookId};
use rondo_domain::notification::OutboundUrl;
use rondo_ports::{Document, Sql, SqlError};

const SET: &str = "
    with kept as (
        insert into webhooks (id, user_id, url, secret)
        values ($2::text::uuid, $1::text::uuid, $3::text, $4::text)
        on conflict (user_id) do update set url = excluded.url, secret = excluded.secret, created_at = now()
        returning url, secret
    )
    select json_build_object('url', url, 'secret', secret)::text from kept";

/// Sets the user's webhook, in the place of the one before; `{"url", "secret"}`. `id` is that of a first one.
///
/// # Errors
/// See [`SqlError`].
pub async fn set(
    sql: &impl Sql,
    user: UserId,
    id: WebhookId,
    url: &OutboundUrl,
    secret: &str,
) -> Result<Document, SqlError> {
    sql.call(SET, &[Some(&user.to_string()), Some(&id.to_string()), Some(url.as_str()), Some(secret)]).await
}

const DELETE: &str = "
    with deleted as (
        delete from webhooks where user_id = $1::text::uuid returning 1
    ),
    turned_off as (
        update notification_settings set webhook = false, updated_at = now() where user_id = $1::text::uuid and webhook
    )
    select to_json(exists (select from deleted))::text";

/// Takes the user's webhook away, and turns the channel off. False if there is none.
///
/// # Errors
/// See [`SqlError`].
pub async fn delete(sql: &impl Sql, user: UserId) -> Result<bool, SqlError> {
    sql.call(DELETE, &[Some(&user.to_string())]).await?.read()
}
