//! A first actor: a struct, an annotated `impl` block, and the ways to talk to it.
//!
//! ```text
//! cargo run --example counter
//! ```

use std::{error::Error, time::Duration};

// What a user types, and no more: `actor`, `Spawn`, `AskError`, `Exit` and a few others.
use actor_core::prelude::*;

/// The state. It belongs to one task, so it needs no lock and no `Arc`.
#[derive(Default)]
struct Counter {
    count: u64,
}

/// Each `pub` method with a receiver is a message, and the generated `CounterHandle` has a method of the same name.
/// Messages are handled one at a time.
#[actor]
impl Counter {
    /// What a handler returns is the reply.
    pub fn add(&mut self, n: u64) -> u64 {
        self.count += n;
        self.count
    }

    /// A handler may fail: the caller gets the error as `AskError::Handler`, the actor goes on.
    pub fn subtract(&mut self, n: u64) -> Result<u64, String> {
        self.count = self.count.checked_sub(n).ok_or_else(|| format!("{} is less than {n}", self.count))?;
        Ok(self.count)
    }

    /// A handler may be async. While it waits, the actor handles nothing else and its mailbox fills.
    pub async fn add_slowly(&mut self, n: u64) -> u64 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.add(n)
    }

    /// `#[tell]`: there is no reply, so nobody waits for one.
    #[tell]
    pub fn note(&mut self, text: &str) {
        println!("  the counter notes at {}: {text}", self.count);
    }

    /// Hooks run around the messages and are no messages themselves.
    #[on_stop]
    fn last_words(&mut self, why: &Exit) {
        println!("  the counter ends at {}: {why}", self.count);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Starts the actor on the runtime that this code runs in. The handle is cheap to clone and may be sent anywhere.
    let counter: CounterHandle = Counter::default().spawn();

    // An ask: sent and answered. The types are those of the method.
    println!("add(2) gives {}", counter.add(2).await?);

    // The handler's own error comes back typed, apart from the reasons for which there may be no reply at all.
    match counter.subtract(5).await {
        Err(AskError::Handler(error)) => println!("subtract(5) fails: {error}"),
        other => println!("subtract(5) gives {other:?}"),
    }

    // A tell: ready when the message is in the mailbox, which is bounded, so it may have to wait for room.
    counter.note("hello").await?;

    // Any ask can be told as well, or sent now and waited for later.
    counter.add(10).tell().await?;
    let later = counter.add(100).enqueue().await?;
    println!("add(100), sent after add(10), gives {}", later.await?);

    // There is no time limit unless one is set. A handler that has begun is finished all the same.
    match counter.add_slowly(1000).timeout(Duration::from_millis(10)).await {
        Err(AskError::Timeout) => println!("add_slowly(1000) takes longer than 10 ms"),
        other => println!("add_slowly(1000) gives {other:?}"),
    }

    // A stop takes effect when it is called: what was accepted is handled, what comes later is refused.
    let exit = counter.stop().await;
    println!("the counter {exit}");
    match counter.add(1).await {
        Err(error) => println!("add(1) fails: {error}"),
        Ok(sum) => println!("add(1) gives {sum}"),
    }
    Ok(())
}
