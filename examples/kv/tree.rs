//! The supervision tree of the server.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actor_core::{SupervisorHandle, TaskHandle, prelude::*};

use crate::{
    clock::Clock,
    config::Config,
    connection,
    listener::{Admitted, Door},
    server::Server,
    shard_actor::{Data, Handles, Shard},
};

/// So many crashes of shards within [`CRASH_WINDOW`] are survived; one more, and the server gives up.
const CRASHES: u32 = 4;
const CRASH_WINDOW: Duration = Duration::from_secs(1);

/// How long clients have to take their replies when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// Declares the tree; gives the handle of the shards' supervisor too.
pub(crate) fn plant(config: Config, door: Door, addr: SocketAddr) -> (Supervisor, SupervisorHandle) {
    let mut tree = Supervisor::one_for_one().intensity(0, CRASH_WINDOW);
    let (shards, handles) = shards(&config);
    let shards = tree.supervisor("shards", shards);
    let connections = tree.supervisor("connections", Supervisor::one_for_one());
    let service = Service {
        addr,
        server: Server::new(config, addr.port()),
        shards: handles,
        connections,
        door: Arc::new(Mutex::new(Some(Arc::new(door)))),
        closing: Stop::new(),
    };
    let server = Arc::clone(&service.server);
    tree.task("listener", move |stop| service.clone().listen(stop));
    let app = tree.handle();
    tree.task("shutdown", move |stop| shutdown(Arc::clone(&server), app.clone(), stop));
    (tree, shards)
}

/// One actor for each shard, its data outside of it.
fn shards(config: &Config) -> (Supervisor, Handles) {
    let mut tree = Supervisor::one_for_one().intensity(CRASHES, CRASH_WINDOW);
    let clock = Clock::start();
    let handles = (0..config.shards).map(|index| {
        let data = Data::default();
        let shard = Child::new(format!("shard-{index}"), move || Shard::new(Arc::clone(&data), clock));
        tree.add(shard.mailbox(config.mailbox))
    });
    let handles = Handles(handles.collect());
    (tree, handles)
}

/// What the listener needs.
#[derive(Clone)]
struct Service {
    addr: SocketAddr,
    server: Arc<Server>,
    shards: Handles,
    connections: SupervisorHandle,
    /// Empty once the server stops: the port is then free.
    door: Arc<Mutex<Option<Arc<Door>>>>,
    /// Tells all connections at once. Their supervisor tells them one after the other.
    closing: Stop,
}

impl Service {
    /// Takes in clients until it is asked to stop.
    async fn listen(self, stop: Stop) {
        let door = self.door.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(door) = door else { return };
        // Not before the system runs: from now on a signal is a request to stop.
        println!("ready on {}", self.addr);
        let mut clients = 0_u64;
        loop {
            tokio::select! {
                biased;
                () = stop.requested() => break,
                client = door.admit(&self.server) => {
                    clients += 1;
                    // Only the end of the supervisor can refuse: the client's socket is closed with the child.
                    if let Err(error) = self.connections.start_child(self.connection(client, clients)).await {
                        tracing::debug!(%error, "client turned away");
                    }
                }
            }
        }
        self.closing.request();
        drop(door);
        drop(self.door.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// A client as a child: served once, never restarted.
    fn connection(&self, client: Admitted, number: u64) -> Child<TaskHandle> {
        let (shards, server, closing) = (self.shards.clone(), Arc::clone(&self.server), self.closing.clone());
        let mut client = Some(client);
        let serve = move |_| {
            let task = client
                .take()
                .map(|client| connection::serve(client, shards.clone(), Arc::clone(&server), closing.requested()));
            let closing = closing.clone();
            async move {
                let Some(task) = task else { return };
                tokio::select! {
                    biased;
                    () = task => {}
                    () = async { closing.requested().await; tokio::time::sleep(GRACE).await } => {
                        tracing::warn!(client = number, "does not take its replies, closing");
                    }
                }
            }
        };
        let child = Child::task(format!("client-{number}"), serve).restart(Restart::Temporary);
        // It keeps to the time limit itself, since its supervisor would wait for one after the other.
        child.shutdown(Shutdown::Within(GRACE * 2))
    }
}

/// Carries out the command SHUTDOWN.
async fn shutdown(server: Arc<Server>, app: SupervisorHandle, stop: Stop) {
    tokio::select! {
        () = stop.requested() => {}
        () = server.shutdown_requested() => {
            // Not awaited: this task is a part of what is stopped.
            drop(app.stop());
            stop.requested().await;
        }
    }
}
