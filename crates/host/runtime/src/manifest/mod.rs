//! `spin.toml` as Spin reads it (manifest version 2, HTTP triggers).
//!
//! [`parse`] takes the text to a [`Manifest`] in which everything is understood; what this host does not offer is refused
//! here by its name, so that nothing is silently different from Spin. Values with templates stay [`Template`]s: the host
//! fills them in once it knows the variables. Read this file, then `document` (what TOML may say).

mod document;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::router::Pattern;
use crate::variables::{Declaration, Template};

/// What is wrong with a manifest; the text names the place.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not TOML, or not of the shape of a Spin manifest.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// Something of Spin that this host does not offer.
    #[error("{place}: `{feature}` is not supported by this host. {advice}")]
    Unsupported {
        /// Where it stands.
        place: String,
        /// What it is.
        feature: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// A value that means nothing.
    #[error("{place}: {problem}")]
    Invalid {
        /// Where it stands.
        place: String,
        /// What is wrong.
        problem: String,
    },
}

impl ManifestError {
    fn unsupported(place: &str, feature: &str, advice: &'static str) -> Self {
        Self::Unsupported { place: place.to_owned(), feature: feature.to_owned(), advice }
    }

    fn invalid(place: &str, problem: impl std::fmt::Display) -> Self {
        Self::Invalid { place: place.to_owned(), problem: problem.to_string() }
    }
}

/// An application, understood.
#[derive(Debug)]
pub struct Manifest {
    /// `application.name`.
    pub name: String,
    /// `application.version`; may be empty.
    pub version: String,
    /// The application's variables.
    pub variables: BTreeMap<String, Declaration>,
    /// Which route leads to which component.
    pub triggers: Vec<Trigger>,
    /// The components by id.
    pub components: BTreeMap<String, Component>,
}

/// A route of a component. Without a pattern the component is private: only other components reach it.
#[derive(Debug)]
pub struct Trigger {
    /// What paths it answers.
    pub pattern: Option<Pattern>,
    /// The component's id.
    pub component: String,
}

/// A component of the application.
#[derive(Debug)]
pub struct Component {
    /// The path of the wasm file, relative to the manifest.
    pub source: String,
    /// The variables that it may ask for.
    pub variables: BTreeMap<String, Template>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// Where it may connect to.
    pub allowed_outbound_hosts: Vec<Template>,
    /// The files that it sees.
    pub files: Vec<FileMount>,
    /// Globs of what it does not see of them.
    pub exclude_files: Vec<String>,
    /// The Dapr app ids that contain it (`tool.rondo.services`).
    pub services: Vec<String>,
    /// Whether its responses live long (`tool.rondo.stream`).
    pub stream: bool,
    /// Whether its paths are nobody else's business: the log names its routes instead (`tool.rondo.secret_paths`).
    pub secret_paths: bool,
    /// The networks that hosts which only a wildcard of `allowed_outbound_hosts` allows may not lie in
    /// (`tool.rondo.blocked_networks`): `private`, or networks in CIDR notation.
    pub blocked_networks: Vec<Template>,
    /// What its requests may take, if that is longer than usual (`tool.rondo.request_seconds`).
    pub request_time: Option<Duration>,
}

/// Files that a component sees, read-only.
#[derive(Debug, PartialEq, Eq)]
pub enum FileMount {
    /// What a glob finds, at the same relative paths below `/`.
    Glob(String),
    /// A folder or a file at a place of its own.
    At {
        /// Relative to the manifest.
        source: String,
        /// Absolute, as the component sees it.
        destination: String,
    },
}

/// Reads a manifest.
///
/// # Errors
/// When the text is no manifest of version 2 or says something that this host does not support.
pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
    let document: document::Document = toml::from_str(text)?;
    let manifest = document.understand()?;
    for trigger in &manifest.triggers {
        if !manifest.components.contains_key(&trigger.component) {
            return Err(ManifestError::invalid(
                "trigger.http",
                format_args!("there is no component `{}`", trigger.component),
            ));
        }
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests;
