//! HTTP that components send, and the seam at which it is watched.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use rondo_runtime::{Caller, Clock, Directive, ImportCall, ImportKind, ImportObserver, InProcess, Randomness};

use crate::support::{Served, config, manifest};

/// Says who calls what.
struct Mirror;

#[async_trait::async_trait]
impl InProcess for Mirror {
    async fn call(&self, caller: &Caller, request: Request<Bytes>) -> Response<Bytes> {
        Response::new(Bytes::from(format!("{} {} {}", caller.component, caller.app_id, request.uri().path())))
    }
}

const TWO: &str = "
[[trigger.http]]
route = \"/...\"
component = \"caller\"
[component.caller]
source = \"fixture.wasm\"
allowed_outbound_hosts = [\"http://mirror:3500\", \"http://callee.spin.internal\", \"http://127.0.0.1:*\"]
[component.caller.tool.rondo]
services = [\"backend\"]
[[trigger.http]]
route = { private = true }
component = \"callee\"
[component.callee]
source = \"fixture.wasm\"
";

#[tokio::test]
async fn an_authority_of_this_process_learns_who_calls() {
    let host =
        Served::start_with(TWO, |config| config.in_process = vec![("mirror:3500".to_owned(), Arc::new(Mirror))]).await;
    assert_eq!(host.get("/fetch?http://mirror:3500/v1.0/publish").await.text, "caller backend /v1.0/publish");
}

#[tokio::test]
async fn a_private_component_is_reached_by_others_only() {
    let host = Served::start(TWO).await;
    assert_eq!(host.get("/fetch?http://callee.spin.internal/hello").await.text, "hello");
    assert_eq!(host.get("/fetch?http://caller.spin.internal/hello").await.status, 502);
}

#[tokio::test]
async fn the_network_is_reached_where_it_is_allowed() {
    let other = Served::start(&manifest("")).await;
    let host = Served::start(TWO).await;
    assert_eq!(host.get(&format!("/fetch?http://{}/hello", other.address)).await.text, "hello");
    assert_eq!(host.get(&format!("/fetch?http://localhost:{}/hello", other.address.port())).await.status, 502);
}

/// A component that may connect everywhere by a wildcard, but for networks that are blocked.
fn guarded(blocked: &str) -> String {
    manifest(&format!(
        "allowed_outbound_hosts = [\"http://*:*\", \"https://*:*\"]\n[component.fixture.tool.rondo]\nblocked_networks = [{blocked}]"
    ))
}

#[tokio::test]
async fn what_only_a_wildcard_allows_is_refused_in_blocked_networks_however_it_is_written() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let host = Served::start(&guarded("\"private\"")).await;
    for name in ["localhost", "127.0.0.1", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        for scheme in ["http", "https"] {
            let answer = host.get(&format!("/fetch?{scheme}://{name}:{port}/hello")).await;
            assert_eq!(answer.status, 502, "{scheme} {name}");
            // No certificate can be for what is neither an address nor a name.
            let is_nonsense = answer.text.contains("HttpRequestUriInvalid") && scheme == "https";
            assert!(is_nonsense || answer.text.contains("DestinationIpProhibited"), "{scheme} {name}: {}", answer.text);
        }
    }
    let connected = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(connected.is_err(), "nobody has connected");
}

#[tokio::test]
async fn what_only_a_wildcard_allows_is_never_another_component_nor_answered_in_this_process() {
    let two = TWO.replace(
        "\"http://mirror:3500\", \"http://callee.spin.internal\", \"http://127.0.0.1:*\"]\n",
        "\"http://*:*\"]\n",
    );
    let two = two.replacen("services = [\"backend\"]", "services = [\"backend\"]\nblocked_networks = [\"private\"]", 1);
    let host =
        Served::start_with(&two, |config| config.in_process = vec![("mirror:3500".to_owned(), Arc::new(Mirror))]).await;
    for address in ["http://callee.spin.internal/hello", "http://mirror:3500/v1.0/publish"] {
        let answer = host.get(&format!("/fetch?{address}")).await;
        assert_eq!(answer.status, 502, "{address}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_network_is_reached_once_it_is_not_blocked_any_more_and_always_where_its_host_is_named() {
    let other = Served::start(&manifest("")).await;
    let port = other.address.port();
    for (blocked, hosts) in [("", "\"http://*:*\""), ("\"private\"", "\"http://*:*\", \"http://localhost:*\"")] {
        let host = Served::start(&guarded(blocked).replace("\"http://*:*\"", hosts)).await;
        assert_eq!(host.get(&format!("/fetch?http://localhost:{port}/hello")).await.text, "hello", "{blocked}");
    }
}

#[tokio::test]
async fn a_server_without_a_certificate_is_not_spoken_to() {
    let other = Served::start(&manifest("")).await;
    let host = Served::start(&guarded("")).await;
    let answer = host.get(&format!("/fetch?https://{}/hello", other.address)).await;
    assert!(answer.text.contains("TlsProtocolError"), "{}", answer.text);
}

#[tokio::test]
async fn a_blocked_network_that_is_none_is_named() {
    let error = rondo_runtime::Host::load(config(&guarded("\"lan\""), |_| {})).err().unwrap().to_string();
    assert!(error.contains("blocked_networks") && error.contains("`lan`"), "{error}");
}

/// Remembers the calls, and traps at one of them.
#[derive(Default)]
struct Watch {
    seen: Mutex<Vec<String>>,
    trap_before: bool,
    trap_after: bool,
}

impl Watch {
    fn note(&self, when: &str, call: &ImportCall<'_>, traps: bool) -> Directive {
        let ImportKind::Http { method, uri } = call.kind else { return Directive::Proceed };
        self.seen.lock().unwrap().push(format!("{when} {} {method} {}", call.index, uri.path()));
        if traps { Directive::Trap } else { Directive::Proceed }
    }
}

impl ImportObserver for Watch {
    fn before(&self, call: &ImportCall<'_>) -> Directive {
        self.note("before", call, self.trap_before)
    }

    fn after(&self, call: &ImportCall<'_>) -> Directive {
        self.note("after", call, self.trap_after)
    }
}

#[tokio::test]
async fn a_component_can_be_trapped_before_and_after_a_call() {
    for (trap_before, trap_after, status, calls) in [
        (false, false, StatusCode::OK, vec!["before 0 GET /x", "after 0 GET /x"]),
        (true, false, StatusCode::INTERNAL_SERVER_ERROR, vec!["before 0 GET /x"]),
        (false, true, StatusCode::INTERNAL_SERVER_ERROR, vec!["before 0 GET /x", "after 0 GET /x"]),
    ] {
        let watch = Arc::new(Watch { trap_before, trap_after, ..Watch::default() });
        let imports = Arc::clone(&watch);
        let host = Served::start_with(TWO, |config| {
            config.in_process = vec![("mirror:3500".to_owned(), Arc::new(Mirror))];
            config.imports = imports;
        })
        .await;
        assert_eq!(host.get("/fetch?http://mirror:3500/x").await.status, status);
        assert_eq!(*watch.seen.lock().unwrap(), calls);
    }
}

struct Fixed;

impl Clock for Fixed {
    fn wall(&self) -> std::time::Duration {
        std::time::Duration::from_secs(1_000_000_000)
    }

    fn monotonic(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

impl Randomness for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(1);
    }
}

#[tokio::test]
async fn time_and_randomness_can_be_given() {
    let host = Served::start_with(&manifest(""), |config| {
        config.clock = Some(Arc::new(Fixed));
        config.randomness = Some(Arc::new(Fixed));
    })
    .await;
    assert_eq!(host.get("/time").await.text, format!("1000000000 {}", 0x0101_0101_0101_0101_u64));
}
