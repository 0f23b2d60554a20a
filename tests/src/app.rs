//! An application for one test: the components of `spin.toml`, a database and a sidecar; on the real lane, the one that all share.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use rondo_postgres::DatabaseUrls;
use rondo_runtime::{Clock, Host, HostConfig, ImportObserver, Limits, Unobserved};
use tokio::net::TcpListener;
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row};

use crate::gate::Gate;
use crate::glue::{APP_API_TOKEN, DAPR_API_TOKEN, SIDECAR_AUTHORITY, SidecarSlot, root};
use crate::lane::Lane;
use crate::people::{JWT_KEYS, User};
use crate::postgres::{Scratch, scratch_folder};
use crate::{Client, PATIENCE};

/// A key pair of web push (the sender's of RFC 8291 §5).
const VAPID_PRIVATE_KEY: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
const VAPID_PUBLIC_KEY: &str =
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";

/// What a test wants to be different.
pub struct Setup {
    /// The limits of the host.
    pub limits: Limits,
    /// Who watches what components do.
    pub imports: Arc<dyn ImportObserver>,
    /// Whether there is a sidecar from the start.
    pub sidecar: bool,
    /// A migrated database, instead of one of the shared server.
    pub database: Option<DatabaseUrls>,
    /// The clock of the components, which then decides what is due; else the database's does.
    pub clock: Option<Arc<dyn Clock>>,
    /// Variables that are to have other values than usual, by name.
    pub variables: Vec<(&'static str, String)>,
}

impl Default for Setup {
    fn default() -> Self {
        // Time is not what most tests are about, and the machine may be busy.
        let limits = Limits { instances: 200, request_time: PATIENCE, ..Limits::default() };
        Self {
            limits,
            imports: Arc::new(Unobserved),
            sidecar: true,
            database: None,
            clock: None,
            variables: Vec::new(),
        }
    }
}

/// The whole of Rondo, running.
pub struct App {
    address: SocketAddr,
    observer: Mutex<Option<Arc<tokio_postgres::Client>>>,
    pub(crate) owner_url: String,
    pub(crate) topology: Topology,
}

pub(crate) enum Topology {
    Embedded(Box<Embedded>),
    Lane(&'static Lane),
}

/// All of it in this process.
pub(crate) struct Embedded {
    pub(crate) host: Arc<Host>,
    pub(crate) sidecar: Arc<SidecarSlot>,
    gate: Gate,
    // Last, so that what uses the database is gone before it.
    _scratch: Option<Scratch>,
}

impl App {
    pub async fn start() -> Self {
        match Lane::get() {
            Some(lane) => Self::on(lane),
            None => Self::with(Setup::default()).await,
        }
    }

    /// One whose operator lets it call addresses of this machine, as that of the real lane does.
    pub async fn that_calls_anybody() -> Self {
        match Lane::get() {
            Some(lane) => Self::on(lane),
            None => {
                Self::with(Setup { variables: vec![("blocked_networks", String::new())], ..Setup::default() }).await
            }
        }
    }

    fn on(lane: &'static Lane) -> Self {
        let (address, owner_url) = (lane.address, lane.owner_url.clone());
        Self { address, observer: Mutex::default(), owner_url, topology: Topology::Lane(lane) }
    }

    /// One in this process, as a test wants it.
    pub async fn with(setup: Setup) -> Self {
        assert!(Lane::get().is_none(), "a test that wants its own application belongs into embedded_only.txt");
        let scratch = if setup.database.is_none() { Some(Scratch::new().await) } else { None };
        let urls = setup.database.as_ref().or(scratch.as_ref().map(|scratch| &scratch.urls)).expect("a database");
        let gate = Gate::to(port_of(&urls.app)).await;
        let owner_url = gate.through(&urls.owner);
        let sidecar = Arc::new(SidecarSlot::default());
        let config = host_config(&setup, &gate.through(&urls.app), gate.port(), Arc::clone(&sidecar));
        let host = tokio::task::spawn_blocking(move || Host::load(config)).await.expect("loaded").expect("a host");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = Arc::clone(&host);
        tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
        let topology = Topology::Embedded(Box::new(Embedded { host, sidecar, gate, _scratch: scratch }));
        let app = Self { address, observer: Mutex::default(), owner_url, topology };
        if setup.sidecar {
            app.start_sidecar().await;
        }
        app
    }

