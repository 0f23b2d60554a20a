//! A new migration must rebuild this crate, which embeds them all; Cargo itself watches only those it knows.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
