//! One client: requests in, replies out, in order.
//!
//! A round takes the complete requests that are there, starts them all without waiting for each
//! other, collects the answers in order, and sends them in one go. Only then it reads on. So one
//! slow shard does not stop the others, one client has a bounded number of requests in flight, and
//! a client that does not read its replies is not read either.

use std::{
    collections::VecDeque,
    pin::{Pin, pin},
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::{
    command, info,
    listener::Admitted,
    local::Local,
    op::ShardReply,
    output::{Output, linger},
    plan::{self, Merge, Merged, Plan},
    reply::Reply,
    resp::{Decoder, Limits},
    server::{Registration, Server},
    session::{self, Answer},
    shards::{ShardError, Shards},
};

/// Requests of one client in flight at most.
const MAX_IN_FLIGHT: usize = 1024;

/// A reply of the connection's own from this size on ends the round: its size has no bound by the
/// size of the request, so a thousand of them are not to pile up.
const BIG_REPLY: usize = 4096;

/// When the server stops: how long a connection looks for requests that the system has already
/// received but not yet handed over.
const LAST_LOOK: Duration = Duration::from_millis(50);

/// When the server stops: how long a client that keeps sending is still served.
const LAST_SERVICE: Duration = Duration::from_secs(1);

/// Serves a client until it leaves, breaks the protocol or `stop` is ready; then what it sent so
/// far is finished and answered.
///
/// # Cancel safety
///
/// Requests that were started are carried out if this is dropped, but their replies are lost.
pub(crate) async fn serve<S: Shards>(
    client: Admitted,
    shards: S,
    server: Arc<Server>,
    stop: impl Future<Output = ()> + Send,
) {
    let Admitted { socket, peer, slot: _slot } = client;
    // Replies are sent in one go as it is; waiting for more only delays them.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%peer, %error, "the connection is gone already");
    }
    tracing::debug!(%peer, "connected");
    let connection = Connection {
        input: Decoder::new(Limits::with_max_frame(server.config.max_frame)),
        output: Output::default(),
        waiting: VecDeque::new(),
        registration: server.register(peer),
        socket,
        shards,
    };
    connection.run(pin!(stop)).await;
    tracing::debug!(%peer, "disconnected");
}

struct Connection<S: Shards> {
    socket: TcpStream,
    input: Decoder,
    output: Output,
    /// What the client is owed, in the order of its requests.
    waiting: VecDeque<Waiting<S::Pending>>,
    registration: Registration,
    shards: S,
}

/// A reply to come.
enum Waiting<P> {
    Ready(Reply),
    One(P),
    Many(Vec<Result<P, ShardError>>, Merge),
}

/// How to go on after a request, or after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// With the next request.
    Continue,
    /// With the next round: more requests may be there, but the replies come first.
    Reply,
    /// With reading.
    Read,
    /// Not at all; the client may still be sending.
    Close,
}

/// What came of waiting for bytes.
#[derive(Debug, PartialEq, Eq)]
enum Input {
    Bytes,
    End,
    Stop,
}

impl<S: Shards> Connection<S> {
    async fn run(mut self, mut stop: Pin<&mut (impl Future<Output = ()> + Send)>) {
        loop {
            match self.read(stop.as_mut()).await {
                Input::Bytes => {}
                Input::End => return,
                Input::Stop => return self.finish().await,
            }
            if self.rounds().await == Flow::Close {
                return self.close().await;
            }
        }
    }

    /// Waits for bytes or the end. The stop is looked at first, or a client that never pauses
    /// would hold up the server's end.
    async fn read(&mut self, stop: Pin<&mut (impl Future<Output = ()> + Send)>) -> Input {
        tokio::select! {
            biased;
            () = stop => Input::Stop,
            read = self.socket.read_buf(self.input.spare()) => match read {
                Ok(1..) => Input::Bytes,
                Ok(0) | Err(_) => Input::End,
            },
        }
    }

    /// Serves all complete requests that are there.
    async fn rounds(&mut self) -> Flow {
        loop {
            let flow = self.start_all().await;
            self.answer_all().await;
            if flow != Flow::Reply {
                self.output.flush(&mut self.socket).await;
                return flow;
            }
        }
    }

