//! The answers a connection gives itself.

use bytes::Bytes;

use crate::{
    command::NAMES,
    info,
    local::{ClientOp, Local},
    reply::Reply,
    server::Registration,
};

/// What follows from a command that needs no shard.
#[derive(Debug)]
pub(crate) enum Answer {
    Reply(Reply),
    /// The connection ends after this reply.
    Last(Reply),
    /// The connection ends without one, and the server with it.
    Shutdown,
}

pub(crate) fn answer(this: &Registration, local: Local) -> Answer {
    Answer::Reply(match local {
        Local::Ping(None) => Reply::Simple("PONG"),
        Local::Ping(Some(text)) | Local::Echo(text) => Reply::Bulk(text),
        Local::Select(0) => Reply::OK,
        Local::Select(_) => Reply::error("ERR DB index is out of range"),
        Local::Hello { version, name } => hello(this, version, name),
        Local::Client(op) => client(this, op),
        Local::CommandCount => Reply::count(NAMES.split_whitespace().count()),
        Local::CommandTable => Reply::Array(Vec::new()),
        Local::ConfigGet(patterns) => info::config(&this.server, &patterns),
        Local::Reset => {
            this.rename(Bytes::new());
            Reply::Simple("RESET")
        }
        Local::Quit => return Answer::Last(Reply::OK),
        Local::Shutdown => return Answer::Shutdown,
    })
}

/// Greets a client. What is a map in RESP3 is a flat array in RESP2.
fn hello(this: &Registration, version: Option<i64>, name: Option<Bytes>) -> Reply {
    if version.is_some_and(|version| version != 2) {
        return Reply::error("NOPROTO unsupported protocol version");
    }
    if let Some(name) = name {
        this.rename(name);
    }
    Reply::Array(vec![
        Reply::text("server"),
        Reply::text("redis"),
        Reply::text("version"),
        Reply::text(info::REDIS_VERSION),
        Reply::text("proto"),
        Reply::Int(2),
        Reply::text("id"),
        Reply::Int(this.id.cast_signed()),
        Reply::text("mode"),
        Reply::text("standalone"),
        Reply::text("role"),
        Reply::text("master"),
        Reply::text("modules"),
        Reply::Array(Vec::new()),
    ])
}

fn client(this: &Registration, op: ClientOp) -> Reply {
    match op {
        ClientOp::Id => Reply::Int(this.id.cast_signed()),
        ClientOp::Info => Reply::text(this.server.list(Some(this.id))),
        ClientOp::List => Reply::text(this.server.list(None)),
        ClientOp::GetName => {
            let name = this.name();
            if name.is_empty() { Reply::Null } else { Reply::Bulk(name) }
        }
        ClientOp::SetName(name) => {
            this.rename(name);
            Reply::OK
        }
        ClientOp::Accepted => Reply::OK,
    }
}