    pub(crate) fn embedded(&self) -> &Embedded {
        match &self.topology {
            Topology::Embedded(embedded) => embedded,
            Topology::Lane(_) => panic!("a test that reaches into the application belongs into embedded_only.txt"),
        }
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What browsers know its web push by.
    pub fn vapid_public_key(&self) -> &str {
        match &self.topology {
            Topology::Embedded(_) => VAPID_PUBLIC_KEY,
            Topology::Lane(lane) => &lane.vapid_public_key,
        }
    }

    /// The way to the database, which can be closed.
    pub fn gate(&self) -> &Gate {
        &self.embedded().gate
    }

    /// Somebody who has not signed in.
    pub fn stranger(&self) -> Client {
        Client::new(self.address)
    }

    /// Somebody who reaches a service itself, as only its sidecar should.
    pub fn intruder(&self, app_id: &str) -> Client {
        Client::new(match &self.topology {
            Topology::Embedded(_) => self.address,
            Topology::Lane(lane) => lane.service(app_id),
        })
    }

    /// Somebody new who has signed in.
    pub async fn user(&self) -> User {
        User::arrange(self).await
    }

    /// Asks the database, in a session that can only read.
    pub async fn sql(&self, query: &str, parameters: &[&(dyn ToSql + Sync)]) -> Vec<Row> {
        let session = self.observer().await;
        session.query(query, parameters).await.unwrap_or_else(|error| panic!("{query}: {error:?}"))
    }

    async fn observer(&self) -> Arc<tokio_postgres::Client> {
        let kept = self.observer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(session) = kept.filter(|session| !session.is_closed()) {
            return session;
        }
        let session = Arc::new(connect(&self.owner_url).await);
        session.batch_execute("set default_transaction_read_only = on").await.expect("read only");
        *self.observer.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&session));
        session
    }

    /// A number that the database knows.
    pub async fn count(&self, query: &str) -> i64 {
        self.sql(query, &[]).await[0].get(0)
    }

    /// The same of somebody or something, whose id is `$1`: others use the real lane's database at the same time.
    pub async fn count_of(&self, query: &str, id: &str) -> i64 {
        self.sql(query, &[&id]).await[0].get(0)
    }

    /// Sets the scene in the database: what no request can do, such as letting time pass.
    pub async fn arrange(&self, statements: &str) {
        let client = connect(&self.owner_url).await;
        client.batch_execute(statements).await.unwrap_or_else(|error| panic!("{statements}: {error:?}"));
    }
}

fn host_config(setup: &Setup, database_url: &str, port: u16, sidecar: Arc<SidecarSlot>) -> HostConfig {
    let mut config = HostConfig::new(root().join("spin.toml"), scratch_folder("compiled"));
    config.variables = variables(database_url, port);
    config.variables.extend(setup.variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    if let Some(clock) = &setup.clock {
        config.clock = Some(Arc::clone(clock));
        config.variables.insert("clock".to_owned(), "host".to_owned());
    }
    config.limits = setup.limits.clone();
    config.imports = Arc::clone(&setup.imports);
    config.in_process = vec![(SIDECAR_AUTHORITY.to_owned(), sidecar)];
    config
}

fn variables(database_url: &str, port: u16) -> BTreeMap<String, String> {
    let values = [
        ("database_url", database_url.to_owned()),
        ("database_host", "127.0.0.1".to_owned()),
        ("database_port", port.to_string()),
        ("dapr_url", format!("http://{SIDECAR_AUTHORITY}")),
        ("dapr_api_token", DAPR_API_TOKEN.to_owned()),
        ("app_api_token", APP_API_TOKEN.to_owned()),
        ("jwt_keys", JWT_KEYS.to_owned()),
        ("service_name", "backend".to_owned()),
        ("vapid_private_key", VAPID_PRIVATE_KEY.to_owned()),
    ];
    values.map(|(name, value)| (name.to_owned(), value)).into()
}

/// The port of a Postgres URL.
fn port_of(url: &str) -> u16 {
    let config: tokio_postgres::Config = url.parse().expect("a Postgres URL");
    config.get_ports()[0]
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}
