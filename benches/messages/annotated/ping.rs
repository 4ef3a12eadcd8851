//! Two actors that tell each other.

use actor_core::{Spawn as _, actor};
use tokio::sync::oneshot;

use crate::{
    CAPACITY, MESSAGES, WARM,
    meter::{Meter, Sample},
};

#[derive(Default)]
struct Player {
    other: Option<PlayerHandle>,
    over: Option<oneshot::Sender<()>>,
}

#[actor]
impl Player {
    #[tell]
    pub fn meet(&mut self, other: PlayerHandle) {
        self.other = Some(other);
    }

    /// The one who is told this will say when the ball has been hit for the last time.
    #[tell]
    pub fn watch(&mut self, over: oneshot::Sender<()>) {
        self.over = Some(over);
    }

    #[tell]
    pub async fn ball(&mut self, left: u64) {
        if left > 0 {
            let other = self.other.as_ref().expect("they have met");
            other.ball(left - 1).await.expect("it is up");
        } else if let Some(over) = self.over.take() {
            over.send(()).expect("the game is watched");
        }
    }
}

/// An even number of hits, so that the ball ends where it began.
async fn game(player: &PlayerHandle, hits: u64) {
    let (over, until_over) = oneshot::channel();
    player.watch(over).await.expect("it is up");
    player.ball(hits).await.expect("it is up");
    until_over.await.expect("it ends");
}

pub(crate) async fn pong() -> Sample {
    let player = || Player::default().options().mailbox(CAPACITY).spawn().expect("inside a runtime");
    let (one, two) = (player(), player());
    one.meet(two.clone()).await.expect("it is up");
    two.meet(one.clone()).await.expect("it is up");
    game(&one, WARM).await;
    let meter = Meter::start();
    game(&one, MESSAGES).await;
    let sample = meter.stop(MESSAGES);
    one.stop().await;
    two.stop().await;
    sample
}
