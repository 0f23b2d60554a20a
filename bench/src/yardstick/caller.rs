//! Who makes a request, and by which id it is known.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use rondo_domain::ids::UserId;
use rondo_store::RequestContext;
use rondo_web_api::{X_REQUEST_ID, fresh_request_id};

use super::Server;

/// A user with a valid access token.
pub struct Caller {
    user: UserId,
    request_id: String,
}

impl Caller {
    pub fn context(&self) -> RequestContext<'_> {
        RequestContext { user: self.user, request_id: &self.request_id }
    }

    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}

impl FromRequestParts<Arc<Server>> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, StatusCode> {
        let now = Timestamp::now();
        let claims = bearer(&parts.headers).and_then(|token| server.keys.verify(token, now).ok());
        let user = claims.ok_or(StatusCode::UNAUTHORIZED)?.user;
        let given = parts.headers.get(X_REQUEST_ID).and_then(|id| id.to_str().ok());
        let request_id = match given {
            Some(id) => id.to_owned(),
            None => fresh_request_id(now, random()?),
        };
        Ok(Self { user, request_id })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Ten random bytes, for an id.
pub fn random() -> Result<[u8; 10], StatusCode> {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(bytes)
}
