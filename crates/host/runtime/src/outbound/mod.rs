//! HTTP that components send: to the network, to each other, or to something in this process that plays a host of the
//! network. All of it must be allowed by the component's `allowed_outbound_hosts`; what only
//! a wildcard there allows stays outside of its `blocked_networks`.

pub mod allowed;
pub mod client;
pub mod http;
pub mod networks;

use ::http::{Request, Response};
use bytes::Bytes;

/// Answers requests of components in this process, as if it were a host of the network.
#[async_trait::async_trait]
pub trait InProcess: Send + Sync + 'static {
    /// Answers a request.
    async fn call(&self, caller: &Caller, request: Request<Bytes>) -> Response<Bytes>;
}

/// Which component sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its id in the manifest.
    pub component: String,
    /// The app as which it speaks.
    pub app_id: String,
}
