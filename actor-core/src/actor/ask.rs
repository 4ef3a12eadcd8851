//! Asking: sending a message and waiting for its reply, in every way there is to do it.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    awaiting::{self, Start},
    block::block_on,
    handle::Handle,
    message::Message,
    sending::{Clock, Limit, Sending},
    tell::Tell,
    waits::{How, Running},
};
use crate::{
    error::{AskError, Cycle, TellError},
    exit::Exit,
    mailbox::Refused,
    observe::DeadReason,
    reply::{self, Reply, Terms, Wait, pair, plain_pair, seen_pair},
};

/// The handler's return value is the reply: its error type is [`Infallible`].
#[derive(Debug, Clone, Copy)]
pub enum Whole {}

/// The handler returns a `Result`: `Ok` is the reply, `Err` becomes [`AskError::Handler`].
#[derive(Debug, Clone, Copy)]
pub enum Fallible {}

/// Splits what a handler returns into the reply and the handler's own error.
#[diagnostic::on_unimplemented(
    message = "`{R}` is not a `Result`, but the handler is treated as fallible",
    label = "expected `Result<T, E>`",
    note = "a return type whose last path segment is `Result` is split into `Ok` and `AskError::Handler(Err)`; write \
            `#[ask(value)]` on the handler to send it whole"
)]
pub trait Flatten<R> {
    /// What the caller gets.
    type Value;
    /// The handler's own error.
    type Error;
    #[doc(hidden)]
    fn flatten(whole: R) -> Result<Self::Value, Self::Error>;
}

impl<R> Flatten<R> for Whole {
    type Value = R;
    type Error = Infallible;

    fn flatten(whole: R) -> Result<R, Infallible> {
        Ok(whole)
    }
}

impl<T, E> Flatten<Result<T, E>> for Fallible {
    type Value = T;
    type Error = E;

    fn flatten(whole: Result<T, E>) -> Result<T, E> {
        whole
    }
}

/// Puts a reply into the message that is to carry it.
type Attach<M, R> = fn(&mut M, Reply<R>);

/// A message to be sent, and a future of its reply. What every method of a generated handle gives.
///
/// `M` is the message, `R` what the handler returns, `F` says whether that is a [`Result`] to be split
/// ([`Fallible`]) or the reply as it is ([`Whole`]).
///
/// Does nothing until it is polled or used up by one of its methods:
///
/// | | waits for room | waits for the reply |
/// |---|---|---|
/// | `h.get(k).await` | yes | yes |
/// | `h.get(k).enqueue().await?.await` | yes | later |
/// | `h.get(k).try_enqueue()?.await` | no | later |
/// | `h.get(k).tell().await` | yes | no |
/// | `h.get(k).try_tell()` | no | no |
/// | `h.get(k).blocking()` | the thread does | the thread does |
///
/// [`timeout`](Ask::timeout) and [`priority`](Ask::priority) go before any of them.
///
/// `tokio::spawn(h.get(1))` does not compile, since an ask borrows its handle: write
/// `tokio::spawn(async move { h.get(1).await })`, or spawn the future that [`enqueue`](Ask::enqueue) gives.
///
/// # Errors
/// [`AskError`]: the handler's own error, or why there is no reply. It never hangs on a dead actor, and an ask of an
/// actor to itself, awaited in its own handler, is a [`Deadlock`](AskError::Deadlock) at once.
///
/// # Cancel safety
/// An ask that is dropped before its handler has begun is skipped, never run half; one whose handler has begun is
/// finished and its reply dropped. No caller ever sees the reply to another ask.
///
/// ```
/// use actor_core::prelude::*;
/// use std::time::Duration;
/// # #[derive(Default)] struct Counter { n: u32 }
/// # #[actor] impl Counter { pub fn add(&mut self, n: u32) -> u32 { self.n += n; self.n } }
/// # actor_core::rt::test::run(async {
/// let h = Counter::default().spawn();
/// assert_eq!(h.add(1).await?, 1);
/// assert_eq!(h.add(1).timeout(Duration::from_millis(50)).await?, 2);
/// h.add(1).tell().await?;
/// h.add(1).try_tell()?;
/// let (five, six) = (h.add(1).enqueue().await?, h.add(1).try_enqueue()?);
/// assert_eq!((five.await?, six.await?), (5, 6));
/// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[must_use = "an `Ask` does nothing until it is `.await`ed (or sent with `.tell()`)"]
pub struct Ask<'a, M: Message, R: 'static, F = Whole> {
    sending: Sending<'a, M>,
    attach: Attach<M, R>,
    limit: Limit,
    stage: Stage,
    flight: InFlight<R>,
    flatten: PhantomData<fn() -> F>,
}

