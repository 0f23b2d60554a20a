//! What no file may hold, and how long one may be.

use crate::{code_lines, files, none, read};

const MOST_LINES: usize = 500;

/// Files that may be longer, each with the reason.
const LONG: [(&str, &str); 1] = [("web/src/lib/api/schema.gen.ts", "generated from the OpenAPI document")];

#[test]
fn no_file_is_too_long_to_read() {
    let sources = files("", &["rs", "ts", "tsx", "css", "sql", "toml", "yaml", "yml", "sh"]);
    let too_long = sources.iter().filter_map(|path| {
        let lines = read(path).lines().count();
        let is_listed = LONG.iter().any(|(listed, _)| path.as_os_str() == *listed);
        (lines > MOST_LINES && !is_listed).then(|| format!("{} has {lines} lines", path.display()))
    });
    none("split these, or list them with a reason", &too_long.collect::<Vec<_>>());
}

/// What several suites compile, each for the part that it uses.
const SUPPORT: &str = "crates/recurrence/tests/support/mod.rs";

#[test]
fn nothing_is_left_undone() {
    // Put together, so that this file does not find itself.
    let marks = [["to", "do!("], ["unimpl", "emented!("], ["db", "g!("], ["dead", "_code"], ["#[ign", "ore"]];
    let mut found = Vec::new();
    for path in files("", &["rs"]) {
        let text = read(&path);
        let is_excused = |line: &str| path.as_os_str() == SUPPORT && line.contains("each suite uses its part");
        for (number, line) in code_lines(&text).filter(|(_, line)| !is_excused(line)) {
            if marks.iter().any(|mark| line.contains(&mark.concat())) {
                found.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    none("undone, dead or skipped", &found);
}
