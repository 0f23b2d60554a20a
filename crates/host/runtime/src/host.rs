//! The host: an application, loaded and ready to answer.
//!
//! [`Host::load`] reads the manifest and makes the components ready. A request then goes through [`Host::handle`]: find the
//! component, name the request, and let `request::answer` do the rest. Read `request` next, then `server`.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::component::{Loaded, Loader, linker};
use crate::config::{Clock, HostConfig, Limits, Randomness};
use crate::engine::{self, cache::Cache};
use crate::error::{CallError, HostError};
use crate::headers::{self, RouteHeaders};
use crate::manifest::{self, Manifest};
use crate::metrics::Metrics;
use crate::observer::ImportObserver;
use crate::outbound::InProcess;
use crate::outbound::client::HttpClient;
use crate::outbound::networks::Networks;
use crate::postgres::pool::Databases;
use crate::problem::Problem;
use crate::request::{Incoming, answer};
use crate::request_id::RequestId;
use crate::response::ResponseBody;
use crate::router::Router;
use crate::variables::Variables;

/// Where a route leads.
struct Target {
    component: Arc<Loaded>,
    headers: RouteHeaders,
}

type Routes = Router<Target>;

/// An application that answers requests.
pub struct Host {
    name: String,
    version: String,
    routes: Routes,
    routes_of_apps: HashMap<String, Routes>,
    pub(crate) shared: Arc<Shared>,
}

/// What all requests share.
pub struct Shared {
    /// The limits of everything.
    pub limits: Limits,
    /// The instances that may still be made.
    pub instances: Arc<Semaphore>,
    /// What is counted.
    pub metrics: Metrics,
    /// The pools of all databases.
    pub databases: Databases,
    /// The client for requests to the network.
    pub http: HttpClient,
    /// The authorities that are answered in this process.
    pub in_process: Vec<((String, u16), Arc<dyn InProcess>)>,
    /// Watches the components.
    pub imports: Arc<dyn ImportObserver>,
    /// The clock of the components.
    pub clock: Option<Arc<dyn Clock>>,
    /// The randomness of the components.
    pub randomness: Option<Arc<dyn Randomness>>,
    /// What components still do after their response.
    pub tasks: TaskTracker,
    /// The host stops: streams end.
    pub stopping: CancellationToken,
    components: OnceLock<HashMap<String, Arc<Loaded>>>,
    this: Weak<Self>,
}

impl Shared {
    /// A component by its id.
    pub fn component(&self, id: &str) -> Option<Arc<Loaded>> {
        self.components.get()?.get(id).cloned()
    }

    /// Answers a request that one component sends to another.
    pub async fn chain<B>(&self, component: Arc<Loaded>, mut request: Request<B>) -> Response<ResponseBody>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<wasmtime_wasi_http::Error>,
    {
        let (uri, headers) = (request.uri().clone(), request.headers_mut());
        headers::strip(headers);
        headers::ensure_host(headers, &uri);
        headers::describe_chained(headers, &uri, nobody());
        let request_id = RequestId::ensure(headers);
        match self.this.upgrade() {
            Some(shared) => answer(shared, component, Incoming { request, request_id }).await,
            None => Problem::Failed.response(&request_id),
        }
    }
}

/// The address of a client that came over no network.
fn nobody() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

impl Host {
    /// Reads a manifest and makes its components ready.
    ///
    /// # Errors
    /// What is wrong with the manifest, a component, a variable or the cache folder.
    pub fn load(config: HostConfig) -> Result<Arc<Self>, HostError> {
        let manifest = read_manifest(&config)?;
        let retained = retained(&manifest, config.components.as_deref())?;
        let metrics = Metrics::new(&retained);
        let components = load_components(&config, &manifest, &retained, &metrics)?;
        let (routes, routes_of_apps) = routes(&manifest, &components)?;
        let shared = share(config, metrics);
        let _ = shared.components.set(components);
        Ok(Arc::new(Self { name: manifest.name, version: manifest.version, routes, routes_of_apps, shared }))
    }

