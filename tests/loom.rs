//! Runs the loom models of mailbox and reply (`actor-core/src/**/loom.rs`): they need a build of their own, in which
//! every lock and atomic is loom's. In a child process, since a model that fails may abort it.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

#[test]
fn every_model_holds_under_every_interleaving() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A target folder of its own: other flags would rebuild everything in the usual one, and back.
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("loom");
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args(["test", "--package", "actor-core", "--lib", "--no-default-features", "--features", "test-util"])
        .args(["--", "loom::"])
        .env("RUSTFLAGS", "--cfg actor_loom")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        // More preemptions find no more here, and take minutes.
        .env("LOOM_MAX_PREEMPTIONS", "3")
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo can be run");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    let passed = out.split("test result: ok. ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<u32>().ok());
    assert!(passed.is_some_and(|passed| passed >= 29), "{passed:?} models ran:\n{out}");
}
