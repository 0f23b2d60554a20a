//! `rondo up`: everything in one process; with `--sidecar dapr`, as [`crate::real_lane`] says.
//!
//! Claim the folder and the port, then database, host, sidecar, and serve; on the first wish to stop the same
//! backwards: requests in flight end, deliveries in flight end, the database stops.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{Request, StatusCode};
use rondo_postgres::Progress;
use rondo_runtime::{Host, HostConfig, manifest};
use rondo_sidecar::{Acknowledgement, Sidecar, SidecarConfig};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::client::Client;
use crate::console::{Console, framed};
use crate::data_folder::DataFolder;
use crate::database::Database;
use crate::demo;
use crate::glue::{HostApps, SidecarSlot};
use crate::metrics;
use crate::real_lane;
use crate::secrets::Secrets;
use crate::serve::load;
use crate::signals::stop_token;
use crate::variables::{SIDECAR_AUTHORITY, Variables, of_embedded_run, said};

/// How long `GET /ready` may say no before the start has failed.
const READY_LIMIT: Duration = Duration::from_secs(60);
const READY_POLL: Duration = Duration::from_millis(20);
/// How often each app is asked whether it is ready.
const PROBE_INTERVAL: Duration = Duration::from_secs(10);

/// Runs until somebody wishes it to stop.
pub async fn run(options: cli::Up) -> anyhow::Result<()> {
    rondo_runtime::logging::init_quietly();
    let console = Console::new();
    let stop = stop_token()?;
    let data = DataFolder::open(&options.data)?;
    let listener = listen(options.port).await?;
    let address = listener.local_addr()?;
    let _claim = data.claim(address.port()).await?;
    if options.sidecar == cli::Sidecar::Dapr {
        return real_lane::run(&options, &data, listener, console, stop).await;
    }

    let started = tokio::select! {
        started = Running::start(&options, &data, listener, &console, &stop) => started?,
        () = stop.cancelled() => return Ok(()),
    };
    let greeting = tokio::select! {
        greeting = started.greet(&options, &data, address, &console) => greeting,
        () = stop.cancelled() => Ok(()),
    };
    started.finish(greeting, &stop, &console).await
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!(
                "port {port} is in use by another program. Stop that, or choose another port: --port {}",
                port.wrapping_add(1)
            )
        }
        Err(error) => Err(error).with_context(|| format!("port {port}")),
    }
}

/// What runs, in the order in which it was started.
struct Running {
    database: Database,
    sidecar: Sidecar,
    server: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start(
        options: &cli::Up,
        data: &DataFolder,
        listener: TcpListener,
        console: &Console,
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let secrets = Secrets::load_or_make(&data.secrets())?;
        let database = Database::open(options.database_url.clone(), &data.postgres(), Arc::new(*console)).await?;
        let slot = Arc::new(SidecarSlot::default());
        let mut variables = of_embedded_run(database.app_url(), &secrets)?;
        variables.extend(said(&options.variables));
        if data.has_nothing_compiled()? {
            console.step("Compiling the components (once; they are kept)");
        }
        let host = load_host(options, data, variables, Arc::clone(&slot)).await?;
        console.step(&format!("Loaded {} components", host.components().len()));
        let sidecar = start_sidecar(&options.manifest, database.owner_url(), &secrets, &host).await?;
        slot.fill(sidecar.clone());
        if let Some(port) = options.metrics_port {
            serve_metrics(port, &host, &sidecar, console).await?;
        }
        tokio::spawn(stop.clone().run_until_cancelled_owned(probe(Arc::downgrade(&host), app_ids(&options.manifest)?)));
        let stop = stop.clone();
        let server = tokio::spawn(async move { host.serve(listener, stop.cancelled_owned()).await });
        Ok(Self { database, sidecar, server })
    }

    /// Waits until the services say that they are ready, and tells the person where to go.
    async fn greet(
        &self,
        options: &cli::Up,
        data: &DataFolder,
        address: SocketAddr,
        console: &Console,
    ) -> anyhow::Result<()> {
        let client = Client::new(address);
        until_ready(&client).await?;
        let mut lines = vec![format!("Rondo is ready at http://{address}  ({:.1} s)", console.seconds())];
        if options.demo {
            demo::make(&client, console).await?;
            lines.push(format!("Sign in as {} with the password “{}”", demo::EMAIL, demo::PASSWORD));
        }
        lines.push(format!("Everything is kept in {}", data.path().display()));
        lines.push("Ctrl-C stops it".to_owned());
        eprintln!("{}", framed(&lines));
        Ok(())
    }

