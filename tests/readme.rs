//! The README keeps what it says: two commands do all set-up, CI runs the same one, and the paths it names are there.
//! Its Rust snippets are doctests of actor-core.

use std::{fs, path::Path};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text under a heading, up to the next one.
fn section(document: &str, heading: &str) -> String {
    let lines = document.lines().skip_while(|line| *line != heading).skip(1);
    let lines: Vec<_> = lines.take_while(|line| !line.starts_with("## ")).collect();
    assert!(!lines.is_empty(), "there is no section `{heading}`");
    lines.join("\n")
}

/// The lines in fenced blocks: what a reader copies.
fn commands(section: &str) -> Vec<String> {
    let blocks = section.split("```").skip(1).step_by(2);
    let lines = blocks.flat_map(|block| block.lines().skip(1)).filter(|line| !line.trim().is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn two_commands_do_all_set_up() {
    let commands = commands(&section(&read("README.md"), "## Two commands"));
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert!(commands.iter().all(|command| command.starts_with("cargo ")), "{commands:?}");
    assert!(commands.iter().all(|command| !command.contains("&&") && !command.contains(';')), "{commands:?}");
}

#[test]
fn ci_runs_the_test_command_as_it_is_written() {
    let commands = commands(&section(&read("README.md"), "## Two commands"));
    let test = commands.iter().find(|command| command.starts_with("cargo test")).expect("one command runs the tests");
    let script = read(".ci/run");
    assert!(script.lines().any(|line| line.trim() == test), "`.ci/run` has no line `{test}`");
}

/// Paths stand in backticks and have a slash or an ending that tells them from names in code.
#[test]
fn the_paths_it_names_are_there() {
    let mut missing = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"] {
        let text = read(document);
        let prose: String = text.split("```").step_by(2).collect();
        let quoted = prose.split('`').skip(1).step_by(2);
        let ending = |name: &str| Path::new(name).extension().is_some_and(|ending| ending == "md" || ending == "rs");
        let plain = |name: &str| !name.contains([' ', '*', ':', '<', '{', '#', '"']);
        let paths: Vec<_> = quoted.filter(|name| plain(name) && (ending(name) || name.contains('/'))).collect();
        for path in paths {
            // Files of the library are named from its source folder.
            let there = root().join(path).exists() || root().join("actor-core/src").join(path).exists();
            if !there {
                missing.push(format!("{document} names `{path}`"));
            }
        }
    }
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
}