/// How far an ask has come. A whole word, as all fields of an ask, which is moved before it is polled.
#[repr(usize)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing has happened yet.
    New,
    /// As `New`, to a handler that takes its reply and may keep it.
    NewToKeep,
    /// The reply is attached; the message may stand in line.
    Begun,
    /// The message is in the mailbox.
    Sent,
}

/// The caller's end of the reply and his time limit: two words. What shows his wait, if an actor's code asks or the
/// handler takes its reply, is reached through the reply, and rests when that end is given up.
struct InFlight<R> {
    wait: Wait<R>,
    clock: Clock,
}

impl<R> InFlight<R> {
    /// Before there is a reply to wait for.
    #[inline]
    fn none() -> Self {
        InFlight { wait: Wait::none(), clock: Clock::new(None) }
    }
}

// Nothing in it is pinned: the message is moved into the mailbox, the reply out of its slot.
impl<M: Message, R, F> Unpin for Ask<'_, M, R, F> {}

impl<'a, M: Message, R: 'static, F> Ask<'a, M, R, F> {
    /// For generated code.
    #[doc(hidden)]
    #[inline]
    pub fn new(handle: &'a Handle<M>, message: M, attach: Attach<M, R>) -> Self {
        let sending = Sending::new(handle, message);
        Ask {
            sending,
            attach,
            limit: Limit::INHERITED,
            stage: Stage::New,
            flight: InFlight::none(),
            flatten: PhantomData,
        }
    }

    /// As [`new`](Self::new), for a handler that takes its reply.
    #[doc(hidden)]
    #[inline]
    pub fn deferred(handle: &'a Handle<M>, message: M, attach: Attach<M, R>) -> Self {
        Ask { stage: Stage::NewToKeep, ..Ask::new(handle, message, attach) }
    }

    /// Waits at most `duration`, for room and reply together, then gives [`AskError::Timeout`]. A message that has
    /// not begun by then is not run.
    pub fn timeout(mut self, duration: Duration) -> Self {
        self.limit = Limit::within(duration);
        self
    }

    /// Waits as long as it takes, whatever the actor's `ask_timeout` says.
    pub fn no_deadline(mut self) -> Self {
        self.limit = Limit::UNLIMITED;
        self
    }

    /// Uses the priority lane: served before other messages, within a bound.
    pub fn priority(mut self) -> Self {
        self.sending.set_priority();
        self
    }

    /// Sends without waiting for a reply; options set before stay.
    ///
    /// # Panics
    /// When the ask was polled before.
    pub fn tell(mut self) -> Tell<'a, M> {
        let limit = self.limit;
        let handle = self.sending.handle();
        let Some(message) = self.sending.take_back() else { panic!("an ask was used again after it had been polled") };
        Tell::from_sending(self.sending.again(handle, message), limit)
    }

    /// Sends now without a reply, or not at all.
    ///
    /// # Panics
    /// When the ask was polled before.
    ///
    /// # Errors
    /// [`TellError::Full`] at once if there is no room; [`TellError::Stopped`] if the actor takes no more messages.
    pub fn try_tell(self) -> Result<(), TellError<M>> {
        self.tell().try_tell()
    }

    /// Waits for room only; what it gives is the future of the reply.
    ///
    /// This is a commitment, as a tell is: once it has resolved the message will run, whether or not the reply is
    /// waited for, unless its own time limit passes first.
    pub fn enqueue(self) -> Enqueue<'a, M, R, F> {
        Enqueue { ask: self }
    }

    /// As [`enqueue`](Self::enqueue), without waiting.
    ///
    /// # Errors
    /// [`AskError::Full`] at once if there is no room; [`AskError::Stopped`] if the actor takes no more messages.
    pub fn try_enqueue(mut self) -> Result<Pending<R, F>, AskError<F::Error>>
    where
        F: Flatten<R>,
    {
        self.take_off(true).map_err(AskError::lift)?;
        let handle = self.sending.handle();
        match self.sending.try_send() {
            Ok(()) => Ok(Pending::new(std::mem::replace(&mut self.flight, InFlight::none()), handle)),
            Err(refused) => Err(refusal(handle, refused).lift()),
        }
    }

    /// Hands on a message: sends this one with somebody else's `reply`, so that its handler answers that caller.
    ///
    /// For a handler that takes its [`Reply`] and knows who has the answer. The types agree when both handlers return
    /// the same: `Reply<R>` for a handler that returns `R`, the whole `Result` if it is one. Never waits, and needs no
    /// `await`. The terms stay those of the caller: his time limit goes on, and if he leaves before the handler has
    /// begun, the message is skipped; a `timeout` set on this ask has no meaning. `priority` has.
    ///
    /// # Errors
    /// They go to the caller: [`AskError::Full`] where there is no room now, [`AskError::Stopped`] with the exit where
    /// no more messages are taken, [`AskError::Deadlock`] where the new actor waits for the caller. A refused message
    /// for which nobody waits is a dead letter.
    ///
    /// # Panics
    /// When the ask was polled before.
    ///
    /// # Cancel safety
    /// There is nothing to cancel: it has happened when this returns.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// struct Shard { name: &'static str }
    /// #[actor]
    /// impl Shard {
    ///     pub fn get(&self, key: String) -> String { format!("{}/{key}", self.name) }
    /// }
    /// struct Router { shards: Vec<ShardHandle> }
    /// #[actor]
    /// impl Router {
    ///     pub fn get(&mut self, key: String, reply: Reply<String>) {
    ///         self.shards[key.len() % 2].get(key).forward(reply)
    ///     }
    /// }
    /// # actor_core::rt::test::run(async {
    /// let shards = ["even", "odd"].map(|name| Shard { name }.spawn()).to_vec();
    /// let router = Router { shards }.spawn();
    /// assert_eq!(router.get("four".to_owned()).await, Ok("even/four".to_owned()));
    /// # });
    /// ```
    pub fn forward(mut self, reply: Reply<R>) {
        let cell = self.sending.handle().cell();
        let (edge, wanted) = (reply.edge().cloned(), reply.is_wanted());
        let Some(message) = self.sending.message_mut() else {
            panic!("an ask was used again after it had been polled")
        };
        (self.attach)(message, reply);
        let ring = edge.as_ref().and_then(|edge| awaiting::forward(edge, self.sending.sending(), &**cell));
        let (error, reason) = if let Some(ring) = ring {
            (AskError::Deadlock(ring), DeadReason::Abandoned)
        } else if let Err(refused) = self.sending.try_send() {
            (refusal(self.sending.handle(), refused), refused.into())
        } else {
            // It may be answered already. While the edge is held here, it is used for nothing else.
            if let Some(edge) = edge {
                How::Reply.set(&edge);
            }
            if wanted {
                cell.asked();
            }
            return;
        };
        if let Some(message) = self.sending.take_back() {
            if !wanted {
                cell.dead_letter(message.name(), reason);
            }
            reply::discard(error, message);
        }
    }

    /// Attaches the reply. The terms are fixed here, with the first step of the send.
    fn take_off(&mut self, committed: bool) -> Result<(), AskError> {
        let handle = self.sending.handle();
        let kept = std::mem::replace(&mut self.stage, Stage::Begun) == Stage::NewToKeep;
        let limit = self.limit.resolve(handle.cell().ask_timeout());
        self.take_off_on_terms(committed, kept, limit)
    }

    /// Attaches the reply of an ask from outside of all actors, without a limit: there are no terms.
    #[inline]
    fn begin_plainly(&mut self) {
        self.stage = Stage::Begun;
        let (reply, wait) = plain_pair();
        self.attach(reply);
        self.flight.wait = wait;
    }

    /// Attaches the reply, and shows that it is waited for.
    #[inline]
    fn begin(&mut self) -> Result<(), AskError> {
        let cell = self.sending.handle().cell();
        if self.stage == Stage::New && self.limit.resolve(cell.ask_timeout()).is_none() {
            match awaiting::start(cell.who.id(), self.sending.sending(), cell.traces()) {
                Start::Outside => {
                    self.begin_plainly();
                    return Ok(());
                }
                Start::Shown(edge, suspect) => {
                    self.stage = Stage::Begun;
                    let (reply, wait) = seen_pair(edge);
                    self.attach(reply);
                    self.flight.wait = wait;
                    return if suspect { self.look_for_ring() } else { Ok(()) };
                }
                Start::Unshown => {}
            }
        }
        self.begin_on_terms()
    }

    #[cold]
    fn look_for_ring(&self) -> Result<(), AskError> {
        match self.flight.wait.edge().and_then(awaiting::ring) {
            Some(ring) => Err(AskError::Deadlock(ring)),
            None => Ok(()),
        }
    }

    #[inline(never)]
    fn begin_on_terms(&mut self) -> Result<(), AskError> {
        self.take_off(false)?;
        let (how, target) = (self.sending.sending(), &**self.sending.handle().cell());
        match self.flight.wait.edge().and_then(|edge| awaiting::begin(edge, how, target)) {
            Some(ring) => Err(AskError::Deadlock(ring)),
            None => Ok(()),
        }
    }

    fn take_off_on_terms(&mut self, committed: bool, kept: bool, limit: Option<Duration>) -> Result<(), AskError> {
        let handle = self.sending.handle();
        let (limit, edge) = match awaiting::prepare(handle.id()) {
            None if kept => (limit, Some(awaiting::apart(handle.id()))),
            None => (limit, None),
            Some((edge, remaining)) => (self.limit.no_longer_than(limit, remaining)?, Some(edge)),
        };
        let clock = Clock::new(limit);
        let (deadline, limited) = (clock.deadline(handle), clock.is_set());
        let (reply, wait) = pair(Terms { deadline, limited, committed, edge });
        self.attach(reply);
        self.flight = InFlight { wait, clock };
        Ok(())
    }

    #[inline]
    fn attach(&mut self, reply: Reply<R>) {
        if let Some(message) = self.sending.message_mut() {
            (self.attach)(message, reply);
        }
    }

    /// Ready once the message is in the mailbox.
    fn poll_sent(&mut self, committed: bool, cx: &mut Context<'_>) -> Poll<Result<(), AskError>> {
        if matches!(self.stage, Stage::New | Stage::NewToKeep)
            && let Err(error) = self.take_off(committed)
        {
            return Poll::Ready(Err(self.fails(error)));
        }
        let handle = self.sending.handle();
        match self.sending.poll(cx) {
            Poll::Ready(Ok(())) => {
                self.stage = Stage::Sent;
                self.flight.sent(committed);
                return Poll::Ready(Ok(()));
            }
            Poll::Ready(Err(refused)) => return Poll::Ready(Err(self.fails(refusal(handle, refused)))),
            Poll::Pending => {}
        }
        if let Some(how) = self.sending.in_line(!committed)
            && let Some(ring) = self.flight.lines_up(how, &**handle.cell())
        {
            return Poll::Ready(Err(self.fails(AskError::Deadlock(ring))));
        }
        self.flight.clock.arm(handle);
        if self.flight.clock.poll(cx).is_ready() {
            self.flight.wait.expire();
            return Poll::Ready(Err(self.fails(AskError::Timeout)));
        }
        handle.cell().asked();
        Poll::Pending
    }

    /// Nothing is waited for any more: the message is taken back, the reply given up.
    #[cold]
    fn fails(&mut self, error: AskError) -> AskError {
        self.stage = Stage::Sent;
        drop(self.sending.take_back());
        self.flight = InFlight::none();
        error
    }
}

