//! What every public type and future is: `Send`, `Sync`, `Unpin`, or not. A change here is a change of the API.

use std::{cell::Cell, fs, path::Path};

use actor_core::{
    ActorId, ActorRef, Ask, AskError, Child, ChildCount, ChildError, ChildInfo, ChildKind, ChildState, Cycle,
    DeadLetterCounts, Enqueue, Exit, Fallible, Handle, MailboxStats, Monitor, NoMessage, Options, Overflow, Panic,
    Pending, Queue, Reply, Requested, Restart, SharedError, Shutdown, ShutdownReport, ShuttingDown, SpawnError,
    StartError, Started, Stop, Stopped, Supervisor, SupervisorHandle, SupervisorMessage, System, SystemError,
    SystemReport, TaskHandle, Tell, TellError, Unsent, WeakHandle, Whole, actor,
    observe::{
        CrashReport, DeadLetter, DeadReason, Deferred, Installed, Overdue, UnheardError, WaitGraph, WaitKind, Waiting,
    },
    rt::{RuntimeHandle, Timestamp, test::TestRuntime},
};

/// As awkward as an actor may be: neither its state nor its messages are `Sync`.
struct Awkward(Cell<u8>);

#[actor]
impl Awkward {
    pub fn put(&mut self, value: Cell<u8>) -> Result<Cell<u8>, String> {
        self.0 = value;
        Ok(self.0.clone())
    }
}

type M = AwkwardMessage;
type R = Result<Cell<u8>, String>;

/// Compiles only if `$ty` implements each `$yes` and none of `$no`: a trait that is implemented would make the call
/// ambiguous.
macro_rules! exactly {
    ($($ty:ty: $([$yes:ident])* $(![$no:ident])*;)*) => {
        $(const _: () = {
            $({
                const fn is<T: ?Sized + $yes>() {}
                is::<$ty>();
            })*
            $({
                trait AmbiguousIf<A> { fn some() {} }
                impl<T: ?Sized> AmbiguousIf<()> for T {}
                struct Implemented;
                impl<T: ?Sized + $no> AmbiguousIf<Implemented> for T {}
                let _ = <$ty as AmbiguousIf<_>>::some;
            })*
        };)*
    };
}

#[allow(dead_code, reason = "it is enough that this compiles")]
mod table {
    use super::*;

