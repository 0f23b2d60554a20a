//! The manifest as TOML has it, and the way from there to a [`Manifest`].

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use toml::Value;

use super::{Component, FileMount, Manifest, ManifestError, Trigger};
use crate::router::Pattern;
use crate::variables::{Declaration, Template, is_name};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    spin_manifest_version: u32,
    application: Application,
    #[serde(default)]
    variables: BTreeMap<String, VariableDocument>,
    #[serde(default)]
    trigger: BTreeMap<String, Value>,
    #[serde(default)]
    component: BTreeMap<String, ComponentDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "authors")]
    _authors: Option<Vec<String>>,
    #[serde(default)]
    trigger: BTreeMap<String, Value>,
    #[serde(rename = "tool")]
    _tool: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariableDocument {
    #[serde(rename = "description")]
    _description: Option<String>,
    default: Option<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    secret: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TriggerDocument {
    #[serde(rename = "id")]
    _id: Option<String>,
    route: Route,
    component: Option<Value>,
    executor: Option<Value>,
    static_response: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a route is a text or { private = true }")]
enum Route {
    Path(String),
    Private { private: bool },
}

/// What else it says is looked at afterwards, so that it can be refused by its name.
#[derive(Deserialize)]
struct ComponentDocument {
    source: Value,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    files: Vec<Mount>,
    #[serde(default)]
    exclude_files: Vec<String>,
    #[serde(rename = "build")]
    _build: Option<Value>,
    #[serde(default)]
    tool: Tool,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a mount is a glob or { source, destination }")]
enum Mount {
    Glob(String),
    At { source: String, destination: String },
}

#[derive(Default, Deserialize)]
struct Tool {
    #[serde(default)]
    rondo: RondoTool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RondoTool {
    #[serde(default)]
    services: Vec<String>,
    #[serde(default)]
    stream: bool,
    #[serde(default)]
    secret_paths: bool,
    #[serde(default)]
    blocked_networks: Vec<String>,
    request_seconds: Option<u64>,
}

/// What a component of Spin may say and this host does not offer.
const UNSUPPORTED: [(&str, &str); 9] = [
    ("allowed_http_hosts", "Say `allowed_outbound_hosts`."),
    ("key_value_stores", "State goes through Postgres or the sidecar."),
    ("sqlite_databases", "State goes through Postgres."),
    ("ai_models", "Models are reached by outbound HTTP."),
    ("dependencies", "Compose the component before it is served."),
    ("dependencies_inherit_configuration", "Compose the component before it is served."),
    ("targets", "Leave it out."),
    ("profile", "Build what shall be served."),
    ("mount", "Say `files`."),
];

impl Document {
    pub(super) fn understand(self) -> Result<Manifest, ManifestError> {
        if self.spin_manifest_version != 2 {
            return Err(ManifestError::unsupported(
                "spin_manifest_version",
                &self.spin_manifest_version.to_string(),
                "Say `spin_manifest_version = 2`.",
            ));
        }
        self.application.check()?;
        let variables = each(self.variables, "variables", VariableDocument::understand)?;
        let components = each(self.component, "component", ComponentDocument::understand)?;
        Ok(Manifest {
            name: self.application.name,
            version: self.application.version,
            variables,
            triggers: triggers(self.trigger)?,
            components,
        })
    }
}

impl Application {
    /// Spin lets an application say a base path for all routes; only the default is served here.
    fn check(&self) -> Result<(), ManifestError> {
        let Some((kind, settings)) = self.trigger.iter().next() else { return Ok(()) };
        let is_default = kind == "http" && settings.get("base").is_none_or(|base| base.as_str() == Some("/"));
        if is_default {
            return Ok(());
        }
        let feature = format!("application.trigger.{kind}");
        Err(ManifestError::unsupported("application", &feature, "Routes say their whole path."))
    }
}

fn each<T, U>(
    table: BTreeMap<String, T>,
    section: &str,
    understand: impl Fn(T, &str) -> Result<U, ManifestError>,
) -> Result<BTreeMap<String, U>, ManifestError> {
    let understood = table.into_iter().map(|(name, value)| {
        let value = understand(value, &format!("{section}.{name}"))?;
        Ok((name, value))
    });
    understood.collect()
}

impl VariableDocument {
    fn understand(self, place: &str) -> Result<Declaration, ManifestError> {
        let name = place.rsplit('.').next().unwrap_or_default();
        if !is_name(name) {
            return Err(ManifestError::invalid(
                place,
                "a variable's name is lower case letters, digits and single underscores, and starts with a letter",
            ));
        }
        match (self.required, self.default) {
            (true, Some(_)) => Err(ManifestError::invalid(place, "is required and has a default: say one of them")),
            (false, None) => Err(ManifestError::invalid(place, "says neither `required = true` nor a default")),
            (_, default) => Ok(Declaration { default, secret: self.secret }),
        }
    }
}

fn triggers(kinds: BTreeMap<String, Value>) -> Result<Vec<Trigger>, ManifestError> {
    let mut triggers = Vec::new();
    for (kind, value) in kinds {
        if kind != "http" {
            let feature = format!("trigger.{kind}");
            return Err(ManifestError::unsupported("trigger", &feature, "Only `[[trigger.http]]` is served."));
        }
        let documents: Vec<TriggerDocument> = value.try_into()?;
        for document in documents {
            triggers.push(document.understand()?);
        }
    }
    Ok(triggers)
}

impl TriggerDocument {
    fn understand(self) -> Result<Trigger, ManifestError> {
        let place = match &self.route {
            Route::Path(path) => format!("trigger.http {path}"),
            Route::Private { .. } => "trigger.http (private)".to_owned(),
        };
        if self.static_response.is_some() {
            let advice = "Serve it from a component: Spin drops such a route when components are selected.";
            return Err(ManifestError::unsupported(&place, "static_response", advice));
        }
        self.check_executor(&place)?;
        let component = match self.component {
            Some(Value::String(id)) => id,
            Some(_) => {
                let advice = "Declare it as `[component.<id>]` and name it here.";
                return Err(ManifestError::unsupported(&place, "inline component", advice));
            }
            None => return Err(ManifestError::invalid(&place, "names no component")),
        };
        let pattern = match self.route {
            Route::Path(path) => {
                Some(Pattern::parse(&path).map_err(|problem| ManifestError::invalid(&place, problem))?)
            }
            Route::Private { private: true } => None,
            Route::Private { private: false } => {
                return Err(ManifestError::invalid(&place, "`private = false` needs a path instead"));
            }
        };
        Ok(Trigger { pattern, component })
    }

    fn check_executor(&self, place: &str) -> Result<(), ManifestError> {
        let Some(executor) = &self.executor else { return Ok(()) };
        match executor.get("type").and_then(Value::as_str) {
            Some("http" | "spin") => Ok(()),
            other => {
                let feature = format!("executor {}", other.unwrap_or("without a type"));
                Err(ManifestError::unsupported(place, &feature, "Components export wasi:http/incoming-handler."))
            }
        }
    }
}

impl ComponentDocument {
    fn understand(self, place: &str) -> Result<Component, ManifestError> {
        self.refuse_unsupported(place)?;
        let Value::String(source) = self.source else {
            let advice = "Say the path of a file: nothing is downloaded.";
            return Err(ManifestError::unsupported(place, "remote source", advice));
        };
        let template = |text: &String, what: &str| {
            Template::parse(text).map_err(|e| ManifestError::invalid(&format!("{place}.{what}"), e))
        };
        let variables = self.variables.iter().map(|(name, text)| Ok((name.clone(), template(text, name)?)));
        let hosts = self.allowed_outbound_hosts.iter().map(|text| template(text, "allowed_outbound_hosts"));
        let blocked = self.tool.rondo.blocked_networks.iter().map(|text| template(text, "tool.rondo.blocked_networks"));
        let files = self.files.into_iter().map(|mount| mount.understand(place));
        Ok(Component {
            source,
            variables: variables.collect::<Result<_, ManifestError>>()?,
            environment: self.environment,
            allowed_outbound_hosts: hosts.collect::<Result<_, ManifestError>>()?,
            files: files.collect::<Result<_, ManifestError>>()?,
            exclude_files: self.exclude_files,
            services: self.tool.rondo.services,
            stream: self.tool.rondo.stream,
            secret_paths: self.tool.rondo.secret_paths,
            blocked_networks: blocked.collect::<Result<_, ManifestError>>()?,
            request_time: self.tool.rondo.request_seconds.map(Duration::from_secs),
        })
    }

    fn refuse_unsupported(&self, place: &str) -> Result<(), ManifestError> {
        for (key, value) in &self.others {
            let is_empty = value.as_array().is_some_and(Vec::is_empty) || value.as_bool() == Some(false);
            if is_empty {
                continue;
            }
            return Err(match UNSUPPORTED.iter().find(|(name, _)| name == key) {
                Some((name, advice)) => ManifestError::unsupported(place, name, advice),
                None => ManifestError::invalid(place, format_args!("unknown key `{key}`")),
            });
        }
        Ok(())
    }
}

impl Mount {
    fn understand(self, place: &str) -> Result<FileMount, ManifestError> {
        match self {
            Self::Glob(glob) => Ok(FileMount::Glob(glob)),
            Self::At { source, destination } if destination.starts_with('/') => {
                Ok(FileMount::At { source, destination })
            }
            Self::At { destination, .. } => Err(ManifestError::invalid(
                &format!("{place}.files"),
                format_args!("the destination `{destination}` is not absolute"),
            )),
        }
    }
}
