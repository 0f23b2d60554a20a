//! What only the real lane can show: what lies in Kafka, and that nothing is lost when parts of the lane are killed. Run by
//! `cargo xtask test e2e --sidecar dapr`, after all else, because it takes the lane away from everybody.
//!
//! These tests come one after the other, in any order: each takes its turn by [`OnTheLane::alone`].

mod events;
mod faults;
mod processes;
mod topics;

use http::Method;
use support::kafka::Kafka;
use support::lane::Lane;
use support::{App, Call, eventually};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, MutexGuard};

const HOUR: u64 = 60 * 60 * 1000;
const DAY: u64 = 24 * HOUR;

/// The services, by their Dapr app ids.
const SERVICES: [&str; 4] = ["backend", "frontend", "recurring-service", "notification-service"];

static TURN: Mutex<()> = Mutex::const_new(());

/// The lane, for one test alone.
struct OnTheLane {
    lane: &'static Lane,
    _turn: MutexGuard<'static, ()>,
}

impl OnTheLane {
    /// Waits for its turn, and until the lane is whole again: the test before may have killed parts of it.
    async fn alone() -> Self {
        let _turn = TURN.lock().await;
        let lane = Lane::get().expect("the real lane: cargo xtask test e2e --sidecar dapr");
        let one = Self { lane, _turn };
        eventually("the lane is whole", async || one.is_whole().await.then_some(())).await;
        one
    }

    async fn is_whole(&self) -> bool {
        for service in SERVICES {
            let ready = Call::new(self.lane.service(service), None, Method::GET, "/ready".to_owned());
            if !ready.attempt().await.is_ok_and(|reply| reply.status == 200) {
                return false;
            }
        }
        TcpStream::connect(&self.lane.kafka).await.is_ok()
    }

    async fn kafka(&self) -> Kafka {
        Kafka::connect(&self.lane.kafka).await
    }
}

/// How many of a user's events the broker does not have yet.
const WAITING: &str = "select count(*) from outbox where user_id = $1::text::uuid and published_at is null";

/// Waits until the broker has all that a user's changes told.
async fn all_published(app: &App, user: &str) {
    eventually("all events are published", async || {
        let waiting: i64 = app.sql(WAITING, &[&user]).await[0].get(0);
        (waiting == 0).then_some(())
    })
    .await;
}
