//! Actors that come and go.

use super::ask;
use crate::{
    CAPACITY, SPAWNS,
    meter::{Meter, Sample},
};

pub(crate) async fn spawn_stop() -> Sample {
    let meter = Meter::start();
    for _ in 0..SPAWNS {
        ask::start(CAPACITY).stop().await;
    }
    meter.stop(SPAWNS)
}

pub(crate) async fn spawn_ask_stop() -> Sample {
    let meter = Meter::start();
    for number in 0..SPAWNS {
        let actor = ask::start(CAPACITY);
        assert_eq!(actor.next(number).await, number);
        actor.stop().await;
    }
    meter.stop(SPAWNS)
}
