//! What a component learns of its request, and what it is given.

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use rondo_runtime::{CallError, Host, HostError};

use crate::support::{Answer, Served, config, folder, manifest, variables};

fn header(answer: &Answer, name: &str) -> Option<String> {
    let prefix = format!("{name}: ");
    answer.text.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
}

#[tokio::test]
async fn a_response_made_in_one_go_has_its_length() {
    let host = Served::start(&manifest("")).await;
    let answer = host.get("/hello").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "hello"));
    assert_eq!(answer.headers["content-length"], "5");
}

#[tokio::test]
async fn a_component_learns_how_its_request_came() {
    let routes = "[[trigger.http]]\nroute = \"/:word/...\"\ncomponent = \"fixture\"\n[component.fixture]\nsource = \"fixture.wasm\"";
    let host = Served::start(routes).await;
    let answer = host.get("/headers?a=1").await;
    let expected = [
        ("spin-path-info", String::new()),
        ("spin-matched-route", "/:word/...".to_owned()),
        ("spin-raw-component-route", "/:word/...".to_owned()),
        ("spin-component-route", "/:word".to_owned()),
        ("spin-base-path", "/".to_owned()),
        ("spin-path-match-word", "headers".to_owned()),
        ("spin-full-url", format!("http://{}/headers?a=1", host.address)),
    ];
    for (name, value) in expected {
        assert_eq!(header(&answer, name), Some(value), "{name}");
    }
    assert!(header(&answer, "spin-client-addr").unwrap().starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn a_client_can_not_forge_what_the_host_says() {
    let host = Served::start(&manifest("")).await;
    let request =
        host.request(Method::GET, "/headers").header("spin-client-addr", "1.2.3.4:5").header("spin-evil", "1");
    let answer = host.send(request.body(Full::default()).unwrap()).await;
    assert_eq!(header(&answer, "spin-evil"), None);
    assert!(header(&answer, "spin-client-addr").unwrap().starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn a_request_is_named_and_traced() {
    let host = Served::start(&manifest("")).await;
    let made = host.get("/headers").await;
    assert_eq!(header(&made, "x-request-id").unwrap().len(), 36);
    assert!(header(&made, "traceparent").unwrap().starts_with("00-"));
    let request = host.request(Method::GET, "/headers").header("x-request-id", "mine-1");
    let kept = host.send(request.body(Full::default()).unwrap()).await;
    assert_eq!(header(&kept, "x-request-id").as_deref(), Some("mine-1"));
}

#[tokio::test]
async fn a_component_gets_its_own_variables_and_environment_only() {
    let more = "environment = { MODE = \"test\" }\nvariables = { greeting = \"hello {{ who }}\" }\n[variables]\nwho = { required = true }\nhidden = { default = \"x\" }";
    let host =
        Served::start_with(&manifest(more), |config| config.variables = variables([("who", "world".to_owned())])).await;
    assert_eq!(host.get("/variable?greeting").await.text, "hello world");
    assert_eq!(host.get("/variable?who").await.status, 404);
    assert_eq!(host.get("/variable?hidden").await.status, 404);
    assert_eq!(host.get("/environment?MODE").await.text, "test");
    assert_eq!(host.get("/environment?PATH").await.text, "");
}

#[tokio::test]
async fn files_can_be_read_and_not_written() {
    let files = folder();
    std::fs::write(files.join("a.txt"), "content").unwrap();
    let more = format!("files = [{{ source = {files:?}, destination = \"/data\" }}]");
    let host = Served::start(&manifest(&more)).await;
    assert_eq!(host.get("/file?/data/a.txt").await.text, "content");
    assert_eq!(host.get("/file?/etc/passwd").await.status, 404);
    assert_eq!(host.get("/file?/data/../../../etc/passwd").await.status, 404);
    assert_eq!(host.get("/write?/data/a.txt").await.status, 403);
    assert_eq!(std::fs::read_to_string(files.join("a.txt")).unwrap(), "content");
}

#[tokio::test]
async fn every_spin_says_that_it_is_well_and_what_it_serves() {
    let host = Served::start(&manifest("")).await;
    assert_eq!(host.get("/.well-known/spin/health").await.text, "OK");
    let info: serde_json::Value = serde_json::from_str(&host.get("/.well-known/spin/info").await.text).unwrap();
    assert_eq!((info["name"].as_str(), info["version"].as_str()), (Some("test"), Some("1.2.3")));
}

#[tokio::test]
async fn a_path_without_a_route_is_told_as_a_problem() {
    let host = Served::start(
        "[[trigger.http]]\nroute = \"/hello\"\ncomponent = \"fixture\"\n[component.fixture]\nsource = \"fixture.wasm\"",
    )
    .await;
    let answer = host.get("/other").await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
}

const TWO_APPS: &str = "
[[trigger.http]]
route = \"/hello\"
component = \"a\"
[[trigger.http]]
route = \"/headers\"
component = \"b\"
[component.a]
source = \"fixture.wasm\"
[component.a.tool.rondo]
services = [\"one\"]
[component.b]
source = \"fixture.wasm\"
[component.b.tool.rondo]
services = [\"two\"]
";

#[tokio::test]
async fn an_app_is_called_only_at_its_own_routes() {
    let host = Host::load(config(TWO_APPS, |_| {})).unwrap_or_else(|error| panic!("{error}"));
    let call = async |app: &str, path: &str| host.call_app(app, Request::get(path).body(Bytes::new()).unwrap()).await;
    assert_eq!(call("one", "/hello").await.unwrap().body(), "hello");
    assert!(matches!(call("one", "/headers").await, Err(CallError::NoRoute { .. })));
    assert!(matches!(call("three", "/hello").await, Err(CallError::UnknownApp(_))));
}

#[tokio::test]
async fn two_apps_may_have_the_same_route_and_whoever_is_outside_gets_to_the_first() {
    let said =
        |app: &str| format!("source = \"fixture.wasm\"\nenvironment = {{ APP = \"{app}\" }}\n[component.{app}.tool");
    let same = ["/hello", "/headers"].iter().fold(TWO_APPS.to_owned(), |text, path| text.replace(path, "/environment"));
    let same = ["a", "b"]
        .iter()
        .fold(same, |text, app| text.replace(&format!("source = \"fixture.wasm\"\n[component.{app}.tool"), &said(app)));
    let host = Served::start(&same).await;
    assert_eq!(host.get("/environment?APP").await.text, "a");
    for (app, name) in [("one", "a"), ("two", "b")] {
        let request = Request::get("/environment?APP").body(Bytes::new()).unwrap();
        assert_eq!(host.host.call_app(app, request).await.unwrap().body(), name);
    }
    let of_one_app = same.replace("\"two\"", "\"one\"");
    assert!(matches!(Host::load(config(&of_one_app, |_| {})).err(), Some(HostError::DuplicateRoute(..))));
}

#[tokio::test]
async fn only_the_chosen_components_are_served() {
    let host = Served::start_with(TWO_APPS, |config| config.components = Some(vec!["b".to_owned()])).await;
    assert_eq!(host.get("/hello").await.status, 404);
    assert_eq!(host.get("/headers").await.status, 200);
}

#[test]
fn what_can_not_be_served_is_named_when_the_host_is_loaded() {
    let refusal = |manifest: &str, configure: fn(&mut rondo_runtime::HostConfig)| {
        Host::load(config(manifest, configure)).err().expect("this is refused")
    };
    let twice = format!("{}[[trigger.http]]\nroute = \"/...\"\ncomponent = \"fixture\"\n", manifest(""));
    assert!(matches!(refusal(&twice, |_| {}), HostError::DuplicateRoute(..)));
    let missing = manifest("variables = { a = \"{{ b }}\" }\n[variables]\nb = { required = true }");
    assert!(refusal(&missing, |_| {}).to_string().contains("`b` is required"));
    let unknown = refusal(TWO_APPS, |config| config.components = Some(vec!["c".to_owned()]));
    assert!(matches!(unknown, HostError::UnknownComponent(id) if id == "c"));
    let unbuilt = manifest("").replace("fixture.wasm", "nowhere.wasm");
    assert!(refusal(&unbuilt, |_| {}).to_string().contains("nowhere.wasm"));
}

#[test]
fn an_import_that_the_host_lacks_is_named() {
    let config = config(&manifest("").replace("fixture.wasm", "odd.wasm"), |_| {});
    let odd = "(component (import \"fermyon:spin/key-value@2.0.0\" (instance (export \"f\" (func)))))";
    std::fs::write(config.manifest.with_file_name("odd.wasm"), wat::parse_str(odd).unwrap()).unwrap();
    let error = Host::load(config).err().expect("this is refused").to_string();
    assert!(error.contains("fermyon:spin/key-value@2.0.0"), "{error}");
}
