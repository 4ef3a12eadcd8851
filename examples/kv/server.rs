//! What the connections of a server share besides the data.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::config::Config;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) config: Config,
    /// The port listened on, known even if any free one was asked for.
    pub(crate) port: u16,
    pub(crate) started: Instant,
    pub(crate) counters: Counters,
    clients: Mutex<BTreeMap<u64, Client>>,
    shutdown: Notify,
}

/// Totals since the start, for `INFO`.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) connections: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) commands: AtomicU64,
    pub(crate) protocol_errors: AtomicU64,
}

/// A line of `CLIENT LIST`.
#[derive(Debug)]
struct Client {
    peer: SocketAddr,
    name: Bytes,
    since: Instant,
}

impl Server {
    pub(crate) fn new(config: Config, port: u16) -> Arc<Self> {
        Arc::new(Self {
            config,
            port,
            started: Instant::now(),
            counters: Counters::default(),
            clients: Mutex::default(),
            shutdown: Notify::new(),
        })
    }

    /// Asks for the end of the server, as `SHUTDOWN` does.
    pub(crate) fn request_shutdown(&self) {
        self.shutdown.notify_one();
    }

    /// Waits until somebody asks for the end; one waiter is woken.
    pub(crate) async fn shutdown_requested(&self) {
        self.shutdown.notified().await;
    }

    /// Lists a connection until the result is dropped.
    pub(crate) fn register(self: &Arc<Self>, peer: SocketAddr) -> Registration {
        let id = self.counters.connections.fetch_add(1, Relaxed) + 1;
        let client = Client { peer, name: Bytes::new(), since: Instant::now() };
        self.clients().insert(id, client);
        Registration { server: Arc::clone(self), id }
    }

    /// How many connections there are.
    pub(crate) fn connected(&self) -> usize {
        self.clients().len()
    }

    /// The lines of `CLIENT LIST`, or of one client.
    pub(crate) fn list(&self, only: Option<u64>) -> String {
        let mut lines = String::new();
        for (id, client) in self.clients().iter() {
            if only.is_none_or(|only| only == *id) {
                let (peer, age) = (client.peer, client.since.elapsed().as_secs());
                let name = String::from_utf8_lossy(&client.name);
                // Writing to a string does not fail.
                let _ = writeln!(lines, "id={id} addr={peer} name={name} age={age} db=0 resp=2");
            }
        }
        lines
    }

    /// No code panics while it holds the lock, so its data is whole in any case.
    fn clients(&self) -> MutexGuard<'_, BTreeMap<u64, Client>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place in the list.
#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) server: Arc<Server>,
    pub(crate) id: u64,
}

impl Registration {
    pub(crate) fn name(&self) -> Bytes {
        self.server.clients().get(&self.id).map(|client| client.name.clone()).unwrap_or_default()
    }

    pub(crate) fn rename(&self, name: Bytes) {
        if let Some(client) = self.server.clients().get_mut(&self.id) {
            client.name = name;
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.server.clients().remove(&self.id);
    }
}
