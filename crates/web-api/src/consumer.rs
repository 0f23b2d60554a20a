//! Routes that only the sidecar calls: events and jobs, and what other apps ask of this one.
//!
//! The sidecar proves itself by the app's API token. It forwards invocations from other apps with the same token, so an
//! event or a job that names a caller is refused, and an invocation must name the one that may; nothing in a header ever
//! says who a user is.

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
    if !has_the_sidecars_token(platform, request)? || request.headers.contains_key(CALLER) {
        return Err(Problem::unauthorized("Only the app's own sidecar may call this."));
    }
    if request.method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
    Ok(())
}

/// Sees to it that one of `apps` calls, by way of the sidecars.
///
/// # Errors
/// 401.
pub(crate) fn only_apps<P: Platform>(platform: &P, request: &Request, apps: &[&str]) -> Result<(), Problem> {
    let mut callers = request.headers.get_all(CALLER).iter();
    let is_one_of_them = callers.next().is_some_and(|caller| apps.iter().any(|app| caller == app));
    if has_the_sidecars_token(platform, request)? && is_one_of_them && callers.next().is_none() {
        return Ok(());
    }
    Err(Problem::unauthorized(format!("Only {} may call this, by service invocation.", apps.join(" and "))))
}

/// Says of a path that leads nowhere whether it does: to the sidecar alone.
pub(crate) fn nothing_here<P: Platform>(platform: &P, request: &Request) -> Problem {
    match has_the_sidecars_token(platform, request) {
        Ok(true) => Problem::not_found("path"),
        Ok(false) => Problem::unauthorized("Only the app's own sidecar may call this."),
        Err(problem) => problem,
    }
}

/// The header in which a sidecar names the app that calls.
const CALLER: &str = "dapr-caller-app-id";

fn has_the_sidecars_token<P: Platform>(platform: &P, request: &Request) -> Result<bool, Problem> {
    let token = platform.variable("app_api_token")?;
    let presented = request.header("dapr-api-token").unwrap_or_default();
    Ok(!token.is_empty() && bool::from(presented.as_bytes().ct_eq(token.as_bytes())))
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
