//! The page: the files of `web/dist`, as a browser wants them.
//!
//! Files are compressed when they are built, so nothing is compressed here: `app.js.br` and `app.js.gz` lie beside
//! `app.js`. Names under `assets/` carry a hash of their content and are kept for ever; all else is asked for again
//! each time. A path that is no file is the page itself: it has views of its own.

use http::{HeaderName, Method, StatusCode, header};
use rondo_ports::Platform;
use sha2::{Digest, Sha256};

use crate::idempotency::hex;
use crate::{Body, Endpoint, Problem, Reply, Request};

/// What the page may do: load what is ours, and nothing else. `wasm-unsafe-eval` lets it compile WebAssembly, which is ours too;
/// it allows no eval.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// `/…`: whatever no other component serves.
pub struct Page;

impl Endpoint for Page {
    async fn handle<P: Platform>(platform: &P, request: &Request) -> Result<Reply, Problem> {
        if !matches!(request.method, Method::GET | Method::HEAD) {
            return Err(Problem::method_not_allowed("GET, HEAD"));
        }
        let path = file_path(&request.path).ok_or_else(|| Problem::not_found("file"))?;
        let (path, encoding, content) = find(platform, path, accepted(request)).ok_or_else(|| no_file(path))?;
        Ok(secured(reply(request, path, encoding, content)))
    }
}

/// The file that `path` names, if it can name one: no way up, nothing hidden.
fn file_path(path: &str) -> Option<&str> {
    let path = path.trim_start_matches('/');
    let plain = path.split('/').all(|segment| !segment.starts_with('.')) && !path.contains(['\\', '\0', '%']);
    plain.then_some(path)
}

fn no_file(path: &str) -> Problem {
    if path == INDEX {
        return Problem::internal(&"the page is not built: web/dist has no index.html");
    }
    Problem::not_found("file")
}

const INDEX: &str = "index.html";

/// The file at `path` in the best encoding that there is; the page itself for a path that looks like a view.
fn find<'a, P: Platform>(
    platform: &P,
    path: &'a str,
    accepted: &[(&'static str, &'static str)],
) -> Option<(&'a str, Option<&'static str>, Vec<u8>)> {
    let is_view = !path.rsplit('/').next().unwrap_or_default().contains('.');
    let path = if is_view { INDEX } else { path };
    let encoded = accepted
        .iter()
        .find_map(|(encoding, ending)| Some((path, Some(*encoding), platform.read(&format!("{path}.{ending}"))?)));
    encoded.or_else(|| Some((path, None, platform.read(path)?)))
}

/// The encodings that the client takes, best first, with the endings of such files.
fn accepted(request: &Request) -> &'static [(&'static str, &'static str)] {
    const BOTH: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];
    let header = request.header(header::ACCEPT_ENCODING.as_str()).unwrap_or_default();
    let takes = |encoding: &str| {
        header.split(',').any(|entry| {
            let (name, weight) = entry.split_once(';').unwrap_or((entry, ""));
            name.trim().eq_ignore_ascii_case(encoding) && weight.replace(' ', "") != "q=0"
        })
    };
    match (takes("br"), takes("gzip")) {
        (true, true) => &BOTH,
        (true, false) => &BOTH[..1],
        (false, true) => &BOTH[1..],
        (false, false) => &[],
    }
}

fn reply(request: &Request, path: &str, encoding: Option<&'static str>, content: Vec<u8>) -> Reply {
    let tag = format!("\"{}\"", &hex(&Sha256::digest(&content))[..32]);
    let unchanged = request
        .header(header::IF_NONE_MATCH.as_str())
        .is_some_and(|tags| tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
    let mut reply = if unchanged {
        Reply::empty(StatusCode::NOT_MODIFIED)
    } else {
        Reply::text(StatusCode::OK, media_type(path), content)
    };
    if request.method == Method::HEAD {
        reply.body = Body::Full(Vec::new());
    }
    let kept = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    reply = reply
        .with_header(header::ETAG, &tag)
        .with_header(header::CACHE_CONTROL, kept)
        .with_header(header::VARY, "accept-encoding");
    match encoding {
        Some(encoding) => reply.with_header(header::CONTENT_ENCODING, encoding),
        None => reply,
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn secured(reply: Reply) -> Reply {
    reply
        .with_header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)
        .with_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with_header(header::REFERRER_POLICY, "no-referrer")
        .with_header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin")
        .with_header(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_up_or_to_what_is_hidden() {
        for refused in ["/../etc/passwd", "/a/../../b", "/.env", "/assets/.git/config", "/%2e%2e/x", "/a\\b"] {
            assert_eq!(file_path(refused), None, "{refused} was taken");
        }
        assert_eq!(file_path("/assets/app-1a2b.js"), Some("assets/app-1a2b.js"));
    }
}
