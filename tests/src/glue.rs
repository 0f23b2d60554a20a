//! What ties host and sidecar together, as `rondo up` does, but so that the sidecar can be taken away and put back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, RwLock, Weak};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use rondo_runtime::{CallError, Caller, Host, InProcess};
use rondo_sidecar::{Acknowledgement, AppChannel, ChannelError, Sidecar, SidecarConfig};

/// Where components believe their sidecar to be.
pub const SIDECAR_AUTHORITY: &str = "127.0.0.1:3500";
/// Proves the app to its sidecar.
pub const DAPR_API_TOKEN: &str = "the app's own token for its sidecar";
/// Proves the sidecar to its app.
pub const APP_API_TOKEN: &str = "the sidecar's own token for its app";

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A sidecar for all services.
pub fn sidecar_config(owner_url: &str) -> SidecarConfig {
    SidecarConfig {
        resources: root().join("dapr"),
        database_url: owner_url.to_owned(),
        app_api_token: APP_API_TOKEN.to_owned(),
        dapr_api_token: DAPR_API_TOKEN.to_owned(),
        secrets: BTreeMap::new(),
        app_ids: ["backend", "frontend", "recurring-service", "notification-service"].map(str::to_owned).to_vec(),
        acknowledgement: Acknowledgement::Written,
    }
}

/// What components reach at the sidecar's address.
#[derive(Default)]
pub struct SidecarSlot(RwLock<Option<Sidecar>>);

impl SidecarSlot {
    pub fn put(&self, sidecar: Option<Sidecar>) -> Option<Sidecar> {
        std::mem::replace(&mut *self.0.write().expect("never poisoned"), sidecar)
    }

    pub fn get(&self) -> Option<Sidecar> {
        self.0.read().expect("never poisoned").clone()
    }
}

#[async_trait::async_trait]
impl InProcess for SidecarSlot {
    async fn call(&self, caller: &Caller, request: Request<Bytes>) -> Response<Bytes> {
        match self.get() {
            Some(sidecar) => sidecar.handle(&caller.app_id, request).await,
            None => empty(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

/// The apps of a host, as its sidecar calls them.
pub struct HostApps(pub Weak<Host>);

#[async_trait::async_trait]
impl AppChannel for HostApps {
    async fn call(&self, app_id: &str, request: Request<Bytes>) -> Result<Response<Bytes>, ChannelError> {
        let stopping = || ChannelError::NoAnswer("the host is stopping".to_owned());
        let host = self.0.upgrade().ok_or_else(stopping)?;
        match host.call_app(app_id, request).await {
            Ok(response) => Ok(response),
            Err(CallError::UnknownApp(app_id)) => Err(ChannelError::UnknownApp(app_id)),
            Err(CallError::NoRoute { .. }) => Ok(empty(StatusCode::NOT_FOUND)),
            Err(error @ CallError::Incomplete) => Err(ChannelError::NoAnswer(error.to_string())),
        }
    }
}

/// No apps at all.
pub fn nobody() -> Arc<dyn AppChannel> {
    Arc::new(HostApps(Weak::new()))
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
