//! Host and sidecar know nothing of each other: this is what each calls the other by.

use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use rondo_runtime::{CallError, Caller, Host, InProcess};
use rondo_sidecar::{AppChannel, ChannelError, Sidecar};

/// What components reach at the sidecar's address. The host is loaded with it, and served once the sidecar is in it.
#[derive(Default)]
pub struct SidecarSlot(OnceLock<Sidecar>);

impl SidecarSlot {
    /// Fills the slot; it is filled once.
    pub fn fill(&self, sidecar: Sidecar) {
        let _: Result<(), Sidecar> = self.0.set(sidecar);
    }
}

#[async_trait::async_trait]
impl InProcess for SidecarSlot {
    async fn call(&self, caller: &Caller, request: Request<Bytes>) -> Response<Bytes> {
        match self.0.get() {
            Some(sidecar) => sidecar.handle(&caller.app_id, request).await,
            None => not_yet(),
        }
    }
}

fn not_yet() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(
        b"{\"errorCode\":\"ERR_HEALTH_NOT_READY\",\"message\":\"dapr is not ready\"}",
    ));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// The apps of this process, as the sidecar calls them. Weak: the host holds the sidecar.
pub struct HostApps(Weak<Host>);

impl HostApps {
    pub fn of(host: &Arc<Host>) -> Self {
        Self(Arc::downgrade(host))
    }
}

#[async_trait::async_trait]
impl AppChannel for HostApps {
    async fn call(&self, app_id: &str, request: Request<Bytes>) -> Result<Response<Bytes>, ChannelError> {
        let Some(host) = self.0.upgrade() else {
            return Err(ChannelError::NoAnswer("the host is stopping".to_owned()));
        };
        match host.call_app(app_id, request).await {
            Ok(response) => Ok(response),
            Err(CallError::UnknownApp(app_id)) => Err(ChannelError::UnknownApp(app_id)),
            // As a server would answer; the sidecar knows what it means for an event, a job or an invocation.
            Err(CallError::NoRoute { .. }) => Ok(no_route()),
            Err(error @ CallError::Incomplete) => Err(ChannelError::NoAnswer(error.to_string())),
        }
    }
}

fn no_route() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
