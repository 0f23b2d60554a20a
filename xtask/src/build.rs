//! Builds what changed.

use std::path::PathBuf;

use crate::project::{Project, succeed};
use crate::stamp::Artifact;
use crate::tools;

/// Builds all that `rondo up` runs.
pub fn everything(project: &Project) -> anyhow::Result<()> {
    components(project)?;
    page(project)?;
    host(project)
}

/// The components, in one call of cargo.
pub fn components(project: &Project) -> anyhow::Result<()> {
    let names = project.components()?;
    let folder = project.target().join("wasm32-wasip2/component");
    let artifact = Artifact {
        name: "components",
        inputs: [
            "Cargo.toml",
            "Cargo.lock",
            "rust-toolchain.toml",
            "components",
            "crates/recurrence",
            "crates/domain",
            "crates/ports",
            "crates/store",
            "crates/web-api",
            "crates/spin",
            "wit",
            ".cargo/config.toml",
        ]
        .map(|path| project.path(path))
        .into(),
        outputs: names.iter().map(|name| folder.join(format!("{}.wasm", name.replace('-', "_")))).collect(),
    };
    artifact.ensure(project, || {
        tools::wasm_target(project)?;
        let mut cargo = project.cargo(&["build", "--profile", "component", "--target", "wasm32-wasip2"]);
        succeed(cargo.args(names.iter().flat_map(|name| ["--package", name])))
    })
}

/// The page, with what it needs from npm.
pub fn page(project: &Project) -> anyhow::Result<()> {
    node_modules(project)?;
    let artifact = Artifact {
        name: "page",
        inputs: vec![project.path("web"), project.path("crates/web-api/openapi.json")],
        outputs: vec![project.path("web/dist/index.html")],
    };
    artifact.ensure(project, || {
        tools::node()?;
        succeed(&mut project.npm(&["run", "--silent", "build"]))
    })
}

/// What the page's tools are made of.
pub fn node_modules(project: &Project) -> anyhow::Result<()> {
    let artifact = Artifact {
        name: "page's packages",
        inputs: ["web/package.json", "web/package-lock.json"].map(|path| project.path(path)).into(),
        outputs: vec![project.path("web/node_modules/.package-lock.json")],
    };
    artifact.ensure(project, || {
        tools::node()?;
        succeed(&mut project.npm(&["ci", "--no-audit", "--no-fund"]))
    })
}

/// The binary `rondo`.
pub fn host(project: &Project) -> anyhow::Result<()> {
    let artifact = Artifact {
        name: "host",
        inputs: ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "crates", "migrations"]
            .map(|path| project.path(path))
            .into_iter()
            .collect::<Vec<PathBuf>>(),
        outputs: vec![project.host()],
    };
    artifact.ensure(project, || {
        tools::c_compiler()?;
        program(project, "rondo")
    })
}

/// The program that measures.
pub fn bench(project: &Project) -> anyhow::Result<()> {
    program(project, "bench")
}

fn program(project: &Project, name: &str) -> anyhow::Result<()> {
    succeed(project.cargo(&["build", "--release", "--bin", name]).args(project.native()?))
}
