//! What a supervisor can do with a child, whatever it is: start one incarnation, ask it to end, retire it.

use std::{
    future::{Future, poll_fn},
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
};

use crate::{
    actor::{
        Actor, Message,
        cell::{Cell, Level, Tenure},
        context::NoMessage,
        life::{Monitor, Started},
        outcome::HookReturn,
    },
    exit::{Exit, Panic},
    id::ActorRef,
    piece::Piece,
    rt::RuntimeHandle,
    run::{self, attend::Scene, launch},
    stop::Stop,
    sync::Arc,
};

use super::factory::Product;

/// Is told the exit of an incarnation.
pub(super) type OnExit = Box<dyn FnOnce(Exit) + Send>;

/// A child, with its type erased.
pub(super) trait Worker: Send {
    /// Starts an incarnation.
    fn start(&mut self, runtime: &RuntimeHandle, on_exit: OnExit);

    /// The part of it that can be reached while it runs.
    fn cell(&self) -> Arc<dyn Supervised>;
}

/// The cell of a child, with the type of its messages erased.
pub(super) trait Supervised: Send + Sync {
    fn who(&self) -> &ActorRef;
    fn request(&self, level: Level);
    fn set_tenure(&self, tenure: Tenure);
    fn is_running(&self) -> bool;
    fn incarnation(&self) -> u32;
    /// Publishes the exit of an incarnation; nothing happens if that one was left behind for a later one.
    fn exited(&self, incarnation: u32, exit: &Exit);
    fn is_ended(&self) -> bool;
    fn last_exit(&self) -> Option<Exit>;
    fn retire(&self, exit: &Exit);
    fn revive(&self);
    fn return_queued(&self, exit: &Exit);
    /// The exit of the incarnation that is up; known already if it has ended and the news is still on its way.
    fn present_exit(self: Arc<Self>) -> Monitor;
    fn started(self: Arc<Self>) -> Started;
}

impl<M: Message> Supervised for Cell<M> {
    fn who(&self) -> &ActorRef {
        &self.who
    }

    fn request(&self, level: Level) {
        Cell::request(self, level);
    }

    fn set_tenure(&self, tenure: Tenure) {
        Cell::set_tenure(self, tenure);
    }

    fn is_running(&self) -> bool {
        self.life.is_running()
    }

    fn incarnation(&self) -> u32 {
        self.life.incarnation()
    }

    fn exited(&self, incarnation: u32, exit: &Exit) {
        self.life.exited(incarnation, exit);
    }

    fn is_ended(&self) -> bool {
        self.life.ended().is_some()
    }

    fn last_exit(&self) -> Option<Exit> {
        self.life.last_exit()
    }

    fn retire(&self, exit: &Exit) {
        Cell::retire(self, exit);
    }

    fn revive(&self) {
        Cell::revive(self);
    }

    fn return_queued(&self, exit: &Exit) {
        Cell::return_queued(self, exit);
    }

    fn present_exit(self: Arc<Self>) -> Monitor {
        Cell::present_exit(&self)
    }

    fn started(self: Arc<Self>) -> Started {
        Started::new(self)
    }
}

impl dyn Supervised {
    /// Retires it with its last exit, unless that was done already. One that never ran counts as stopped.
    pub(super) fn settle(&self) {
        if !self.is_ended() {
            self.retire(&self.last_exit().unwrap_or(Exit::Stopped));
        }
    }
}

/// An actor made by a factory, once for each incarnation.
pub(super) struct ActorWorker<F, O, K>
where
    O: Product<K>,
{
    pub(super) cell: Arc<Cell<<O::Actor as Actor>::Message>>,
    pub(super) factory: F,
    pub(super) kind: PhantomData<fn() -> (O, K)>,
}

impl<F, O, K> Worker for ActorWorker<F, O, K>
where
    F: FnMut() -> O + Send + 'static,
    O: Product<K> + 'static,
    K: 'static,
{
    fn start(&mut self, runtime: &RuntimeHandle, on_exit: OnExit) {
        // The factory runs here, on the supervisor's task; what it gives (perhaps a future) is awaited on the
        // child's own. A panic of it is the child's, not the supervisor's.
        let made = catch_unwind(AssertUnwindSafe(&mut self.factory));
        let cell = &self.cell;
        match made {
            Ok(product) => launch(cell, runtime, product.make(), move |_, exit| on_exit(exit)),
            Err(payload) => {
                let birth = async move { resume_unwind(payload) };
                launch::<O::Actor, _>(cell, runtime, birth, move |_, exit| on_exit(exit));
            }
        }
    }

    fn cell(&self) -> Arc<dyn Supervised> {
        Arc::clone(&self.cell) as Arc<dyn Supervised>
    }
}

/// A future made by a closure, once for each incarnation, and given a stop token.
pub(super) struct TaskWorker<F> {
    pub(super) cell: Arc<Cell<NoMessage>>,
    pub(super) body: F,
}

impl<F, T> Worker for TaskWorker<F>
where
    F: FnMut(Stop) -> T + Send + 'static,
    T: Future<Output: HookReturn> + Send + 'static,
{
    fn start(&mut self, runtime: &RuntimeHandle, on_exit: OnExit) {
        let stop = Stop::new();
        let body = &mut self.body;
        let made = catch_unwind(AssertUnwindSafe(|| body(stop.clone())));
        let life = async move |scene: Scene<NoMessage>| {
            let task = match made {
                Ok(task) => task,
                Err(payload) => return Exit::Panicked(Panic::new(&*payload, Some(scene.cell.who.clone()), "task")),
            };
            scene.cell.life.started(scene.incarnation);
            obey(&scene, stop, task).await
        };
        run::start(&self.cell, runtime, life, move |_, exit| on_exit(exit));
    }

    fn cell(&self) -> Arc<dyn Supervised> {
        Arc::clone(&self.cell) as Arc<dyn Supervised>
    }
}

/// Runs a task: a stop becomes its token, a kill drops it.
async fn obey<T: Future<Output: HookReturn>>(scene: &Scene<NoMessage>, stop: Stop, task: T) -> Exit {
    let mut task = pin!(task);
    let told = stop.clone();
    let polled = poll_fn(|cx| {
        if scene.level() >= Level::Drain {
            told.request();
        }
        task.as_mut().poll(cx)
    });
    match scene.attend(&mut Some(scene.inside()), Piece::new(&"task"), polled).await.map(HookReturn::result) {
        Ok(Ok(())) if stop.is_requested() => Exit::Stopped,
        Ok(Ok(())) => Exit::Normal,
        Ok(Err(error)) => Exit::Failed(error),
        Err(broken) => broken.into(),
    }
}
