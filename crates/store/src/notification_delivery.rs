//! Notifications on their way to devices and addresses: claimed for a while by whoever sends them, and settled.
//!
//! Who claims has a lease. Dies it before it has settled, the lease ends and the delivery comes again, under the same id: what
//! is sent names that id, so that the other side can tell.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use rondo_domain::delivery::{Channel, Outcome};
use rondo_domain::ids::{DeliveryId, NotificationId, ReminderId, TaskId, TaskInstanceId, UserId};
use rondo_ports::{Sql, SqlError};
use serde::{Deserialize, Serialize};

/// A delivery whose time has come.
#[derive(Debug, Clone, Deserialize)]
pub struct Delivery {
    /// Its id, which stays the same over all attempts.
    pub id: DeliveryId,
    /// Which attempt this is, from 1 on.
    pub attempt: u32,
    /// By which channel.
    pub channel: Channel,
    /// What is to be told.
    pub notification: Notification,
    /// When that is, by the person's clocks.
    pub clocks: Clocks,
    /// Whether the reminder's time was a minute ago or longer.
    pub is_past: bool,
    /// The device, if it is to be pushed and the device is not gone.
    pub push_subscription: Option<PushSubscription>,
    /// The webhook, if it goes there and there still is one.
    pub webhook: Option<Webhook>,
    /// The person's address, if it is an e-mail.
    pub email: Option<String>,
}

/// A notification, as others are told of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Whose it is.
    pub user_id: UserId,
    /// The task, or the template of the series.
    pub task_id: Option<TaskId>,
    /// The instance of the series, if it is about one.
    pub task_instance_id: Option<TaskInstanceId>,
    /// The reminder that was due.
    pub reminder_id: Option<ReminderId>,
    /// What the task is called.
    pub title: String,
    /// What is said of it.
    pub body: String,
    /// When the task is due.
    pub due_at: Option<Timestamp>,
    /// The time that the reminder was set to.
    pub scheduled_for: Option<Timestamp>,
    /// Whether it could not be told at its time.
    pub is_late: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Times as a person's clocks show them.
#[derive(Debug, Clone, Deserialize)]
pub struct Clocks {
    /// The zone.
    pub zone: String,
    /// When the task is due.
    pub due: Option<DateTime>,
    /// The time that the reminder was set to.
    pub scheduled_for: Option<DateTime>,
}

/// What a browser subscribed with.
#[derive(Debug, Clone, Deserialize)]
pub struct PushSubscription {
    /// Where its push service takes messages for it.
    pub endpoint: String,
    /// The browser's public key (RFC 8291), base64url.
    pub p256dh: String,
    /// The secret that it shares with us (RFC 8291), base64url.
    pub auth: String,
}

/// Where a person's notifications are posted to.
#[derive(Debug, Clone, Deserialize)]
pub struct Webhook {
    /// The address.
    pub url: String,
    /// What signs them: `whsec_…`.
    pub secret: String,
}

const CLAIM: &str = "
    select claim_deliveries($1::text::timestamptz, make_interval(secs => $2::text::float8), $3::text::integer)::text";

/// Claims at most `at_most` deliveries whose time has come, for as long as `lease`. `now` is the database's own time unless a test
/// says another.
///
/// # Errors
/// See [`SqlError`].
pub async fn claim(
    sql: &impl Sql,
    now: Option<Timestamp>,
    lease: SignedDuration,
    at_most: usize,
) -> Result<Vec<Delivery>, SqlError> {
    let now = now.map(|now| now.to_string());
    let (lease, at_most) = (lease.as_secs().to_string(), at_most.to_string());
    sql.call(CLAIM, &[now.as_deref(), Some(&lease), Some(&at_most)]).await?.read()
}

/// What became of a delivery that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Which delivery.
    pub id: DeliveryId,
    /// Which attempt.
    pub attempt: u32,
    /// What became of it.
    pub outcome: Outcome,
}

const SETTLE: &str = "select settle_deliveries($1::text::timestamptz, $2::text::jsonb)::text";

/// Says what became of deliveries. Whoever's lease has run out meanwhile changes nothing. Returns how many were settled.
///
/// # Errors
/// See [`SqlError`].
pub async fn settle(sql: &impl Sql, now: Option<Timestamp>, settlements: &[Settlement]) -> Result<usize, SqlError> {
    let now = now.map(|now| now.to_string());
    let documents: Vec<_> = settlements.iter().map(SettlementDocument::of).collect();
    let documents = serde_json::to_string(&documents)?;
    let Settled { settled } = sql.call(SETTLE, &[now.as_deref(), Some(&documents)]).await?.read()?;
    Ok(settled)
}

#[derive(Deserialize)]
struct Settled {
    settled: usize,
}

/// A [`Settlement`] as the statement takes it.
#[derive(Serialize)]
struct SettlementDocument<'a> {
    id: DeliveryId,
    attempt: u32,
    outcome: &'static str,
    error: Option<&'a str>,
    wait_s: Option<i64>,
}

impl<'a> SettlementDocument<'a> {
    fn of(settlement: &'a Settlement) -> Self {
        let Settlement { id, attempt, outcome } = settlement;
        let (outcome, error, wait_s) = match outcome {
            Outcome::Sent => ("sent", None, None),
            Outcome::Again { reason, after } => ("again", Some(reason.as_str()), Some(after.as_secs())),
            Outcome::Failed(reason) => ("failed", Some(reason.as_str()), None),
            Outcome::Gone(reason) => ("gone", Some(reason.as_str()), None),
        };
        Self { id: *id, attempt: *attempt, outcome, error, wait_s }
    }
}
