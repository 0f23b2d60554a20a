//! Generates the bindings of what Spin offers besides WASI, from the WIT that the spin-sdk crate ships: the components are
//! built with that crate, so host and guest can't disagree.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Where in spin-sdk a WIT file is, and where bindgen expects it.
const FILES: [(&str, &str, &str); 2] = [
    ("wit/deps/spin-postgres@4.0.0", "deps/spin-postgres", ""),
    ("wit/deps/spin@2.0.0/variables.wit", "deps/fermyon-spin", "package fermyon:spin@2.0.0;\n"),
];

const WORLD: &str = "package rondo:host;
world imports {
    import spin:postgres/postgres@4.0.0;
    import fermyon:spin/variables@2.0.0;
}
";

const BINDGEN: &str = r#"wasmtime::component::bindgen!({
    path: "{path}",
    world: "rondo:host/imports",
    imports: {
        "spin:postgres/postgres": async | trappable,
        default: trappable,
    },
    require_store_data_send: true,
    with: {
        "spin:postgres/postgres.connection": crate::postgres::Connection,
    },
});
"#;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=Cargo.toml");
    let sdk = spin_sdk();
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let wit = out.join("wit");
    for (source, folder, package) in FILES {
        copy(&sdk.join(source), &wit.join(folder), package);
    }
    write(&wit.join("world.wit"), WORLD);
    let path = wit.display().to_string().replace('\\', "/");
    write(&out.join("bindings.rs"), &BINDGEN.replace("{path}", &path));
}

/// The folder of spin-sdk's source, as the lock file has it.
fn spin_sdk() -> PathBuf {
    let output = Command::new(env::var("CARGO").expect("cargo sets CARGO"))
        .args(["metadata", "--format-version", "1", "--filter-platform", "wasm32-wasip2"])
        .output()
        .expect("cargo metadata can be run");
    assert!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    let metadata = String::from_utf8(output.stdout).expect("cargo metadata prints UTF-8");
    metadata
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split('"').next())
        .filter_map(|manifest| Path::new(manifest).parent())
        .find(|folder| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("spin-sdk-5.")))
        .expect("spin-sdk 5 is a dependency of the workspace: its WIT is what the host implements")
        .to_owned()
}

fn copy(source: &Path, folder: &Path, package: &str) {
    let files = match fs::read_dir(source) {
        Ok(entries) => entries.map(|entry| entry.expect("a readable folder").path()).collect(),
        Err(_) => vec![source.to_owned()],
    };
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file.file_name().expect("a file has a name");
        write(&folder.join(name), &format!("{package}{text}"));
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("OUT_DIR can be written");
    fs::write(path, text).expect("OUT_DIR can be written");
}