impl From<Refused> for DeadReason {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Full => DeadReason::Overflow,
            Refused::Closed => DeadReason::Stopped,
        }
    }
}

fn refusal<M: Message>(handle: &Handle<M>, refused: Refused) -> AskError {
    match refused {
        Refused::Full => AskError::Full,
        Refused::Closed => AskError::Stopped(handle.cell().life.ended().unwrap_or(Exit::Stopped)),
    }
}

impl<R> InFlight<R> {
    /// The message is in the mailbox. One that is a commitment is not waited for yet.
    #[inline]
    fn sent(&self, committed: bool) {
        if let Some(edge) = self.wait.edge() {
            How::Reply.set(edge);
            if committed {
                edge.rest();
            }
        }
    }

    /// The message stands in line; the ring, if that closes one.
    fn lines_up(&self, how: How, target: &dyn Running) -> Option<Cycle> {
        let edge = self.wait.edge()?;
        match how {
            // Shown since before it was sent.
            How::Line(..) => {
                how.set(edge);
                awaiting::go_on(edge)
            }
            _ if edge.is_at_rest() => awaiting::begin(edge, how, target),
            _ => awaiting::go_on(edge),
        }
    }

    /// Ready with the reply, or when the time is up; `arm` is called where there is something to wait for. `shown` says
    /// that this poll has shown the wait already.
    #[inline]
    fn poll_reply(
        &mut self,
        cx: &mut Context<'_>,
        shown: bool,
        arm: impl FnOnce(&mut Clock),
    ) -> Poll<Result<R, AskError>> {
        if let Poll::Ready(result) = self.wait.poll_until(cx, awaiting::over) {
            return Poll::Ready(result);
        }
        if !shown
            && let Some(edge) = self.wait.edge()
            && let Some(ring) = awaiting::go_on(edge)
        {
            return Poll::Ready(Err(AskError::Deadlock(ring)));
        }
        if !self.clock.is_set() {
            return Poll::Pending;
        }
        arm(&mut self.clock);
        std::task::ready!(self.clock.poll(cx));
        self.wait.expire();
        Poll::Ready(Err(AskError::Timeout))
    }
}

