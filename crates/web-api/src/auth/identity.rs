//! Who makes a request.

use http::header;
use rondo_domain::ids::{SessionId, UserId};
use rondo_ports::Platform;
use rondo_store::RequestContext;

use super::jwt::Keys;
use super::opaque;
use crate::{Problem, Request};

/// Who makes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user: UserId,
    /// Their session; none with a personal API token.
    pub session: Option<SessionId>,
}

impl Identity {
    /// What a change is told of `request`, made by this user.
    pub(crate) fn context<'a>(&self, request: &'a Request) -> RequestContext<'a> {
        RequestContext { user: self.user, request_id: request.id() }
    }
}

/// Who makes `request`, by its `Authorization: Bearer`: an access token, or a personal API token.
///
/// # Errors
/// 401 if there is none, or it is not valid (any more).
pub async fn identify<P: Platform>(platform: &P, request: &Request) -> Result<Identity, Problem> {
    let token = bearer(request)
        .ok_or_else(|| Problem::unauthorized("Sign in, and send the access token as Authorization: Bearer."))?;
    if token.starts_with(opaque::API_TOKEN_PREFIX) {
        let user = rondo_store::api_token::authenticate(platform, &opaque::hash(token)).await?;
        return user
            .map(|user| Identity { user, session: None })
            .ok_or_else(|| Problem::unauthorized("The API token is not valid: it was deleted, or its time is over."));
    }
    let claims = Keys::read(&platform.variable("jwt_keys")?)
        .map_err(|error| Problem::internal(&error))?
        .verify(token, platform.now())
        .map_err(|refusal| Problem::unauthorized(refusal.to_string()))?;
    Ok(Identity { user: claims.user, session: Some(claims.session) })
}

fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header(header::AUTHORIZATION.as_str())?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
