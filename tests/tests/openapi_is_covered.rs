//! Runs after the suite `e2e` (Cargo runs test binaries in the order of their names), which notes each pair of operation
//! and status that it saw: every reply that the OpenAPI document announces is seen by some test.

use std::collections::BTreeSet;

use serde_json::Value;
use support::postgres::scratch_folder;

/// What no test can bring about, and why.
const EXCUSED: [(&str, &str); 0] = [];

#[test]
fn every_reply_that_the_document_announces_is_seen_by_some_test() {
    let path = scratch_folder("e2e-seen-replies.txt");
    let noted = std::fs::read_to_string(path).expect("run the suite e2e first, all of it: cargo test -p e2e");
    let seen: BTreeSet<&str> = noted.lines().collect();
    let announced = announced();
    let excused = EXCUSED.map(|(pair, _)| pair.to_owned()).into();
    let missing: Vec<&String> = announced.difference(&excused).filter(|pair| !seen.contains(pair.as_str())).collect();
    assert!(missing.is_empty(), "announced, but no test of the last run of e2e saw it: {missing:#?}");
    let needless: Vec<&String> =
        excused.iter().filter(|pair| seen.contains(pair.as_str()) || !announced.contains(*pair)).collect();
    assert!(needless.is_empty(), "excused for nothing: {needless:?}");
}

/// Each `operation status` of the document.
fn announced() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(rondo_web_api::api::OPENAPI).expect("the OpenAPI document is JSON");
    let paths = document["paths"].as_object().expect("paths").values();
    let operations = paths.flat_map(|methods| methods.as_object().expect("methods").values());
    let pairs = operations.flat_map(|operation| {
        let id = operation["operationId"].as_str().expect("an id");
        operation["responses"].as_object().expect("responses").keys().map(move |status| format!("{id} {status}"))
    });
    pairs.collect()
}