    /// Serves until the wish to stop, unless the start failed, then ends what runs, last started first.
    async fn finish(
        mut self,
        start: anyhow::Result<()>,
        stop: &CancellationToken,
        console: &Console,
    ) -> anyhow::Result<()> {
        let mut served = None;
        if start.is_ok() {
            tokio::select! {
                ended = &mut self.server => served = Some(ended),
                () = stop.cancelled() => {}
            }
        }
        console.step("Stopping: requests in flight end first");
        stop.cancel();
        let served = match served {
            Some(ended) => ended,
            None => self.server.await,
        };
        self.sidecar.shutdown().await;
        drop(self.sidecar);
        let closed = self.database.close().await;
        console.step("Stopped");
        start.and(served.context("the server broke")?.context("the server")).and(closed)
    }
}

async fn load_host(
    options: &cli::Up,
    data: &DataFolder,
    variables: Variables,
    slot: Arc<SidecarSlot>,
) -> anyhow::Result<Arc<Host>> {
    let mut config = HostConfig::new(&options.manifest, data.cache()?);
    config.variables = variables;
    config.in_process = vec![(SIDECAR_AUTHORITY.to_owned(), slot)];
    load(config).await
}

async fn start_sidecar(
    manifest: &Path,
    database_url: &str,
    secrets: &Secrets,
    host: &Arc<Host>,
) -> anyhow::Result<Sidecar> {
    let config = SidecarConfig {
        resources: manifest.with_file_name("dapr"),
        database_url: database_url.to_owned(),
        app_api_token: secrets.app_api_token.clone(),
        dapr_api_token: secrets.dapr_api_token.clone(),
        secrets: BTreeMap::new(),
        app_ids: app_ids(manifest)?,
        acknowledgement: Acknowledgement::Written,
    };
    Sidecar::start(config, Arc::new(HostApps::of(host))).await.context("the sidecar")
}

/// Every service that the manifest's components belong to.
fn app_ids(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let manifest = manifest::parse(&text).with_context(|| path.display().to_string())?;
    let services: BTreeSet<String> =
        manifest.components.into_values().flat_map(|component| component.services).collect();
    Ok(services.into_iter().collect())
}

async fn serve_metrics(port: u16, host: &Arc<Host>, sidecar: &Sidecar, console: &Console) -> anyhow::Result<()> {
    let (host, sidecar) = (Arc::downgrade(host), sidecar.clone());
    let text = move || {
        let of_host = host.upgrade().map(|host| host.metrics_text()).unwrap_or_default();
        of_host + &sidecar.metrics()
    };
    let address = metrics::serve((Ipv4Addr::LOCALHOST, port).into(), text).await?;
    console.step(&format!("The host's own metrics are at http://{address}/metrics"));
    Ok(())
}

/// Asks each app whether it is ready, again and again, as a cluster does: what an app needs of its sidecar it sees to then.
async fn probe(host: Weak<Host>, app_ids: Vec<String>) {
    loop {
        for app_id in &app_ids {
            let Some(host) = host.upgrade() else { return };
            let request = Request::get("/ready").body(Bytes::new());
            // What is wrong is in the log already.
            let _ = host.call_app(app_id, request.unwrap_or_default()).await;
        }
        sleep(PROBE_INTERVAL).await;
    }
}

async fn until_ready(client: &Client) -> anyhow::Result<()> {
    let deadline = Instant::now() + READY_LIMIT;
    loop {
        let answer = client.get("/ready").await?;
        if answer.status() == StatusCode::OK {
            return Ok(());
        }
        if Instant::now() >= deadline {
            let reason = String::from_utf8_lossy(answer.body()).into_owned();
            bail!("GET /ready still says {} after {} seconds: {reason}", answer.status(), READY_LIMIT.as_secs());
        }
        sleep(READY_POLL).await;
    }
}
