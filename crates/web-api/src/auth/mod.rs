//! `/api/auth`: registration, sessions, the user's profile, personal API tokens.
//!
//! A session is a short-lived access token (a JWT, see [`jwt`]) and a refresh token that is spent for the next pair.
//! [`identify`] says who makes a request; every endpoint with data of a user begins with it.

mod api_tokens;
mod identity;
pub mod jwt;
pub(crate) mod opaque;
pub mod password;
mod profile;
mod session;
pub(crate) mod shown_once;

use http::Method;
use rondo_ports::Platform;

pub use identity::{Identity, identify};

use crate::{Endpoint, Problem, Reply, Request};

/// `/api/auth/…`.
pub struct Auth;

impl Endpoint for Auth {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        let segments = request.segments_after("/api/auth").unwrap_or_default();
        match (segments.as_slice(), &request.method) {
            (["register"], &Method::POST) => session::register(platform, request).await,
            (["login"], &Method::POST) => session::login(platform, request).await,
            (["refresh"], &Method::POST) => session::refresh(platform, request).await,
            (["logout"], &Method::POST) => session::logout(platform, request).await,
            (["register" | "login" | "refresh" | "logout"], _) => Err(Problem::method_not_allowed("POST")),
            (["me"], &Method::GET) => profile::show(platform, request).await,
            (["me"], &Method::PATCH) => profile::change(platform, request).await,
            (["me"], _) => Err(Problem::method_not_allowed("GET, PATCH")),
            (["tokens"], &Method::GET) => api_tokens::list(platform, request).await,
            (["tokens"], &Method::POST) => api_tokens::create(platform, request).await,
            (["tokens"], _) => Err(Problem::method_not_allowed("GET, POST")),
            (["tokens", id], &Method::DELETE) => api_tokens::delete(platform, request, id).await,
            (["tokens", _], _) => Err(Problem::method_not_allowed("DELETE")),
            _ => Err(Problem::not_found("path")),
        }
    }
}
