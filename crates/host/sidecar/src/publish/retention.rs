//! Topics forget: messages older than their topic's retention are deleted, read or not, as Kafka does.

use std::sync::Arc;
use std::time::Duration;

use crate::Inner;
use crate::database::Commit;

const INTERVAL: Duration = Duration::from_secs(60);
const MESSAGES_PER_STATEMENT: u64 = 5_000;

const FORGET: &str = r#"
delete from dapr.messages
where ctid = any(array(
    select ctid
    from dapr.messages
    where topic = $1 and published_at < now() - $2 * interval '1 second'
    limit $3))"#;

const FORGET_STATE: &str = "delete from dapr.state where expires_at < now()";

/// Deletes what is too old, now and then. Runs until it is dropped.
pub(crate) async fn forget(sidecar: Arc<Inner>) {
    loop {
        for (name, topic) in &sidecar.resources.topics {
            if let Some(retention) = topic.retention {
                forget_topic(&sidecar, name, retention).await;
            }
        }
        // An outage is logged by the database; the next round makes up for it.
        let _ = sidecar.database.execute(Commit::Relaxed, FORGET_STATE, &[]).await;
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn forget_topic(sidecar: &Inner, name: &str, retention: Duration) {
    let seconds = retention.as_secs_f64();
    let most = MESSAGES_PER_STATEMENT as i64;
    loop {
        let deleted = sidecar.database.execute(Commit::Relaxed, FORGET, &[&name, &seconds, &most]).await;
        if !deleted.is_ok_and(|count| count == MESSAGES_PER_STATEMENT) {
            return;
        }
    }
}
