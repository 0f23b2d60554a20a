//! Requests to the domain, outcomes to replies: the endpoints, apart from what runs them.
//!
//! An [`Endpoint`] is what a component serves. [`answer`] calls it and turns what it returns into a reply; [`follow_up`]
//! does what is left once the reply has been sent: relaying the events that the change wrote.
//!
//! Read [`tasks`] for how an endpoint looks: who asks, what is asked, decide, save, answer.

pub mod api;
pub mod auth;
pub mod calendar_feed;
mod clock;
mod consumer;
pub mod deliveries;
mod form;
pub mod health;
mod idempotency;
pub mod internal;
pub mod notification_settings;
pub mod notifications;
pub mod occurrences;
pub mod outbox_sweep;
pub mod page;
mod problem;
mod query;
pub mod recurring;
mod relay;
pub mod reminder_events;
pub mod reminders;
mod reply;
mod request;
pub mod stream;
pub mod tags;
pub mod task_updates;
pub mod tasks;
pub mod transfer;

use http::HeaderValue;
use http::header::HeaderName;
use rondo_ports::Platform;

pub use problem::{FieldError, Problem};
pub use relay::Relay;
pub use reply::{Body, Reply};
pub use request::{Request, RequestBody};

/// A resource of the API, or the handler of one kind of event or job.
pub trait Endpoint {
    /// The largest body that it reads, in bytes; a larger one is answered 413.
    const BODY_LIMIT: usize = 64 * 1024;

    /// Answers `request`.
    fn handle<P: Platform>(platform: &P, request: &Request) -> impl Future<Output = Result<Reply, Problem>>;
}

/// The header that names a request.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers `request` by the endpoint `E`, whatever it is.
pub async fn answer<E: Endpoint, P: Platform>(platform: &P, request: &Request) -> Reply {
    let mut reply = match E::handle(platform, request).await {
        Ok(reply) => reply,
        Err(problem) => problem.into_reply(request.id()),
    };
    if let Ok(id) = HeaderValue::from_str(request.id()) {
        reply.headers.insert(X_REQUEST_ID, id);
    }
    reply
}

/// Does what a reply left to do once it has been sent.
pub async fn follow_up<P: Platform>(platform: &P, relay: Relay) {
    relay.run(platform).await;
}

/// An id for a request that came without one.
#[must_use]
pub fn fresh_request_id(now: jiff::Timestamp, random: [u8; 10]) -> String {
    rondo_domain::ids::RequestId::new(now, random).to_string()
}
