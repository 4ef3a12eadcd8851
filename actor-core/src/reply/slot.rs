//! The slot that an ask's reply comes back in: pooled, without a reference count, with one successful
//! read-modify-write by whoever answers.
//!
//! # Who may touch what
//! A slot in use has two ends and no more: the [`Replier`], which answers, and the [`Wait`], which is the caller's.
//! Neither can be cloned, both are used up by their last step, and every other step borrows them. The low bits of
//! `state` say what each may do with the rest of the slot:
//!
//! | tag | the replier | the caller | set by |
//! |---|---|---|---|
//! | `EMPTY` | owns `value`, `error`; reads `deadline`, `edge` | reads `edge`; owns the waker words, which hold no waker | the maker; the caller |
//! | `WAIT` | the same | the same, and they hold a waker that it may take back | the caller |
//! | `DONE`, `FAILED` | nothing: it never touches the slot again | owns all; `value` or `error` is filled | the replier, once |
//! | `GONE`, `EXPIRED` | owns all; no waker is there | nothing: it never touches the slot again | the caller, once |
//!
//! The last two rows are final and exclude each other, since both are entered by a compare-and-swap from the first
//! two. So exactly one end is left with the whole slot, it knows that it is, and it is the one that recycles: the
//! caller after `DONE` or `FAILED`, the replier after `GONE` or `EXPIRED`. That is why no count is needed.
//!
//! The edge is filled by the maker, if at all, and both ends may borrow it from the slot for as long as they borrow
//! themselves: nobody writes it before the one who is left takes it out, with the whole slot. Each of the two ends has
//! its last look at it before its own final swap.
//!
//! # The waker
//! The replier reads the two waker words *before* it knows whether they are still valid, and uses them only if its
//! swap from `WAIT` succeeds. They cannot have changed then: the caller writes them in `EMPTY` only, it leaves `WAIT`
//! by a swap of its own, and each return to `EMPTY` raises the version (the high bits). A swap from
//! `version | WAIT` that succeeds follows the store of that very value in the order of all changes of `state`, so the
//! caller's swap away from it never happened, nor did what it would have written after that. The words are atomics, so
//! a pair that is torn or old is no data race; it is thrown away with the failed swap. With the success the waker
//! belongs to the replier, and the caller, which finds `DONE`, leaves it alone.
//!
//! # The orderings
//! * Handing over the slot: the swaps to `DONE`/`FAILED` and to `GONE`/`EXPIRED` are Release, and every load and every
//!   failed swap that may see those tags is Acquire. So what one end did happens before the other reads or recycles.
//! * Handing over the waker: the swap to `WAIT` is Release, the load that saw it Acquire, so the words that the replier
//!   reads are at least as new as that `WAIT`; by the argument above they are no newer either.
//! * The swap from `WAIT` back to `EMPTY` hands over nothing: its success is Relaxed.
//! * What the maker wrote (terms, the first `state`) reaches the replier with the `Replier` itself, as with any value
//!   that is moved to another thread.
//!
//! # The pool
//! Blocks of a few sizes are kept by each thread, in a list for each size. A slot goes to the list of the thread on
//! which it is recycled: nearly always the caller's, which is also the one that takes the next one out.
//!
//! * Sizes: the list is chosen by the slot's type alone, and both ends have the same type. A block of a list has that
//!   list's layout, into which every slot of the class fits. All slots begin with a [`Head`], which stays initialised
//!   in a kept block; the rest is `MaybeUninit` or written anew, so that a block may serve another type next.
//! * Threads: a block in a list has no ends any more, only that list's thread knows it, and it came there by a handover
//!   as above. Nothing of one use is left for the next, so the version may start over: it only tells the wakers of
//!   one use apart.
//! * Ends of threads: the list frees its blocks. Afterwards (in destructors of other thread-locals) `try_with` fails,
//!   and blocks come from and go to the allocator directly; they are the same blocks.
//! * Foreign code: values, errors and wakers are dropped, cloned and woken when the slot is in one of the states above
//!   or recycled already, never in between and never within the pool. A panic there unwinds from a consistent slot;
//!   asking again from there finds a consistent pool.
#![expect(unsafe_code, reason = "one of three leaf files: a slot with two ends and no reference count")]

