//! `GET /api/tasks/stream`: what changes, as Server-Sent Events.
//!
//! The events are those of the outbox, told by their sequence among the user's events, which is also their `id:`. So who
//! comes back with `Last-Event-ID` is told all that was missed. A stream ends after a few minutes, for the client to
//! come back: an open one holds an instance.

use http::{Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use rondo_domain::ids::UserId;
use rondo_ports::Platform;
use rondo_store::outbox::{self, SequenceRange};

use crate::auth::identify;
use crate::problem::log;
use crate::{Body, Endpoint, Problem, Reply, Request};

/// How often the outbox is asked for more.
const POLL: SignedDuration = SignedDuration::from_millis(400);
/// How often something is said when there is nothing to say, so that both sides know the other is there.
const HEARTBEAT: SignedDuration = SignedDuration::from_secs(15);
/// How long a stream lasts.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// `/api/tasks/stream`.
pub struct TaskStream;

impl Endpoint for TaskStream {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        if request.method != Method::GET {
            return Err(Problem::method_not_allowed("GET"));
        }
        let identity = identify(platform, request).await?;
        request.query().finish(())?;
        let range = outbox::sequence_range(platform, identity.user).await?;
        let last_seen = request.header("last-event-id").and_then(|id| id.trim().parse().ok());
        let mut reply = Reply::empty(StatusCode::OK)
            .with_header(header::CONTENT_TYPE, "text/event-stream")
            .with_header(header::CACHE_CONTROL, "no-store")
            .with_header(header::HeaderName::from_static("x-accel-buffering"), "no");
        reply.body = Body::Events(EventStream::new(identity.user, last_seen, range, platform.now()));
        Ok(reply)
    }
}

/// The rest of a stream.
#[derive(Debug)]
pub struct EventStream {
    user: UserId,
    last_told: i64,
    opening: Option<String>,
    ends_at: Timestamp,
}

impl EventStream {
    fn new(user: UserId, last_seen: Option<i64>, range: SequenceRange, now: Timestamp) -> Self {
        let (last_told, opening) = begin(last_seen, range);
        Self { user, last_told, opening: Some(opening), ends_at: now + LIFETIME }
    }

    /// Waits for the next piece of the stream; `None` when it is over.
    pub async fn next<P: Platform>(&mut self, platform: &P) -> Option<String> {
        if let Some(opening) = self.opening.take() {
            return Some(opening);
        }
        let heartbeat_at = platform.now() + HEARTBEAT;
        loop {
            match outbox::events_after(platform, self.user, self.last_told).await {
                Ok(events) if !events.is_empty() => {
                    self.last_told = events.last().map_or(self.last_told, |event| event.sequence);
                    return Some(events.iter().map(|e| told(e.sequence, &e.event_type, e.data.as_str())).collect());
                }
                Ok(_) => {}
                Err(error) => {
                    log(&format!("a stream ends, and its client will come back: {error}"));
                    return None;
                }
            }
            let now = platform.now();
            if now >= self.ends_at {
                return None;
            }
            if now >= heartbeat_at {
                return Some(": still here\n\n".to_owned());
            }
            platform.sleep_until(now + POLL);
        }
    }
}

/// From where on a stream tells, and what it says first. Events that are asked for but no longer kept can't be told:
/// `stream.reset` says so, and that the client is to load everything again.
fn begin(last_seen: Option<i64>, range: SequenceRange) -> (i64, String) {
    const OPENING: &str = "retry: 1000\n: connected\n\n";
    let Some(last_seen) = last_seen else { return (range.last, OPENING.to_owned()) };
    let oldest_kept = range.oldest.unwrap_or(range.last + 1);
    if last_seen > range.last || last_seen + 1 < oldest_kept {
        return (range.last, format!("{OPENING}{}", told(range.last, "stream.reset", "{}")));
    }
    (last_seen, OPENING.to_owned())
}

fn told(sequence: i64, event_type: &str, data: &str) -> String {
    format!("id: {sequence}\nevent: {event_type}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: SequenceRange = SequenceRange { last: 9, oldest: Some(5) };

    #[test]
    fn a_new_stream_begins_with_what_comes() {
        assert_eq!(begin(None, KEPT).0, 9);
    }

    #[test]
    fn who_comes_back_is_told_what_was_missed() {
        let (from, opening) = begin(Some(4), KEPT);
        assert_eq!(from, 4);
        assert!(!opening.contains("stream.reset"));
    }

    #[test]
    fn who_missed_more_than_is_kept_is_told_to_load_again() {
        for last_seen in [3, 10, i64::MIN] {
            let last_seen = last_seen.max(-1);
            let (from, opening) = begin(Some(last_seen), KEPT);
            assert_eq!(from, 9);
            assert!(opening.contains("event: stream.reset\n"), "after {last_seen}");
        }
    }
}
