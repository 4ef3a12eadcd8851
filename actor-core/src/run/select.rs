//! What an actor does next: control first, then its sources and its mailbox in turn.

use std::{
    future::{Future, poll_fn},
    task::{Context as Task, Poll},
};

use super::{
    attend::Scene,
    turn::{handled, turn_ended},
};
use crate::{
    actor::{Actor, Context, Message as _, cell::Level, frame},
    exit::Exit,
    mailbox::{Mailbox, Taken},
    piece::Piece,
};

/// How many turns the loop takes before it lets others run.
const BUDGET: u8 = 64;

/// How many turns may pass between two looks at the clock. The first turn after a wait is always one.
const CLOCK_EVERY: u8 = 16;

/// After so many turns without being parked there is a stream of messages, which has not ended because none is there now.
const BURST: u8 = 16;

/// How often the loop looks again in such a stream before it is parked.
const LINGER: u8 = 4;

/// How often it does so where senders have waited for room: they were woken, and it takes that long until a thread that
/// slept sends again. To be parked until then, and to be woken by them, would be a turn of both for each mailbox full.
const LINGER_FOR_SENDERS: u8 = 200;

/// After so many times in a row in vain it does not wait for them any more; and after so many more it tries again.
const IN_VAIN: u8 = 2;
const TRY_AGAIN: u8 = 64;

/// One thing to do that may have to be awaited. Two words, so that it travels in registers.
pub(super) enum Next {
    /// The inbox has a message whose handler is async.
    Message,
    Timer(usize),
    Event,
    /// To let others run, and to look again then. Never given by [`next`].
    Pause,
    End(Box<Exit>),
}

impl Next {
    fn end(exit: Exit) -> Self {
        Next::End(Box::new(exit))
    }
}

/// Where the loop stands in its fairness rules. Bytes, since every idle actor has them.
#[derive(Default)]
pub(super) struct Turns {
    /// Who is looked at first: it rotates, so that no source starves another.
    first: u8,
    /// It has looked for messages since it was last woken. Who is woken is woken for a message, most often, and need not
    /// make ready for being parked yet.
    looked: bool,
    /// How often it has looked again instead of being parked.
    lingered: u8,
    /// Turns since the loop last let others run.
    spent: u8,
    /// What it has met since it was last parked.
    stream: Stream,
    /// How often it has waited for senders in vain.
    in_vain: u8,
    /// A message was taken and has not been handled to its end.
    pub(super) in_hand: bool,
}

/// How much came since the loop was last parked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stream {
    #[default]
    Little,
    /// It had to let others run in between.
    Much,
    /// Senders have waited for room.
    TooMuch,
}

impl Turns {
    /// Whether a message is at hand and nothing else may go before it: the short way, taken by most messages of a
    /// burst.
    #[inline]
    fn message_at_hand<A: Actor>(&self, inbox: &Taken<A::Message>, scene: &Scene<A::Message>) -> bool {
        let clock = !A::TIMERS.is_empty() && self.spent.is_multiple_of(CLOCK_EVERY);
        let others = A::HAS_EVENTS || clock || self.spent >= BUDGET;
        !others && inbox.is_at_hand(&scene.cell.mailbox) && scene.level() == Level::Run
    }
}

/// Waits for the next thing to do that may have to be awaited. Messages whose handlers are not async are handled on the
/// way.
///
/// # Cancel safety
/// Nothing is taken from a source unless it is returned in the same poll.
#[inline]
pub(super) fn next<A: Actor>(
    actor: &mut A,
    cx: &mut Context<A>,
    turns: &mut Turns,
    inbox: &mut Taken<A::Message>,
    scene: &Scene<A::Message>,
) -> impl Future<Output = Next> + Send {
    poll_fn(
        #[inline]
        move |task| poll_turns(actor, cx, turns, inbox, scene, task),
    )
}

/// One poll of [`next`].
#[inline]
pub(super) fn poll_turns<A: Actor>(
    actor: &mut A,
    cx: &mut Context<A>,
    turns: &mut Turns,
    inbox: &mut Taken<A::Message>,
    scene: &Scene<A::Message>,
    task: &mut Task<'_>,
) -> Poll<Next> {
    loop {
        if !turns.message_at_hand::<A>(inbox, scene) {
            if turns.spent >= BUDGET {
                return pause(turns, task);
            }
            frame::running(Piece::IDLE);
            match poll_next(actor, cx, turns, inbox, scene, task) {
                Poll::Ready(Next::Message) => {}
                Poll::Ready(Next::Pause) => return pause(turns, task),
                other => return turns.note(other),
            }
        }
        turns.spent += 1;
        if !inbox.front().is_some_and(A::is_sync) {
            return Poll::Ready(Next::Message);
        }
        if let Some(exit) = handle(actor, cx, turns, inbox, scene) {
            return Poll::Ready(Next::End(exit));
        }
    }
}

impl Turns {
    /// There is a message, after all.
    #[inline]
    fn found(&mut self) {
        if self.lingered > LINGER {
            self.in_vain = 0;
        }
        self.lingered = 0;
    }

    /// Whether to look for a message before making ready for being parked: for the first time since it was woken, and
    /// where it would linger, not be parked.
    #[inline]
    fn looks_first(&mut self) -> bool {
        !std::mem::replace(&mut self.looked, true) || self.lingers()
    }

    /// Whether to look once more before being parked.
    #[inline]
    fn lingers(&self) -> bool {
        match self.stream {
            Stream::Little => self.spent > BURST && self.lingered < LINGER,
            Stream::TooMuch if self.in_vain < IN_VAIN => self.lingered < LINGER_FOR_SENDERS,
            _ => self.lingered < LINGER,
        }
    }

