//! Notifications: how a reminder that is due becomes one, and the inbox that they lie in.
//!
//! Who delivers asks what is to be told ([`reminder_to_tell`], backend's answer), composes it, and delivers it in one statement
//! ([`deliver`]), which looks again under locks: whatever has changed in between, nobody is told of what is no longer so.

use rondo_domain::ids::{NotificationId, ReminderId, UserId};
use rondo_domain::listing::Page;
use rondo_ports::{Document, Sql, SqlError};
use serde::{Deserialize, Serialize};

use crate::json::nullable;
use crate::processed_event::ConsumedEvent;
use crate::{RawJson, RelayBatch, RequestContext};

const REMINDER_TO_TELL: &str = "
    select json_build_object(
        'reminder', reminder_to_tell($1::text::uuid, $2::text::uuid, $3::text::bigint)
    )::text";

/// What is to be told of a reminder that has fallen due, `{"reminder": {…}}` with the fields of [`ReminderToTell`]; null if nothing
/// is (any more): it is gone, called off or moved, or what it is about is done.
///
/// # Errors
/// See [`SqlError`].
pub async fn reminder_to_tell(
    sql: &impl Sql,
    user: UserId,
    reminder: ReminderId,
    revision: i64,
) -> Result<Document, SqlError> {
    sql.call(REMINDER_TO_TELL, &[Some(&user.to_string()), Some(&reminder.to_string()), Some(&revision.to_string())])
        .await
}

/// What is to be told of a reminder.
#[derive(Debug, Clone, Deserialize)]
pub struct ReminderToTell {
    /// What the task, or the instance, is called.
    pub title: String,
    /// When it is due, if it is: RFC 3339 in UTC.
    pub due_at: Option<String>,
    /// The same on the user's clocks.
    pub due: Option<jiff::civil::DateTime>,
    /// The time that the reminder was set to, on the user's clocks.
    pub scheduled_for: jiff::civil::DateTime,
    /// Whose clocks: the zone's name.
    pub zone: String,
}

/// A notification that is to be made.
#[derive(Debug, Clone, Serialize)]
pub struct Telling<'a> {
    /// Its id.
    pub id: NotificationId,
    /// What the task is called: what was asked for it to be composed.
    pub title: &'a str,
    /// Its text.
    pub body: &'a str,
    /// When the task is due, RFC 3339 in UTC: the same.
    pub due_at: Option<&'a str>,
    /// Whether the reminder could not be told at its time.
    pub is_late: bool,
}

/// A reminder that has fallen due, as its event says.
#[derive(Debug, Clone, Copy)]
pub struct DueReminder<'a> {
    /// The event.
    pub event: ConsumedEvent<'a>,
    /// Which.
    pub reminder: ReminderId,
    /// In which state: it grows with each time that it is given.
    pub revision: i64,
}

/// What came of a delivery.
#[derive(Debug)]
pub enum Delivery {
    /// The person has a notification more.
    Delivered {
        /// Whether it is also on its way to channels.
        has_deliveries: bool,
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// Nobody is to be told (any more).
    Suppressed {
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// It was dealt with before.
    Repeated,
    /// Things have changed since it was asked what is to be told: nothing was done. Ask again.
    Changed,
}

const DELIVER: &str = "
    select deliver_notification(
        $1::text, $2::text, $3::text, $4::text::timestamptz, $5::text, $6::text::uuid, $7::text::uuid, $8::text::bigint,
        $9::text::jsonb, $10::text::timestamptz
    )::text";

/// Delivers a notification and claims the event; `None` to tell nothing, because nothing is to be told. `now` is the time where
/// a test drives the clock.
///
/// # Errors
/// See [`SqlError`].
pub async fn deliver(
    sql: &impl Sql,
    context: RequestContext<'_>,
    due: DueReminder<'_>,
    telling: Option<&Telling<'_>>,
    now: Option<jiff::Timestamp>,
) -> Result<Delivery, SqlError> {
    let DueReminder { event, reminder, revision } = due;
    let telling = telling.map(serde_json::to_string).transpose()?;
    let document: DeliveryDocument = sql
        .call(
            DELIVER,
            &[
                Some(event.consumer),
                Some(event.event_id),
                Some(event.event_type),
                Some(event.occurred_at),
                Some(context.request_id),
                Some(&context.user.to_string()),
                Some(&reminder.to_string()),
                Some(&revision.to_string()),
                telling.as_deref(),
                now.map(|now| now.to_string()).as_deref(),
            ],
        )
        .await?
        .read()?;
    let DeliveryDocument { outcome, has_deliveries, relay } = document;
    Ok(match outcome {
        Outcome::Delivered => Delivery::Delivered { has_deliveries, relay },
        Outcome::Suppressed => Delivery::Suppressed { relay },
        Outcome::Repeated => Delivery::Repeated,
        Outcome::Changed => Delivery::Changed,
    })
}

#[derive(Deserialize)]
struct DeliveryDocument {
    outcome: Outcome,
    #[serde(default)]
    has_deliveries: bool,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Delivered,
    Suppressed,
    Repeated,
    Changed,
}

const UNTOLD: &str = "
    select coalesce(json_agg(json_build_object(
        'user_id', user_id, 'reminder_id', id, 'revision', revision, 'fell_due_at', utc_text(sent_at),
        'is_late', coalesce($1::text::timestamptz, clock_timestamp()) > scheduled_for_utc + interval '1 minute'
    )), '[]')::text
    from (
        select * from reminders
        where status = 'sent' and told_revision is distinct from revision
            and sent_at < coalesce($1::text::timestamptz, clock_timestamp()) - make_interval(secs => $2::text::int)
        order by sent_at, id
        limit 100
    ) as untold";

/// A reminder that was marked as due and that nobody was told of, nor expressly not.
#[derive(Debug, Clone, Deserialize)]
pub struct Untold {
    /// Whose it is.
    pub user_id: UserId,
    /// Which.
    pub reminder_id: ReminderId,
    /// In which state it fell due.
    pub revision: i64,
    /// When it was marked, RFC 3339 in UTC.
    pub fell_due_at: String,
    /// Whether its time was a minute ago or longer.
    pub is_late: bool,
}

/// Reminders that were marked more than `seconds` ago and are untold, at most 100, the longest so first. `now` is the time where a
/// test drives the clock.
///
/// # Errors
/// See [`SqlError`].
pub async fn untold(sql: &impl Sql, now: Option<jiff::Timestamp>, seconds: u32) -> Result<Vec<Untold>, SqlError> {
    sql.call(UNTOLD, &[now.map(|now| now.to_string()).as_deref(), Some(&seconds.to_string())]).await?.read()
}

/// Which notifications are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatusFilter {
    /// Those that were not read.
    Unread,
    /// All of them.
    #[default]
    All,
}

impl StatusFilter {
    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::All => "all",
        }
    }
}

