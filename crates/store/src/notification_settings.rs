//! Which channels a person chose, and their quiet hours.

use rondo_domain::ids::UserId;
use rondo_domain::notification::QuietHours;
use rondo_ports::{Document, Sql, SqlError};
use serde::Deserialize;

use crate::RawJson;

/// Which channels the operator has set up. The page and webhooks always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// Web push.
    pub web_push: bool,
    /// E-mail.
    pub email: bool,
}

// The settings as the API shows them: of the row `settings`, which may be missing, the user $1, and what is available ($2, $3).
macro_rules! settings_document {
    ($settings:literal) => {
        concat!(
            "(
                select json_build_object(
                    'web_push', coalesce(settings.web_push, false),
                    'webhook', coalesce(settings.webhook and webhooks.id is not null, false),
                    'email', coalesce(settings.email, false),
                    'quiet_hours', case when settings.quiet_from is not null then json_build_object(
                        'from', to_char(settings.quiet_from, 'HH24:MI'), 'until', to_char(settings.quiet_until, 'HH24:MI')
                    ) end,
                    'available', json_build_object('web_push', $2::text::boolean, 'email', $3::text::boolean),
                    'webhook_url', webhooks.url,
                    'email_address', users.email
                )
                from users
                left join ",
            $settings,
            " as settings on settings.user_id = users.id
                left join webhooks on webhooks.user_id = users.id
                where users.id = $1::text::uuid
            )"
        )
    };
}

const GET: &str = concat!(
    "select coalesce(",
    settings_document!("(select * from notification_settings where user_id = $1::text::uuid)"),
    ", 'null')::text"
);

/// The user's settings, as the API shows them.
///
/// # Errors
/// See [`SqlError`].
pub async fn get(sql: &impl Sql, user: UserId, available: Available) -> Result<Document, SqlError> {
    sql.call(GET, &[Some(&user.to_string()), Some(flag(available.web_push)), Some(flag(available.email))]).await
}

fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// What is to be different; `None` leaves it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SettingsPatch {
    /// Web push.
    pub web_push: Option<bool>,
    /// The webhook.
    pub webhook: Option<bool>,
    /// E-mail.
    pub email: Option<bool>,
    /// The quiet hours; `Some(None)`: none.
    pub quiet_hours: Option<Option<QuietHours>>,
}

const CHANGE: &str = concat!(
    "
    with changed as (
        insert into notification_settings as settings (user_id, web_push, webhook, email, quiet_from, quiet_until)
        select $1::text::uuid, coalesce($4::text::boolean, false), coalesce($5::text::boolean, false),
            coalesce($6::text::boolean, false), $8::text::time, $9::text::time
        where $5::text::boolean is not true or exists (select from webhooks where user_id = $1::text::uuid)
        on conflict (user_id) do update set
            web_push = coalesce($4::text::boolean, settings.web_push),
            webhook = coalesce($5::text::boolean, settings.webhook),
            email = coalesce($6::text::boolean, settings.email),
            quiet_from = case when $7::text::boolean then $8::text::time else settings.quiet_from end,
            quiet_until = case when $7::text::boolean then $9::text::time else settings.quiet_until end,
            updated_at = now()
        returning *
    )
    select case
        when exists (select from changed) then json_build_object('settings', ",
    settings_document!("changed"),
    ")
        else json_build_object('settings', null)
    end::text"
);

/// What came of changing settings.
#[derive(Debug)]
pub enum SettingsChange {
    /// The settings as they are now.
    Changed(RawJson),
    /// The webhook can't be used: there is no address.
    NoWebhook,
}

/// Changes the user's settings.
///
/// # Errors
/// See [`SqlError`].
pub async fn change(
    sql: &impl Sql,
    user: UserId,
    patch: SettingsPatch,
    available: Available,
) -> Result<SettingsChange, SqlError> {
    #[derive(Deserialize)]
    struct Changed {
        #[serde(deserialize_with = "crate::json::nullable")]
        settings: Option<RawJson>,
    }
    let (from, until) =
        patch.quiet_hours.flatten().map(|hours| (hours.from().to_string(), hours.until().to_string())).unzip();
    let parameters = [
        Some(&*user.to_string()),
        Some(flag(available.web_push)),
        Some(flag(available.email)),
        patch.web_push.map(flag),
        patch.webhook.map(flag),
        patch.email.map(flag),
        Some(flag(patch.quiet_hours.is_some())),
        from.as_deref(),
        until.as_deref(),
    ];
    let changed: Changed = sql.call(CHANGE, &parameters).await?.read()?;
    Ok(changed.settings.map_or(SettingsChange::NoWebhook, SettingsChange::Changed))
}
