//! Who does what among several sidecars on one database.
//!
//! Each sidecar holds one connection, its *session*. Advisory locks of that connection say which partitions it
//! reads, and that it is alive at all. A process that is killed loses its connection at once, and with it the locks:
//! the next one goes on without waiting for a time-out.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_postgres::{Client, Config, NoTls};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// First half of the lock that says "this session is alive"; the session's number is the other half.
pub(crate) const SESSION_LOCK_CLASS: i32 = 0x7261_7064;

const OWN: &str = "select pg_try_advisory_lock(hashtextextended($1, 0))";
const SHOW_ALIVE: &str = "select pg_advisory_lock($1, $2)";

const RECONNECT_DELAY: Duration = Duration::from_millis(500);
const CLAIM_AGAIN_DELAY: Duration = Duration::from_secs(1);

/// A connection that owns partitions and jobs as long as it lasts.
pub(crate) struct Session {
    /// Told to the others in `claimed_by`.
    pub(crate) number: i32,
    client: Client,
    lost: CancellationToken,
}

impl Session {
    /// Waits until the partition is this sidecar's alone. Returns false when the session was lost meanwhile.
    pub(crate) async fn own(&self, what: &str) -> bool {
        loop {
            match self.client.query_one(OWN, &[&what]).await {
                Ok(row) if row.get::<_, bool>(0) => return true,
                Ok(_) => tokio::time::sleep(CLAIM_AGAIN_DELAY).await,
                Err(_) => return false,
            }
        }
    }

    /// Ends when the connection does: then someone else may own what this session owned.
    pub(crate) async fn lost(&self) {
        self.lost.cancelled().await;
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.is_cancelled()
    }
}

/// The current session, or none while the database is away.
pub(crate) type Sessions = watch::Receiver<Option<Arc<Session>>>;

/// The session, once there is one. `None` when the sidecar ends.
pub(crate) async fn current(sessions: &mut Sessions) -> Option<Arc<Session>> {
    let live = |session: &Option<Arc<Session>>| session.as_ref().is_some_and(|s| !s.is_lost());
    sessions.wait_for(live).await.ok()?.clone()
}

/// Keeps a session up, and tells everyone which it is. Runs until it is dropped.
pub(crate) async fn keep_session(mut config: Config, current: watch::Sender<Option<Arc<Session>>>) {
    config
        .application_name("rondo-sidecar session")
        .connect_timeout(Duration::from_secs(3))
        .keepalives_idle(Duration::from_secs(10));
    loop {
        if let Ok((client, connection)) = config.connect(NoTls).await {
            let lost = CancellationToken::new();
            let announce = announce(client, lost.clone(), &current);
            let (_, _) = tokio::join!(
                async {
                    let _ = connection.await;
                    lost.cancel();
                },
                announce
            );
            current.send_replace(None);
        }
        tokio::time::sleep(RECONNECT_DELAY).await;
    }
}

async fn announce(client: Client, lost: CancellationToken, current: &watch::Sender<Option<Arc<Session>>>) {
    let number = i32::from_be_bytes(first_four(Uuid::new_v4()));
    let alive = client.execute(SHOW_ALIVE, &[&SESSION_LOCK_CLASS, &number]).await;
    if alive.is_ok() {
        current.send_replace(Some(Arc::new(Session { number, client, lost })));
    }
}

fn first_four(id: Uuid) -> [u8; 4] {
    let [a, b, c, d, ..] = *id.as_bytes();
    [a, b, c, d]
}
