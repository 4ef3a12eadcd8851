//! Many actors that tell each other.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::Actor;
use crate::{
    MESSAGES, WARM,
    crossing::{ACTORS, CAPACITY, next},
    meter::{Meter, Sample},
};

enum Node {
    Meet(Arc<Vec<mpsc::Sender<Node>>>),
    Ball { left: u32, luck: u32 },
}

fn node(me: usize, arrived: mpsc::UnboundedSender<()>) -> Actor<Node> {
    Actor::spawn(CAPACITY, async move |mut mailbox: mpsc::Receiver<Node>| {
        let mut others: Arc<Vec<mpsc::Sender<Node>>> = Arc::default();
        while let Some(message) = mailbox.recv().await {
            match message {
                Node::Meet(all) => others = all,
                Node::Ball { left: 0, .. } => arrived.send(()).expect("somebody waits"),
                Node::Ball { left, luck } => {
                    let (to, luck) = next(me, luck);
                    others[to].send(Node::Ball { left: left - 1, luck }).await.expect("it is up");
                }
            }
        }
    })
}

/// One ball for each actor; the end of the last one ends the game.
async fn game(nodes: &[Actor<Node>], arrived: &mut mpsc::UnboundedReceiver<()>, hits: u64) {
    let left = u32::try_from(hits / ACTORS).expect("not that many");
    for (luck, node) in (1..).zip(nodes) {
        node.sender.send(Node::Ball { left, luck }).await.expect("it is up");
    }
    for _ in nodes {
        arrived.recv().await.expect("every ball arrives");
    }
}

pub(crate) async fn to_many() -> Sample {
    let (done, mut arrived) = mpsc::unbounded_channel();
    let nodes = (0..ACTORS).map(|me| node(usize::try_from(me).expect("not that many"), done.clone()));
    let nodes = nodes.collect::<Vec<_>>();
    let senders = Arc::new(nodes.iter().map(|node| node.sender.clone()).collect::<Vec<_>>());
    for node in &nodes {
        node.sender.send(Node::Meet(Arc::clone(&senders))).await.expect("it is up");
    }
    drop(senders);
    game(&nodes, &mut arrived, WARM).await;
    let times = MESSAGES / ACTORS * ACTORS;
    let meter = Meter::start();
    game(&nodes, &mut arrived, times).await;
    let sample = meter.stop(times);
    for node in &nodes {
        // Each holds senders of all.
        node.sender.send(Node::Meet(Arc::default())).await.expect("it is up");
    }
    for node in nodes {
        node.stop().await;
    }
    sample
}
