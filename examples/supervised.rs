//! A tree of actors that crashes, recovers, and gives up when crashing does not stop.
//!
//! ```text
//! cargo run --example supervised
//! ```
//!
//! ```text
//! root (3 restarts within 5 s, then it gives up)
//! ├── ledger     an actor; what it owns is lost with a crash, what it was handed is not
//! └── audit      a supervisor (1 restart within 5 s, then it gives up)
//!     └── clerk  an actor that asks the ledger
//! ```

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actor_core::{SupervisorHandle, prelude::*};

/// Amounts that outlive the actor: made once, handed to each incarnation.
type Entries = Arc<Mutex<Vec<i64>>>;

struct Ledger {
    entries: Entries,
    /// Belongs to one incarnation, and is gone with it.
    handled: u32,
}

#[actor]
impl Ledger {
    fn new(entries: Entries) -> Self {
        Ledger { entries, handled: 0 }
    }

    pub fn book(&mut self, amount: i64) -> usize {
        assert!(amount != 0, "an entry of nothing");
        self.handled += 1;
        // A panic while the lock was held would have poisoned it; here none can happen.
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(amount);
        entries.len()
    }

    pub fn balance(&mut self) -> i64 {
        self.handled += 1;
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).iter().sum()
    }

    pub fn handled(&self) -> u32 {
        self.handled
    }
}

/// Holds the ledger's handle: it was valid before either actor was started, and stays valid across restarts.
struct Clerk {
    ledger: LedgerHandle,
    cups: u32,
}

#[actor]
impl Clerk {
    pub async fn audit(&mut self) -> String {
        match self.ledger.balance().await {
            Ok(balance) => format!("the balance is {balance}"),
            Err(error) => format!("no balance: {error}"),
        }
    }

    #[tell]
    pub fn spill_coffee(&mut self) {
        self.cups += 1;
        assert!(self.cups == 0, "coffee on the books");
    }
}

/// Prints what a supervisor says of its children.
async fn show(supervisor: &SupervisorHandle, name: &str) {
    for child in supervisor.children().await {
        println!("    {name}/{}: {:?}, restarted {} times", child.id, child.state, child.restarts);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The default hook prints panics with a backtrace; one line each is enough here.
    std::panic::set_hook(Box::new(|info| {
        println!("  (panic: {})", info.payload().downcast_ref::<&str>().unwrap_or(&"not a text"));
    }));

    // ── declare: handles come first, so children can be given each other's
    let entries = Entries::default();
    let mut tree = Supervisor::one_for_one().intensity(3, Duration::from_secs(5));
    let ledger = tree.child("ledger", move || Ledger::new(Arc::clone(&entries)));

    let mut office = Supervisor::one_for_one().intensity(1, Duration::from_secs(5));
    let clerk = office.child("clerk", {
        let ledger = ledger.clone();
        move || Clerk { ledger: ledger.clone(), cups: 0 }
    });
    let office = tree.supervisor("audit", office);

    // ── start: children in order, each when the one before has started
    let root = tree.start().await?;
    println!("started");
    show(&root, "root").await;
    show(&office, "audit").await;

    // ── a crash: this message fails, the next one finds a new incarnation behind the same handle
    ledger.book(30).await?;
    ledger.book(12).await?;
    println!("handled so far: {}", ledger.handled().await?);
    match ledger.book(0).await {
        Err(AskError::Panicked(panic)) => println!("book(0) fails: {panic}"),
        other => println!("book(0) gives {other:?}"),
    }
    println!("handled by the new incarnation: {}", ledger.handled().await?);
    println!("the clerk says: {}", clerk.audit().await?);
    show(&root, "root").await;

    // ── escalation: two crashes are one too many for `audit`, which fails, and is itself started again by `root`
    let failed = office.monitor();
    clerk.spill_coffee().await?;
    clerk.spill_coffee().await?;
    println!("audit {}", failed.await);
    println!("the clerk says: {}", clerk.audit().await?);
    // The clerk may answer before its supervisor has finished its own start.
    office.started().await?;
    show(&root, "root").await;
    show(&office, "audit").await;

    // ── stop: in reverse order
    println!("root {}", root.stop().await);
    Ok(())
}