    /// Answers a request from the network.
    pub async fn handle<B>(&self, mut request: Request<B>, client: SocketAddr) -> Response<ResponseBody>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<wasmtime_wasi_http::Error>,
    {
        if let Some(response) = self.well_known(request.uri().path()) {
            return response;
        }
        headers::strip(request.headers_mut());
        match self.dispatch(&self.routes, request, client).await {
            Ok(response) => response,
            Err(mut request) => Problem::NotFound.response(&RequestId::ensure(request.headers_mut())),
        }
    }

    /// Calls an app of this host, as its sidecar does: only components of the app are reached.
    ///
    /// # Errors
    /// When the app or the route is not there, or the response breaks off.
    pub async fn call_app(&self, app_id: &str, request: Request<Bytes>) -> Result<Response<Bytes>, CallError> {
        let routes = self.routes_of_apps.get(app_id).ok_or_else(|| CallError::UnknownApp(app_id.to_owned()))?;
        let length = request.body().len();
        let mut request = request.map(Full::new);
        headers::strip(request.headers_mut());
        // As on the wire: without it a component would take the body to be empty.
        request.headers_mut().insert(http::header::CONTENT_LENGTH, length.into());
        let response = self.dispatch(routes, request, nobody()).await;
        let response = response.map_err(|request| CallError::NoRoute {
            app_id: app_id.to_owned(),
            path: request.uri().path().to_owned(),
        })?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_| CallError::Incomplete)?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    }

    /// What the host counts, as Prometheus text.
    pub fn metrics_text(&self) -> String {
        let mut text = String::with_capacity(16 << 10);
        self.shared.metrics.write(&mut text);
        self.shared.databases.write_metrics(&mut text);
        text
    }

    /// The ids of the components that are served, in order.
    pub fn components(&self) -> Vec<&str> {
        let mut ids: Vec<&str> =
            self.shared.components.get().into_iter().flat_map(HashMap::keys).map(String::as_str).collect();
        ids.sort_unstable();
        ids
    }

    /// Gives a request to the component that a route leads to; back when there is none.
    async fn dispatch<B>(
        &self,
        routes: &Routes,
        mut request: Request<B>,
        client: SocketAddr,
    ) -> Result<Response<ResponseBody>, Request<B>>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<wasmtime_wasi_http::Error>,
    {
        let uri = request.uri().clone();
        let Some(found) = routes.route(uri.path()) else { return Err(request) };
        let headers = request.headers_mut();
        headers::ensure_host(headers, &uri);
        headers::describe(headers, &uri, &found, &found.target.headers, client);
        let request_id = RequestId::ensure(headers);
        let component = Arc::clone(&found.target.component);
        Ok(answer(Arc::clone(&self.shared), component, Incoming { request, request_id }).await)
    }

    /// The two paths that every Spin answers.
    fn well_known(&self, path: &str) -> Option<Response<ResponseBody>> {
        let text = match path.strip_prefix("/.well-known/spin/")? {
            "health" => "OK".to_owned(),
            "info" => {
                serde_json::json!({ "name": self.name, "version": self.version, "bindle_version": null }).to_string()
            }
            _ => return None,
        };
        let mut response = Response::new(ResponseBody::full(Bytes::from(text)));
        *response.status_mut() = StatusCode::OK;
        if path.ends_with("info") {
            response
                .headers_mut()
                .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        }
        Some(response)
    }
}

fn read_manifest(config: &HostConfig) -> Result<Manifest, HostError> {
    let path = &config.manifest;
    let text = std::fs::read_to_string(path).map_err(|source| HostError::Unreadable { path: path.clone(), source })?;
    manifest::parse(&text).map_err(|source| HostError::Manifest { path: path.clone(), source })
}