    /// Starts the requests of one round.
    async fn start_all(&mut self) -> Flow {
        let mut flow = Flow::Continue;
        let mut started = 0;
        while flow == Flow::Continue {
            let command = match self.input.decode() {
                Ok(Some(args)) => command::parse(args),
                Ok(None) => {
                    flow = Flow::Read;
                    break;
                }
                Err(error) => {
                    tracing::debug!(client = self.registration.id, %error, "closing");
                    self.registration.server.counters.protocol_errors.fetch_add(1, Relaxed);
                    self.owe(Reply::error(error.to_string()));
                    flow = Flow::Close;
                    break;
                }
            };
            started += 1;
            flow = match command {
                Ok(command) => self.start(plan::split(command, self.shards.count())).await,
                Err(error) => self.owe(Reply::error(error.to_string())),
            };
            if flow == Flow::Continue && self.waiting.len() >= MAX_IN_FLIGHT {
                flow = Flow::Reply;
            }
        }
        self.registration.server.counters.commands.fetch_add(started, Relaxed);
        flow
    }

    async fn start(&mut self, plan: Plan) -> Flow {
        match plan {
            Plan::Local(local) => self.answer(local),
            Plan::One(shard, op) => {
                let waiting = match self.shards.start(shard, op).await {
                    Ok(pending) => Waiting::One(pending),
                    Err(error) => Waiting::Ready(error.into()),
                };
                self.waiting.push_back(waiting);
                Flow::Continue
            }
            Plan::Many(parts, merge) => {
                let mut pending = Vec::with_capacity(parts.len());
                for (shard, op) in parts {
                    pending.push(self.shards.start(shard, op).await);
                }
                // How many keys there are is not bounded by the size of the request either.
                let big = matches!(merge, Merge::Concat | Merge::Page { .. });
                self.waiting.push_back(Waiting::Many(pending, merge));
                if big { Flow::Reply } else { Flow::Continue }
            }
        }
    }

    /// Answers a command that needs no shard.
    fn answer(&mut self, local: Local) -> Flow {
        match session::answer(&self.registration, local) {
            Answer::Reply(reply) => self.owe(reply),
            Answer::Last(reply) => {
                self.owe(reply);
                Flow::Close
            }
            Answer::Shutdown => {
                self.registration.server.request_shutdown();
                Flow::Close
            }
        }
    }

    /// Puts a reply that is ready behind those that are not.
    fn owe(&mut self, reply: Reply) -> Flow {
        let big = matches!(&reply, Reply::Bulk(bytes) if bytes.len() >= BIG_REPLY);
        self.waiting.push_back(Waiting::Ready(reply));
        if big { Flow::Reply } else { Flow::Continue }
    }

    /// Collects and encodes the replies of one round.
    async fn answer_all(&mut self) {
        while let Some(waiting) = self.waiting.pop_front() {
            let reply = match waiting {
                Waiting::Ready(reply) => reply,
                Waiting::One(pending) => match pending.await {
                    Ok(ShardReply::Reply(reply)) => reply,
                    Ok(other) => unexpected(&other),
                    Err(error) => error.into(),
                },
                Waiting::Many(parts, merge) => self.merged(parts, merge).await,
            };
            self.output.reply(&mut self.socket, reply).await;
        }
    }

    async fn merged(&self, parts: Vec<Result<S::Pending, ShardError>>, merge: Merge) -> Reply {
        let mut replies = Vec::with_capacity(parts.len());
        for part in parts {
            let answer = match part {
                Ok(pending) => pending.await,
                Err(error) => Err(error),
            };
            replies.push(answer.unwrap_or_else(|error| ShardReply::Reply(error.into())));
        }
        match merge.merge(replies) {
            Merged::Reply(reply) => reply,
            Merged::Info { sections, keys, expiring } => {
                info::info(&self.registration.server, &sections, keys, expiring)
            }
        }
    }

    /// The server stops: what has come so far is served, a request that is only half there is not.
    async fn finish(mut self) {
        let end = Instant::now() + LAST_SERVICE;
        while Instant::now() < end {
            let read = timeout(LAST_LOOK, self.socket.read_buf(self.input.spare())).await;
            let Ok(Ok(1..)) = read else { break };
            if self.rounds().await == Flow::Close {
                return self.close().await;
            }
        }
        if self.input.is_partial() {
            self.output.reply(&mut self.socket, ShardError::Stopped.into()).await;
            self.output.flush(&mut self.socket).await;
            self.close().await;
        }
    }

    /// Ends the connection while the client may be sending. Closing a socket with unread bytes
    /// resets the connection, and with it goes the reply that says why; so they are read, for a
    /// while, and thrown away.
    async fn close(mut self) {
        linger(&mut self.socket).await;
    }
}

/// A shard answered a question that was not asked.
fn unexpected(answer: &ShardReply) -> Reply {
    tracing::error!(?answer, "an answer of the wrong kind");
    Reply::error("ERR an answer of the wrong kind")
}
