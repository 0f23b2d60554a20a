//! People who ask the API, signed in without a password.

use anyhow::ensure;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::Full;
use jiff::Timestamp;
use rondo_domain::ids::{SessionId, UserId};
use rondo_web_api::auth::jwt::{Claims, Keys};
use serde_json::Value;

use crate::http_client::Connection;

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    authorization: HeaderValue,
}

impl Person {
    /// Signs `id` in with the server's `keys`, for as long as an access token is valid.
    ///
    /// # Errors
    /// The token can't be made.
    pub fn sign_in(id: UserId, keys: &Keys) -> anyhow::Result<Self> {
        let now = Timestamp::now();
        let token = keys.sign(Claims { user: id, session: SessionId::new(now, [0; 10]) }, now)?;
        Ok(Self { id, authorization: HeaderValue::try_from(format!("Bearer {token}"))? })
    }

    /// POSTs `body` to `path`, and returns what is answered.
    ///
    /// # Errors
    /// The status is another than `expected`, or no answer comes.
    pub async fn post(
        &self,
        connection: &mut Connection,
        path: &str,
        body: &Value,
        expected: StatusCode,
    ) -> anyhow::Result<Value> {
        let request = Request::post(path)
            .header(header::HOST, "rondo.bench")
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body.to_string()))?;
        let reply = connection.send(request).await?;
        let text = || String::from_utf8_lossy(reply.body());
        ensure!(reply.status() == expected, "{path}: {} {}", reply.status(), text());
        Ok(serde_json::from_slice(reply.body())?)
    }
}
