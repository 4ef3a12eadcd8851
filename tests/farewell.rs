//! The end of a tree: nobody waits for what will not come back, and nobody is left behind.

mod support;

use std::time::Duration;

use actor_core::{
    prelude::*,
    rt::test::{run, sleep},
};
use futures_util::future::{Either, select};
use support::{ms, secs, timed};

/// Crashes on demand.
struct Source;

#[actor]
impl Source {
    pub fn boom(&mut self) {
        panic!("boom");
    }

    pub fn get(&mut self) -> u32 {
        1
    }

    pub async fn busy(&mut self) {
        std::future::pending::<()>().await;
    }
}

/// Asks the source after a while.
struct Reader(SourceHandle);

#[actor]
impl Reader {
    pub async fn read(&mut self) -> Result<u32, AskError> {
        sleep(ms(50)).await;
        self.0.get().await
    }
}

/// A reader that has as long as it takes to stop: one that waited for the source would never end.
fn patient_reader(source: &SourceHandle) -> Child<ReaderHandle> {
    let source = source.clone();
    Child::new("reader", move || Reader(source.clone())).shutdown(Shutdown::Infinity)
}

#[test]
fn r11a_an_ask_to_a_child_whose_supervisor_gave_up_ends_at_once_when_the_root_gives_up_too() {
    run(async {
        let mut inner = Supervisor::one_for_one().intensity(0, secs(1));
        let source = inner.child("source", || Source);
        let mut tree = Supervisor::one_for_one().intensity(0, secs(1));
        tree.supervisor("inner", inner);
        let reader = tree.add(patient_reader(&source));
        let app = tree.start().await.unwrap();
        let read = reader.read().enqueue().await.unwrap();
        assert!(matches!(source.boom().await, Err(AskError::Panicked(_))));
        let (exit, time) = timed(app.stopped()).await;
        assert!(matches!(exit, Exit::GaveUp { .. }));
        assert_eq!(time, ms(50));
        assert!(matches!(read.await, Err(AskError::Handler(AskError::Stopped(Exit::Panicked(_))))));
    });
}

#[test]
fn r20_a_child_that_crashes_while_its_supervisor_stops_keeps_no_sibling_waiting() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let source = tree.child("source", || Source);
        let reader = tree.add(patient_reader(&source));
        let app = tree.start().await.unwrap();
        let read = reader.read().enqueue().await.unwrap();
        let stopped = app.stop();
        assert!(matches!(source.boom().await, Err(AskError::Panicked(_))));
        assert_eq!(timed(stopped).await, (Exit::Stopped, ms(50)));
        assert!(matches!(read.await, Err(AskError::Handler(AskError::Stopped(Exit::Panicked(_))))));
    });
}

#[test]
fn m8_what_is_queued_at_a_child_that_is_killed_on_the_way_down_ends_with_the_kill() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let reader = tree.add(Child::new("slow", || Source).shutdown(Shutdown::Infinity));
        let source = tree.add(Child::new("source", || Source).shutdown(Shutdown::Brutal));
        let app = tree.start().await.unwrap();
        let _busy = reader.busy().enqueue().await.unwrap();
        let _held = source.busy().enqueue().await.unwrap();
        let queued = source.get().enqueue().await.unwrap();
        drop(app.stop());
        // The other child takes for ever to stop, and this ask does not wait for it.
        assert_eq!(timed(queued).await, (Err(AskError::Stopped(Exit::Killed)), Duration::ZERO));
        assert_eq!(app.kill().await, Exit::Killed);
    });
}

#[test]
fn a_supervisor_that_is_killed_while_it_stops_a_child_leaves_none_behind() {
    run(async {
        let mut inner = Supervisor::one_for_one();
        // Neither heeds its token, and both would have a minute.
        let deaf = |id| Child::task(id, |_| std::future::pending::<()>()).shutdown(Shutdown::Within(secs(60)));
        let (one, two) = (inner.add(deaf("one")), inner.add(deaf("two")));
        let mut tree = Supervisor::one_for_one();
        tree.add(Child::supervisor("inner", inner).shutdown(Shutdown::Within(ms(100))));
        let app = tree.start().await.unwrap();
        let (one, two) = (one.monitor(), two.monitor());
        let (exit, time) = timed(app.stop()).await;
        assert_eq!((exit, time), (Exit::Stopped, ms(100)));
        assert_eq!((one.await, two.await), (Exit::Killed, Exit::Killed));
    });
}

// ── programs

/// Never comes up.
struct Unreachable;

#[actor]
impl Unreachable {
    #[on_start]
    async fn connect(&mut self) {
        std::future::pending::<()>().await;
    }

    pub fn query(&self) {}
}

#[test]
fn a_system_hears_the_end_while_its_tree_starts() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let source = tree.child("source", || Source);
        let db = tree.child("db", || Unreachable);
        let report = System::new(tree).run_until(sleep(secs(1))).await.unwrap();
        assert_eq!((report.exit.clone(), report.requested, report.forced), (Exit::Stopped, true, false), "{report}");
        assert!(!source.is_alive() && !db.is_alive());
    });
}

#[test]
fn a_system_that_is_dropped_stops_its_tree_whoever_has_a_handle_to_it() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let source = tree.child("source", || Source);
        let app = tree.handle();
        let system = Box::pin(System::new(tree).run_until(std::future::pending()));
        let Either::Right(((), system)) = select(system, Box::pin(sleep(secs(1)))).await else { panic!("it runs") };
        assert_eq!(source.get().await, Ok(1));
        drop(system);
        assert_eq!(app.stopped().await, Exit::Stopped);
        assert!(!source.is_alive());
    });
}

#[test]
fn a_start_that_is_dropped_stops_what_it_has_started_whoever_has_a_handle_to_it() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let source = tree.child("source", || Source);
        tree.child("db", || Unreachable);
        let app = tree.handle();
        let start = Box::pin(tree.start());
        let Either::Right(((), start)) = select(start, Box::pin(sleep(secs(1)))).await else { panic!("it starts") };
        assert_eq!(source.get().await, Ok(1));
        drop(start);
        assert!(app.stopped().await.is_abnormal());
        assert!(!source.is_alive());
    });
}
