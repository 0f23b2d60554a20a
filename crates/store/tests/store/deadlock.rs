//! What becomes of a statement that the database gives up in a deadlock.

use rondo_native::Database;
use rondo_ports::{Document, Sql, SqlError};

use crate::people::{Person, tagged};
use crate::server::{Scratch, run, until, until_waiting};

const LOCK_ALL_TAGS: &str = "
    with locked as materialized (select name from tags order by name for update)
    select json_agg(name)::text from locked";

fn lock(tag: &str) -> String {
    format!("select from tags where name = '{tag}' for update")
}

/// Until somebody has waited so long for a tag that it has looked for a deadlock (after one second, `deadlock_timeout`)
/// and found none: it won't look again, and so is not the one that is given up. Only its own role sees what it asks.
async fn until_looked_for_deadlocks(owner: &Database) {
    let waiting = "select count(*) from pg_stat_activity join pg_locks using (pid)
        where datname = current_database() and not granted
            and query like '%name = ''a''%' and waitstart < clock_timestamp() - interval '5 seconds'";
    until(owner, waiting, 1).await;
}

/// Who wait for each other: the statement of `ada`, and `other`.
struct Scene {
    ada: Person,
    other: Database,
    gate: Database,
    watcher: Database,
    owner: Database,
}

impl Scene {
    /// Has them wait for each other: what the statement answers, and whether it was the one that was given up.
    async fn play(&self) -> (Result<Document, SqlError>, bool) {
        let Self { ada, other, gate, watcher, owner } = self;
        run(other, "begin").await;
        run(other, &lock("z")).await;
        run(gate, "begin").await;
        run(gate, &lock("m")).await;
        // The statement waits for the gate, the other for the statement; behind the gate the statement waits for the other.
        let circle = async {
            until_waiting(watcher, 1).await;
            let opened = async {
                until_looked_for_deadlocks(owner).await;
                run(gate, "commit").await;
            };
            let lock = lock("a");
            let (taken, ()) = tokio::join!(other.client().batch_execute(&lock), opened);
            run(other, "rollback").await;
            taken.is_ok()
        };
        tokio::join!(ada.sql.call(LOCK_ALL_TAGS, &[]), circle)
    }
}

#[tokio::test]
async fn a_statement_that_is_given_up_in_a_deadlock_is_said_again() {
    let scratch = Scratch::new().await;
    let ada = Person::register(&scratch, "ada").await;
    ada.make(&tagged("Task", &["a", "m", "z"])).await;
    let (gate, watcher) = (scratch.connect().await, scratch.connect().await);
    let (other, owner) = (scratch.connect_as_owner().await, scratch.connect_as_owner().await);
    // However slow the machine: nobody here gives up but in a deadlock.
    run(&ada.sql, "set lock_timeout = 0; set statement_timeout = 0").await;
    run(&gate, "set idle_in_transaction_session_timeout = 0").await;
    let scene = Scene { ada, other, gate, watcher, owner };

    // On a machine that stands still for seconds, the other one may look so late that it is the one that is given up.
    for _ in 0..3 {
        let (locked, is_given_up) = scene.play().await;
        assert_eq!(locked.expect("an answer").into_text(), r#"["a", "m", "z"]"#);
        if is_given_up {
            return;
        }
    }
    panic!("it was never the statement that was given up");
}
