//! Many actors that tell each other.

use std::sync::Arc;

use actor_core::{Spawn as _, actor};
use tokio::sync::mpsc;

use crate::{
    MESSAGES, WARM,
    crossing::{ACTORS, CAPACITY, next},
    meter::{Meter, Sample},
};

struct Node {
    me: usize,
    others: Arc<Vec<NodeHandle>>,
    arrived: mpsc::UnboundedSender<()>,
}

#[actor]
impl Node {
    #[tell]
    pub fn meet(&mut self, others: Arc<Vec<NodeHandle>>) {
        self.others = others;
    }

    #[tell]
    pub async fn ball(&mut self, left: u32, luck: u32) {
        if left == 0 {
            self.arrived.send(()).expect("somebody waits");
            return;
        }
        let (to, luck) = next(self.me, luck);
        self.others[to].ball(left - 1, luck).await.expect("it is up");
    }
}

/// One ball for each actor; the end of the last one ends the game.
async fn game(nodes: &[NodeHandle], arrived: &mut mpsc::UnboundedReceiver<()>, hits: u64) {
    let hits = u32::try_from(hits / ACTORS).expect("not that many");
    for (luck, node) in (1..).zip(nodes) {
        node.ball(hits, luck).await.expect("it is up");
    }
    for _ in nodes {
        arrived.recv().await.expect("every ball arrives");
    }
}

pub(crate) async fn to_many() -> Sample {
    let (done, mut arrived) = mpsc::unbounded_channel();
    let node = |me| Node { me, others: Arc::default(), arrived: done.clone() };
    let nodes = (0..ACTORS).map(|me| {
        let node = node(usize::try_from(me).expect("not that many"));
        node.options().mailbox(CAPACITY).spawn().expect("inside a runtime")
    });
    let nodes = Arc::new(nodes.collect::<Vec<_>>());
    for node in nodes.iter() {
        node.meet(Arc::clone(&nodes)).await.expect("it is up");
    }
    game(&nodes, &mut arrived, WARM).await;
    let times = MESSAGES / ACTORS * ACTORS;
    let meter = Meter::start();
    game(&nodes, &mut arrived, times).await;
    let sample = meter.stop(times);
    for node in nodes.iter() {
        // Each holds handles of all.
        node.meet(Arc::default()).await.expect("it is up");
        node.stop().await;
    }
    sample
}
