//! The plans of the hot statements, on data in which many users share the tables: each finds its rows by an index.
//!
//! Postgres plans a prepared statement for the values at hand, or once for all values, as it thinks better; neither
//! plan may read all tasks.

use rondo_domain::ids::TaskId;
use rondo_postgres::{DatabaseUrls, Durability, Options, Server, Silent};
use serde_json::Value;
use tokio_postgres::Client;

use crate::dataset::{self, DataSet, Size};
use crate::scenario::Scenario;
use crate::statements::{Call, Sample, behind};

const SIZE: Size = Size { users: 20, tasks_each: 1_000 };
const TABLES: [&str; 3] = ["tasks", "task_tags", "tags"];

#[tokio::test]
async fn hot_statements_find_their_rows_by_an_index() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut options = Options::new(folder.path());
    options.durability = Durability::Off;
    let server = Server::start(options, &Silent).await.expect("a server");
    let urls = DatabaseUrls { owner: server.owner_url(), app: server.app_url() };
    dataset::load(&urls, SIZE).await.expect("loaded");
    let data = dataset::read(&urls.owner).await.expect("read");
    let client = dataset::connect(&urls.app).await.expect("connected");

    for mode in ["force_custom_plan", "force_generic_plan"] {
        client.batch_execute(&format!("set plan_cache_mode = {mode}")).await.expect("set");
        for scenario in Scenario::ALL {
            let call = behind(scenario, &sample(&data)).await.expect("a statement");
            let plan = explain(&client, &call).await;
            let scans = whole_table_scans(&plan);
            assert!(scans.is_empty(), "{} reads all of {scans:?} ({mode}):\n{plan:#}", scenario.name());
            if scenario == Scenario::Search {
                let indexes = indexes(&plan);
                assert!(indexes.contains(&"tasks_by_own_words"), "a search reads {indexes:?} ({mode}):\n{plan:#}");
            }
        }
    }
    drop(client);
    server.stop().await.expect("stopped");
}

fn sample(data: &DataSet) -> Sample {
    let user = &data.users[7];
    Sample {
        user: user.id,
        task: TaskId::parse(&user.tasks[3]).expect("a task's id"),
        tag: data.tags[0].clone(),
        search: data.searches[0].clone(),
    }
}

/// By way of a prepared statement, since only those have a plan for all values.
async fn explain(client: &Client, call: &Call) -> Value {
    let types = vec!["text"; call.parameters.len()].join(", ");
    let literal = |parameter: &Option<String>| match parameter {
        None => "null".to_owned(),
        Some(text) => format!("'{}'", text.replace('\'', "''")),
    };
    let values = call.parameters.iter().map(literal).collect::<Vec<_>>().join(", ");
    client.batch_execute(&format!("prepare hot ({types}) as {}", call.statement)).await.expect("prepared");
    let row = client.query_one(&format!("explain (format json) execute hot ({values})"), &[]).await.expect("a plan");
    client.batch_execute("deallocate hot").await.expect("forgotten");
    row.get(0)
}

/// The tables that some part of `plan` reads from end to end.
fn whole_table_scans(plan: &Value) -> Vec<&str> {
    match plan {
        Value::Array(parts) => parts.iter().flat_map(whole_table_scans).collect(),
        Value::Object(node) => {
            let table = node.get("Relation Name").and_then(Value::as_str);
            let reads_all =
                node.get("Node Type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("Seq Scan"));
            let here = table.filter(|table| reads_all && TABLES.contains(table));
            here.into_iter().chain(node.values().flat_map(whole_table_scans)).collect()
        }
        _ => Vec::new(),
    }
}

/// The indexes that some part of `plan` reads.
fn indexes(plan: &Value) -> Vec<&str> {
    match plan {
        Value::Array(parts) => parts.iter().flat_map(indexes).collect(),
        Value::Object(node) => {
            let here = node.get("Index Name").and_then(Value::as_str);
            here.into_iter().chain(node.values().flat_map(indexes)).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn a_scan_of_a_whole_table_is_seen_wherever_it_is() {
    let plan = serde_json::json!([{ "Plan": { "Node Type": "Limit", "Plans": [
        { "Node Type": "Parallel Seq Scan", "Relation Name": "tasks" },
        { "Node Type": "Index Scan", "Relation Name": "tags" },
        { "Node Type": "Seq Scan", "Relation Name": "users" },
    ] } }]);
    assert_eq!(whole_table_scans(&plan), ["tasks"]);
}
