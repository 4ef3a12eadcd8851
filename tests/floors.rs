//! The floors of `actor-core/src`: imports go down, siblings on one floor leave each other alone, and no folder is in
//! a circle. The table is the one of `# Layout` in `actor-core/src/lib.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const FLOORS: [&[&str]; 9] = [
    &["error", "exit", "id", "piece", "seldom", "sync", "wake"],
    &["edge", "rt", "observe"],
    &["reply", "stop", "mailbox"],
    &["actor"],
    &["run"],
    &["supervise"],
    &[],
    &["system"],
    &["__private", "lib"],
];

/// The imports between siblings of one floor that are meant, each with its reason.
const SIBLINGS: [(&str, &str, &str); 4] = [
    ("error", "exit", "an error says how the actor ended"),
    ("error", "id", "an error says which actor"),
    ("error", "sync", "a message on its way back sits in a mutex that is only opened"),
    ("exit", "id", "a panic says in which actor"),
];

/// The only files with `unsafe` in them.
const UNSAFE: [&str; 4] = ["actor/checked.rs", "mailbox/queue/lock.rs", "mailbox/queue/ring.rs", "reply/slot.rs"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("actor-core/src")
}

fn floor(module: &str) -> usize {
    let found = FLOORS.iter().position(|floor| floor.contains(&module));
    found.unwrap_or_else(|| panic!("`{module}` stands on no floor: add it to the table here and in lib.rs"))
}

/// Every file below `folder`, with its text free of comments and of inline test modules.
fn files(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let code: Vec<_> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
            found.push((path.strip_prefix(source()).unwrap().to_path_buf(), code.join("\n")));
        }
    }
}

/// The folder, or the file, that a file belongs to: `actor` for `actor/ask.rs`.
fn module(file: &Path) -> String {
    let first = file.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The first name of each path that starts with `root`: one, or one for each entry of a braced list.
fn names(code: &str, root: &str) -> Vec<String> {
    let name = |path: &str| path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for (at, _) in code.match_indices(root) {
        let path = &code[at + root.len()..];
        let Some(list) = path.strip_prefix('{') else {
            found.push(name(path));
            continue;
        };
        let mut depth = 1;
        let mut entry = String::new();
        for c in list.chars() {
            depth += i32::from(c == '{') - i32::from(c == '}');
            if (c == ',' && depth == 1) || depth == 0 {
                found.push(name(entry.trim()));
                entry.clear();
            } else {
                entry.push(c);
            }
            if depth == 0 {
                break;
            }
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// What a file imports from outside its own folder: names of other modules, or `lib` for what the root re-exports.
fn imports(file: &Path, code: &str) -> BTreeSet<String> {
    let own = module(file);
    let mut all = names(code, "crate::");
    // `super` of a file in a folder is that folder; of any other file it is the root.
    if file.components().count() == 1 || file.ends_with("mod.rs") {
        all.extend(names(code, "super::"));
    } else {
        all.extend(names(code, "super::super::"));
    }
    let re_exported = |name: &String| name.starts_with(char::is_uppercase) || name == "prelude";
    let all = all.into_iter().map(|name| if re_exported(&name) { "lib".to_owned() } else { name });
    all.filter(|name| *name != own).collect()
}

fn edges() -> Vec<(PathBuf, String, String)> {
    let mut found = Vec::new();
    files(&source(), &mut found);
    let edges: Vec<_> = found
        .iter()
        .flat_map(|(file, code)| imports(file, code).into_iter().map(move |to| (file.clone(), module(file), to)))
        .collect();
    assert!(edges.len() > 100, "only {} imports were found: the search is broken", edges.len());
    edges
}

#[test]
fn imports_go_down() {
    let allowed = |from: &str, to: &str| SIBLINGS.iter().any(|(a, b, _)| *a == from && *b == to);
    let wrong: Vec<_> = edges()
        .into_iter()
        .filter(|(_, from, to)| floor(to) > floor(from) || (floor(to) == floor(from) && !allowed(from, to)))
        .map(|(file, from, to)| {
            format!("{}: floor {} imports `{to}`, floor {}", file.display(), floor(&from), floor(&to))
        })
        .collect();
    assert!(wrong.is_empty(), "imports that do not go down:\n{}", wrong.join("\n"));
}

/// What is in a circle of the graph, or above one.
fn circles(mut graph: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    // Again and again, whoever imports nothing that is left is taken out.
    while let Some(leaf) = graph.iter().find(|(_, to)| to.is_empty()).map(|(leaf, _)| leaf.clone()) {
        graph.remove(&leaf);
        for to in graph.values_mut() {
            to.retain(|name| *name != leaf);
        }
    }
    graph
}

#[test]
fn no_import_circle_between_folders() {
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, from, to) in edges() {
        graph.entry(to.clone()).or_default();
        graph.entry(from).or_default().insert(to);
    }
    let left = circles(graph);
    assert!(left.is_empty(), "these import each other in a circle: {left:?}");
}

/// `mod.rs` is left out: it only says what a folder holds and shows.
#[test]
fn no_import_circle_between_the_files_of_a_folder() {
    let mut found = Vec::new();
    files(&source(), &mut found);
    found.retain(|(file, _)| file.components().count() == 2 && !file.ends_with("mod.rs"));
    let known: BTreeSet<_> = found.iter().map(|(file, _)| file.with_extension("")).collect();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, code) in &found {
        let siblings = names(code, "super::").into_iter().map(|name| file.with_file_name(name));
        let to = siblings.filter(|to| known.contains(to)).map(|to| to.display().to_string()).collect();
        graph.insert(file.with_extension("").display().to_string(), to);
    }
    assert!(graph.values().map(BTreeSet::len).sum::<usize>() > 30, "the search is broken: {graph:?}");
    let left = circles(graph);
    assert!(left.is_empty(), "these import each other in a circle: {left:?}");
}

#[test]
fn unsafe_stands_in_its_leaf_files_only() {
    let mut found = Vec::new();
    files(&source(), &mut found);
    let word = |code: &str| code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe");
    let with: Vec<_> =
        found.iter().filter(|(_, code)| word(code)).map(|(file, _)| file.display().to_string()).collect();
    assert_eq!(with, UNSAFE);
}

/// The search itself can find what it is to find.
#[test]
fn the_search_sees_every_form_of_import() {
    let code = "use crate::{\n    actor::{Actor, cell::Cell},\n    exit::Exit, Reply,\n};\nfn f(x: crate::rt::Task) {}";
    assert_eq!(names(code, "crate::"), ["actor", "exit", "Reply", "rt"]);
    let found = imports(Path::new("mailbox/queue.rs"), code);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["actor", "exit", "lib", "rt"]);
    assert!(imports(Path::new("mailbox/queue.rs"), "use super::lane::Lane;").is_empty());
    assert!(imports(Path::new("mailbox/queue.rs"), "use super::super::actor::Actor;").contains("actor"));
    assert!(imports(Path::new("mailbox/mod.rs"), "use super::actor::Actor;").contains("actor"));
}