/// Splits the outcome of an ask.
fn flatten<R, F: Flatten<R>>(result: Result<R, AskError>) -> Result<F::Value, AskError<F::Error>> {
    match result {
        Ok(whole) => F::flatten(whole).map_err(AskError::Handler),
        Err(error) => Err(error.lift()),
    }
}

impl<M: Message, R: Send + 'static, F: Flatten<R>> Ask<'_, M, R, F> {
    /// Asks from a thread outside any runtime, blocking it until there is a reply.
    ///
    /// # Panics
    /// Inside a handler, where it could wait for itself for ever.
    ///
    /// # Errors
    /// As awaiting it.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// # struct Answer;
    /// # #[actor] impl Answer { pub fn get(&self) -> u32 { 42 } }
    /// # actor_core::rt::test::run(async {
    /// let h = Answer.spawn();
    /// let answer = actor_core::rt::test::blocking(move || h.get().blocking()).await;
    /// assert_eq!(answer, Ok(42));
    /// # });
    /// ```
    pub fn blocking(self) -> Result<F::Value, AskError<F::Error>> {
        block_on(self)
    }
}

impl<M: Message, R: 'static, F: Flatten<R>> Future for Ask<'_, M, R, F> {
    type Output = Result<F::Value, AskError<F::Error>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let begins = matches!(this.stage, Stage::New | Stage::NewToKeep);
        if this.stage != Stage::Sent
            && let Err(error) = std::task::ready!(this.poll_sending(cx))
        {
            return Poll::Ready(Err(error.lift()));
        }
        let handle = this.sending.handle();
        let polled = this.flight.poll_reply(cx, begins, |clock| clock.arm(handle));
        if polled.is_pending() {
            handle.cell().asked();
        }
        polled.map(flatten::<R, F>)
    }
}