use std::{
    alloc::{Layout, handle_alloc_error},
    cell::{Cell, UnsafeCell},
    mem::{ManuallyDrop, MaybeUninit},
    panic::{RefUnwindSafe, UnwindSafe},
    ptr::{self, NonNull},
    task::{Context, Poll, RawWakerVTable, Waker},
};

use crate::{
    edge::Edge,
    error::AskError,
    rt::Timestamp,
    sync::{Arc, AtomicBool, AtomicPtr, AtomicU64, Ordering, Witness, alloc, dealloc, per_thread},
};

// ── the word: version, terms, tag

const TAG: u64 = 0b111;
/// No answer and no waker.
const EMPTY: u64 = 0;
/// No answer; the words hold the caller's waker.
const WAIT: u64 = 1;
/// `value` is filled.
const DONE: u64 = 2;
/// `error` is filled.
const FAILED: u64 = 3;
/// The bit of the tags that say that the caller has left.
const LEFT: u64 = 0b100;
/// The caller gave up.
const GONE: u64 = LEFT;
/// The caller's time was up.
const EXPIRED: u64 = LEFT | 1;

// The terms never change while the slot is in use, so whoever looks at the tag has them at no cost.
const LIMITED: u64 = 1 << 3;
const COMMITTED: u64 = 1 << 4;
/// `deadline` is filled.
const DEADLINE: u64 = 1 << 5;
/// `edge` is filled.
const EDGE: u64 = 1 << 6;

const VERSION: u64 = 1 << 8;

/// What the caller agreed to.
#[derive(Default)]
pub(crate) struct Terms {
    /// Do not begin after this time of the actor's runtime.
    pub(crate) deadline: Option<Timestamp>,
    /// The caller has set a time limit.
    pub(crate) limited: bool,
    /// Run the message whether or not somebody still waits.
    pub(crate) committed: bool,
    /// Where the message is, for whoever looks for rings of actors that wait for each other.
    pub(crate) edge: Option<Arc<Edge>>,
}

/// The part of a slot that does not depend on the reply's type.
struct Head {
    state: AtomicU64,
    /// The waker's data; in a block that the pool keeps, the next one.
    data: AtomicPtr<()>,
    vtable: AtomicPtr<RawWakerVTable>,
    /// Shows loom the caller's accesses to the words, up to its last. The replier's are guesses until its swap, and
    /// after that it has none.
    words: Witness,
    /// Shows loom the accesses to the edge.
    shared: Witness,
    /// Shows loom the accesses to the other cells below and to the value.
    witness: Witness,
    /// The message came too late to be run. Means something with `DEADLINE` only.
    late: AtomicBool,
    deadline: UnsafeCell<MaybeUninit<Timestamp>>,
    edge: UnsafeCell<MaybeUninit<Arc<Edge>>>,
    /// `None` is [`AskError::NoReply`].
    error: UnsafeCell<MaybeUninit<Option<Box<AskError>>>>,
}

#[repr(C)]
struct Slot<R> {
    /// First, so that a pointer to the slot is one to its head.
    head: Head,
    value: UnsafeCell<MaybeUninit<R>>,
}

/// The end that answers. Dropped, it fails the caller with [`AskError::NoReply`].
pub(super) struct Replier<R>(NonNull<Slot<R>>);

/// The caller's end; empty once the result was taken.
pub(crate) struct Wait<R>(Option<NonNull<Slot<R>>>);

// SAFETY: an end is moved to another thread with the right to read or write an `R`, which `R: Send` allows; the other
// contents (waker, edge, error) are `Send` and `Sync`. Who touches what when is argued above.
unsafe impl<R: Send> Send for Replier<R> {}
// SAFETY: by reference a replier reads atomics, the deadline and the edge, never an `R`.
unsafe impl<R: Send> Sync for Replier<R> {}
// SAFETY: as for the replier.
unsafe impl<R: Send> Send for Wait<R> {}
// SAFETY: by reference there is nothing to be done with it.
unsafe impl<R: Send> Sync for Wait<R> {}

// Foreign code runs only where the slot is consistent, so a panic leaves no broken one behind.
impl<R> UnwindSafe for Replier<R> {}
impl<R> RefUnwindSafe for Replier<R> {}
impl<R> UnwindSafe for Wait<R> {}
impl<R> RefUnwindSafe for Wait<R> {}

