//! What the OpenAPI document describes is served, and what is served to the outside is described.

use serde_json::Value;

use crate::manifest::Manifest;
use crate::{none, read};

/// For the sidecar only, or the page: no part of the API.
const NOT_API: [&str; 4] = ["/events/", "/job/", "/internal/", "/..."];
/// Answers what nobody else does, so that it fits anything; its one path is its own.
const CATCH_ALL: (&str, &str) = ("/api/...", "/api/openapi.json");

fn paths() -> Vec<String> {
    let document: Value = serde_json::from_str(&read("crates/web-api/openapi.json")).expect("openapi.json is JSON");
    let paths = document["paths"].as_object().expect("it has paths");
    paths.keys().cloned().collect()
}

#[test]
fn every_path_of_the_document_is_served() {
    let manifest = Manifest::read();
    let (catch_all, its_own) = CATCH_ALL;
    let is_served = |path: &String| {
        let route = manifest.component_of(path).map(|trigger| trigger.route.as_str());
        path == its_own || route.is_some_and(|route| route != "/..." && route != catch_all)
    };
    let unserved: Vec<_> = paths().into_iter().filter(|path| !is_served(path)).collect();
    none("described, but served by no component", &unserved);
}

#[test]
fn every_route_to_the_outside_is_in_the_document() {
    let manifest = Manifest::read();
    let paths = paths();
    let is_described = |route: &str| {
        let answered = |path: &String| manifest.component_of(path).is_some_and(|trigger| trigger.route == route);
        NOT_API.iter().any(|prefix| route.starts_with(prefix)) || paths.iter().any(answered)
    };
    let missing: Vec<_> =
        manifest.routes().iter().map(|trigger| trigger.route.clone()).filter(|route| !is_described(route)).collect();
    none("served, but in no path of the document", &missing);
}
