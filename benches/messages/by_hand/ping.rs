//! Two actors that tell each other.

use tokio::sync::{mpsc, oneshot};

use super::Actor;
use crate::{
    CAPACITY, MESSAGES, WARM,
    meter::{Meter, Sample},
};

enum Player {
    Meet(mpsc::Sender<Player>),
    Watch(oneshot::Sender<()>),
    Ball(u64),
    /// Each has a sender of the other, so neither would see its last one go.
    Part,
}

fn player() -> Actor<Player> {
    Actor::spawn(CAPACITY, async |mut mailbox: mpsc::Receiver<Player>| {
        let mut other: Option<mpsc::Sender<Player>> = None;
        let mut over: Option<oneshot::Sender<()>> = None;
        while let Some(message) = mailbox.recv().await {
            match message {
                Player::Meet(sender) => other = Some(sender),
                Player::Watch(sender) => over = Some(sender),
                Player::Ball(0) => {
                    if let Some(over) = over.take() {
                        over.send(()).expect("the game is watched");
                    }
                }
                Player::Ball(left) => {
                    let other = other.as_ref().expect("they have met");
                    other.send(Player::Ball(left - 1)).await.expect("it is up");
                }
                Player::Part => other = None,
            }
        }
    })
}

async fn send(player: &Actor<Player>, message: Player) {
    player.sender.send(message).await.expect("it is up");
}

/// An even number of hits, so that the ball ends where it began.
async fn game(player: &Actor<Player>, hits: u64) {
    let (over, until_over) = oneshot::channel();
    send(player, Player::Watch(over)).await;
    send(player, Player::Ball(hits)).await;
    until_over.await.expect("it ends");
}

pub(crate) async fn pong() -> Sample {
    let (one, two) = (player(), player());
    send(&one, Player::Meet(two.sender.clone())).await;
    send(&two, Player::Meet(one.sender.clone())).await;
    game(&one, WARM).await;
    let meter = Meter::start();
    game(&one, MESSAGES).await;
    let sample = meter.stop(MESSAGES);
    send(&one, Player::Part).await;
    send(&two, Player::Part).await;
    one.stop().await;
    two.stop().await;
    sample
}
