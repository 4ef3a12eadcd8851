//! A key-value server that speaks the Redis protocol, built from supervised actors.
//!
//! ```text
//! kv (gives up when one of these does)
//! ├── shards (5 crashes within a second are too many)
//! │   ├── shard-0        an actor with a part of the keys
//! │   └── …
//! ├── connections
//! │   ├── client-1       a task for each connection
//! │   └── …
//! ├── listener           takes in clients
//! └── shutdown           waits for the command SHUTDOWN
//! ```
//! They start in this order and stop in the reverse: at the end no client is taken in any more, then the connections
//! finish what they have begun, then the shards stop.
//!
//! `DEBUG PANIC <key>` breaks the shard of a key. Its data survives, because the actor does not own it: the state of an
//! incarnation ends with the incarnation, so what is to live longer is held outside and handed to each. Commands over
//! keys of several shards (MSET, MGET, DEL, EXISTS) are carried out shard by shard: they are not atomic.
//!
//! Read on in `shard_actor.rs` (the data), `tree.rs` (supervision), `connection.rs` (one client).

mod args;
mod clock;
mod command;
mod config;
mod connection;
mod glob;
mod info;
mod inline;
mod listener;
mod local;
mod number;
mod op;
mod output;
mod plan;
mod reply;
mod resp;
mod server;
mod session;
mod shard;
mod shard_actor;
mod shards;
mod store;
mod tree;

use std::{io::IsTerminal, process::ExitCode};

use config::{Config, HELP, Invocation};

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let config = match config::parse(std::env::args().skip(1)) {
        Ok(Invocation::Serve(config)) => config,
        Ok(Invocation::Help) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until a signal, SHUTDOWN, or a crash too many.
async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let door = listener::Door::open(&config).await?;
    let addr = door.addr()?;
    let (tree, shards) = tree::plant(config, door, addr);
    let report = actor_core::System::new(tree).run_until_signal().await?;
    if report.exit.is_abnormal() {
        // The root says that its child `shards` gave up; that child says which shard it was.
        return Err(format!("{report}; shards {}", shards.stopped().await).into());
    }
    Ok(())
}
