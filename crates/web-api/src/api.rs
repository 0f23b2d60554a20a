//! `/api`: the OpenAPI document, and the answer to what there is not, of the API and of what only sidecars call.

use http::{Method, StatusCode, header};
use rondo_ports::Platform;

use crate::consumer::nothing_here;
use crate::{Endpoint, Problem, Reply, Request};

/// The API's description (OpenAPI 3.1).
pub const OPENAPI: &str = include_str!("../openapi.json");

/// `/api/openapi.json`, and whatever else begins with `/api`, `/internal`, `/events` or `/job` and is nobody's.
pub struct Api;

impl Endpoint for Api {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        match (request.path.as_str(), &request.method) {
            ("/api/openapi.json", &Method::GET) => Ok(Reply::text(StatusCode::OK, "application/json", OPENAPI)
                .with_header(header::CACHE_CONTROL, "public, max-age=300")),
            ("/api/openapi.json", _) => Err(Problem::method_not_allowed("GET")),
            (path, _) if path.starts_with("/api") => Err(Problem::not_found("path")),
            _ => Err(nothing_here(platform, request)),
        }
    }
}
