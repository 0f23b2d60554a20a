//! The services of spin.toml: a process with its components, and a sidecar, each.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use futures_util::future::try_join_all;
use rondo_lane::{App, Daprd, Program, Ready, Resources, Supervised, Tokens, free_port};
use rondo_postgres::Progress;
use rondo_runtime::manifest::{self, Manifest};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use crate::data_folder::DataFolder;
use crate::secrets::Secrets;
use crate::variables::{of_embedded_run, said};

/// How often each service is asked whether it is ready, as a cluster does: what it needs of its sidecar it sees to then.
const PROBE_INTERVAL: Duration = Duration::from_secs(10);

/// What services are started with.
pub struct Surroundings<'a> {
    pub manifest: &'a Path,
    pub data: &'a DataFolder,
    pub database_url: &'a str,
    pub secrets: &'a Secrets,
    /// What was said on the command line of the variables of spin.toml.
    pub variables: &'a [(String, String)],
    pub daprd: &'a Path,
    pub scheduler: &'a str,
    pub resources: &'a Resources,
}

/// A service that runs.
pub struct Service {
    /// Its Dapr app id.
    pub id: String,
    /// Where it listens.
    pub port: u16,
    /// Where its sidecar does.
    pub sidecar_port: u16,
    process: Supervised,
    sidecar: Daprd,
    probe: AbortHandle,
}

impl Service {
    /// Whether it says that it is.
    pub async fn is_ready(&self) -> bool {
        Ready::Answers(self.port, "/ready").holds().await
    }
}

/// Starts every service of the manifest, side by side.
pub async fn start(surroundings: &Surroundings<'_>, progress: &Arc<dyn Progress>) -> anyhow::Result<Vec<Service>> {
    let path = surroundings.manifest;
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let manifest = manifest::parse(&text).with_context(|| path.display().to_string())?;
    let services = components_by_service(&manifest).into_iter();
    try_join_all(services.map(|(id, components)| start_one(surroundings, id, components, Arc::clone(progress)))).await
}

/// Ends them, each before its sidecar.
pub async fn stop(services: Vec<Service>) {
    let mut stopping = JoinSet::new();
    for service in services {
        service.probe.abort();
        stopping.spawn(async move {
            service.process.stop().await;
            service.sidecar.stop().await;
        });
    }
    stopping.join_all().await;
}

fn components_by_service(manifest: &Manifest) -> BTreeMap<String, Vec<String>> {
    let mut services: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, component) in &manifest.components {
        for service in &component.services {
            services.entry(service.clone()).or_default().push(id.clone());
        }
    }
    services
}

async fn start_one(
    surroundings: &Surroundings<'_>,
    id: String,
    components: Vec<String>,
    progress: Arc<dyn Progress>,
) -> anyhow::Result<Service> {
    let Surroundings { secrets, resources, daprd, scheduler, .. } = surroundings;
    let app = App { id: &id, port: free_port()?, sidecar_port: free_port()? };
    let host = host(surroundings, app, &components)?;
    let process = Supervised::start(host, Arc::clone(&progress)).await?;
    let tokens = Tokens { dapr_api: &secrets.dapr_api_token, app_api: &secrets.app_api_token };
    let sidecar = Daprd::start(daprd, app, scheduler, resources, tokens, Arc::clone(&progress)).await?;
    progress.step(&format!("{id} runs: {} components at 127.0.0.1:{}", components.len(), app.port));
    let App { port, sidecar_port, .. } = app;
    let probe = tokio::spawn(async move {
        loop {
            // What is wrong is in its log.
            Ready::Answers(port, "/ready").holds().await;
            sleep(PROBE_INTERVAL).await;
        }
    });
    Ok(Service { port, sidecar_port, process, sidecar, probe: probe.abort_handle(), id })
}

/// This very program, serving the components of one service.
fn host(surroundings: &Surroundings<'_>, app: App<'_>, components: &[String]) -> anyhow::Result<Program> {
    let Surroundings { manifest, data, database_url, secrets, .. } = surroundings;
    let mut variables = of_embedded_run(database_url, secrets)?;
    variables.extend(said(surroundings.variables));
    variables.insert("dapr_url".to_owned(), format!("http://127.0.0.1:{}", app.sidecar_port));
    variables.insert("service_name".to_owned(), app.id.to_owned());
    let environment =
        variables.into_iter().map(|(name, value)| (format!("SPIN_VARIABLE_{}", name.to_uppercase()), value));
    let manifest = std::fs::canonicalize(manifest)?;
    let mut arguments = vec!["serve".into(), "--listen".into(), format!("127.0.0.1:{}", app.port).into()];
    arguments.extend(["--manifest".into(), manifest.clone().into_os_string()]);
    arguments.extend(["--cache".into(), data.cache()?.into_os_string()]);
    arguments.extend(components.iter().flat_map(|id| ["--component".into(), id.into()]));
    Ok(Program {
        name: app.id.to_owned(),
        path: env::current_exe()?,
        arguments,
        environment: environment.collect(),
        folder: manifest.parent().context("the manifest lies in a folder")?.to_owned(),
        log: data.dapr()?.join(format!("{}.log", app.id)),
        ready: Ready::Answers(app.port, "/health"),
    })
}