/// The two ends of a slot.
#[inline]
pub(super) fn pair<R>(terms: Terms) -> (Replier<R>, Wait<R>) {
    let slot = obtain::<R>();
    // SAFETY: the slot is ours alone, and its head is initialised.
    let head = unsafe { slot.cast::<Head>().as_ref() };
    let mut state = EMPTY;
    if terms.limited {
        state |= LIMITED;
    }
    if terms.committed {
        state |= COMMITTED;
    }
    if let Some(deadline) = terms.deadline {
        state |= DEADLINE;
        head.witness.write();
        // SAFETY: the slot is ours alone.
        unsafe { (*head.deadline.get()).write(deadline) };
        head.late.store(false, Ordering::Relaxed);
    }
    if let Some(edge) = terms.edge {
        state |= EDGE;
        // SAFETY: the slot is ours alone.
        unsafe { head.fill_edge(edge) };
    }
    head.state.store(state, Ordering::Relaxed);
    (Replier(slot), Wait(Some(slot)))
}

/// The same on no terms: what most asks from outside of all actors need.
#[inline]
pub(super) fn plain_pair<R>() -> (Replier<R>, Wait<R>) {
    let slot = obtain::<R>();
    // SAFETY: the slot is ours alone, and its head is initialised.
    unsafe { slot.cast::<Head>().as_ref() }.state.store(EMPTY, Ordering::Relaxed);
    (Replier(slot), Wait(Some(slot)))
}

/// The same on no terms but an edge: what most asks within an actor's code need.
#[inline]
pub(super) fn seen_pair<R>(edge: Arc<Edge>) -> (Replier<R>, Wait<R>) {
    let slot = obtain::<R>();
    // SAFETY: the slot is ours alone, and its head is initialised.
    unsafe {
        let head = slot.cast::<Head>().as_ref();
        head.fill_edge(edge);
        head.state.store(EMPTY | EDGE, Ordering::Relaxed);
    }
    (Replier(slot), Wait(Some(slot)))
}

impl<R> Replier<R> {
    fn head(&self) -> &Head {
        // SAFETY: the slot is not recycled before this end has published or has recycled it itself, which uses up
        // `self`; other ends only share the head's cells as the states allow.
        unsafe { self.0.cast().as_ref() }
    }

    fn state(&self) -> u64 {
        self.head().state.load(Ordering::Acquire)
    }

    /// Gives up the end, not the slot.
    fn into_slot(self) -> NonNull<Slot<R>> {
        ManuallyDrop::new(self).0
    }

    /// Answers. If the caller has left, the value is dropped.
    pub(super) fn send(self, value: R) {
        let slot = self.into_slot();
        // SAFETY: this was the replier, so `value` is ours and empty before `publish`, and again if that fails: then
        // the whole slot is ours, which we give up by recycling it.
        unsafe {
            slot.cast::<Head>().as_ref().witness.write();
            value_of(slot).write(value);
            if !publish(slot.cast(), DONE) {
                let value = value_of(slot).read();
                let edge = take_edge(slot.cast());
                recycle(slot);
                drop((value, edge));
            }
        }
    }

    /// Fails the caller.
    pub(super) fn fail(self, error: AskError) {
        // Boxed: errors are rare, and most slots are smaller than one.
        let error = (!matches!(error, AskError::NoReply)).then(|| Box::new(error));
        let slot = self.into_slot();
        // SAFETY: as in `send`, of the error.
        unsafe {
            let cell = slot.cast::<Head>().as_ref().error.get();
            slot.cast::<Head>().as_ref().witness.write();
            (*cell).write(error);
            if !publish(slot.cast(), FAILED) {
                let error = (*cell).assume_init_read();
                let edge = take_edge(slot.cast());
                recycle(slot);
                drop((error, edge));
            }
        }
    }

    /// Whether the caller has not left.
    pub(super) fn is_wanted(&self) -> bool {
        self.state() & LEFT == 0
    }

    /// Whether the caller waits, without a time limit or anything else to be asked about.
    #[inline]
    pub(super) fn is_plainly_due(&self) -> bool {
        self.state() & (LEFT | LIMITED | DEADLINE) == 0
    }

    /// Whether the message is still to be run: its caller waits, or it is a commitment; and it is in time.
    pub(super) fn is_due(&self, now: impl FnOnce() -> Timestamp) -> bool {
        let state = self.state();
        if state & (LIMITED | COMMITTED) == COMMITTED {
            return true;
        }
        let wanted = match state & TAG {
            GONE => state & COMMITTED != 0,
            EXPIRED => false,
            _ => true,
        };
        if !wanted || state & DEADLINE == 0 {
            return wanted;
        }
        let late = self.deadline().is_some_and(|deadline| now() >= deadline);
        if late {
            self.head().late.store(true, Ordering::Relaxed);
        }
        !late
    }