    /// Notes what a look has found.
    pub(super) fn note(&mut self, next: Poll<Next>) -> Poll<Next> {
        if next.is_pending() {
            if self.lingered > LINGER {
                self.in_vain += 1;
            } else if self.stream == Stream::TooMuch && self.in_vain >= IN_VAIN {
                self.in_vain = if self.in_vain == TRY_AGAIN { 0 } else { self.in_vain + 1 };
            }
            *self = Turns { first: self.first, in_vain: self.in_vain, ..Turns::default() };
        } else {
            self.spent += 1;
        }
        next
    }
}

/// Lets others run.
#[cold]
fn pause(turns: &mut Turns, task: &Task<'_>) -> Poll<Next> {
    turns.spent = 0;
    if turns.stream == Stream::Little {
        turns.stream = Stream::Much;
    }
    turns.looked = false;
    frame::running(Piece::YIELD);
    task.waker().wake_by_ref();
    Poll::Pending
}

/// Handles the message at hand, whose handler is not async; gives the exit that it leads to, if any.
#[inline]
pub(super) fn handle<A: Actor>(
    actor: &mut A,
    cx: &mut Context<A>,
    turns: &mut Turns,
    inbox: &mut Taken<A::Message>,
    scene: &Scene<A::Message>,
) -> Option<Box<Exit>> {
    let message = inbox.take(&scene.cell.mailbox)?;
    turns.in_hand = true;
    frame::running(message.piece());
    let outcome = actor.handle(message, cx);
    turns.in_hand = false;
    handled(&outcome, &scene.cell);
    turn_ended::<A>(outcome, cx, scene)
}

/// Looks at everything once.
#[inline]
pub(super) fn poll_next<A: Actor>(
    actor: &mut A,
    cx: &mut Context<A>,
    turns: &mut Turns,
    inbox: &mut Taken<A::Message>,
    scene: &Scene<A::Message>,
    task: &mut Task<'_>,
) -> Poll<Next> {
    // Before the mailbox is touched: an incarnation that was left behind has no business there any more.
    if let Some(next) = control(inbox, scene) {
        return Poll::Ready(next);
    }
    let mailbox = &scene.cell.mailbox;
    if mailbox.is_crowded() {
        turns.stream = Stream::TooMuch;
    }
    // Most actors have nothing but their mailbox.
    let found = if A::HAS_EVENTS || !A::TIMERS.is_empty() {
        poll_sources(actor, cx, turns, inbox, mailbox, task)
    } else if turns.looks_first() && inbox.has_next(mailbox) {
        turns.found();
        Poll::Ready(Next::Message)
    } else if turns.lingers() {
        turns.lingered += 1;
        return Poll::Ready(Next::Pause);
    } else {
        inbox.poll_next(mailbox, task).map(|()| Next::Message)
    };
    if found.is_ready() {
        return found;
    }
    // Parked. What came between the first look and the parking woke nobody, so both are looked at once more.
    if scene.cell.is_unreferenced() {
        return Poll::Ready(if inbox.has_next(&scene.cell.mailbox) { Next::Message } else { Next::end(Exit::Normal) });
    }
    control(inbox, scene).map_or(Poll::Pending, Poll::Ready)
}

/// Timers, events and mailbox, each first in its turn.
fn poll_sources<A: Actor>(
    actor: &mut A,
    cx: &mut Context<A>,
    turns: &mut Turns,
    inbox: &mut Taken<A::Message>,
    mailbox: &Mailbox<A::Message>,
    task: &mut Task<'_>,
) -> Poll<Next> {
    turns.first = (turns.first + 1) % 3;
    // Reading the clock costs more than a short message, so a busy actor does it every few turns.
    let clock = turns.spent.is_multiple_of(CLOCK_EVERY);
    for offset in 0..3 {
        let ready = match (turns.first + offset) % 3 {
            0 if clock => poll_timers(cx, task),
            0 => Poll::Pending,
            1 => poll_event(actor, task),
            _ => inbox.poll_next(mailbox, task).map(|()| Next::Message),
        };
        if ready.is_ready() {
            return ready;
        }
    }
    if clock { Poll::Pending } else { poll_timers(cx, task) }
}

fn poll_timers<A: Actor>(cx: &mut Context<A>, task: &mut Task<'_>) -> Poll<Next> {
    let Some(timers) = cx.rare.as_mut().and_then(|rare| rare.timers.as_mut()) else { return Poll::Pending };
    timers.poll_due(cx.cell.running_on(), task).map(Next::Timer)
}

/// What a stop or kill wants done next; `None` where none was asked for.
#[inline]
fn control<M: Send + 'static>(inbox: &mut Taken<M>, scene: &Scene<M>) -> Option<Next> {
    let level = scene.level();
    if level == Level::Run { None } else { obey(level, inbox, scene) }
}

#[cold]
fn obey<M: Send + 'static>(level: Level, inbox: &mut Taken<M>, scene: &Scene<M>) -> Option<Next> {
    match level {
        Level::Run => None,
        Level::Kill => Some(Next::end(Exit::Killed)),
        Level::Now => Some(Next::end(Exit::Stopped)),
        Level::Drain if scene.cell.drained() => Some(Next::end(Exit::Stopped)),
        Level::Drain => {
            Some(if inbox.has_next(&scene.cell.mailbox) { Next::Message } else { Next::end(Exit::Stopped) })
        }
    }
}

fn poll_event<A: Actor>(actor: &mut A, task: &mut Task<'_>) -> Poll<Next> {
    if !A::HAS_EVENTS {
        return Poll::Pending;
    }
    frame::running(Piece::new(&"poll_event"));
    let polled = actor.poll_event(task);
    frame::running(Piece::IDLE);
    polled.map(|()| Next::Event)
}
