//! Fair under a flood: a hundred people a second sign in, and everybody else hardly notices.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::dataset::{DataSet, PASSWORD};
use crate::load::{Draw, Load, put};
use crate::scenario::{Dice, Requests, Scenario};

const LOGINS_PER_SECOND: u32 = 100;
/// A login waits for its turn for up to a second, so at most so many are under way, and hardly ever all of these.
const LOGIN_CONNECTIONS: u32 = 256;
const OTHERS_PER_SECOND: u32 = 50;
const OTHER_CONNECTIONS: u32 = 8;

/// How the other routes fared.
#[derive(Debug, Serialize, Deserialize)]
pub struct Flood {
    /// Logins a second that were sent.
    pub logins_per_second: f64,
    /// How many logins got which status.
    pub logins: BTreeMap<u16, u64>,
    /// 95 of 100 requests to the other routes were answered within so many milliseconds, before the flood.
    pub calm_p95_ms: f64,
    /// And during it.
    pub flooded_p95_ms: f64,
    /// 99 of 100, during it.
    pub flooded_p99_ms: f64,
}

/// Floods `server`.
///
/// # Errors
/// The server breaks off, or does not do what the other routes are asked for.
pub async fn measure(
    server: SocketAddr,
    requests: &Requests,
    data: &Arc<DataSet>,
    duration: Duration,
) -> anyhow::Result<Flood> {
    let others = Load { connections: OTHER_CONNECTIONS, duration, rate: Some(OTHERS_PER_SECOND) };
    let logins = Load { connections: LOGIN_CONNECTIONS, duration, rate: Some(LOGINS_PER_SECOND) };
    let calm = put(server, anything(requests), others).await?;
    let (flooded, logins) =
        tokio::try_join!(put(server, anything(requests), others), put(server, login(data), logins))?;
    for others in [&calm, &flooded] {
        // A refusal would be answered soonest of all.
        ensure!(
            others.statuses.keys().all(|status| [200, 201].contains(status)),
            "the other routes: {:?}",
            others.statuses
        );
    }
    Ok(Flood {
        logins_per_second: logins.per_second,
        logins: logins.statuses,
        calm_p95_ms: calm.p95_ms,
        flooded_p95_ms: flooded.p95_ms,
        flooded_p99_ms: flooded.p99_ms,
    })
}

fn anything(requests: &Requests) -> Draw {
    let requests = requests.clone();
    Arc::new(move |dice| {
        let scenario = *dice.one_of(&Scenario::ALL);
        requests.draw(scenario, dice)
    })
}

fn login(data: &Arc<DataSet>) -> Draw {
    let data = Arc::clone(data);
    Arc::new(move |dice| one_login(&data, dice))
}

/// By anybody, every other time with a wrong password.
fn one_login(data: &DataSet, dice: &mut Dice) -> http::Result<Request<Full<Bytes>>> {
    let password = dice.one_of(&[PASSWORD, "a wrong password"]);
    let body = json!({ "email": dice.one_of(&data.users).email, "password": password });
    Request::post("/api/auth/login")
        .header(header::HOST, "rondo.bench")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(body.to_string()))
}
