//! What holds for the files that `spin.toml` names.

use std::fs;

use support::glue::root;

/// A component is fetched, compiled and kept by every node that runs it.
const AT_MOST_BYTES: u64 = 1024 * 1024;

#[test]
fn no_component_is_larger_than_a_megabyte() {
    let manifest = fs::read_to_string(root().join("spin.toml")).expect("spin.toml");
    let sources: Vec<_> =
        manifest.lines().filter_map(|line| line.strip_prefix("source = \"")?.strip_suffix('"')).collect();
    assert!(!sources.is_empty(), "spin.toml names no component");
    let too_large: Vec<_> = sources
        .into_iter()
        .map(|source| {
            let file = fs::metadata(root().join(source));
            (source, file.unwrap_or_else(|error| panic!("{source}: {error}; run `cargo xtask build`")).len())
        })
        .filter(|(_, bytes)| *bytes > AT_MOST_BYTES)
        .collect();
    assert!(
        too_large.is_empty(),
        "of more than {AT_MOST_BYTES} bytes: {too_large:?}; CONTRIBUTING.md says how to find out why"
    );
}
