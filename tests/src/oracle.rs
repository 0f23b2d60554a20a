//! Receivers of another language: Node, with packages that are pinned in `tests/oracles`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{fs, thread};

use serde_json::Value;

use crate::postgres::scratch_folder;

/// What the receiver in `tests/oracles/receive.js` makes of a question.
pub fn received(question: &Value) -> Value {
    let mut node =
        Command::new("node").arg(script()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node");
    let (mut input, text) = (node.stdin.take().expect("piped"), question.to_string());
    let writer = thread::spawn(move || input.write_all(text.as_bytes()));
    let output = node.wait_with_output().expect("an answer");
    writer.join().expect("no panic").expect("the question is read");
    assert!(output.status.success(), "node ended with {}", output.status);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The script beside the pinned packages, installed once in the target folder, and anew where they have changed.
fn script() -> &'static Path {
    static SCRIPT: OnceLock<PathBuf> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let folder = scratch_folder("channel-oracles");
        let (packages, wanted) = (["package.json", "package-lock.json"], lock());
        fs::create_dir_all(&folder).expect("the target folder can be written");
        fs::copy(source("receive.js"), folder.join("receive.js")).expect("copied");
        if fs::read(folder.join("installed")).ok().as_ref() != Some(&wanted) {
            for file in packages {
                fs::copy(source(file), folder.join(file)).expect("copied");
            }
            let mut install = Command::new("npm");
            install.args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder);
            let status = install.status().expect("these tests need node and npm");
            assert!(status.success(), "npm ci ended with {status}. Is the package registry reachable?");
            fs::write(folder.join("installed"), wanted).expect("written");
        }
        folder.join("receive.js")
    })
}

fn lock() -> Vec<u8> {
    fs::read(source("package-lock.json")).expect("a file of these tests")
}

fn source(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles").join(file)
}
