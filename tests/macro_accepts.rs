//! What `#[actor]` accepts, under the strictest lints a user may have: generated code must be silent.
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]
#![allow(unreachable_pub, reason = "handlers are `pub`; here they are reached from the same file")]
#![allow(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "the bodies here do nothing much; lints on generated code stay denied"
)]

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug, Display};
use std::hash::Hash;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use actor_core::prelude::*;
use actor_core::rt::test::run;

// ── type parameters, both halves, all kinds of methods ───────────────────────────────────────────

#[derive(Debug, PartialEq)]
struct Full;

impl Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("full")
    }
}

/// A cache.
#[actor(mailbox = 128, name = "cache", overflow = reject, ask_timeout = "5s", on_error = report)]
struct Cache<K, V = String> {
    map: HashMap<K, V>,
    log: Vec<String>,
}

#[actor]
impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    const LIMIT: usize = 2;

    /// Untouched: it has no receiver.
    pub fn new() -> Self {
        Cache { map: HashMap::new(), log: Vec::new() }
    }

    /// Gets a value.
    pub async fn get(&mut self, key: K) -> Option<V> {
        std::future::ready(()).await;
        self.lookup(&key)
    }

    pub fn put(&mut self, key: K, value: V) -> Result<Option<V>, Full> {
        if self.map.len() == Self::LIMIT { Err(Full) } else { Ok(self.map.insert(key, value)) }
    }

    #[tell]
    pub(crate) fn log(&mut self, line: String) {
        self.log.push(line);
    }

    #[handler]
    fn logged(&mut self) -> Vec<String> {
        self.log.clone()
    }

    #[skip]
    pub fn size(&self) -> usize {
        self.map.len()
    }

    fn lookup(&self, key: &K) -> Option<V> {
        self.map.get(key).cloned()
    }
}

#[test]
fn a_generic_actor_works() {
    run(async {
        let cache = Cache::new();
        assert_eq!(cache.size(), 0);
        let h = cache.spawn();
        assert_eq!(h.put(1, "one".to_owned()).await, Ok(None));
        assert_eq!(h.get(1).await, Ok(Some("one".to_owned())));
        assert_eq!(h.put(2, String::new()).await, Ok(None));
        assert!(matches!(h.put(3, String::new()).await, Err(AskError::Handler(Full))));
        h.log("line".to_owned()).await.unwrap();
        assert_eq!(h.logged().await.unwrap(), ["line"]);
        assert_eq!(h.name(), "cache");
        assert_eq!(h.mailbox().capacity, 128);
    });
}

/// A handle is held without repeating the actor's bounds.
struct Holder<K: 'static, V: 'static>(CacheHandle<K, V>);

#[test]
fn handles_ask_nothing_of_the_parameters() {
    fn check<T: Clone + Eq + Hash + Debug>(_: &T) {}
    fn hold<K: 'static, V: 'static>(holder: &Holder<K, V>) -> bool {
        check(&holder.0);
        holder.0 == holder.0.clone() && holder.0.is_alive()
    }
    run(async {
        assert!(hold(&Holder(Cache::<u8, u8>::new().spawn())));
    });
}

// ── const generics, where clauses, `Self` in signatures, associated types ────────────────────────

struct Ring<T, const N: usize>
where
    T: Copy + Default,
{
    slots: [T; N],
    next: usize,
}

#[actor]
impl<T, const N: usize> Ring<T, N>
where
    T: Copy + Default,
    Self: Sized,
{
    pub fn push(&mut self, value: T) -> [T; N] {
        self.slots[self.next % N] = value;
        self.next += 1;
        self.slots
    }

    pub fn fork(&self) -> Self {
        Ring { slots: self.slots, next: self.next }
    }

    pub fn swap(&mut self, mut other: Box<Self>) -> Option<Self> {
        std::mem::swap(self, &mut other);
        Some(*other)
    }
}

#[test]
fn const_generics_and_self_types_work() {
    run(async {
        let h = Ring::<u8, 3> { slots: [0; 3], next: 0 }.spawn();
        assert_eq!(h.push(7).await, Ok([7, 0, 0]));
        let fork = h.fork().await.unwrap();
        assert_eq!(h.push(8).await, Ok([7, 8, 0]));
        let old = h.swap(Box::new(fork)).await.unwrap().unwrap();
        assert_eq!((old.next, h.push(9).await), (2, Ok([7, 9, 0])));
    });
}

struct Drain<I: Iterator> {
    source: I,
}

#[actor]
impl<I: Iterator<Item: Send> + Clone> Drain<I> {
    pub fn take(&mut self) -> Option<I::Item> {
        self.source.next()
    }

    pub fn until(&mut self, wanted: I::Item) -> bool {
        let _ = wanted;
        self.source.by_ref().count() == 0
    }
}