/// The components to serve, in the order of their ids.
fn retained<'a>(manifest: &'a Manifest, wanted: Option<&[String]>) -> Result<Vec<&'a str>, HostError> {
    let all = manifest.components.keys().map(String::as_str);
    let Some(wanted) = wanted else { return Ok(all.collect()) };
    if let Some(unknown) = wanted.iter().find(|id| !manifest.components.contains_key(*id)) {
        return Err(HostError::UnknownComponent(unknown.clone()));
    }
    Ok(all.filter(|id| wanted.iter().any(|wanted| wanted == id)).collect())
}

fn load_components(
    config: &HostConfig,
    manifest: &Manifest,
    retained: &[&str],
    metrics: &Metrics,
) -> Result<HashMap<String, Arc<Loaded>>, HostError> {
    let engine = engine::of(&config.limits).map_err(HostError::Engine)?;
    let linker = linker(&engine).map_err(HostError::Engine)?;
    let cache = Cache::open(&config.cache_dir, &engine)?;
    let variables = Variables::new(manifest.variables.clone(), config.variables.clone());
    let base = config.manifest.parent().unwrap_or(std::path::Path::new(""));
    let staging = config.cache_dir.join("files");
    let loader =
        Loader { engine: &engine, linker: &linker, cache: &cache, variables: &variables, base, staging: &staging };
    let components = loader.load_all(retained, &manifest.components)?.into_iter().map(|(loaded, origin)| {
        metrics.loaded(origin);
        (loaded.id.clone(), Arc::new(loaded))
    });
    cache.forget_unused();
    Ok(components.collect())
}

/// The routes of the whole application, and those of each app alone. Two apps may have the same route: each is called there
/// by its own sidecar, and whoever calls from outside gets to the first.
fn routes(
    manifest: &Manifest,
    components: &HashMap<String, Arc<Loaded>>,
) -> Result<(Routes, HashMap<String, Routes>), HostError> {
    let router = |app_id: Option<&str>| {
        let targets = manifest.triggers.iter().filter_map(|trigger| {
            let component = components.get(&trigger.component)?;
            let pattern = trigger.pattern.clone()?;
            let is_wanted = app_id.is_none_or(|app_id| component.services.iter().any(|service| service == app_id));
            let component = match app_id.filter(|app_id| is_wanted && component.app_id != *app_id) {
                Some(app_id) => Arc::new(component.of_app(app_id)),
                None => Arc::clone(component),
            };
            let target = Target { component, headers: RouteHeaders::new(&pattern) };
            is_wanted.then_some((pattern, target))
        });
        Router::with_repeats(targets.collect(), |first, later| app_id.is_none() && are_of_different_apps(first, later))
            .map_err(|(a, b)| HostError::DuplicateRoute(a, b))
    };
    let mut of_apps = HashMap::new();
    for app_id in components.values().flat_map(|component| &component.services) {
        of_apps.insert(app_id.clone(), router(Some(app_id))?);
    }
    Ok((router(None)?, of_apps))
}

fn are_of_different_apps(one: &Target, other: &Target) -> bool {
    let (one, other) = (&one.component.services, &other.component.services);
    !one.is_empty() && !other.is_empty() && one.iter().all(|service| !other.contains(service))
}

fn share(config: HostConfig, metrics: Metrics) -> Arc<Shared> {
    let in_process = config.in_process.into_iter().map(|(authority, answers)| (split_authority(&authority), answers));
    let in_process = in_process.collect();
    Arc::new_cyclic(|this| Shared {
        instances: Arc::new(Semaphore::new(config.limits.instances as usize)),
        metrics,
        databases: Databases::new(&config.limits),
        limits: config.limits,
        http: HttpClient::outside(Networks::default()),
        in_process,
        imports: config.imports,
        clock: config.clock,
        randomness: config.randomness,
        tasks: TaskTracker::new(),
        stopping: CancellationToken::new(),
        components: OnceLock::new(),
        this: Weak::clone(this),
    })
}

fn split_authority(authority: &str) -> (String, u16) {
    let split = authority.rsplit_once(':').and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?)));
    split.unwrap_or_else(|| (authority.to_owned(), 80))
}

/// Hyper wants to know that answering never fails.
pub type Answer = Result<Response<ResponseBody>, Infallible>;
