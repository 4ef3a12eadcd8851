//! The small examples run to their end and print what their comments say. The kv example has tests of its own.

use std::{env, path::Path, process::Command};

/// Runs an example as a reader does, and gives its lines.
fn run(example: &str) -> Vec<String> {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The folder of the build that this test belongs to, which has most of it already.
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", tmp.parent().unwrap_or(tmp));
    let output = cargo.args(["run", "--quiet", "--locked", "--example", example]).output().unwrap();
    assert!(output.status.success(), "{example} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| line.trim().to_owned()).collect()
}

/// These lines are there, in this order.
fn assert_in_order(printed: &[String], expected: &[&str]) {
    let mut rest = printed.iter();
    for line in expected {
        assert!(
            rest.any(|printed| printed == line),
            "`{line}` is missing, or comes too early, in:\n{}",
            printed.join("\n")
        );
    }
}

#[test]
fn counter() {
    assert_in_order(
        &run("counter"),
        &[
            "add(2) gives 2",
            "subtract(5) fails: 2 is less than 5",
            "the counter notes at 2: hello",
            "add(100), sent after add(10), gives 112",
            "add_slowly(1000) takes longer than 10 ms",
            "the counter ends at 1112: stopped by request",
            "the counter stopped by request",
        ],
    );
}

#[test]
fn supervised() {
    assert_in_order(
        &run("supervised"),
        &[
            "root/ledger: Running, restarted 0 times",
            "handled so far: 2",
            "handled by the new incarnation: 0",
            "the clerk says: the balance is 42",
            "root/ledger: Running, restarted 1 times",
            "audit gave up: child `clerk` ended again after it was restarted 1 time in the period",
            "the clerk says: the balance is 42",
            "root/audit: Running, restarted 1 times",
            "root stopped by request",
        ],
    );
}
