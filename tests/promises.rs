//! `docs/promises.md` and the tests belong together: every number is there once, every link leads to a test, and every
//! test that carries a number is linked.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every number there is, in the order of the document.
fn numbers() -> Vec<String> {
    let plain = |letter: char, to: u32, but: &'static [u32]| {
        (1..=to).filter(move |n| !but.contains(n)).map(move |n| format!("{letter}{n}"))
    };
    let mut all: Vec<_> = plain('M', 13, &[]).chain(plain('L', 9, &[])).chain(plain('S', 10, &[])).collect();
    for number in plain('R', 29, &[9, 19]) {
        let more: &[&str] = match number.as_str() {
            "R6" | "R11" => &["a"],
            "R24" => &["a", "b"],
            _ => &[],
        };
        let with_letter = more.iter().map(|letter| format!("{number}{letter}"));
        let with_letter: Vec<_> = with_letter.collect();
        all.push(number);
        all.extend(with_letter);
    }
    all.extend(plain('T', 3, &[]));
    all
}

/// A promise of the document: what it says, its tests as (file, function), and whether a part of it is open.
struct Row {
    number: String,
    text: String,
    tests: Vec<(PathBuf, String)>,
    open: bool,
}

fn rows() -> Vec<Row> {
    let document = fs::read_to_string(root().join("docs/promises.md")).unwrap();
    let cells = document.lines().filter(|line| line.starts_with("| ")).map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 3, "a row has three cells: {line}");
        (cells[0].to_owned(), cells[1].to_owned(), cells[2].to_owned())
    });
    let cells = cells.filter(|(number, ..)| number.ends_with(|c: char| c.is_ascii_digit() || "ab".contains(c)));
    let row = |(number, text, proof): (String, String, String)| {
        // `file.rs`: `function`, `function`; `other.rs`: …
        let mut file = PathBuf::new();
        let mut tests = Vec::new();
        for name in proof.split('`').skip(1).step_by(2) {
            if Path::new(name).extension().is_some_and(|extension| extension == "rs") {
                file = if name.contains('/') { PathBuf::from(name) } else { Path::new("tests").join(name) };
            } else {
                tests.push((file.clone(), name.to_owned()));
            }
        }
        let open = proof.split('`').step_by(2).any(|words| words.contains("open"));
        Row { number, text, tests, open }
    };
    cells.map(row).collect()
}

/// The functions with a promise's number in front of their name, in every file of `tests`.
fn numbered_tests() -> BTreeMap<(PathBuf, String), String> {
    let known: BTreeSet<_> = numbers().into_iter().collect();
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root().join("tests")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(root()).unwrap().to_path_buf();
        for name in text.split("#[test]").skip(1).filter_map(|test| test.split("fn ").nth(1)) {
            let name = name.split('(').next().unwrap();
            let number = name.split('_').next().unwrap();
            // `m3_…` carries M3, `r24a_…` R24a.
            let number = number[..1].to_uppercase() + &number[1..];
            if known.contains(&number) {
                found.insert((file.clone(), name.to_owned()), number);
            }
        }
    }
    assert!(found.len() > 100, "only {} numbered tests were found", found.len());
    found
}

#[test]
fn every_number_is_there_once_and_in_order() {
    let there: Vec<_> = rows().into_iter().map(|row| row.number).collect();
    assert_eq!(there, numbers());
}

#[test]
fn every_promise_says_something_and_has_a_test_or_is_open() {
    for row in rows() {
        assert!(row.text.len() > 20, "{}: {}", row.number, row.text);
        assert!(row.open || !row.tests.is_empty(), "{} has neither a test nor the word `open`", row.number);
    }
}

#[test]
fn every_link_leads_to_a_test() {
    for row in rows() {
        for (file, name) in &row.tests {
            let text = fs::read_to_string(root().join(file));
            let text = text.unwrap_or_else(|error| panic!("{}: {}: {error}", row.number, file.display()));
            let place = text.find(&format!("fn {name}("));
            let place = place.unwrap_or_else(|| panic!("{}: no `fn {name}` in {}", row.number, file.display()));
            let before = text[..place].trim_end().lines().next_back().unwrap_or_default();
            assert!(before.contains("#[test]"), "{}: `{name}` is no test", row.number);
        }
    }
}

#[test]
fn every_test_that_carries_a_number_is_linked_under_it() {
    let linked: BTreeSet<_> = rows()
        .into_iter()
        .flat_map(|row| row.tests.into_iter().map(move |(file, name)| (file, name, row.number.clone())))
        .collect();
    let missing: Vec<_> = numbered_tests()
        .into_iter()
        .filter(|((file, name), number)| !linked.contains(&(file.clone(), name.clone(), number.clone())))
        .map(|((file, name), number)| format!("{number}: {} `{name}`", file.display()))
        .collect();
    assert!(missing.is_empty(), "tests that docs/promises.md does not link:\n{}", missing.join("\n"));
}
