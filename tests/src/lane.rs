//! The real lane: one run of `rondo up --sidecar dapr`, started by `cargo xtask test e2e --sidecar dapr`, which all tests share.
//!
//! So a test looks at what is its own (by user, task, event, address), and arranges nothing for others. Those that need what only a
//! topology in their own process gives (a driven clock, components that are killed, a database that goes away) are named in
//! `embedded_only.txt`, and left out there.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rondo_push::VapidKey;
use serde_json::Value;

/// Names the data folder of the run.
const VARIABLE: &str = "RONDO_LANE";

/// Where everything of the run is.
#[derive(Debug)]
pub struct Lane {
    /// Page and API.
    pub address: SocketAddr,
    /// The database, as its owner.
    pub owner_url: String,
    /// The keys that sign access tokens.
    pub jwt_keys: String,
    /// What browsers know its web push by.
    pub vapid_public_key: String,
    /// Proves a sidecar to its app.
    pub app_api_token: String,
    /// Proves an app to its sidecar.
    pub dapr_api_token: String,
    /// Kafka's address.
    pub kafka: String,
    services: BTreeMap<String, u16>,
    sidecars: BTreeMap<String, u16>,
}

impl Lane {
    /// The run, if tests are to use one.
    pub fn get() -> Option<&'static Self> {
        static LANE: OnceLock<Option<Lane>> = OnceLock::new();
        LANE.get_or_init(|| std::env::var_os(VARIABLE).map(|folder| Self::read(&PathBuf::from(folder)))).as_ref()
    }

    fn read(folder: &Path) -> Self {
        let json = |name: &str| -> Value {
            let path = folder.join(name);
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let (run, secrets) = (json("dapr/run.json"), json("secrets.json"));
        let vapid_key = VapidKey::parse(&text(&secrets["vapid_private_key"])).expect("a key");
        Self {
            address: text(&run["address"]).parse().expect("an address"),
            owner_url: text(&json("dapr/secrets.json")["state-database-url"]),
            jwt_keys: text(&secrets["jwt_keys"]),
            vapid_public_key: vapid_key.public_key(),
            app_api_token: text(&secrets["app_api_token"]),
            dapr_api_token: text(&secrets["dapr_api_token"]),
            kafka: text(&run["kafka"]),
            services: serde_json::from_value(run["services"].clone()).expect("ports"),
            sidecars: serde_json::from_value(run["sidecars"].clone()).expect("ports"),
        }
    }

    /// Where a service answers itself.
    pub fn service(&self, app_id: &str) -> SocketAddr {
        address(&self.services, app_id)
    }

    /// Where its sidecar does.
    pub fn sidecar(&self, app_id: &str) -> SocketAddr {
        address(&self.sidecars, app_id)
    }
}

fn address(ports: &BTreeMap<String, u16>, app_id: &str) -> SocketAddr {
    let port = ports.get(app_id).unwrap_or_else(|| panic!("there is no service {app_id}"));
    (Ipv4Addr::LOCALHOST, *port).into()
}
