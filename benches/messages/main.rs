//! The annotated actor against the hand-written one, in the same run: `cargo bench --bench messages`; with a part of a
//! line's name, only such lines: `cargo bench --bench messages -- "tell 16"`.
//!
//! The hand-written actor (`by_hand/`) is the bare loop `while let Some(message) = mailbox.recv().await` over a
//! bounded tokio channel and an enum, with a oneshot channel for each reply. Ours (`annotated/`) is an annotated
//! actor through its public handle, with panics caught. Same capacity, same messages, same runtime.
//!
//! The two take turns, and what is judged is the ratio of their times: the machine is noisy, and what disturbs one
//! half of a pair most often disturbs the other too. Below 1.00 ours is faster. Allocations are counted in a pass of
//! their own, so that counting takes no part in the times. What each line measures stands in `benches/README.md`.
//!
//! With `MESSAGES_BENCH_STRICT` set, a target that is not met is a failure.

mod alloc;
mod annotated;
mod by_hand;
mod crossing;
mod crowd;
mod memory;
mod meter;
mod pairs;
mod pin;
mod stats;
mod table;
mod tally;
mod workloads;
mod worlds;

use std::process::ExitCode;

use table::Table;
use worlds::Worlds;

/// Messages a mailbox holds where the line says nothing else. It is also what our actors have by default.
const CAPACITY: usize = 64;

/// Messages per measurement.
const MESSAGES: u64 = 100_000;

/// Messages before the clock starts.
const WARM: u64 = 4096;

/// Actors that are spawned and stopped per measurement.
const SPAWNS: u64 = 10_000;

fn main() -> ExitCode {
    // `cargo bench` adds `--bench`. `cargo test --benches` does not, and starts every bench in a debug build; and
    // `cargo bench -- --list` or `-- --test` does not ask for figures either: nothing to measure then.
    let asked = |name: &str| std::env::args().any(|arg| arg == name);
    if !asked("--bench") || asked("--test") || asked("--list") {
        return ExitCode::SUCCESS;
    }
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    let worlds = Worlds::new();
    if !pin::works() {
        println!(
            "Threads cannot be pinned to two cores here: the lines across cores and those of crowds say little.\n"
        );
    }
    println!("Ratio of ours to the hand-written actor, below 1.00 ours is faster; the rest is for each operation.\n");
    let mut table = Table::head();
    workloads::run(&worlds, &filter, &mut table);
    memory::run(&worlds, &filter, &mut table);
    crowd::run(&filter, &mut table);
    let all_met = table.end();
    if all_met || std::env::var_os("MESSAGES_BENCH_STRICT").is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