    exactly! {
        // Handles cross threads whatever the messages are.
        Handle<M>: [Send] [Sync] [Unpin];
        AwkwardHandle: [Send] [Sync] [Unpin];
        WeakHandle<M>: [Send] [Sync] [Unpin];
        SupervisorHandle: [Send] [Sync] [Unpin];
        TaskHandle: [Send] [Sync] [Unpin];

        // A send carries its message.
        Ask<'static, M, R, Fallible>: [Send] [Unpin] ![Sync];
        Ask<'static, M, Cell<u8>, Whole>: [Send] [Unpin] ![Sync];
        Enqueue<'static, M, R, Fallible>: [Send] [Unpin] ![Sync];
        Tell<'static, M>: [Send] [Unpin] ![Sync];
        Pending<R, Fallible>: [Send] [Sync] [Unpin];
        Reply<R>: [Send] [Sync] [Unpin];

        // Futures without parameters.
        Monitor: [Send] [Sync] [Unpin];
        Stopped: [Send] [Sync] [Unpin];
        Started: [Send] [Sync] [Unpin];
        ShuttingDown: [Send] [Unpin] ![Sync];
        Requested: [Send] [Sync] [Unpin];

        // Errors go anywhere, `anyhow::Error` among them.
        AskError: [Send] [Sync] [Unpin];
        AskError<String>: [Send] [Sync] [Unpin];
        TellError<M>: [Send] [Sync] [Unpin];
        Unsent<M>: [Send] [Sync] [Unpin];
        Cycle: [Send] [Sync] [Unpin];
        SpawnError: [Send] [Sync] [Unpin];
        StartError: [Send] [Sync] [Unpin];
        ChildError: [Send] [Sync] [Unpin];
        SystemError: [Send] [Sync] [Unpin];
        Exit: [Send] [Sync] [Unpin];
        Panic: [Send] [Sync] [Unpin];
        SharedError: [Send] [Sync] [Unpin];

        // What is said of actors.
        ActorId: [Send] [Sync] [Unpin];
        ActorRef: [Send] [Sync] [Unpin];
        MailboxStats: [Send] [Sync] [Unpin];
        ShutdownReport: [Send] [Sync] [Unpin];
        SystemReport: [Send] [Sync] [Unpin];
        ChildInfo: [Send] [Sync] [Unpin];
        ChildCount: [Send] [Sync] [Unpin];
        CrashReport: [Send] [Sync] [Unpin];
        DeadLetter: [Send] [Sync] [Unpin];
        DeadLetterCounts: [Send] [Sync] [Unpin];
        Overdue: [Send] [Sync] [Unpin];
        Deferred: [Send] [Sync] [Unpin];
        WaitGraph: [Send] [Sync] [Unpin];
        WaitKind: [Send] [Sync] [Unpin];
        Waiting: [Send] [Sync] [Unpin];
        UnheardError: [Send] [Sync] [Unpin];

        // What they are made of.
        Supervisor: [Send] [Unpin] ![Sync];
        Child<AwkwardHandle>: [Send] [Unpin] ![Sync];
        System: [Send] [Unpin] ![Sync];
        SupervisorMessage: [Send] [Unpin] ![Sync];
        Options<Awkward>: [Send] [Unpin] ![Sync];
        actor_core::Context<Awkward>: [Send] [Unpin] [Sync];
        Stop: [Send] [Sync] [Unpin];
        NoMessage: [Send] [Sync] [Unpin];
        Overflow: [Send] [Sync] [Unpin];
        Queue: [Send] [Sync] [Unpin];
        Restart: [Send] [Sync] [Unpin];
        Shutdown: [Send] [Sync] [Unpin];
        ChildKind: [Send] [Sync] [Unpin];
        ChildState: [Send] [Sync] [Unpin];
        DeadReason: [Send] [Sync] [Unpin];
        Installed: [Send] [Sync] [Unpin];
        RuntimeHandle: [Send] [Sync] [Unpin];
        Timestamp: [Send] [Sync] [Unpin];
        TestRuntime: [Send] [Sync] [Unpin];
    }
}

/// The futures of `async fn`s have no name to stand in the table.
#[allow(dead_code, reason = "it is enough that this compiles")]
fn unnamed_futures(tree: Supervisor, system: System, app: &'static SupervisorHandle, child: Child<AwkwardHandle>) {
    fn send<T: Send + 'static>(_: &T) {}
    send(&tree.start());
    send(&system.run_until(async {}));
    send(&app.children());
    send(&app.count());
    send(&app.start_child(child));
    send(&app.stop_child("id"));
    send(&app.restart_child("id"));
    send(&app.remove_child("id"));
}

/// Every type that the crate root exports stands in the table; traits and the macro's marks have nothing to pin.
#[test]
fn every_exported_type_is_in_the_table() {
    const NOT_TYPES: [&str; 7] = ["Actor", "HandleOf", "Message", "Flatten", "Spawn", "Product", "Context"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lib = fs::read_to_string(root.join("actor-core/src/lib.rs")).unwrap();
    let exports = lib.split("pub mod prelude").next().unwrap().split("pub use ").skip(1);
    let exports: Vec<_> = exports
        .map(|list| list.split(';').next().unwrap())
        .flat_map(|list| list.split(|c: char| !c.is_alphanumeric()).filter(|name| name.starts_with(char::is_uppercase)))
        .collect();
    assert!(exports.len() > 40, "only {} exports were found", exports.len());
    let here = fs::read_to_string(root.join("tests/auto_traits.rs")).unwrap();
    let table = here.split("exactly! {").nth(1).unwrap().split("/// The futures").next().unwrap();
    let in_table =
        |name: &&str| table.split(|c: char| !c.is_alphanumeric()).any(|word| word == *name) || NOT_TYPES.contains(name);
    let missing: Vec<_> = exports.into_iter().filter(|name| !in_table(name)).collect();
    assert!(missing.is_empty(), "exported and not in the table: {missing:?}");
}
