//! The `kv` example as its clients see it: the real program, real sockets, real signals.
//!
//! Nothing here waits without a limit: sockets have timeouts, conditions a deadline, and every server is killed after
//! a minute, which ends whatever still waits for it.
#![cfg(target_os = "linux")]

#[path = "kv/commands.rs"]
mod commands;
#[path = "kv/crash.rs"]
mod crash;
#[path = "kv/memory.rs"]
mod memory;
#[path = "kv/program.rs"]
mod program;
#[path = "kv/raw.rs"]
mod raw;
#[path = "kv/server.rs"]
mod server;
#[path = "kv/stop.rs"]
mod stop;
#[path = "kv/wire.rs"]
mod wire;