    /// Whether [`is_due`](Self::is_due) has found the deadline passed.
    pub(super) fn is_late(&self) -> bool {
        // The terms are constant, and the mark is this end's own.
        let head = self.head();
        head.state.load(Ordering::Relaxed) & DEADLINE != 0 && head.late.load(Ordering::Relaxed)
    }

    /// Whether the caller has left because his time was up.
    pub(super) fn is_expired(&self) -> bool {
        self.state() & TAG == EXPIRED
    }

    /// When the message has to have begun.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let head = self.head();
        (head.state.load(Ordering::Relaxed) & DEADLINE != 0).then(|| {
            head.witness.read();
            // SAFETY: filled, as the flag says, before this end was made, and never written again.
            unsafe { (*head.deadline.get()).assume_init() }
        })
    }

    /// Where the message is.
    pub(super) fn edge(&self) -> Option<&Arc<Edge>> {
        // SAFETY: the slot is in use until this end has published or has recycled it itself, which uses up `self`, and
        // the reference borrows that.
        unsafe { self.head().edge() }
    }
}

impl<R> Drop for Replier<R> {
    fn drop(&mut self) {
        // Whoever has an end decides how it ends; this is for those that are lost on the way.
        Replier(self.0).fail(AskError::NoReply);
    }
}

/// The replier's last step: makes what it has written the caller's, and wakes it. `false` if the caller has left: then
/// the slot, with what was written, is the replier's alone.
///
/// # Safety
/// By the replier only, once, with the contents that `tag` promises. After `true` it must not touch the slot.
#[inline]
unsafe fn publish(head: NonNull<Head>, tag: u64) -> bool {
    // Not one reference to the whole head: the swap below may be followed at once by the slot's next use. The pointers
    // are good up to that swap.
    let head = head.as_ptr();
    // SAFETY: the slot is in use until we have swapped.
    let mut seen = unsafe { (*head).state.load(Ordering::Acquire) };
    // Ended first, so that whoever sees the answer sees no caller that still waits for it.
    // SAFETY: the slot is in use until we have swapped, and the reference is not used after this.
    if let Some(edge) = unsafe { (*head).edge_by(seen) } {
        edge.end();
    }
    while seen & LEFT == 0 {
        // A guess, to be confirmed by the swap.
        // SAFETY: the slot is in use until we have swapped.
        let (data, vtable) = unsafe { ((*head).data.load(Ordering::Relaxed), (*head).vtable.load(Ordering::Relaxed)) };
        let done = seen & !TAG | tag;
        // SAFETY: the same; that the memory may be recycled before this returns is what atomics are made for.
        let swapped = unsafe { (*head).state.compare_exchange(seen, done, Ordering::Release, Ordering::Acquire) };
        match swapped {
            Ok(_) if seen & TAG == WAIT => {
                // SAFETY: the guess is confirmed: these words are one waker's, and it is ours now.
                unsafe { waker(data, vtable) }.wake();
                return true;
            }
            Ok(_) => return true,
            Err(now) => seen = now,
        }
    }
    false
}

impl<R> Wait<R> {
    /// Before there is a slot.
    #[inline]
    pub(crate) const fn none() -> Self {
        Wait(None)
    }

    /// Where the message is; `None` without an edge, and once the result was taken.
    #[inline]
    pub(crate) fn edge(&self) -> Option<&Arc<Edge>> {
        // SAFETY: the slot is in use, or ours, until this end is empty, which takes a `&mut self`.
        unsafe { self.0.as_ref()?.cast::<Head>().as_ref().edge() }
    }