impl<M: Message, R: 'static, F> Ask<'_, M, R, F> {
    #[inline]
    fn poll_sending(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), AskError>> {
        if matches!(self.stage, Stage::New | Stage::NewToKeep) {
            if let Err(error) = self.begin() {
                return Poll::Ready(Err(self.fails(error)));
            }
            if self.sending.send_at_once() {
                self.stage = Stage::Sent;
                self.flight.sent(false);
                return Poll::Ready(Ok(()));
            }
        }
        self.poll_sent(false, cx)
    }
}

impl<M: Message, R, F> fmt::Debug for Ask<'_, M, R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ask(to `{}`)", self.sending.handle().cell().who)
    }
}

/// A future of a [`Pending`] reply, made by [`Ask::enqueue`]: ready when the message is in the mailbox.
///
/// # Cancel safety
/// Dropped before it is ready, it has sent nothing, or the message is in and is run.
#[must_use = "an `Enqueue` does nothing until it is `.await`ed"]
pub struct Enqueue<'a, M: Message, R: 'static, F = Whole> {
    ask: Ask<'a, M, R, F>,
}

impl<M: Message, R: 'static, F: Flatten<R>> Future for Enqueue<'_, M, R, F> {
    type Output = Result<Pending<R, F>, AskError<F::Error>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ask = &mut self.get_mut().ask;
        match std::task::ready!(ask.poll_sent(true, cx)) {
            Ok(()) => {
                let flight = std::mem::replace(&mut ask.flight, InFlight::none());
                Poll::Ready(Ok(Pending::new(flight, ask.sending.handle())))
            }
            Err(error) => Poll::Ready(Err(error.lift())),
        }
    }
}

impl<M: Message, R, F> fmt::Debug for Enqueue<'_, M, R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Enqueue({:?})", self.ask)
    }
}

/// A future of the reply to a message that is in the mailbox. `'static`: it borrows no handle.
///
/// # Cancel safety
/// Dropping it gives up the reply, not the message.
#[must_use = "the reply is lost unless this is `.await`ed"]
pub struct Pending<R: 'static, F = Whole> {
    flight: InFlight<R>,
    flatten: PhantomData<fn() -> F>,
}

impl<R: 'static, F> Pending<R, F> {
    fn new<M: Message>(mut flight: InFlight<R>, handle: &Handle<M>) -> Self {
        flight.clock.arm(handle);
        handle.cell().asked();
        Pending { flight, flatten: PhantomData }
    }
}

impl<R: 'static, F: Flatten<R>> Future for Pending<R, F> {
    type Output = Result<F::Value, AskError<F::Error>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Armed already: there is no handle here to find a clock by.
        self.get_mut().flight.poll_reply(cx, false, |_| {}).map(flatten::<R, F>)
    }
}

impl<R, F> fmt::Debug for Pending<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending")
    }
}
