//! The door: takes in clients up to the limit, and turns the others away with the reason.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::{config::Config, output::linger, server::Server};

/// So many clients are turned away politely at a time; more are just closed, or the ones over the
/// limit would cost as much as the ones within.
const POLITE: usize = 64;

/// How long to wait when the system has no more sockets to give.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// A client that was let in. Its place is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) socket: TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) slot: OwnedSemaphorePermit,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Door {
    listener: TcpListener,
    slots: Arc<Semaphore>,
    polite: Arc<Semaphore>,
}

impl Door {
    /// Listens where the configuration says.
    pub(crate) async fn open(config: &Config) -> io::Result<Self> {
        let listener = TcpListener::bind((config.bind, config.port)).await.map_err(|error| {
            let text = format!("cannot listen on {}:{}: {error} (see --help for --port)", config.bind, config.port);
            io::Error::new(error.kind(), text)
        })?;
        Ok(Self {
            listener,
            slots: Arc::new(Semaphore::new(config.max_connections)),
            polite: Arc::new(Semaphore::new(POLITE)),
        })
    }

    /// The address listened on, with the port that was free if any was asked for.
    pub(crate) fn addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The next client within the limit.
    ///
    /// # Cancel safety
    ///
    /// No client is lost if this is dropped.
    pub(crate) async fn admit(&self, server: &Server) -> Admitted {
        loop {
            match self.listener.accept().await {
                Ok((socket, peer)) => match Arc::clone(&self.slots).try_acquire_owned() {
                    Ok(slot) => return Admitted { socket, peer, slot },
                    Err(_) => self.refuse(socket, peer, server),
                },
                // The client is gone already, or the process has no file handle left: either way
                // the listener is fine.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept");
                    tokio::time::sleep(EXHAUSTED).await;
                }
            }
        }
    }

    /// Turns a client away without keeping the next one waiting.
    fn refuse(&self, mut socket: TcpStream, peer: SocketAddr, server: &Server) {
        server.counters.refused.fetch_add(1, Relaxed);
        tracing::debug!(%peer, "over the limit");
        if let Ok(permit) = Arc::clone(&self.polite).try_acquire_owned() {
            tokio::spawn(async move {
                let told = socket.write_all(b"-ERR max number of clients reached\r\n").await;
                if told.is_ok() {
                    linger(&mut socket).await;
                }
                drop(permit);
            });
        }
    }
}
