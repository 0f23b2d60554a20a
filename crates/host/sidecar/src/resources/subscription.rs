//! Declarative subscriptions, `dapr.io/v2alpha1`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Document, in_scope};

/// Which topic goes to which route of which apps.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) name: String,
    pub(crate) pubsub: String,
    /// The pub/sub under whose name the messages of its broker are kept: see `Resources::log_of`.
    pub(crate) log: String,
    pub(crate) topic: String,
    pub(crate) route: http::Uri,
    pub(crate) dead_letter: Option<String>,
    /// The messages are no CloudEvents: each is wrapped in one on delivery.
    pub(crate) raw_payload: bool,
    scopes: Vec<String>,
}

impl Subscription {
    pub(super) fn parse(document: Document) -> Result<Self, String> {
        let scopes = document.scopes.clone();
        let version = document.api_version.clone();
        if version != "dapr.io/v2alpha1" {
            return Err(format!("subscription {} is {version}; only dapr.io/v2alpha1 is read", document.metadata.name));
        }
        let (name, spec): (_, Spec) = document.into_spec()?;
        let route = spec.routes.default;
        let route = route.parse().map_err(|_| format!("subscription {name}: {route} is no route"))?;
        let raw_payload = spec.metadata.get("rawPayload").is_some_and(|value| value == "true");
        Ok(Self {
            name,
            log: spec.pubsubname.clone(),
            pubsub: spec.pubsubname,
            topic: spec.topic,
            route,
            dead_letter: spec.dead_letter_topic.filter(|topic| !topic.is_empty()),
            raw_payload,
            scopes,
        })
    }

    pub(crate) fn applies_to(&self, app_id: &str) -> bool {
        in_scope(&self.scopes, app_id)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Spec {
    pubsubname: String,
    topic: String,
    routes: Routes,
    dead_letter_topic: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Routes {
    default: String,
}
