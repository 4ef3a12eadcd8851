//! What a connection needs of the shards, whatever they run on.

use std::fmt;

use crate::{
    op::{ShardOp, ShardReply},
    reply::Reply,
};

/// The shards of a server, as seen by a connection: cheap to clone, one for each.
pub(crate) trait Shards: Clone + Send + Sync + 'static {
    /// The answer to come. `Unpin`, because a connection keeps a queue of them.
    type Pending: Future<Output = Result<ShardReply, ShardError>> + Send + Unpin;

    /// How many there are.
    fn count(&self) -> usize;

    /// Puts a request into the mailbox of a shard, waiting while that is full. From then on it is
    /// carried out, even if the answer is never looked at. Requests of one connection to one shard
    /// are carried out in the order of their starts.
    fn start(&self, shard: usize, op: ShardOp) -> impl Future<Output = Result<Self::Pending, ShardError>> + Send;
}

/// Why a shard has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShardError {
    /// It crashed at this request. It is back soon, with its data.
    Crashed,
    /// It is gone for good: the server is shutting down.
    Stopped,
}

impl fmt::Display for ShardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crashed => "ERR the shard of this key crashed, the command may not be done",
            Self::Stopped => "ERR the server is shutting down",
        })
    }
}

impl std::error::Error for ShardError {}

impl From<ShardError> for Reply {
    fn from(error: ShardError) -> Self {
        Self::error(error.to_string())
    }
}
