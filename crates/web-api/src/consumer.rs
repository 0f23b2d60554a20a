//! Routes that only the sidecar calls: events and jobs.
//!
//! The sidecar proves itself by the app's API token. It forwards invocations from other apps with the same token, so a
//! call that names a caller is refused; and nothing in a header ever says who a user is.

use http::{Method, StatusCode};
use rondo_ports::Platform;
use rondo_store::RawJson;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use crate::problem::log;
use crate::{Problem, Reply, Request};

/// Sees to it that the sidecar itself calls, by POST.
///
/// # Errors
/// 401 or 405.
pub(crate) fn only_the_sidecar<P: Platform>(platform: &P, request: &Request) -> Result<(), Problem> {
    let token = platform.variable("app_api_token")?;
    let presented = request.header("dapr-api-token").unwrap_or_default();
    let right = !token.is_empty() && bool::from(presented.as_bytes().ct_eq(token.as_bytes()));
    if !right || request.headers.contains_key("dapr-caller-app-id") {
        return Err(Problem::unauthorized("Only the app's own sidecar may call this."));
    }
    if request.method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
    Ok(())
}

/// What a consumer makes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is dealt with.
    Ack,
    /// The trouble is passing: deliver it again.
    Retry,
    /// It can never be dealt with: to the dead letters, for this reason.
    Drop(String),
}

impl Verdict {
    /// The reply that tells the sidecar
    /// (<https://docs.dapr.io/reference/api/pubsub_api/#expected-http-response>).
    pub(crate) fn into_reply(self) -> Reply {
        let status = match self {
            Self::Ack => "SUCCESS",
            Self::Retry => "RETRY",
            Self::Drop(reason) => {
                log(&format!("an event is dropped: {reason}"));
                "DROP"
            }
        };
        Reply::json(StatusCode::OK, &serde_json::json!({ "status": status }))
    }
}

/// A CloudEvent as the sidecar delivers it.
#[derive(Debug, Deserialize)]
pub(crate) struct CloudEvent {
    /// Its id, which stays the same however often it is delivered.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: String,
    specversion: String,
    data: RawJson,
}

/// What every event of ours says.
#[derive(Debug, Deserialize)]
pub(crate) struct EventData {
    event_version: u32,
    /// When it happened.
    pub occurred_at: String,
}

impl CloudEvent {
    /// The event in `request`.
    ///
    /// # Errors
    /// It is none, or one of a version or shape that this code does not know; why.
    pub(crate) fn read(request: &Request) -> Result<(Self, EventData), String> {
        let bytes = request.bytes().map_err(|_| "its body can't be read".to_owned())?;
        let event: Self = serde_json::from_slice(bytes).map_err(|error| format!("it is no CloudEvent: {error}"))?;
        if !event.specversion.starts_with("1.") {
            return Err(format!("its CloudEvents version is {}", event.specversion));
        }
        let data: EventData = event.data.read().map_err(|error| format!("its data lacks something: {error}"))?;
        if data.event_version != 1 {
            return Err(format!("its version is {}", data.event_version));
        }
        rondo_domain::time::instant(&data.occurred_at).map_err(|error| format!("its occurred_at {error}"))?;
        Ok((event, data))
    }

    /// What it says beside that.
    ///
    /// # Errors
    /// It lacks something; what.
    pub fn told<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(self.data.as_str()).map_err(|error| format!("its data lacks something: {error}"))
    }
}
