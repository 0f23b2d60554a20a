//! Why a host can't be loaded.

use std::io;
use std::path::PathBuf;

use crate::engine::cache::CacheError;
use crate::manifest::ManifestError;
use crate::variables::VariableError;

/// What keeps a host from serving; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The manifest can't be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The manifest.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The manifest says something wrong or unsupported.
    #[error("{}: {source}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What.
        source: ManifestError,
    },
    /// Two routes answer the same paths.
    #[error("the routes `{0}` and `{1}` answer the same paths")]
    DuplicateRoute(String, String),
    /// A component that shall be served is not in the manifest.
    #[error("there is no component `{0}`")]
    UnknownComponent(String),
    /// The file of a component can't be read.
    #[error("component `{component}`: {}: {source}. Has it been built?", path.display())]
    Source {
        /// The component.
        component: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A component is none, or imports what this host does not offer.
    #[error("component `{component}` can't be run here: {source:#}")]
    Component {
        /// The component.
        component: String,
        /// Why; names the import.
        source: wasmtime::Error,
    },
    /// A variable that a component needs has no value.
    #[error("component `{component}`: {source}")]
    Variable {
        /// The component.
        component: String,
        /// Which.
        source: VariableError,
    },
    /// An entry of `allowed_outbound_hosts` is wrong.
    #[error("component `{component}`: allowed_outbound_hosts: {problem}")]
    AllowedHosts {
        /// The component.
        component: String,
        /// What is wrong.
        problem: String,
    },
    /// An entry of `blocked_networks` is wrong.
    #[error("component `{component}`: blocked_networks: {problem}")]
    BlockedNetworks {
        /// The component.
        component: String,
        /// What is wrong.
        problem: String,
    },
    /// Files of a component can't be mounted.
    #[error("component `{component}`: files: {source}")]
    Files {
        /// The component.
        component: String,
        /// Why.
        source: io::Error,
    },
    /// The cache of compiled components can't be used.
    #[error("the cache of compiled components: {0}")]
    Cache(#[from] CacheError),
    /// The engine can't be started.
    #[error("the WebAssembly engine can't be started: {0:#}")]
    Engine(wasmtime::Error),
}

/// Why an app was not called.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No component of the app is served here.
    #[error("no component of the app `{0}` is served here")]
    UnknownApp(String),
    /// The app has no such route.
    #[error("the app `{app_id}` has no route for `{path}`")]
    NoRoute {
        /// The app.
        app_id: String,
        /// The path that was called.
        path: String,
    },
    /// The response broke off.
    #[error("the response broke off")]
    Incomplete,
}
