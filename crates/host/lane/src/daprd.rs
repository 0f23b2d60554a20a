//! A Dapr sidecar beside one service.

use std::path::Path;
use std::sync::Arc;

use rondo_postgres::Progress;

use crate::{LaneError, Program, Ready, Resources, Supervised, free_port};

/// A service as its sidecar knows it.
#[derive(Debug, Clone, Copy)]
pub struct App<'a> {
    /// Its Dapr app id.
    pub id: &'a str,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    /// Where its sidecar is to listen for it: the service is told of the address before there is a sidecar.
    pub sidecar_port: u16,
}

/// What sidecar and service prove themselves with.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'a> {
    /// The service to its sidecar.
    pub dapr_api: &'a str,
    /// The sidecar to its service.
    pub app_api: &'a str,
}

/// A sidecar that is ready.
#[derive(Debug)]
pub struct Daprd(Supervised);

impl Daprd {
    /// Starts the program `path` beside `app`, with `resources`, and the scheduler at `scheduler`.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(
        path: &Path,
        app: App<'_>,
        scheduler: &str,
        resources: &Resources,
        tokens: Tokens<'_>,
        progress: Arc<dyn Progress>,
    ) -> Result<Self, LaneError> {
        let folder = resources.folder();
        let program = Program {
            name: format!("daprd of {}", app.id),
            path: path.to_owned(),
            arguments: arguments(app, scheduler, resources)?.into_iter().map(Into::into).collect(),
            environment: vec![
                ("DAPR_API_TOKEN".to_owned(), tokens.dapr_api.to_owned()),
                ("APP_API_TOKEN".to_owned(), tokens.app_api.to_owned()),
                ("DAPR_HOST_IP".to_owned(), "127.0.0.1".to_owned()),
            ],
            folder: folder.to_owned(),
            log: folder.join(format!("daprd-{}.log", app.id)),
            ready: Ready::Answers(app.sidecar_port, "/v1.0/healthz"),
        };
        Ok(Self(Supervised::start(program, progress).await?))
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.0.pid()
    }

    /// Ends it, and waits for that.
    pub async fn stop(self) {
        self.0.stop().await;
    }
}

fn arguments(app: App<'_>, scheduler: &str, resources: &Resources) -> Result<Vec<String>, LaneError> {
    let App { id, port, sidecar_port } = app;
    let mut arguments = vec![
        "--mode=standalone".to_owned(),
        format!("--app-id={id}"),
        "--app-protocol=http".to_owned(),
        "--app-channel-address=127.0.0.1".to_owned(),
        format!("--app-port={port}"),
        format!("--dapr-http-port={sidecar_port}"),
        format!("--dapr-grpc-port={}", free_port()?),
        format!("--dapr-internal-grpc-port={}", free_port()?),
        format!("--metrics-port={}", free_port()?),
        "--metrics-listen-address=127.0.0.1".to_owned(),
        "--dapr-listen-addresses=127.0.0.1".to_owned(),
        format!("--scheduler-host-address={scheduler}"),
        format!("--config={}", resources.configuration().display()),
        "--disable-builtin-k8s-secret-store".to_owned(),
        // What is due while the app is down is held, and not lost after three tries.
        "--enable-app-health-check".to_owned(),
        "--app-health-check-path=/health".to_owned(),
        "--app-health-probe-interval=1".to_owned(),
        "--app-health-threshold=2".to_owned(),
        "--log-level=info".to_owned(),
    ];
    arguments.extend(resources.paths().into_iter().map(|path| format!("--resources-path={}", path.display())));
    Ok(arguments)
}
