//! The features of actor-core, each checked by a `cargo` of its own: alone, none and all compile without a warning; the
//! dependency tree stays small, and without features it holds no runtime.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A user's tree holds fewer crates than this, the two of this workspace included.
const CRATES: usize = 20;

/// Executors, and what only they need.
const RUNTIMES: [&str; 12] = [
    "async-executor",
    "async-global-executor",
    "async-io",
    "async-std",
    "compio",
    "futures-executor",
    "glommio",
    "mio",
    "monoio",
    "polling",
    "smol",
    "tokio",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `<target>/features`, where these checks share their work and disturb nobody else's.
fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap_or(tmp).join("features")
}

/// A `cargo` that is not told anything by the one that runs this test.
fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Both of these would win over RUSTFLAGS or over the folder of our own.
    cargo.env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("CARGO_BUILD_TARGET_DIR");
    cargo.current_dir(root()).env("CARGO_TARGET_DIR", target()).env("RUSTFLAGS", "-D warnings");
    cargo.args([command, "--locked", "-p", "actor-core"]);
    cargo
}

/// Runs it and gives what it printed.
fn run(mut cargo: Command) -> String {
    let output = cargo.output().unwrap_or_else(|error| panic!("{cargo:?} did not start: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{cargo:?} failed:\n{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn check(arguments: &[&str]) {
    let mut cargo = cargo("check");
    cargo.args(["--lib", "--quiet"]).args(arguments);
    run(cargo);
}

/// The names in the table `[features]`, but for `default`.
fn features() -> Vec<String> {
    let manifest = fs::read_to_string(root().join("actor-core/Cargo.toml")).unwrap();
    let table = manifest.split("[features]\n").nth(1).expect("actor-core has features");
    let lines = table.lines().take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.trim().to_owned());
    names.filter(|name| name != "default" && !name.starts_with('#')).collect()
}

/// The crates that a user of actor-core compiles, by name and version.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let mut cargo = cargo("tree");
    cargo.args(["-e", "normal", "--prefix", "none", "--no-dedupe", "--format", "{p}"]).args(arguments);
    let crates = run(cargo);
    let names = crates.lines().filter(|line| !line.is_empty());
    names.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect()
}

/// One test, not one for each set: they would wait for each other's lock on the target folder.
#[test]
fn every_feature_compiles_alone_and_with_all_others() {
    let features = features();
    assert!(features.len() >= 4, "only {features:?} were found: the search is broken");
    check(&["--no-default-features"]);
    for feature in &features {
        check(&["--no-default-features", "--features", feature]);
    }
    check(&[]);
    check(&["--all-features"]);
}

#[test]
fn a_users_tree_stays_small() {
    let crates = tree(&[]);
    assert!(crates.iter().any(|name| name.starts_with("actor-core v")), "the tree lacks the crate itself: {crates:?}");
    assert!(crates.len() < CRATES, "{} crates: {crates:#?}", crates.len());
}

#[test]
fn without_features_there_is_no_runtime() {
    let crates = tree(&["--no-default-features"]);
    let runtimes = crates.iter().filter(|name| RUNTIMES.iter().any(|runtime| name.split(' ').next() == Some(runtime)));
    assert_eq!(runtimes.collect::<Vec<_>>(), Vec::<&String>::new());
    // The search can find one.
    assert!(tree(&[]).iter().any(|name| name.starts_with("tokio v")), "the default runtime is tokio");
}
