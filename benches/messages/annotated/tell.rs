//! Tells.

use std::hint::black_box;

use actor_core::{Child, Spawn as _, Supervisor, actor};
use futures_util::future::join_all;

use crate::{
    CAPACITY, MESSAGES, WARM,
    meter::{Meter, Sample},
    tally::{Tally, expect_handled},
};

#[derive(Default)]
pub(crate) struct Small(Tally);

/// Two handlers, so that the message has a tag, as that of nearly every actor has.
#[actor]
impl Small {
    #[tell]
    pub fn add(&mut self, number: u64) {
        self.0.add(number);
    }

    #[tell]
    pub fn set(&mut self, number: u64) {
        self.0.set(number);
    }
}

/// An actor of its own for the large message: an enum is as large as its largest variant.
#[derive(Default)]
struct Large(Tally);

#[actor]
impl Large {
    #[tell]
    pub fn add(&mut self, numbers: [u64; 15]) {
        self.0.add(numbers[0]);
    }

    #[tell]
    pub fn set(&mut self, numbers: [u64; 15]) {
        self.0.set(numbers[0]);
    }
}

const _: () = assert!(size_of::<SmallMessage>() == 16 && size_of::<LargeMessage>() == 128);

pub(crate) fn small(capacity: usize) -> SmallHandle {
    Small::default().options().mailbox(capacity).spawn().expect("inside a runtime")
}

async fn add(actor: &SmallHandle, times: u64) {
    for _ in 0..times {
        actor.add(black_box(1)).await.expect("it is up");
    }
}

/// All messages by so many tasks at once.
pub(crate) async fn drive(actor: SmallHandle, producers: u64) -> Sample {
    add(&actor, WARM).await;
    let meter = Meter::start();
    if producers == 1 {
        add(&actor, MESSAGES).await;
    } else {
        let produce = |actor: SmallHandle| async move { add(&actor, MESSAGES / producers).await };
        let tasks = (0..producers).map(|_| tokio::spawn(produce(actor.clone())));
        join_all(tasks).await.into_iter().for_each(|task| task.expect("it does not panic"));
    }
    actor.stop().await;
    let sample = meter.stop(MESSAGES);
    expect_handled(WARM + MESSAGES);
    sample
}

pub(crate) async fn supervised() -> Sample {
    let mut tree = Supervisor::one_for_one();
    let actor = tree.add(Child::new("small", Small::default).mailbox(CAPACITY));
    let app = tree.start().await.expect("it starts");
    add(&actor, WARM).await;
    let meter = Meter::start();
    add(&actor, MESSAGES).await;
    app.stop().await;
    let sample = meter.stop(MESSAGES);
    expect_handled(WARM + MESSAGES);
    sample
}

pub(crate) async fn large() -> Sample {
    async fn add(actor: &LargeHandle, times: u64) {
        for _ in 0..times {
            actor.add(black_box([1; 15])).await.expect("it is up");
        }
    }

    let actor = Large::default().options().mailbox(CAPACITY).spawn().expect("inside a runtime");
    add(&actor, WARM).await;
    let meter = Meter::start();
    add(&actor, MESSAGES).await;
    actor.stop().await;
    let sample = meter.stop(MESSAGES);
    expect_handled(WARM + MESSAGES);
    sample
}