    /// Ready with the reply, or why there is none.
    #[cfg(test)]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, AskError>> {
        self.poll_until(cx, drop)
    }

    /// Ready with the reply, or why there is none; then `over` is given the edge, if there is one.
    ///
    /// # Panics
    /// When it is polled again after that.
    #[inline]
    pub(crate) fn poll_until(
        &mut self,
        cx: &mut Context<'_>,
        over: impl FnOnce(Arc<Edge>),
    ) -> Poll<Result<R, AskError>> {
        let Some(slot) = self.0 else { panic!("an ask was polled again after it had given its result") };
        // SAFETY: this is the caller's end, which has neither left nor taken the result, so the slot is in use.
        let head = unsafe { slot.cast::<Head>().as_ref() };
        let mut seen = head.state.load(Ordering::Acquire);
        loop {
            let next = match seen & TAG {
                WAIT => {
                    // SAFETY: the words are the caller's own, and hold a waker. It is borrowed until it is taken back.
                    let known = unsafe { ManuallyDrop::new(head.waker()) };
                    if known.will_wake(cx.waker()) {
                        return Poll::Pending;
                    }
                    let empty = (seen & !TAG).wrapping_add(VERSION) | EMPTY;
                    head.state.compare_exchange(seen, empty, Ordering::Relaxed, Ordering::Acquire).map(|_| {
                        // Taken back. The state says so already, should this drop panic.
                        drop(ManuallyDrop::into_inner(known));
                        empty
                    })
                }
                EMPTY => {
                    let mine = ManuallyDrop::new(cx.waker().clone());
                    head.words.write();
                    head.data.store(mine.data().cast_mut(), Ordering::Relaxed);
                    head.vtable.store(ptr::from_ref(mine.vtable()).cast_mut(), Ordering::Relaxed);
                    let wait = seen & !TAG | WAIT;
                    match head.state.compare_exchange(seen, wait, Ordering::Release, Ordering::Acquire) {
                        Ok(_) => return Poll::Pending,
                        Err(now) => {
                            drop(ManuallyDrop::into_inner(mine));
                            Err(now)
                        }
                    }
                }
                _ => {
                    self.0 = None;
                    // SAFETY: the caller has not left, so this is `DONE` or `FAILED`, seen with Acquire, and the whole
                    // slot is his.
                    if let Some(edge) = unsafe { take_edge(slot.cast()) } {
                        over(edge);
                    }
                    // SAFETY: the same; `self` is empty, so nobody touches the slot after this.
                    return Poll::Ready(unsafe { take(slot, seen) });
                }
            };
            seen = next.unwrap_or_else(|now| now);
        }
    }

    /// Leaves because the time is up: the message is not to be run any more, commitment or not.
    pub(crate) fn expire(&mut self) {
        self.leave(EXPIRED);
    }

    fn leave(&mut self, tag: u64) {
        let Some(slot) = self.0.take() else { return };
        let head = slot.cast::<Head>().as_ptr();
        // SAFETY: this was the caller's end, which had neither left nor taken the result, so the slot is in use until
        // the swap below or until `take`.
        let mut seen = unsafe { (*head).state.load(Ordering::Acquire) };
        // SAFETY: the same, and the reference is not used after this.
        if let Some(edge) = unsafe { (*head).edge_by(seen) } {
            edge.leave();
        }
        loop {
            if seen & TAG == DONE || seen & TAG == FAILED {
                // The reply came just now: nobody will hear it.
                // SAFETY: seen with Acquire; `self` is empty, so nobody touches the slot after this.
                drop(unsafe { (take_edge(slot.cast()), take(slot, seen)) });
                return;
            }
            // Read before the swap, after which the slot is the replier's to recycle.
            // SAFETY: the words are the caller's own, and hold a waker in `WAIT`. It is ours once we have left.
            let waker = (seen & TAG == WAIT).then(|| ManuallyDrop::new(unsafe { (*head).waker() }));
            let left = seen & !TAG | tag;
            // SAFETY: as for the load.
            match unsafe { (*head).state.compare_exchange(seen, left, Ordering::Release, Ordering::Acquire) } {
                Ok(_) => {
                    drop(waker.map(ManuallyDrop::into_inner));
                    return;
                }
                Err(now) => seen = now,
            }
        }
    }
}

impl<R> Drop for Wait<R> {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            self.leave(GONE);
        }
    }
}

/// The caller's last step after an answer: takes it out and recycles the slot, which holds no edge any more.
///
/// # Safety
/// By the caller only, once, who has seen `state` in the slot with Acquire; its tag is `DONE` or `FAILED`.
#[inline]
unsafe fn take<R>(slot: NonNull<Slot<R>>, state: u64) -> Result<R, AskError> {
    // SAFETY: with that tag the slot is the caller's alone, and what the tag names is filled.
    unsafe {
        slot.cast::<Head>().as_ref().witness.write();
        if state & TAG == DONE {
            let value = value_of(slot).read();
            recycle(slot);
            Ok(value)
        } else {
            Err(take_error(slot))
        }
    }
}

