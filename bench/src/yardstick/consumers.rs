//! The services that consume the events, natively: the same endpoints as in Rondo's components.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use rondo_sidecar::{AppChannel, ChannelError};
use rondo_web_api::occurrences::TaskEvents;
use rondo_web_api::task_updates::TaskUpdates;
use rondo_web_api::{Body, Reply, RequestBody, answer};

use super::platform::NativePlatform;

/// Proves the sidecar to the services.
pub const APP_API_TOKEN: &str = "yardstick";
/// The services that a created task is told to.
pub const APP_IDS: [&str; 2] = ["recurring-service", "notification-service"];

/// The services, called by the sidecar that their platform holds.
#[derive(Default)]
pub struct Consumers(OnceLock<Arc<NativePlatform>>);

impl Consumers {
    /// Gives them what they run on, once.
    pub fn run_on(&self, platform: Arc<NativePlatform>) {
        let _: Result<(), Arc<NativePlatform>> = self.0.set(platform);
    }
}

#[async_trait::async_trait]
impl AppChannel for Consumers {
    async fn call(&self, app_id: &str, request: Request<Bytes>) -> Result<Response<Bytes>, ChannelError> {
        let platform = self.0.get().ok_or_else(|| ChannelError::NoAnswer(format!("{app_id} is not there yet")))?;
        let (head, body) = request.into_parts();
        let request = rondo_web_api::Request::new(
            Method::POST,
            head.uri.path().to_owned(),
            String::new(),
            head.headers,
            RequestBody::Read(body.into()),
            || app_id.to_owned(),
        );
        let reply = match request.path.as_str() {
            "/events/task-events" => answer::<TaskEvents, _>(&**platform, &request).await,
            "/events/task-updates" => answer::<TaskUpdates, _>(&**platform, &request).await,
            // Jobs of Rondo's that are left in the database.
            _ => Reply::empty(StatusCode::OK),
        };
        Ok(response(reply))
    }
}

fn response(reply: Reply) -> Response<Bytes> {
    let body = match reply.body {
        Body::Full(bytes) => bytes.into(),
        Body::Events(_) => Bytes::new(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}