/// Its parameter is bounded, so the message that carries it is too.
#[derive(Debug, PartialEq)]
struct Sorted<T: Ord>(Vec<T>);

#[derive(Default)]
struct Sorter<T> {
    seen: BTreeMap<usize, T>,
}

#[actor]
impl<T: Ord + Clone> Sorter<T> {
    pub fn sort(&mut self, mut values: Vec<T>) -> Sorted<T> {
        values.sort();
        self.seen.extend(values.iter().cloned().enumerate());
        Sorted(values)
    }
}

#[test]
fn bounds_that_the_message_needs_are_kept() {
    run(async {
        let h = Drain { source: [1, 2].into_iter() }.spawn();
        assert_eq!(h.take().await, Ok(Some(1)));
        assert_eq!(h.until(9).await, Ok(false));
        let h = Sorter { seen: BTreeMap::new() }.spawn();
        assert_eq!(h.sort(vec![2, 1]).await, Ok(Sorted(vec![1, 2])));
    });
}

// ── arguments ────────────────────────────────────────────────────────────────────────────────────

#[derive(Default)]
struct Search {
    lines: Vec<String>,
    root: PathBuf,
}

struct Point {
    x: u32,
    y: u32,
}

#[actor]
impl Search {
    pub fn find(&mut self, (lo, hi): (usize, usize), name: &str, raw: &[u8]) -> usize {
        self.lines.push(name.to_owned());
        raw.iter().filter(|byte| (lo..hi).contains(&usize::from(**byte))).count()
    }

    pub async fn go(&mut self, path: &Path, Point { x, .. }: Point, _: u8, mut n: u32) -> u32 {
        std::future::ready(()).await;
        path.clone_into(&mut self.root);
        n += x;
        n
    }

    pub fn fixed(&self, name: &'static str, check: Box<dyn Fn(&str) -> bool + Send>) -> bool {
        check(name) && self.lines.is_empty()
    }

    pub fn clash(&self, reply: u32, cx: u32, message: u32, arg0: u32, (value, _): (u32, u32)) -> u32 {
        let _ = &self.root;
        reply + cx + message + arg0 + value
    }

    pub fn context(&mut self, before: u32, cx: &mut Context<Self>, after: &str) -> (u32, String, bool) {
        self.lines.clear();
        (before, after.to_owned(), cx.handle().is_alive())
    }
}

#[test]
fn patterns_and_borrowed_arguments_are_owned_in_flight() {
    run(async {
        let h = Search::default().spawn();
        assert_eq!(h.fixed("a", Box::new(|name| name == "a")).await, Ok(true));
        assert_eq!(h.find((1, 3), "name", vec![1, 2, 3]).await, Ok(2));
        assert_eq!(h.find((1, 3), String::from("name"), [1, 2, 3]).await, Ok(2));
        assert_eq!(h.go("/tmp", Point { x: 2, y: 0 }, 0, 1).await, Ok(3));
        assert_eq!(h.clash(1, 2, 3, 4, (5, 6)).await, Ok(15));
        assert_eq!(h.context(1, "x").await, Ok((1, "x".to_owned(), true)));
        assert_eq!(Point { x: 1, y: 1 }.y, 1);
    });
}

// ── replies ──────────────────────────────────────────────────────────────────────────────────────

type Outcome<T> = std::result::Result<T, Full>;

#[derive(Default)]
struct Replies {
    waiting: Vec<Reply<u32>>,
}

#[actor]
impl Replies {
    pub fn alias(&mut self) -> io::Result<u8> {
        self.waiting.clear();
        Err(io::Error::other("no"))
    }

    #[ask(value)]
    pub fn whole(&self) -> Result<u8, String> {
        if self.waiting.is_empty() { Ok(1) } else { Err("busy".to_owned()) }
    }

    #[ask(result)]
    pub fn split(&self) -> Outcome<u8> {
        if self.waiting.is_empty() { Ok(1) } else { Err(Full) }
    }

    pub fn when_ready(&mut self, reply: Reply<u32>, _hint: u8) {
        self.waiting.push(reply);
    }

    pub async fn checked(&mut self, n: u32, answer: Reply<Result<u32, Full>>) {
        std::future::ready(()).await;
        answer.send(if n == 0 { Err(Full) } else { Ok(n) });
    }

    pub fn open(&mut self) {
        self.waiting.drain(..).for_each(|reply| reply.send(7));
    }

    #[tell]
    pub fn risky(&mut self, fail: bool) -> Result<(), Full> {
        if fail { Err(Full) } else { Ok(()) }
    }
}