/// # Safety
/// As of [`take`], with `FAILED`.
#[cold]
unsafe fn take_error<R>(slot: NonNull<Slot<R>>) -> AskError {
    // SAFETY: as promised.
    unsafe {
        let error = (*slot.cast::<Head>().as_ref().error.get()).assume_init_read();
        recycle(slot);
        error.map_or(AskError::NoReply, |error| *error)
    }
}

/// # Safety
/// By the end that has the whole slot, once.
#[inline]
unsafe fn take_edge(head: NonNull<Head>) -> Option<Arc<Edge>> {
    // SAFETY: the slot is ours alone.
    let head = unsafe { head.as_ref() };
    (head.state.load(Ordering::Relaxed) & EDGE != 0).then(|| {
        head.shared.write();
        // SAFETY: filled, as the flag says, and taken out once.
        unsafe { (*head.edge.get()).assume_init_read() }
    })
}

/// # Safety
/// The words are those of one waker, of which the caller of this makes one owner only.
unsafe fn waker(data: *mut (), vtable: *mut RawWakerVTable) -> Waker {
    // SAFETY: they were taken from a `Waker`, whose table is `&'static`.
    unsafe { Waker::new(data, &*vtable) }
}

/// # Safety
/// `slot` is in use, or ours.
unsafe fn value_of<R>(slot: NonNull<Slot<R>>) -> *mut R {
    // SAFETY: the field is within the slot.
    unsafe { UnsafeCell::raw_get(&raw const (*slot.as_ptr()).value).cast() }
}

