//! The sidecar by its HTTP API.

use std::collections::BTreeSet;

use rondo_ports::{Alarm, Invocation, Invoked, Message, Registered, Settings, Sidecar, SidecarError};
use wasi::http::types::{FutureIncomingResponse, IncomingResponse, Method, RequestOptions, Scheme};
use wasi::io::streams::StreamError;

use crate::SpinPlatform;
use crate::http::{Address, SECOND, Unsent, begin, beginning_of, named};

/// The pub/sub component's name: `dapr/`.
const PUBSUB: &str = "pubsub-kafka";
/// How many publications or registrations are under way at once.
const AT_ONCE: usize = 16;
/// The longest answer of an app that is read, in bytes.
const LONGEST_ANSWER: usize = 4 << 20;

impl Sidecar for SpinPlatform {
    async fn publish(&self, messages: &[Message]) -> Vec<Result<(), SidecarError>> {
        let mut outcomes = Vec::with_capacity(messages.len());
        let mut rest = messages;
        while !rest.is_empty() && outcomes.iter().all(Result::is_ok) {
            let (wave, later) = rest.split_at(one_per_key(rest));
            let begun: Vec<_> = wave.iter().map(|message| self.begin_publishing(message)).collect();
            outcomes.extend(begun.into_iter().map(|request| finish(request?).and_then(expect_success)));
            rest = later;
        }
        outcomes.extend(rest.iter().map(|_| Err(SidecarError::Away("an earlier event was not published".to_owned()))));
        outcomes
    }

    async fn ensure_job(&self, name: &str, job: &serde_json::Value) -> Result<Registered, SidecarError> {
        let response = finish(self.begin(
            &Method::Post,
            &format!("/v1.0/jobs/{name}"),
            "application/json",
            job.to_string().as_bytes(),
        )?)?;
        match response.status() {
            409 => Ok(Registered::Before),
            _ => expect_success(response).map(|()| Registered::New),
        }
    }

    async fn set_alarms(&self, jobs: &[Alarm]) -> Vec<Result<(), SidecarError>> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        for wave in jobs.chunks(AT_ONCE) {
            let begun: Vec<_> = wave.iter().map(|alarm| self.begin_setting(alarm)).collect();
            outcomes.extend(begun.into_iter().map(|request| finish(request?).and_then(expect_success)));
        }
        outcomes
    }

    async fn ping(&self) -> Result<(), SidecarError> {
        finish(self.begin(&Method::Get, "/v1.0/healthz/outbound", "application/json", &[])?).and_then(expect_success)
    }

    async fn delete_job(&self, name: &str) -> Result<(), SidecarError> {
        finish(self.begin(&Method::Delete, &format!("/v1.0/jobs/{name}"), "application/json", &[])?)
            .and_then(expect_success)
    }

    async fn invoke(&self, app: &str, request: &Invocation<'_>) -> Result<Invoked, SidecarError> {
        let path = format!("/v1.0/invoke/{app}/method{}", request.target);
        let named = [("x-request-id", request.request_id)];
        let pending = match request.body {
            Some(body) => {
                self.begin_with(&Method::Post, &path, &named, "application/json", body.to_string().as_bytes())
            }
            None => self.begin_with(&Method::Get, &path, &named, "application/json", &[]),
        };
        let response = finish(pending?)?;
        match response.status() {
            status @ 500.. => Err(SidecarError::Refused { status, body: beginning_of(&response) }),
            status => Ok(Invoked { status, body: whole_body(&response)? }),
        }
    }
}

/// How many of the first messages have keys of their own, so that they can be published at once.
fn one_per_key(messages: &[Message]) -> usize {
    let mut keys = BTreeSet::new();
    messages.iter().take(AT_ONCE).take_while(|message| keys.insert(&message.partition_key)).count()
}

impl SpinPlatform {
    fn begin_publishing(&self, message: &Message) -> Result<FutureIncomingResponse, SidecarError> {
        let path = format!("/v1.0/publish/{PUBSUB}/{}?metadata.partitionKey={}", message.topic, message.partition_key);
        self.begin(&Method::Post, &path, "application/cloudevents+json", message.cloud_event.as_bytes())
    }

    fn begin_setting(&self, alarm: &Alarm) -> Result<FutureIncomingResponse, SidecarError> {
        let path = format!("/v1.0/jobs/{}", alarm.name);
        self.begin(&Method::Post, &path, "application/json", alarm.to_json().to_string().as_bytes())
    }

    /// Sends a request to the sidecar, without waiting for the answer.
    fn begin(
        &self,
        method: &Method,
        path: &str,
        media_type: &str,
        content: &[u8],
    ) -> Result<FutureIncomingResponse, SidecarError> {
        self.begin_with(method, path, &[], media_type, content)
    }

    /// The same, with more headers.
    fn begin_with(
        &self,
        method: &Method,
        path: &str,
        more: &[(&str, &str)],
        media_type: &str,
        content: &[u8],
    ) -> Result<FutureIncomingResponse, SidecarError> {
        // Whoever waits does not need the database: others may have the connection, and whom the sidecar asks needs one.
        self.connection.take();
        let away = |what: &str| SidecarError::Away(what.to_owned());
        let url = self.variable("dapr_url").map_err(|missing| SidecarError::Away(missing.to_string()))?;
        let token = self.variable("dapr_api_token").map_err(|missing| SidecarError::Away(missing.to_string()))?;
        let authority = url.strip_prefix("http://").ok_or_else(|| away("dapr_url must begin with http://"))?;

        let own = [("content-type", media_type), ("dapr-api-token", &token)];
        let address = Address { scheme: &Scheme::Http, authority: authority.trim_end_matches('/'), target: path };
        let headers = own.iter().chain(more).copied();
        begin(method, address, headers, content, time_limits()).map_err(|unsent| match unsent {
            Unsent::Invalid(what) => away(what),
            Unsent::Refused(error) => away(named(&error)),
        })
    }
}

fn time_limits() -> RequestOptions {
    let options = RequestOptions::new();
    // A host that knows no such limit says so and goes on.
    let _ = options.set_connect_timeout(Some(2 * SECOND));
    let _ = options.set_first_byte_timeout(Some(10 * SECOND));
    options
}

fn finish(pending: FutureIncomingResponse) -> Result<IncomingResponse, SidecarError> {
    pending.subscribe().block();
    match pending.get() {
        Some(Ok(Ok(response))) => Ok(response),
        Some(Ok(Err(error))) => Err(SidecarError::Away(named(&error).to_owned())),
        Some(Err(())) | None => Err(SidecarError::Away("it gave no answer".to_owned())),
    }
}

fn expect_success(response: IncomingResponse) -> Result<(), SidecarError> {
    match response.status() {
        200..300 => Ok(()),
        status => Err(SidecarError::Refused { status, body: beginning_of(&response) }),
    }
}

/// The body, up to [`LONGEST_ANSWER`].
fn whole_body(response: &IncomingResponse) -> Result<Vec<u8>, SidecarError> {
    let broke_off = || SidecarError::Away("the answer broke off".to_owned());
    let body = response.consume().map_err(|()| broke_off())?;
    let stream = body.stream().map_err(|()| broke_off())?;
    let mut read = Vec::new();
    loop {
        match stream.blocking_read(64 << 10) {
            Ok(piece) => read.extend(piece),
            Err(StreamError::Closed) => return Ok(read),
            Err(StreamError::LastOperationFailed(_)) => return Err(broke_off()),
        }
        if read.len() > LONGEST_ANSWER {
            return Err(SidecarError::Away("the answer is longer than any of ours".to_owned()));
        }
    }
}
