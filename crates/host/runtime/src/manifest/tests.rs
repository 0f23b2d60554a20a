use super::*;

const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = \"app\"\n";

fn parse_with(rest: &str) -> Result<Manifest, ManifestError> {
    parse(&format!("{HEAD}{rest}"))
}

fn refusal(rest: &str) -> String {
    parse_with(rest).expect_err("this manifest is refused").to_string()
}

#[test]
fn a_whole_manifest_is_understood() {
    let manifest = parse_with(
        r#"
        [variables]
        host = { default = "localhost" }
        password = { required = true, secret = true }
        [[trigger.http]]
        route = "/a/..."
        component = "a"
        [[trigger.http]]
        route = { private = true }
        component = "a"
        [component.a]
        source = "a.wasm"
        description = "an example"
        environment = { MODE = "test" }
        allowed_outbound_hosts = ["http://{{ host }}:80"]
        files = ["*.txt", { source = "web", destination = "/" }]
        key_value_stores = []
        variables = { password = "{{ password }}" }
        [component.a.build]
        command = "make"
        [component.a.tool.rondo]
        services = ["backend"]
        stream = true
        secret_paths = true
        blocked_networks = ["{{ host }}", "private"]
        request_seconds = 30
        [component.a.tool.other]
        anything = 1
        "#,
    )
    .unwrap();
    let component = &manifest.components["a"];
    assert_eq!(manifest.triggers.len(), 2);
    assert_eq!(manifest.triggers[0].pattern.as_ref().map(Pattern::as_str), Some("/a/..."));
    assert!(manifest.triggers[1].pattern.is_none());
    assert_eq!(component.services, ["backend"]);
    assert!(component.stream);
    assert!(component.secret_paths);
    assert_eq!(component.blocked_networks.len(), 2);
    assert_eq!(component.request_time, Some(Duration::from_secs(30)));
    assert_eq!(component.files[0], FileMount::Glob("*.txt".into()));
    assert!(manifest.variables["password"].secret);
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (manifest, name) in [
        ("[[trigger.redis]]\nchannel = \"c\"\ncomponent = \"a\"", "trigger.redis"),
        ("[[trigger.http]]\nroute = \"/\"\nstatic_response = { status_code = 204 }", "static_response"),
        ("[[trigger.http]]\nroute = \"/\"\ncomponent = { source = \"a.wasm\" }", "inline component"),
        ("[[trigger.http]]\nroute = \"/\"\ncomponent = \"a\"\nexecutor = { type = \"wagi\" }", "executor wagi"),
        ("[component.a]\nsource = { url = \"https://x\", digest = \"sha256:1\" }", "remote source"),
        ("[component.a]\nsource = \"a.wasm\"\nkey_value_stores = [\"default\"]", "key_value_stores"),
        ("[component.a]\nsource = \"a.wasm\"\nsqlite_databases = [\"default\"]", "sqlite_databases"),
        ("[component.a]\nsource = \"a.wasm\"\nai_models = [\"llama\"]", "ai_models"),
        ("[component.a]\nsource = \"a.wasm\"\n[component.a.dependencies]\n\"a:b/c\" = \"1\"", "dependencies"),
    ] {
        let message = refusal(manifest);
        assert!(message.contains(&format!("`{name}` is not supported")), "{name}: {message}");
    }
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (manifest, expected) in [
        ("[[trigger.http]]\nroute = \"/\"\ncomponent = \"b\"", "no component `b`"),
        ("[[trigger.http]]\nroute = \"a\"\ncomponent = \"b\"", "does not start with a slash"),
        ("[variables]\nx = { }", "variables.x"),
        ("[variables]\nx = { required = true, default = \"\" }", "variables.x"),
        ("[variables]\nX = { default = \"\" }", "variables.X"),
        ("[component.a]\nsource = \"a.wasm\"\nallowed_outbound_host = [\"x\"]", "unknown key `allowed_outbound_host`"),
        ("[component.a]\nsource = \"a.wasm\"\nspeed = \"high\"", "unknown key `speed`"),
        ("[component.a]\nsource = \"a.wasm\"\nvariables = { a = \"{{ b\" }", "component.a.a"),
        ("[component.a]\nsource = \"a.wasm\"\nfiles = [{ source = \"a\", destination = \"b\" }]", "not absolute"),
    ] {
        let message = refusal(manifest);
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

#[test]
fn only_version_2_is_read() {
    let message = parse("spin_manifest_version = 1\n[application]\nname = \"a\"").unwrap_err().to_string();
    assert!(message.contains("spin_manifest_version = 2"), "{message}");
}
