//! `spin.toml`, the folders of components, and Dapr's subscriptions tell the same story.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{files, none, read};

/// The deployables: SpinApps and Dapr app ids.
const SERVICES: [&str; 4] = ["backend", "frontend", "recurring-service", "notification-service"];

#[derive(Deserialize)]
pub struct Manifest {
    trigger: Triggers,
    pub component: BTreeMap<String, Component>,
}

#[derive(Deserialize)]
struct Triggers {
    http: Vec<Trigger>,
}

#[derive(Deserialize)]
pub struct Trigger {
    pub route: String,
    pub component: String,
}

#[derive(Deserialize)]
pub struct Component {
    source: String,
    tool: Tool,
}

#[derive(Deserialize)]
struct Tool {
    rondo: Rondo,
}

#[derive(Deserialize)]
struct Rondo {
    services: Vec<String>,
}

impl Manifest {
    pub fn read() -> Self {
        toml::from_str(&read("spin.toml")).expect("spin.toml names the services of each component")
    }

    pub fn routes(&self) -> &[Trigger] {
        &self.trigger.http
    }

    /// The component that answers a path: that of the longest route that fits.
    pub fn component_of(&self, path: &str) -> Option<&Trigger> {
        answering(self.routes().iter(), path)
    }

    /// The component of a service that answers a path when its own sidecar calls.
    fn component_of_service<'a>(&'a self, service: &'a str, path: &str) -> Option<&'a Trigger> {
        answering(self.routes_of(service), path)
    }

    fn routes_of<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a Trigger> {
        let is_served = move |trigger: &&Trigger| self.services_of(&trigger.component).iter().any(|of| of == service);
        self.routes().iter().filter(is_served)
    }

    pub fn services_of(&self, component: &str) -> &[String] {
        self.component.get(component).map(|component| component.tool.rondo.services.as_slice()).unwrap_or_default()
    }
}

fn answering<'a>(routes: impl Iterator<Item = &'a Trigger>, path: &str) -> Option<&'a Trigger> {
    routes.filter(|trigger| fits(&trigger.route, path)).max_by_key(|trigger| trigger.route.len())
}

fn fits(route: &str, path: &str) -> bool {
    match route.strip_suffix("/...") {
        Some(stem) => path == stem || path.strip_prefix(stem).is_some_and(|rest| rest.starts_with('/')),
        None => route == path,
    }
}

/// `(service, package name)` of each folder `components/<service>/<component>`.
fn folders() -> BTreeSet<(String, String)> {
    let manifests = files("components", &["toml"]).into_iter().filter(|path| path.ends_with("Cargo.toml"));
    manifests
        .map(|path| {
            let names: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            (names[1].clone(), format!("{}-{}", names[1], names[2]))
        })
        .collect()
}

#[test]
fn every_folder_is_a_component_of_spin_toml_and_back() {
    let manifest = Manifest::read();
    let folders: BTreeSet<_> = folders().into_iter().map(|(_, name)| name).collect();
    let components: BTreeSet<_> = manifest.component.keys().cloned().collect();
    assert_eq!(folders, components);
    for (id, component) in &manifest.component {
        assert_eq!(component.source, format!("target/wasm32-wasip2/component/{}.wasm", id.replace('-', "_")));
    }
}

#[test]
fn a_component_is_in_the_service_of_its_folder_and_only_shared_ones_in_several() {
    let manifest = Manifest::read();
    let mut wrong = Vec::new();
    for (folder, id) in folders() {
        let services = manifest.services_of(&id);
        let is_right = match folder.as_str() {
            "shared" => services.len() > 1 && services.iter().all(|service| SERVICES.contains(&service.as_str())),
            service => services == [service] && SERVICES.contains(&service),
        };
        if !is_right {
            wrong.push(format!("components/{folder}: {id} is in {services:?}"));
        }
    }
    none("components in the wrong service", &wrong);
}

#[test]
fn every_component_has_a_route_and_every_route_a_component() {
    let manifest = Manifest::read();
    let routed: BTreeSet<_> = manifest.routes().iter().map(|trigger| trigger.component.clone()).collect();
    let components: BTreeSet<_> = manifest.component.keys().cloned().collect();
    assert_eq!(routed, components);
}

#[test]
fn a_service_has_each_route_once() {
    let manifest = Manifest::read();
    let mut twice = Vec::new();
    for service in SERVICES {
        let mut seen = BTreeSet::new();
        let repeated = manifest.routes_of(service).filter(|trigger| !seen.insert(places_unnamed(&trigger.route)));
        twice.extend(repeated.map(|trigger| format!("{} of {service}: {}", trigger.route, trigger.component)));
    }
    none("routes that a service gives to two components", &twice);
}

/// A route, whatever its places are called.
fn places_unnamed(route: &str) -> String {
    let segments = route.split('/').map(|segment| if segment.starts_with(':') { ":" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn every_subscription_leads_to_a_route_of_its_app() {
    let manifest = Manifest::read();
    let mut wrong = Vec::new();
    for subscription in subscriptions() {
        for (app, route) in subscription.targets() {
            if manifest.component_of_service(&app, &route).is_none_or(|trigger| trigger.route == "/...") {
                wrong.push(format!("{app} has no route {route}"));
            }
        }
    }
    none("subscriptions that lead nowhere", &wrong);
}

#[derive(Deserialize)]
struct Resource {
    kind: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
struct Spec {
    #[serde(default)]
    routes: Routes,
}

#[derive(Default, Deserialize)]
struct Routes {
    default: Option<String>,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    path: String,
}

impl Resource {
    /// Each app that subscribes, with each path that it wants called.
    fn targets(&self) -> Vec<(String, String)> {
        let rules = self.spec.routes.rules.iter().map(|rule| &rule.path);
        let paths: Vec<_> = self.spec.routes.default.iter().chain(rules).collect();
        let pairs = self.scopes.iter().flat_map(|app| paths.iter().map(move |path| (app.clone(), (*path).clone())));
        pairs.collect()
    }
}

fn subscriptions() -> Vec<Resource> {
    let mut found = Vec::new();
    for path in files("dapr", &["yaml", "yml"]) {
        let resources: Vec<Resource> =
            serde_saphyr::from_multiple(&read(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        found.extend(resources.into_iter().filter(|resource| resource.kind == "Subscription"));
    }
    assert!(!found.is_empty(), "there are subscriptions in dapr/");
    found
}
