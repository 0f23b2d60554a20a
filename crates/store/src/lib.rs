//! Every SQL statement of Rondo, a file per aggregate.
//!
//! What holds for all of them:
//! - A change is one statement: it holds the guard, the change, the events in the outbox and what the answer needs. There
//!   is no BEGIN, because a component may be stopped between any two calls.
//! - A statement has one row with one JSON document, and its parameters are text (see [`rondo_ports::Sql`]).
//! - What belongs to a user is always asked for with the user's id, so somebody else's thing reads as absent.
//! - Documents that go to the client as they are come as [`RawJson`]: nothing here decodes them.
//!
//! Read [`task`] first: it shows the shape of a change. [`outbox`] says how events leave.

pub mod api_token;
pub mod calendar;
pub mod calendar_feed;
pub mod hash_queue;
pub mod housekeeping;
mod issuance;
mod json;
pub mod metrics;
pub mod notification;
pub mod notification_delivery;
pub mod notification_settings;
pub mod occurrence;
pub mod outbox;
pub mod processed_event;
pub mod push_subscription;
pub mod reminder;
pub mod reminder_due;
pub mod series;
pub mod series_change;
pub mod session;
pub mod tag;
pub mod task;
pub mod task_bulk;
pub mod task_instance;
pub mod task_list;
pub mod task_transfer;
pub mod user;
pub mod webhook;

pub use issuance::Issuance;
pub use json::RawJson;
pub use outbox::RelayBatch;

/// What a change is told of the request behind it.
#[derive(Debug, Clone, Copy)]
pub struct RequestContext<'a> {
    /// Whose things are changed.
    pub user: rondo_domain::ids::UserId,
    /// The request's id; events carry it.
    pub request_id: &'a str,
}

/// An `Idempotency-Key` and what the request was.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The key that the client chose, 1 to 255 characters.
    pub key: String,
    /// SHA-256, in hex, of what was asked.
    pub request_hash: String,
}

/// What came of a creation that may have been asked for before.
#[derive(Debug)]
pub enum Creation {
    /// It was made now.
    Made {
        /// The reply.
        reply: RawJson,
        /// What is to be published once it has been sent.
        relay: Option<RelayBatch>,
    },
    /// The key had been used for the same request: its first reply.
    Replayed(RawJson),
    /// The key had been used for another request.
    KeyReused,
}
