//! Notifications on their way to a person by other channels than the page: what an answer means, and when to try again.

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A way to a person, beside the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A browser on a device, by its push service.
    WebPush,
    /// A program of the person's.
    Webhook,
    /// E-mail.
    Email,
}

/// What was heard of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// An answer of HTTP.
    Answer {
        /// Its status.
        status: u16,
        /// Its header `Retry-After`.
        retry_after: Option<&'a str>,
    },
    /// Nothing, for this reason.
    Silence(&'a str),
    /// It was not sent, and never can be, for this reason.
    Unsendable(&'a str),
}

/// What becomes of a delivery. The reasons are for the person whose notification it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is taken.
    Sent,
    /// It may work later.
    Again {
        /// Why it did not now.
        reason: String,
        /// When it is tried again.
        after: SignedDuration,
    },
    /// It is given up.
    Failed(String),
    /// It is given up, and so is the device, which has no subscription any more.
    Gone(String),
}

/// How long to wait after each attempt that failed; after the one that follows the last, it is given up.
const BACK_OFF: [SignedDuration; 6] = [
    SignedDuration::from_secs(10),
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
];

/// The longest that somebody may make us wait: a reminder is of no use much later.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(12);

impl Channel {
    /// What becomes of a delivery by this channel after the attempt of this number, from 1 on, at `now`.
    #[must_use]
    pub fn judge(self, attempt: u32, heard: Heard<'_>, now: Timestamp) -> Outcome {
        let who = self.other_side();
        match heard {
            Heard::Answer { status: 200..300, .. } => Outcome::Sent,
            Heard::Answer { status: 404 | 410, .. } if self == Self::WebPush => {
                Outcome::Gone("This device has unsubscribed.".to_owned())
            }
            Heard::Answer { status: status @ (408 | 425 | 429 | 500..), retry_after } => {
                let wish = retry_after.and_then(|text| wait_of(text, now));
                again(attempt, format!("{who} answered {status}."), wish)
            }
            Heard::Answer { status, .. } => Outcome::Failed(self.refusal(status)),
            Heard::Silence(reason) => again(attempt, format!("{who} was not reached: {reason}."), None),
            Heard::Unsendable(reason) => Outcome::Failed(format!("{who} can't be sent anything: {reason}.")),
        }
    }

    fn other_side(self) -> &'static str {
        match self {
            Self::WebPush => "The device's push service",
            Self::Webhook => "The webhook's address",
            Self::Email => "The mail service",
        }
    }

    fn refusal(self, status: u16) -> String {
        let who = self.other_side();
        match (self, status) {
            (Self::Webhook, 300..400) => {
                format!("{who} redirects ({status}), which is not followed: set the address that it leads to.")
            }
            (Self::WebPush | Self::Email, 401 | 403) => {
                format!("{who} does not accept this server ({status}): whoever runs it has to see to its settings.")
            }
            (Self::WebPush, 413) => format!("{who} found the message too large (413)."),
            _ => format!("{who} refused it ({status})."),
        }
    }
}

fn again(attempt: u32, reason: String, wish: Option<SignedDuration>) -> Outcome {
    let waits = usize::try_from(attempt).ok().and_then(|attempt| BACK_OFF.get(attempt.saturating_sub(1)));
    match waits {
        Some(wait) => Outcome::Again { reason, after: wish.map_or(*wait, |wish| wish.max(*wait).min(LONGEST_WAIT)) },
        None => Outcome::Failed(format!("After {attempt} attempts: {reason}")),
    }
}

/// How long `Retry-After` wants us to wait (RFC 9110 §10.2.3): seconds, or a date.
fn wait_of(text: &str, now: Timestamp) -> Option<SignedDuration> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(SignedDuration::from_secs(seconds.into()));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(date.duration_since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().expect("a time")
    }

    fn answer(status: u16) -> Heard<'static> {
        Heard::Answer { status, retry_after: None }
    }

    fn waits(attempt: u32, heard: Heard<'_>) -> Option<i64> {
        match Channel::Webhook.judge(attempt, heard, now()) {
            Outcome::Again { after, .. } => Some(after.as_secs()),
            _ => None,
        }
    }

    #[test]
    fn what_may_pass_is_tried_seven_times_ever_more_rarely() {
        let all: Vec<_> = (1..8).map(|attempt| waits(attempt, answer(503))).collect();
        assert_eq!(all, [Some(10), Some(30), Some(120), Some(600), Some(1800), Some(7200), None]);
        let last = Channel::Webhook.judge(7, Heard::Silence("the connection was refused"), now());
        let reason = "After 7 attempts: The webhook's address was not reached: the connection was refused.";
        assert_eq!(last, Outcome::Failed(reason.to_owned()));
    }

    #[test]
    fn who_asks_for_more_time_gets_it_within_reason() {
        let asks = |text| waits(1, Heard::Answer { status: 429, retry_after: Some(text) });
        assert_eq!(asks("90"), Some(90));
        assert_eq!(asks("1"), Some(10), "not less than otherwise");
        assert_eq!(asks("Sat, 21 Nov 2026 12:05:00 GMT"), Some(300));
        assert_eq!(asks("Sat, 21 Nov 2026 11:05:00 GMT"), Some(10));
        assert_eq!(asks("4000000000"), Some(43_200));
        assert_eq!(asks("soon"), Some(10));
    }

    #[test]
    fn what_will_never_be_taken_is_given_up_at_once_with_a_reason() {
        for status in [301, 308, 400, 401, 403, 404, 410, 413, 422] {
            for channel in [Channel::WebPush, Channel::Webhook, Channel::Email] {
                let is_gone = channel == Channel::WebPush && matches!(status, 404 | 410);
                match channel.judge(1, answer(status), now()) {
                    Outcome::Gone(_) => assert!(is_gone, "{channel:?} {status}"),
                    Outcome::Failed(reason) => assert!(!is_gone && reason.contains(&status.to_string()), "{reason}"),
                    other => panic!("{channel:?} {status}: {other:?}"),
                }
            }
        }
        let unsendable = Channel::Webhook.judge(1, Heard::Unsendable("the address lies in a private network"), now());
        assert!(matches!(unsendable, Outcome::Failed(reason) if reason.ends_with("in a private network.")));
    }

    #[test]
    fn every_success_is_one() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(Channel::Email.judge(9, answer(status), now()), Outcome::Sent);
        }
    }
}
