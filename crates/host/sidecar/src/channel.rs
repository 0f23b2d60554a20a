//! The way from the sidecar to its apps.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};

/// Proves a call from the sidecar to its app, and from the app to its sidecar.
pub(crate) const TOKEN_HEADER: HeaderName = HeaderName::from_static("dapr-api-token");

/// Calls an app. The host that runs the apps implements it.
#[async_trait::async_trait]
pub trait AppChannel: Send + Sync + 'static {
    /// Hands a request to the app and waits for its whole answer.
    ///
    /// The same call may come again after a failure or a restart.
    async fn call(&self, app_id: &str, request: Request<Bytes>) -> Result<Response<Bytes>, ChannelError>;
}

/// Why an app gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// No app has this id.
    #[error("couldn't find service: {0}")]
    UnknownApp(String),
    /// The app is there but did not answer: it trapped, refused or took too long.
    #[error("{0}")]
    NoAnswer(String),
}

/// The apps beside this sidecar, reached with the app token.
pub(crate) struct Apps {
    channel: Arc<dyn AppChannel>,
    token: Option<HeaderValue>,
    ids: BTreeSet<String>,
}

impl Apps {
    pub(crate) fn new(channel: Arc<dyn AppChannel>, token: Option<HeaderValue>, ids: BTreeSet<String>) -> Self {
        Self { channel, token, ids }
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &String> {
        self.ids.iter()
    }

    /// Calls the app with the app token set, whatever the request said of it.
    pub(crate) async fn call(
        &self,
        app_id: &str,
        mut request: Request<Bytes>,
        limit: Duration,
    ) -> Result<Response<Bytes>, ChannelError> {
        if !self.ids.contains(app_id) {
            return Err(ChannelError::UnknownApp(app_id.to_owned()));
        }
        match &self.token {
            Some(token) => request.headers_mut().insert(TOKEN_HEADER, token.clone()),
            None => request.headers_mut().remove(TOKEN_HEADER),
        };
        tokio::time::timeout(limit, self.channel.call(app_id, request))
            .await
            .unwrap_or_else(|_| Err(ChannelError::NoAnswer("context deadline exceeded".to_owned())))
    }
}