#[test]
fn replies_are_flat_whole_or_deferred() {
    run(async {
        let h = Replies::default().spawn();
        assert!(matches!(h.alias().await, Err(AskError::Handler(error)) if error.to_string() == "no"));
        assert_eq!(h.whole().await, Ok(Ok(1)));
        assert_eq!(h.split().await, Ok(1));
        let later = h.when_ready(0).enqueue().await.unwrap();
        h.open().await.unwrap();
        assert_eq!(later.await, Ok(7));
        assert_eq!(h.checked(3).await, Ok(3));
        assert!(matches!(h.checked(0).await, Err(AskError::Handler(Full))));
        h.risky(true).await.unwrap();
        h.risky(false).try_tell().unwrap();
    });
}

// ── timers and hooks ─────────────────────────────────────────────────────────────────────────────

#[derive(Default)]
struct Clock {
    ticks: Vec<&'static str>,
    out: Option<std::sync::mpsc::Sender<Vec<&'static str>>>,
}

#[actor]
impl Clock {
    #[on_start]
    async fn wind(&mut self, cx: &mut Context<Self>) -> io::Result<()> {
        std::future::ready(()).await;
        assert!(cx.handle().is_alive());
        self.ticks.push("start");
        Ok(())
    }

    // Not there in this build, so the index of those behind it moves.
    #[cfg(any())]
    #[every("1s")]
    fn never(&mut self) {
        missing();
    }

    #[every("5s", missed = skip)]
    async fn slow(&mut self) {
        std::future::ready(()).await;
        self.ticks.push("slow");
    }

    #[every("2s", immediate)]
    fn quick(&mut self, _cx: &mut Context<Self>) -> Result<(), Full> {
        self.ticks.push("quick");
        Ok(())
    }

    #[on_stop]
    fn show(&mut self, cx: &mut Context<Self>, why: &Exit) {
        assert!(!why.is_abnormal(), "{why} {}", cx.id());
        self.ticks.push("stop");
        let _ = self.out.take().map(|out| out.send(self.ticks.clone()));
    }
}

impl std::error::Error for Full {}

#[test]
fn timers_and_hooks_run() {
    let (out, ticks) = std::sync::mpsc::channel();
    run(async {
        let h = Clock { out: Some(out), ..Clock::default() }.spawn();
        actor_core::rt::test::sleep(Duration::from_millis(5500)).await;
        h.stop().await;
    });
    assert_eq!(ticks.recv().unwrap(), ["start", "quick", "quick", "quick", "slow", "stop"]);
}

// ── names, visibilities, `cfg`, attributes ───────────────────────────────────────────────────────

struct Odd;

#[actor(handle = OddDoor, msg = OddLetter, debug)]
impl Odd {
    pub fn r#type(&self, r#match: u8) -> u8 {
        r#match
    }

    pub fn stop(&self) -> &'static str {
        "mine"
    }

    pub fn dispatch(&self) -> u8 {
        self.on_start()
    }

    pub fn deref(&self) -> u8 {
        2
    }

    fn on_start(&self) -> u8 {
        1
    }

    #[cfg(any())]
    pub fn gone(&self, missing: Missing) -> Missing {}

    #[cfg_attr(not(any()), cfg(any()))]
    pub fn gone_too(&self, missing: Missing) -> Missing {}

    #[cfg(not(any()))]
    pub fn version(&self) -> u8 {
        1
    }

    #[cfg(any())]
    pub fn version(&self, other: Missing) -> u8 {}

    #[deprecated = "use `version`"]
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn old(&self) -> u8 {
        0
    }

    #[allow(clippy::unused_self)]
    #[rustfmt::skip]
    #[expect(non_snake_case)]
    pub fn Loud(&self, #[allow(unused)] x: u8) {}
}

