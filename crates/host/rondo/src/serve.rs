//! `rondo serve`: the host alone, for one process per service. Database and sidecar run elsewhere.

use std::sync::Arc;

use anyhow::Context;
use rondo_runtime::{Host, HostConfig};
use tokio::net::TcpListener;
use tracing::info;

use crate::cli::Serve;
use crate::data_folder::private_folder;
use crate::memory;
use crate::metrics;
use crate::signals::stop_token;
use crate::variables::{Variables, of_database, of_file, said};

/// Serves until somebody wishes it to stop.
pub async fn run(options: Serve) -> anyhow::Result<()> {
    rondo_runtime::logging::init();
    let stop = stop_token()?;
    let mut config = HostConfig::new(&options.manifest, private_folder(&options.cache)?);
    config.variables = variables(&options)?;
    config.components = (!options.components.is_empty()).then(|| options.components.clone());
    let host = load(config).await?;
    let listener = TcpListener::bind(options.listen).await.with_context(|| options.listen.to_string())?;
    if let Some(address) = options.metrics_listen {
        let host = Arc::clone(&host);
        metrics::serve(address, move || host.metrics_text()).await?;
    }
    let address = listener.local_addr()?;
    info!(%address, components = host.components().join(", "), "serving");
    Ok(host.serve(listener, stop.cancelled_owned()).await?)
}

/// Loads on a thread of its own: the first time, components are compiled.
///
/// # Errors
/// See [`Host::load`].
pub async fn load(config: HostConfig) -> anyhow::Result<Arc<Host>> {
    let host = tokio::task::spawn_blocking(move || Host::load(config)).await??;
    memory::give_back();
    Ok(host)
}

/// What is said on the command line stands before the environment, that before the file, that before DATABASE_URL.
fn variables(options: &Serve) -> anyhow::Result<Variables> {
    let mut variables = options.database_url.as_deref().map(of_database).transpose()?.unwrap_or_default();
    if let Some(file) = &options.runtime_config_file {
        variables.extend(of_file(file)?);
    }
    variables.extend(said(&options.variables));
    Ok(variables)
}