impl Head {
    fn new() -> Self {
        Head {
            state: AtomicU64::new(EMPTY),
            data: AtomicPtr::new(ptr::null_mut()),
            vtable: AtomicPtr::new(ptr::null_mut()),
            words: Witness::new(),
            shared: Witness::new(),
            witness: Witness::new(),
            late: AtomicBool::new(false),
            deadline: UnsafeCell::new(MaybeUninit::uninit()),
            edge: UnsafeCell::new(MaybeUninit::uninit()),
            error: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// # Safety
    /// The slot is ours alone, and holds no edge.
    #[inline]
    unsafe fn fill_edge(&self, edge: Arc<Edge>) {
        self.shared.write();
        // SAFETY: as promised.
        unsafe { (*self.edge.get()).write(edge) };
    }

    /// # Safety
    /// By an end that has not taken its last step, nor takes it while the reference is used.
    #[inline]
    unsafe fn edge(&self) -> Option<&Arc<Edge>> {
        // SAFETY: as promised. The terms are constant.
        unsafe { self.edge_by(self.state.load(Ordering::Relaxed)) }
    }

    /// As [`edge`](Self::edge), by a look at the state that was taken before.
    ///
    /// # Safety
    /// The same.
    #[inline]
    unsafe fn edge_by(&self, state: u64) -> Option<&Arc<Edge>> {
        (state & EDGE != 0).then(|| {
            self.shared.read();
            // SAFETY: filled, as the flag says, before the ends were made; and only who is left with the slot takes it
            // out, when both have taken their last steps.
            unsafe { (*self.edge.get()).assume_init_ref() }
        })
    }

    /// Shows loom that whatever the other end has done with the slot happened before this.
    fn handed_over(&self) {
        self.shared.write();
        self.words.write();
        self.witness.write();
    }

    /// # Safety
    /// As of [`waker`], by the caller's end in `WAIT`.
    unsafe fn waker(&self) -> Waker {
        self.words.read();
        // SAFETY: only the caller writes the words, so it reads what it has written.
        unsafe { waker(self.data.load(Ordering::Relaxed), self.vtable.load(Ordering::Relaxed)) }
    }
}

// ── the pool

/// The smallest block, and what every block is aligned to: a line of the cache, so that no two slots share one.
const LINE: usize = 64;
/// Blocks of 64, 128, 256 and 512 bytes; what is larger comes from the allocator each time.
const CLASSES: usize = 4;
/// How many blocks of a class a thread keeps.
const KEPT: u32 = 256;

per_thread! {
    static POOL: Pool = Pool::new();
}

struct Pool([Free; CLASSES]);

/// A list of blocks, each of which holds the next one in its `data`.
struct Free {
    first: Cell<*mut Head>,
    len: Cell<u32>,
}

const fn block(class: usize) -> Layout {
    match Layout::from_size_align(LINE << class, LINE) {
        Ok(layout) => layout,
        Err(_) => panic!("a block is small, and its alignment a power of two"),
    }
}

impl<R> Slot<R> {
    /// Which list its blocks are on.
    const CLASS: Option<usize> = {
        let (own, mut class) = (Layout::new::<Self>(), 0);
        while class < CLASSES && own.size() > block(class).size() {
            class += 1;
        }
        if class < CLASSES && own.align() <= LINE { Some(class) } else { None }
    };
    /// Of the block it lies in.
    const LAYOUT: Layout = match Self::CLASS {
        Some(class) => block(class),
        None => Layout::new::<Self>(),
    };
}

/// A block with a head, to be used as this slot.
#[inline]
fn obtain<R>() -> NonNull<Slot<R>> {
    let kept = Slot::<R>::CLASS.and_then(|class| POOL.try_with(|pool| pool.0[class].pop()).ok().flatten());
    kept.unwrap_or_else(|| allocate(Slot::<R>::LAYOUT)).cast()
}

/// # Safety
/// The slot is the caller's of this alone, holds nothing that is to be dropped, and is not touched afterwards.
#[inline]
unsafe fn recycle<R>(slot: NonNull<Slot<R>>) {
    let head = slot.cast::<Head>();
    // SAFETY: the slot is ours alone.
    unsafe { head.as_ref() }.handed_over();
    let keep = |class: usize| {
        // SAFETY: it was obtained for the same `R`, so its block is one of this class.
        let kept = POOL.try_with(|pool| unsafe { pool.0[class].push(head) });
        kept.unwrap_or(false)
    };
    if !Slot::<R>::CLASS.is_some_and(keep) {
        // SAFETY: the block has this layout for the same reason, and is on no list.
        unsafe { free(head, Slot::<R>::LAYOUT) };
    }
}

#[cold]
#[inline(never)]
fn allocate(layout: Layout) -> NonNull<Head> {
    // SAFETY: the layout has room for a head, so it is not empty.
    let block = NonNull::new(unsafe { alloc(layout) });
    let Some(block) = block.map(NonNull::cast::<Head>) else { handle_alloc_error(layout) };
    // SAFETY: it is new, with room and alignment for a head at its beginning.
    unsafe { block.write(Head::new()) };
    block
}

/// # Safety
/// The block came from [`allocate`] with this layout, and nobody has it.
#[cold]
#[inline(never)]
unsafe fn free(block: NonNull<Head>, layout: Layout) {
    // SAFETY: the head is initialised as long as the block lives.
    unsafe {
        block.drop_in_place();
        dealloc(block.as_ptr().cast(), layout);
    }
}

impl Pool {
    const fn new() -> Self {
        Pool([const { Free { first: Cell::new(ptr::null_mut()), len: Cell::new(0) } }; CLASSES])
    }
}

impl Free {
    #[inline]
    fn pop(&self) -> Option<NonNull<Head>> {
        let block = NonNull::new(self.first.get())?;
        // SAFETY: a block on the list is the list's alone, and its head is initialised.
        self.first.set(unsafe { block.as_ref() }.data.load(Ordering::Relaxed).cast());
        self.len.set(self.len.get() - 1);
        Some(block)
    }

    /// `false`: it has enough.
    ///
    /// # Safety
    /// The block is of this list's layout, its head is initialised, and nobody has it.
    #[inline]
    unsafe fn push(&self, block: NonNull<Head>) -> bool {
        if self.len.get() == KEPT {
            return false;
        }
        // SAFETY: nobody else has it.
        unsafe { block.as_ref() }.data.store(self.first.get().cast(), Ordering::Relaxed);
        self.first.set(block.as_ptr());
        self.len.set(self.len.get() + 1);
        true
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for (class, kept) in self.0.iter().enumerate() {
            while let Some(head) = kept.pop() {
                // SAFETY: only blocks of this class are pushed here, and now it is on no list.
                unsafe { free(head, block(class)) };
            }
        }
    }
}

/// How many blocks for replies of this type the thread keeps.
#[cfg(test)]
pub(super) fn kept<R>() -> u32 {
    Slot::<R>::CLASS.map_or(0, |class| POOL.with(|pool| pool.0[class].len.get()))
}
