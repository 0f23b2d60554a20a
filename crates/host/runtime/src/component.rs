//! A component made ready: compiled, linked, and with everything of the manifest resolved that concerns it.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{iter, thread};

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::engine::cache::{Cache, Origin};
use crate::error::HostError;
use crate::files::{self, Mount};
use crate::guest::Guest;
use crate::manifest;
use crate::outbound::allowed::AllowedHosts;
use crate::outbound::client::HttpClient;
use crate::outbound::networks::Networks;
use crate::spin;
use crate::variables::{Template, Variables};

/// The variable that says which app this is.
const SERVICE_NAME: &str = "service_name";

/// A component that requests can be given to.
#[derive(Clone)]
pub struct Loaded {
    /// Its id in the manifest.
    pub id: String,
    /// Its place among the components.
    pub index: usize,
    /// What instances are made from.
    pub pre: ProxyPre<Guest>,
    /// The variables that it may ask for.
    pub variables: HashMap<String, String>,
    /// Where it may connect to.
    pub allowed: AllowedHosts,
    /// What it reaches hosts with that are not named there, if networks are blocked.
    pub guarded: Option<HttpClient>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// The folders that it sees.
    pub mounts: Vec<Mount>,
    /// The app ids that contain it.
    pub services: Vec<String>,
    /// As which app it speaks to the sidecar.
    pub app_id: String,
    /// Whether its responses live long.
    pub stream: bool,
    /// Whether the log names its routes instead of the paths that were asked for.
    pub secret_paths: bool,
    /// What its requests may take, if it is not what those of others may.
    pub request_time: Option<Duration>,
}

impl Loaded {
    /// This component as a part of an app: one of several apps speaks as the one that is called.
    pub fn of_app(&self, app_id: &str) -> Self {
        let mut component = self.clone();
        component.app_id = app_id.to_owned();
        if let Some(name) = component.variables.get_mut(SERVICE_NAME) {
            *name = app_id.to_owned();
        }
        component
    }
}

/// What components are made ready with.
pub struct Loader<'a> {
    /// Compiles.
    pub engine: &'a Engine,
    /// Offers what components import.
    pub linker: &'a Linker<Guest>,
    /// Keeps what was compiled.
    pub cache: &'a Cache,
    /// The application's variables.
    pub variables: &'a Variables,
    /// Where the manifest is.
    pub base: &'a Path,
    /// Where files of globs are staged.
    pub staging: &'a Path,
}

/// Everything that a component may import.
///
/// # Errors
/// Never, unless two interfaces collide.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    spin::spin::postgres::postgres::add_to_linker::<Guest, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    spin::fermyon::spin::variables::add_to_linker::<Guest, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    Ok(linker)
}

impl Loader<'_> {
    /// Makes components ready, those of `ids`, on all processors: the first time they are compiled. Each thread ends with
    /// its work, and gives back what its compiler took.
    ///
    /// # Errors
    /// What is wrong with the first of them that can't be loaded, by its name.
    pub fn load_all(
        &self,
        ids: &[&str],
        components: &BTreeMap<String, manifest::Component>,
    ) -> Result<Vec<(Loaded, Origin)>, HostError> {
        let next = AtomicUsize::new(0);
        let work = || -> Vec<_> {
            let mine = iter::from_fn(|| {
                let index = next.fetch_add(1, Ordering::Relaxed);
                ids.get(index).map(|id| (index, self.load(index, id, &components[*id])))
            });
            mine.collect()
        };
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let mut loaded: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> = (0..processors.min(ids.len())).map(|_| scope.spawn(work)).collect();
            let of_worker =
                |worker: thread::ScopedJoinHandle<'_, _>| worker.join().unwrap_or_else(|p| resume_unwind(p));
            workers.into_iter().flat_map(of_worker).collect()
        });
        loaded.sort_by_key(|(index, _)| *index);
        loaded.into_iter().map(|(_, outcome)| outcome).collect()
    }

    fn load(&self, index: usize, id: &str, component: &manifest::Component) -> Result<(Loaded, Origin), HostError> {
        let path = self.base.join(&component.source);
        let wasm =
            std::fs::read(&path).map_err(|source| HostError::Source { component: id.to_owned(), path, source })?;
        let bad = |source| HostError::Component { component: id.to_owned(), source };
        let (compiled, origin) = self.cache.load(self.engine, &wasm).map_err(bad)?;
        let pre = self.linker.instantiate_pre(&compiled).and_then(ProxyPre::new).map_err(bad)?;
        let fill = |template: &Template| self.fill(id, template);
        let variables = component.variables.iter().map(|(name, template)| Ok((name.clone(), fill(template)?)));
        let hosts = component.allowed_outbound_hosts.iter().map(fill).collect::<Result<Vec<_>, _>>()?;
        let allowed = AllowedHosts::parse(hosts.iter().map(String::as_str))
            .map_err(|problem| HostError::AllowedHosts { component: id.to_owned(), problem })?;
        let guarded = self.guarded(id, component)?;
        let mounts = files::mounts(component, self.base, self.staging)
            .map_err(|source| HostError::Files { component: id.to_owned(), source })?;
        let loaded = Loaded {
            id: id.to_owned(),
            index,
            pre,
            variables: variables.collect::<Result<_, HostError>>()?,
            allowed,
            guarded,
            environment: component.environment.clone(),
            mounts,
            services: component.services.clone(),
            app_id: self.app_id(component),
            stream: component.stream,
            secret_paths: component.secret_paths,
            request_time: component.request_time,
        };
        Ok((loaded, origin))
    }

    fn guarded(&self, id: &str, component: &manifest::Component) -> Result<Option<HttpClient>, HostError> {
        let blocked: Vec<String> =
            component.blocked_networks.iter().map(|template| self.fill(id, template)).collect::<Result<_, _>>()?;
        let networks = Networks::parse(blocked.iter().map(String::as_str))
            .map_err(|problem| HostError::BlockedNetworks { component: id.to_owned(), problem })?;
        Ok((!networks.is_empty()).then(|| HttpClient::outside(networks)))
    }

    fn fill(&self, id: &str, template: &Template) -> Result<String, HostError> {
        template.fill(self.variables).map_err(|source| HostError::Variable { component: id.to_owned(), source })
    }

    /// A component of several apps speaks as the one that this process is, by the variable `service_name`.
    fn app_id(&self, component: &manifest::Component) -> String {
        let service = self.variables.get(SERVICE_NAME).ok();
        let of_this_process = component.services.iter().find(|id| Some(id.as_str()) == service);
        of_this_process.or(component.services.first()).cloned().unwrap_or_default()
    }
}
