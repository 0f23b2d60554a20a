//! Crates depend downwards, and each kind of thing is in one place.

use std::path::{Path, PathBuf};

use crate::{code_lines, files, none, read};

/// From the bottom to the top: a crate may use those of lines above its own.
const LAYERS: [&[&str]; 9] = [
    &["rondo-recurrence", "rondo-zones"],
    &["rondo-domain", "rondo-recurrence-component"],
    &["rondo-ical", "rondo-push"],
    &["rondo-ports"],
    &["rondo-store"],
    &["rondo-web-api"],
    &["rondo-spin", "rondo-native", "rondo-runtime", "rondo-postgres", "rondo-sidecar"],
    &["rondo-lane"],
    &["rondo"],
];

/// One of the last layer that is pure.
const LAST_PURE: &str = "rondo-ical";

/// What reaches outside the process, or asks it for time or chance.
const IO: [&str; 14] = [
    "async-trait",
    "chrono",
    "deadpool-postgres",
    "futures",
    "getrandom",
    "hyper",
    "hyper-util",
    "rand",
    "reqwest",
    "spin-sdk",
    "tokio",
    "tokio-postgres",
    "wasi",
    "wasmtime",
];

struct Package {
    path: PathBuf,
    name: String,
    dependencies: Vec<String>,
}

fn packages(folder: &str) -> Vec<Package> {
    let manifests = files(folder, &["toml"]).into_iter().filter(|path| path.ends_with("Cargo.toml"));
    // What a test compiles is no part of the architecture.
    manifests.filter(|path| !path.iter().any(|part| part == "tests")).map(package).collect()
}

fn package(path: PathBuf) -> Package {
    let manifest: toml::Table = read(&path).parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let name = manifest["package"]["name"].as_str().expect("a package has a name").to_owned();
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let dependencies = dependencies.map(|table| table.keys().cloned().collect()).unwrap_or_default();
    Package { path, name, dependencies }
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

#[test]
fn every_crate_has_its_layer() {
    let crates: Vec<_> = packages("crates").into_iter().map(|package| package.name).collect();
    let strays: Vec<_> = crates.iter().filter(|name| layer(name).is_none()).cloned().collect();
    none("name these crates in LAYERS", &strays);
    let named = LAYERS.into_iter().flatten().map(|name| (*name).to_owned());
    none("LAYERS names what is no crate", &named.filter(|name| !crates.contains(name)).collect::<Vec<_>>());
}

#[test]
fn crates_depend_downwards() {
    let mut wrong = Vec::new();
    for package in packages("crates") {
        let own = layer(&package.name).unwrap_or_default();
        let upwards = package.dependencies.iter().filter(|name| layer(name).is_some_and(|theirs| theirs >= own));
        wrong.extend(upwards.map(|name| format!("{} uses {name}", package.name)));
    }
    none("these dependencies do not point downwards", &wrong);
}

#[test]
fn the_pure_crates_do_no_io() {
    let mut wrong = Vec::new();
    for package in packages("crates").iter().filter(|package| layer(&package.name) <= layer(LAST_PURE)) {
        let io = package.dependencies.iter().filter(|name| IO.contains(&name.as_str()));
        wrong.extend(io.map(|name| format!("{} uses {name}", package.name)));
        wrong.extend(places(package.path.with_file_name("src"), |line| {
            ["std::fs", "std::net", "std::env", "SystemTime::now", "Timestamp::now", "Zoned::now"]
                .iter()
                .any(|io| line.contains(io))
        }));
    }
    none("these rules reach outside", &wrong);
}

#[test]
fn only_one_crate_names_the_spin_sdk() {
    let named = packages("crates").into_iter().chain(packages("components"));
    let users: Vec<_> = named
        .filter(|package| package.dependencies.iter().any(|name| name == "spin-sdk"))
        .map(|package| package.name)
        .collect();
    assert_eq!(users, ["rondo-spin"]);
}

#[test]
fn a_component_is_made_of_spin_and_web_api_alone() {
    let mut wrong = Vec::new();
    for package in packages("components") {
        let others =
            package.dependencies.iter().filter(|name| !["rondo-spin", "rondo-web-api"].contains(&name.as_str()));
        wrong.extend(others.map(|name| format!("{} uses {name}", package.path.display())));
    }
    none("logic belongs below the components", &wrong);
}

#[test]
fn sql_is_in_the_store_and_in_migrations() {
    let mut found = Vec::new();
    for folder in ["crates/domain", "crates/ports", "crates/web-api", "crates/spin", "components"] {
        found.extend(places(folder, is_sql));
    }
    none("SQL belongs in crates/store", &found);
}

fn is_sql(line: &str) -> bool {
    let line = line.to_lowercase();
    let pairs =
        [("insert into ", ""), ("delete from ", ""), ("select ", " from "), ("update ", " set "), ("create table", "")];
    line.contains('"') && pairs.iter().any(|(verb, rest)| line.contains(verb) && line.contains(rest))
}

#[test]
fn unsafe_code_is_below_the_host() {
    let mut found = Vec::new();
    for folder in ["crates", "components", "tests", "bench", "xtask/src"] {
        found.extend(places(folder, |line| line.contains("unsafe ") || line.contains("allow(unsafe_code)")));
    }
    found.retain(|place| !Path::new(place).starts_with("crates/host"));
    none("unsafe code", &found);
}

/// `file:line: text` for every line of code below a folder that `is` true of.
fn places(folder: impl AsRef<Path>, is: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(folder, &["rs"]) {
        let text = read(&path);
        let lines = code_lines(&text).filter(|(_, line)| is(line));
        found.extend(lines.map(|(number, line)| format!("{}:{number}: {}", path.display(), line.trim())));
    }
    found
}
