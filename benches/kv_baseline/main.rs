//! `examples/kv` by hand: the same server on plain tokio channels instead of actors.
//!
//! It is what the benchmark compares the actors with. Protocol, commands, data and the loop of a
//! connection are the very same files, so the difference is that of mailboxes, replies and loops.

use std::{io::IsTerminal, process::ExitCode, sync::Arc, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};

use crate::{
    config::{Config, HELP, Invocation},
    lanes::Lanes,
    listener::Door,
    server::Server,
};

#[path = "../../examples/kv/args.rs"]
mod args;
#[path = "../../examples/kv/clock.rs"]
mod clock;
#[path = "../../examples/kv/command.rs"]
mod command;
#[path = "../../examples/kv/config.rs"]
mod config;
#[path = "../../examples/kv/connection.rs"]
mod connection;
#[path = "../../examples/kv/glob.rs"]
mod glob;
#[path = "../../examples/kv/info.rs"]
mod info;
#[path = "../../examples/kv/inline.rs"]
mod inline;
mod lanes;
#[path = "../../examples/kv/listener.rs"]
mod listener;
#[path = "../../examples/kv/local.rs"]
mod local;
#[path = "../../examples/kv/number.rs"]
mod number;
#[path = "../../examples/kv/op.rs"]
mod op;
#[path = "../../examples/kv/output.rs"]
mod output;
#[path = "../../examples/kv/plan.rs"]
mod plan;
#[path = "../../examples/kv/reply.rs"]
mod reply;
#[path = "../../examples/kv/resp.rs"]
mod resp;
#[path = "../../examples/kv/server.rs"]
mod server;
#[path = "../../examples/kv/session.rs"]
mod session;
#[path = "../../examples/kv/shard.rs"]
mod shard;
#[path = "../../examples/kv/shards.rs"]
mod shards;
#[path = "../../examples/kv/store.rs"]
mod store;

/// How long connections have for finishing what is in flight.
const GRACE: Duration = Duration::from_secs(5);

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

/// Serves until it is told to stop, or until a shard gives up.
async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let (failed, mut failures) = mpsc::channel(1);
    let lanes = Lanes::start(config.shards, config.mailbox, &failed);
    let door = Door::open(&config).await?;
    let addr = door.addr()?;
    let server = Server::new(config, addr.port());
    let (stop, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    println!("ready on {addr}");
    let outcome = loop {
        tokio::select! {
            client = door.admit(&server) => {
                let mut stopped = stopped.clone();
                // The sender never sends: it is dropped.
                let stop = async move { while stopped.changed().await.is_ok() {} };
                connections.spawn(connection::serve(client, lanes.clone(), Arc::clone(&server), stop));
            }
            Some(_) = connections.join_next() => {}
            Some(reason) = failures.recv() => break Err(reason.into()),
            () = server.shutdown_requested() => break Ok(()),
            _ = terminate.recv() => break Ok(()),
            _ = interrupt.recv() => break Ok(()),
        }
    };
    drop((door, stop));
    let finished = async { while connections.join_next().await.is_some() {} };
    if timeout(GRACE, finished).await.is_err() {
        tracing::warn!(left = connections.len(), "clients do not take their replies, closing");
    }
    outcome
}
