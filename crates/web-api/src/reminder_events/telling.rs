//! How a person is told of a reminder.

use rondo_domain::ids::{NotificationId, ReminderId, UserId};
use rondo_domain::notification::Occasion;
use rondo_ports::{Invocation, Platform, SidecarError, SqlError};
use rondo_store::RequestContext;
use rondo_store::notification::{self, Delivery, DueReminder, ReminderToTell, Telling};
use rondo_store::processed_event::ConsumedEvent;
use serde::Deserialize;

use crate::clock::told_time;
use crate::internal::target_of_reminder;
use crate::problem::note;
use crate::{Problem, Relay, deliveries};

/// Who knows what is to be told.
const ASKED: &str = "backend";
/// How often backend is asked about a reminder that somebody changes at the same moment.
const ATTEMPTS: u32 = 3;

/// What `reminder.due` says.
#[derive(Debug, Deserialize)]
pub(super) struct Due {
    /// Whose it is.
    pub user_id: UserId,
    /// Which.
    pub reminder_id: ReminderId,
    /// In which state it fell due.
    pub revision: i64,
    /// Whether it could not be told at its time.
    #[serde(default)]
    pub is_late: bool,
}

/// Why a person was not told, now or at all.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// It can never work: why.
    #[error("{0}")]
    Hopeless(String),
    /// The database is away.
    #[error(transparent)]
    Database(#[from] SqlError),
    /// Backend can't be asked.
    #[error("{ASKED} was not asked: {0}")]
    NotAsked(#[from] SidecarError),
    /// Backend answers something else.
    #[error("{ASKED} answered with {0}")]
    Unexpected(u16),
    /// Whenever it is composed, things have changed.
    #[error("the reminder changes faster than it can be told")]
    Restless,
    /// A variable is not as it must be.
    #[error("{}", .0.detail())]
    Setup(Problem),
}

/// Tells a person of a reminder, if it is still to be told; what is to be published then.
pub(super) async fn tell<P: Platform>(
    platform: &P,
    request_id: &str,
    event: ConsumedEvent<'_>,
    due: &Due,
) -> Result<Option<Relay>, Trouble> {
    let context = RequestContext { user: due.user_id, request_id };
    let reminder = DueReminder { event, reminder: due.reminder_id, revision: due.revision };
    let now = told_time(platform).map_err(Trouble::Setup)?;
    for _ in 0..ATTEMPTS {
        let to_tell = ask(platform, request_id, due).await?;
        let body = to_tell.as_ref().map(|facts| occasion(facts, due.is_late).body()).unwrap_or_default();
        let telling = to_tell.as_ref().map(|facts| Telling {
            id: NotificationId::new(platform.now(), platform.bytes()),
            title: &facts.title,
            body: &body,
            due_at: facts.due_at.as_deref(),
            is_late: due.is_late,
        });
        let (relay, what) = match notification::deliver(platform, context, reminder, telling.as_ref(), now).await? {
            Delivery::Delivered { relay, has_deliveries } => {
                if has_deliveries {
                    deliveries::wake(platform).await;
                }
                (relay, "told of")
            }
            Delivery::Suppressed { relay } => (relay, "not told of"),
            Delivery::Repeated => return Ok(None),
            Delivery::Changed => continue,
        };
        note(&format!("{} is {what} the reminder {}", due.user_id, due.reminder_id));
        return Ok(relay.map(|batch| Relay::outside_backend(due.user_id, batch, request_id)));
    }
    Err(Trouble::Restless)
}

/// What backend says is to be told of the reminder; `None`: nothing.
async fn ask<P: Platform>(platform: &P, request_id: &str, due: &Due) -> Result<Option<ReminderToTell>, Trouble> {
    #[derive(Deserialize)]
    struct Answer {
        reminder: Option<ReminderToTell>,
    }
    let target = target_of_reminder(due.user_id, due.reminder_id, due.revision);
    let answer = platform.invoke(ASKED, &Invocation { target: &target, body: None, request_id }).await?;
    if answer.status != 200 {
        return Err(Trouble::Unexpected(answer.status));
    }
    let Answer { reminder } = serde_json::from_slice(&answer.body).map_err(SqlError::from)?;
    Ok(reminder)
}

fn occasion(facts: &ReminderToTell, is_late: bool) -> Occasion<'_> {
    Occasion { due: facts.due, scheduled_for: facts.scheduled_for, zone: &facts.zone, is_late }
}