#[test]
fn odd_names_work() {
    run(async {
        let h: OddDoor = Odd.spawn();
        assert_eq!(h.r#type(3).await, Ok(3));
        assert_eq!((h.dispatch().await, h.deref().await, h.version().await), (Ok(1), Ok(2), Ok(1)));
        assert_eq!(h.stop().await, Ok("mine"));
        assert_eq!(
            format!("{:?}", OddLetter::Type { r#match: 3, reply: Reply::none() }).get(..14),
            Some("Type { match: ")
        );
        #[allow(deprecated)]
        let old = h.old().await;
        assert_eq!(old, Ok(0));
        h.Loud(1).await.unwrap();
        h.actor().stop().await;
    });
}

/// Messages of an actor without type parameters can be matched to the end.
fn count(message: OddLetter) -> u8 {
    match message {
        OddLetter::Type { r#match, .. } => r#match,
        OddLetter::Stop { .. }
        | OddLetter::Dispatch { .. }
        | OddLetter::Deref { .. }
        | OddLetter::Version { .. }
        | OddLetter::Old { .. }
        | OddLetter::Loud { .. } => 0,
    }
}

#[test]
fn messages_can_be_matched() {
    assert_eq!(count(OddLetter::Type { r#match: 3, reply: Reply::none() }), 3);
    assert_eq!(count(OddLetter::Version { reply: Reply::none() }), 0);
}

#[cfg(any())]
#[actor]
impl Nowhere {
    pub fn f(&self) {}
}

#[actor]
#[cfg(any())]
impl Nowhere {
    pub fn f(&self) {}
}

#[derive(Default)]
struct Empty;

#[actor]
impl Empty {}

enum Light {
    Green,
    Red,
}

#[actor]
impl Light {
    pub fn turn(&mut self) -> bool {
        *self = if matches!(self, Light::Red) { Light::Green } else { Light::Red };
        matches!(self, Light::Red)
    }

    pub fn get(&self) -> bool {
        matches!(self, Light::Red)
    }
}

#[test]
fn empty_actors_enums_and_equal_handler_names_work() {
    run(async {
        assert!(Empty.spawn().is_alive());
        let h = Light::Green.spawn();
        assert_eq!((h.get().await, h.turn().await), (Ok(false), Ok(true)));
    });
}

// ── places ───────────────────────────────────────────────────────────────────────────────────────

/// Types of a `macro_rules!` fragment stand in invisible groups.
macro_rules! grouped {
    ($me:ty, $arg:ty, $reply:ty, $deferred:ty) => {
        #[actor]
        impl $me {
            pub fn len(&self, text: $arg) -> $reply {
                if text.is_empty() { Err(Full) } else { Ok(text.len()) }
            }
            pub fn me(&self, reply: $deferred, _other: Option<Box<Self>>) {
                reply.send(1);
            }
        }
    };
}

struct Grouped;
grouped!(Grouped, &str, Result<usize, Full>, Reply<u8>);

#[test]
fn types_may_come_from_a_macro() {
    run(async {
        let h = Grouped.spawn();
        assert_eq!(h.len("abc").await, Ok(3));
        assert!(matches!(h.len("").await, Err(AskError::Handler(Full))));
        assert_eq!(h.me(None).await, Ok(1));
    });
}

macro_rules! counter {
    ($name:ident, $ty:ty, $vis:vis fn $add:ident($n:ident)) => {
        struct $name {
            total: $ty,
        }

        #[actor(mailbox = 4)]
        impl $name {
            $vis async fn $add(&mut self, $n: $ty, by: $ty) -> $ty {
                std::future::ready(()).await;
                let total = self.total + $n * by;
                self.total = total;
                total
            }
        }
    };
}

counter!(Made, u32, pub fn add(n));

#[test]
fn an_actor_may_be_made_by_a_macro() {
    run(async {
        assert_eq!(Made { total: 1 }.spawn().add(2, 3).await, Ok(7));
    });
}

#[test]
fn an_actor_may_stand_in_a_function() {
    #[actor(mailbox = 2)]
    struct Local(u8);

    #[actor]
    impl Local {
        pub fn get(&self) -> u8 {
            self.0
        }
    }

    run(async {
        let h = Local(3).spawn();
        assert_eq!((h.get().await, h.mailbox().capacity), (Ok(3), 2));
    });
}

mod renamed {
    pub(crate) use actor_core as core_of_ours;
}

mod nested {
    pub(crate) struct Deep(pub(crate) u8);

    #[super::renamed::core_of_ours::actor(crate = crate::renamed::core_of_ours, mailbox = CAPACITY)]
    impl Deep {
        pub(super) fn seen(&self) -> u8 {
            self.0
        }
        pub(self) fn helper(&self) -> u8 {
            self.0
        }
        pub(crate) fn both(&self) -> u8 {
            self.helper() * 2
        }
    }

    const CAPACITY: usize = 3;

    pub(crate) struct Other;
}

#[actor]
impl nested::Other {
    pub fn get(&self) -> u8 {
        1
    }
}

#[test]
fn the_crate_may_have_another_name() {
    run(async {
        let h = nested::Deep(4).spawn();
        assert_eq!((h.seen().await, h.both().await, h.mailbox().capacity), (Ok(4), Ok(8), 3));
        assert_eq!(nested::Other.spawn().get().await, Ok(1));
    });
}

// ── two actors of one generic type ───────────────────────────────────────────────────────────────

struct Of<T>(T);

#[actor(handle = BytesHandle, msg = BytesMessage)]
impl Of<Vec<u8>> {
    pub fn bytes(&self) -> usize {
        self.0.len()
    }
}

#[actor(handle = TextHandle, msg = TextMessage)]
impl Of<String> {
    pub fn text(&self) -> String {
        self.0.clone()
    }
}

#[test]
fn one_type_may_be_two_actors() {
    run(async {
        assert_eq!(Of(vec![1_u8]).spawn().bytes().await, Ok(1));
        assert_eq!(Of("a".to_owned()).spawn().text().await, Ok("a".to_owned()));
    });
}
