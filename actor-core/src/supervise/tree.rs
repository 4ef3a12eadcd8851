//! A running supervisor: an actor whose messages are requests and whose events are the exits of its children.

use std::{
    collections::{BTreeMap, HashMap},
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

use super::{
    child::{ChildKind, Declared, Queue, Spec},
    error::ChildError,
    handle::{ChildCount, ChildInfo, Request, SupervisorMessage},
    member::Member,
    notice::{Notice, Notices},
    plan::{Restart, Rules, Window},
    stopping,
    worker::Supervised,
};
use crate::{
    actor::{
        Actor, Context,
        cell::{Level, Tenure},
        outcome::{HookResult, Outcome, Rare},
        settings::Settings,
    },
    error::StartError,
    exit::Exit,
    rt::RuntimeHandle,
    sync::{Arc, lock},
};

/// The state of a supervisor's incarnation.
pub(crate) struct Tree {
    rules: Rules,
    declared: Declared,
    runtime: RuntimeHandle,
    /// In the order of their start.
    children: BTreeMap<u64, Member>,
    by_id: HashMap<Arc<str>, u64>,
    /// Temporary children that have ended: gone for this incarnation, declared again for the next.
    spent: BTreeMap<u64, Member>,
    next: u64,
    window: Window,
    notices: Arc<Notices>,
    /// The notice that `poll_event` has found, for `on_event`.
    news: Option<Notice>,
}

impl Tree {
    pub(super) fn new(rules: Rules, declared: Declared, runtime: RuntimeHandle) -> Self {
        Tree {
            rules,
            declared,
            runtime,
            children: BTreeMap::new(),
            by_id: HashMap::new(),
            spent: BTreeMap::new(),
            next: 0,
            window: Window::default(),
            notices: Arc::default(),
            news: None,
        }
    }

    fn insert(&mut self, spec: Spec, declared: bool) -> u64 {
        self.next += 1;
        self.by_id.insert(Arc::clone(&spec.id), self.next);
        self.children.insert(self.next, Member { spec, declared, up: None, restarts: 0 });
        self.next
    }

    fn remove(&mut self, key: u64) {
        if let Some(member) = self.children.remove(&key) {
            self.by_id.remove(&member.spec.id);
        }
    }

    /// A temporary child has ended: it is no longer a child of this incarnation.
    fn spend(&mut self, key: u64) {
        let Some(member) = self.children.remove(&key) else { return };
        self.by_id.remove(&member.spec.id);
        if member.declared {
            self.spent.insert(key, member);
        }
    }

    /// Starts an incarnation of a child, without waiting for its `on_start`.
    fn launch(&mut self, key: u64) -> Option<Arc<dyn Supervised>> {
        let member = self.children.get_mut(&key)?;
        let cell = member.spec.cell();
        // It may have ended, or have failed while it was stopping: its mailbox is closed then.
        cell.revive();
        cell.set_tenure(member.spec.tenure());
        let incarnation = cell.incarnation() + 1;
        member.up = Some(incarnation);
        let (notices, of) = (Arc::clone(&self.notices), Arc::clone(&cell));
        let on_exit = Box::new(move |exit: Exit| {
            of.exited(incarnation, &exit);
            // One that was left behind gives back what it held only now, when nobody looks after its queue any more.
            if of.is_ended() {
                of.return_queued(&exit);
            }
            notices.push(Notice { child: key, incarnation, exit });
        });
        member.spec.worker.start(&self.runtime, on_exit);
        Some(cell)
    }

    /// Starts a child and waits for its `on_start`; a stop of the supervisor ends the waiting.
    async fn start(&mut self, key: u64, cx: &Context<Self>) -> Result<(), StartError> {
        let Some(cell) = self.launch(key) else { return Ok(()) };
        let mut started = Arc::clone(&cell).started();
        let outcome = poll_fn(|task| {
            if let Poll::Ready(outcome) = Pin::new(&mut started).poll(task) {
                return Poll::Ready(outcome.map_err(|error| error.cause().clone()));
            }
            let stopping = cx.cell.level(cx.incarnation) >= Level::Drain || cx.cell.is_unreferenced();
            if stopping { Poll::Ready(Err(Exit::Stopped)) } else { Poll::Pending }
        })
        .await;
        let Err(cause) = outcome else { return Ok(()) };
        let Some(member) = self.children.get_mut(&key) else { return Ok(()) };
        stopping::kill(&self.runtime, [&mut *member]).await;
        let cause = unwrap_cause(&cause).unwrap_or(cause);
        Err(StartError::new(Some(Arc::clone(&member.spec.id)), cause))
    }

    /// A child's incarnation has ended by itself.
    fn exited(&mut self, notice: &Notice) -> Outcome {
        let now = self.runtime.now();
        let Some(member) = self.children.get_mut(&notice.child) else { return Outcome::DONE };
        if member.up != Some(notice.incarnation) {
            return Outcome::DONE;
        }
        member.up = None;
        if !member.spec.restart.after(&notice.exit) {
            member.spec.cell().retire(&notice.exit);
            if member.spec.restart == Restart::Temporary {
                self.spend(notice.child);
            }
            return Outcome::DONE;
        }
        if let Err(restarts) = self.window.note(self.rules.intensity, now) {
            let child = Arc::clone(&member.spec.id);
            return Outcome::rare(Rare::End(Exit::GaveUp { child, restarts }));
        }
        if member.spec.queue == Queue::Return {
            member.spec.cell().return_queued(&notice.exit);
        }
        member.restarts += 1;
        self.launch(notice.child);
        Outcome::DONE
    }

    // ── requests

    fn find(&self, id: &str) -> Result<u64, ChildError> {
        self.by_id.get(id).copied().ok_or(ChildError::NotFound)
    }

    async fn start_child(&mut self, spec: Spec, cx: &Context<Self>) -> Result<(), ChildError> {
        if let Ok(key) = self.find(&spec.id) {
            let up = self.children.get(&key).is_some_and(|member| member.up.is_some());
            return Err(if up { ChildError::AlreadyStarted } else { ChildError::AlreadyPresent });
        }
        let key = self.insert(spec, false);
        let started = self.start(key, cx).await;
        if started.is_err() {
            self.remove(key);
        }
        Ok(started?)
    }

    async fn stop_child(&mut self, id: &str) -> Result<(), ChildError> {
        let key = self.find(id)?;
        let Some(member) = self.children.get_mut(&key) else { return Err(ChildError::NotFound) };
        member.spec.cell().set_tenure(Tenure::Finite);
        stopping::stop(&self.runtime, member, false).await;
        member.spec.cell().settle();
        if member.spec.restart == Restart::Temporary {
            self.spend(key);
        }
        Ok(())
    }

    async fn restart_child(&mut self, id: &str, cx: &Context<Self>) -> Result<(), ChildError> {
        let key = self.find(id)?;
        if self.children.get(&key).is_some_and(|member| member.up.is_some()) {
            return Err(ChildError::Running);
        }
        let started = self.start(key, cx).await;
        if started.is_err()
            && let Some(member) = self.children.get(&key)
        {
            member.spec.cell().settle();
        }
        Ok(started?)
    }

    fn remove_child(&mut self, id: &str) -> Result<(), ChildError> {
        let key = self.find(id)?;
        if self.children.get(&key).is_some_and(|member| member.up.is_some()) {
            return Err(ChildError::Running);
        }
        self.remove(key);
        Ok(())
    }

    fn list(&self) -> Vec<ChildInfo> {
        self.children.values().map(Member::info).collect()
    }

    fn count(&self) -> ChildCount {
        let mut count = ChildCount::default();
        for member in self.children.values() {
            count.specs += 1;
            count.active += usize::from(member.up.is_some());
            match member.spec.kind {
                ChildKind::Supervisor => count.supervisors += 1,
                ChildKind::Worker => count.workers += 1,
            }
        }
        count
    }
}

/// The cause of a nested supervisor's failed start, instead of an error about an error.
fn unwrap_cause(cause: &Exit) -> Option<Exit> {
    let Exit::Failed(error) = cause else { return None };
    error.downcast_ref::<StartError>().map(|error| Exit::Failed(Arc::new(error.clone())))
}

impl Actor for Tree {
    type Message = SupervisorMessage;

    const SETTINGS: Settings = Settings::DEFAULT;
    const HAS_EVENTS: bool = true;

    async fn dispatch(&mut self, message: SupervisorMessage, cx: &mut Context<Self>) -> Outcome {
        match message.0 {
            Request::List(reply) => reply.send(self.list()),
            Request::Count(reply) => reply.send(self.count()),
            Request::Start(spec, reply) => reply.send(self.start_child(spec, cx).await),
            Request::Stop(id, reply) => reply.send(self.stop_child(&id).await),
            Request::Restart(id, reply) => reply.send(self.restart_child(&id, cx).await),
            Request::Remove(id, reply) => reply.send(self.remove_child(&id)),
        }
        Outcome::DONE
    }

    fn poll_event(&mut self, task: &mut std::task::Context<'_>) -> Poll<()> {
        self.notices.poll(task).map(|notice| self.news = Some(notice))
    }

    async fn on_event(&mut self, _: &mut Context<Self>) -> Outcome {
        match self.news.take() {
            Some(notice) => self.exited(&notice),
            None => Outcome::DONE,
        }
    }

    /// Takes the declared children and starts them, one after the other.
    async fn on_start(&mut self, cx: &mut Context<Self>) -> HookResult {
        let specs = std::mem::take(&mut *lock(&self.declared));
        let keys: Vec<_> = specs.into_iter().map(|spec| self.insert(spec, true)).collect();
        for key in keys {
            if let Err(error) = self.start(key, cx).await {
                let farewell = (cx.cell.tenure() == Tenure::Own).then_some(&*self.notices);
                stopping::stop_all(&self.runtime, &mut self.children, true, farewell).await;
                return Err(Arc::new(error));
            }
        }
        Ok(())
    }

    /// Stops the children in reverse order: in their own time if it was asked to stop, at once if it failed.
    async fn on_stop(&mut self, exit: &Exit, cx: &mut Context<Self>) -> HookResult {
        // A child whose supervisor comes back comes back too: its mailbox stays open. Above a root there is nobody.
        let tenure = cx.cell.tenure();
        let comes_back = tenure == Tenure::Permanent || (tenure == Tenure::Finite && exit.is_abnormal());
        for member in self.children.values() {
            member.spec.cell().set_tenure(if comes_back { Tenure::Permanent } else { Tenure::Finite });
        }
        let farewell = (!comes_back).then_some(&*self.notices);
        stopping::stop_all(&self.runtime, &mut self.children, exit.is_abnormal(), farewell).await;
        Ok(())
    }

    /// After a kill nothing has been stopped yet; otherwise there is nothing left to do.
    async fn reap(&mut self, _: &mut Context<Self>) {
        stopping::kill(&self.runtime, self.children.values_mut()).await;
    }
}

impl Drop for Tree {
    /// The declared children go back to the declaration, for the next incarnation; the others end here.
    fn drop(&mut self) {
        for member in self.children.values() {
            if member.up.is_some() {
                // Only if the runtime threw this supervisor away.
                member.spec.cell().request(Level::Kill);
            }
        }
        let mut back = std::mem::take(&mut self.children);
        back.append(&mut self.spent);
        let (declared, others): (Vec<_>, Vec<_>) = back.into_values().partition(|member| member.declared);
        lock(&self.declared).extend(declared.into_iter().map(|member| member.spec));
        drop(others);
    }
}