impl std::str::FromStr for StatusFilter {
    type Err = rondo_domain::ValueError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "unread" => Ok(Self::Unread),
            "all" => Ok(Self::All),
            _ => Err(rondo_domain::ValueError::new("must be unread or all")),
        }
    }
}

const LIST: &str = "
    select json_build_object(
        'notifications', (
            select coalesce(json_agg(
                notification_document(notification) order by (notification).created_at desc, (notification).id desc
            ), '[]')
            from (
                select notifications as notification from notifications
                where user_id = $1::text::uuid and ($2::text = 'all' or status = $2::text)
                order by created_at desc, id desc
                limit $4::text::bigint offset $5::text::bigint
            ) as on_the_page
        ),
        'unread', (select count(*) from notifications where user_id = $1::text::uuid and status = 'unread'),
        'total', (
            select count(*) from notifications
            where user_id = $1::text::uuid and ($2::text = 'all' or status = $2::text)
        ),
        'page', $3::text::int,
        'page_size', $4::text::int
    )::text";

/// A page of the user's notifications, newest first, ties by id, and how many are unread, as the API answers.
///
/// # Errors
/// See [`SqlError`].
pub async fn list(sql: &impl Sql, user: UserId, filter: StatusFilter, page: Page) -> Result<Document, SqlError> {
    let parameters = [
        Some(&*user.to_string()),
        Some(filter.as_str()),
        Some(&page.number().to_string()),
        Some(&page.size().to_string()),
        Some(&page.offset().to_string()),
    ];
    sql.call(LIST, &parameters).await
}

#[derive(Deserialize)]
struct One {
    #[serde(deserialize_with = "nullable")]
    notification: Option<RawJson>,
}

const GET: &str = "
    select json_build_object('notification', (
        select notification_document(notifications) from notifications
        where id = $2::text::uuid and user_id = $1::text::uuid
    ))::text";

/// A notification of the user, as the API shows it.
///
/// # Errors
/// See [`SqlError`].
pub async fn get(sql: &impl Sql, user: UserId, id: NotificationId) -> Result<Option<RawJson>, SqlError> {
    let found: One = sql.call(GET, &[Some(&user.to_string()), Some(&id.to_string())]).await?.read()?;
    Ok(found.notification)
}

const READ: &str = "
    with noted as (
        update notifications set status = 'read', read_at = coalesce(read_at, now())
        where id = $2::text::uuid and user_id = $1::text::uuid
        returning notifications as notification
    )
    select json_build_object('notification', (select notification_document(notification) from noted))::text";

/// Notes that the user has read it; the notification as it is now. The second time nothing changes.
///
/// # Errors
/// See [`SqlError`].
pub async fn read(sql: &impl Sql, user: UserId, id: NotificationId) -> Result<Option<RawJson>, SqlError> {
    let noted: One = sql.call(READ, &[Some(&user.to_string()), Some(&id.to_string())]).await?.read()?;
    Ok(noted.notification)
}

// Locked in the order of ids, so that two who read all at once do not wait for each other in a circle.
const READ_ALL: &str = "
    with unread as materialized (
        select id from notifications where user_id = $1::text::uuid and status = 'unread' order by id for update
    ),
    noted as (
        update notifications set status = 'read', read_at = now()
        where user_id = $1::text::uuid and id in (select id from unread)
        returning 1
    )
    select json_build_object('unread', 0, 'updated', (select count(*) from noted))::text";

/// Notes that the user has read all there is: `{"unread": 0, "updated": n}`.
///
/// # Errors
/// See [`SqlError`].
pub async fn read_all(sql: &impl Sql, user: UserId) -> Result<Document, SqlError> {
    sql.call(READ_ALL, &[Some(&user.to_string())]).await
}
