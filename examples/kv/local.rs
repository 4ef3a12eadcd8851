//! The commands a connection answers itself, without asking a shard.

use bytes::Bytes;

use crate::{
    args::{CommandError, Upper, at_least, exactly, excerpt, int, owned, owned_from},
    number::parse_int,
    resp::Args,
};

#[derive(Debug)]
pub(crate) enum Local {
    Ping(Option<Bytes>),
    Echo(Bytes),
    /// The number of a database; there is only 0.
    Select(i64),
    /// The protocol version asked for, and a name for the connection.
    Hello {
        version: Option<i64>,
        name: Option<Bytes>,
    },
    Client(ClientOp),
    /// `COMMAND COUNT`
    CommandCount,
    /// `COMMAND`, `COMMAND DOCS …`, `COMMAND INFO …`: what only helps a prompt is left out.
    CommandTable,
    /// The patterns of `CONFIG GET`.
    ConfigGet(Vec<Bytes>),
    /// Forget the name: `RESET`
    Reset,
    Quit,
    Shutdown,
}

/// `CLIENT …`
#[derive(Debug)]
pub(crate) enum ClientOp {
    Id,
    Info,
    List,
    GetName,
    SetName(Bytes),
    /// What asks for nothing this server would do differently: `SETINFO`, `NO-EVICT`, `NO-TOUCH`.
    Accepted,
}

/// Reads a request, or says `None` if it is none of these commands.
pub(crate) fn parse(args: Args<'_>) -> Result<Option<Local>, CommandError> {
    let name = Upper::new(args.at(0));
    Ok(Some(match name.word() {
        b"PING" => match args.len() {
            1 => Local::Ping(None),
            2 => Local::Ping(Some(owned(args, 1))),
            _ => return Err(CommandError::Arity("ping")),
        },
        b"ECHO" => {
            exactly(args, 2, "echo")?;
            Local::Echo(owned(args, 1))
        }
        b"SELECT" => {
            exactly(args, 2, "select")?;
            Local::Select(int(args, 1)?)
        }
        b"HELLO" => hello(args)?,
        b"CLIENT" => Local::Client(client(args)?),
        b"COMMAND" => command(args)?,
        b"CONFIG" => config(args)?,
        b"RESET" => Local::Reset,
        b"QUIT" => Local::Quit,
        b"SHUTDOWN" => shutdown(args)?,
        _ => return Ok(None),
    }))
}

fn hello(args: Args<'_>) -> Result<Local, CommandError> {
    let bad = CommandError::Other("ERR Protocol version is not an integer or out of range");
    let version = match args.len() {
        1 => None,
        _ => Some(parse_int(args.at(1)).ok_or(bad)?),
    };
    let mut name = None;
    let mut next = 2;
    while next < args.len() {
        match Upper::new(args.at(next)).word() {
            b"SETNAME" if next + 1 < args.len() => {
                name = Some(client_name(args.at(next + 1))?);
                next += 2;
            }
            b"AUTH" if next + 2 < args.len() => {
                return Err(CommandError::Other("ERR AUTH called without any password configured"));
            }
            _ => return Err(CommandError::Syntax),
        }
    }
    Ok(Local::Hello { version, name })
}

fn client(args: Args<'_>) -> Result<ClientOp, CommandError> {
    at_least(args, 2, "client")?;
    let (op, count, name) = match Upper::new(args.at(1)).word() {
        b"ID" => (ClientOp::Id, 2, "client|id"),
        b"INFO" => (ClientOp::Info, 2, "client|info"),
        // Its filters would only leave out lines.
        b"LIST" => (ClientOp::List, args.len(), "client|list"),
        b"GETNAME" => (ClientOp::GetName, 2, "client|getname"),
        b"SETNAME" => {
            exactly(args, 3, "client|setname")?;
            return Ok(ClientOp::SetName(client_name(args.at(2))?));
        }
        b"SETINFO" => (ClientOp::Accepted, 4, "client|setinfo"),
        b"NO-EVICT" => (ClientOp::Accepted, 3, "client|no-evict"),
        b"NO-TOUCH" => (ClientOp::Accepted, 3, "client|no-touch"),
        _ => return Err(CommandError::UnknownSub(excerpt(args.at(1)), "CLIENT")),
    };
    exactly(args, count, name)?;
    Ok(op)
}

/// A name has to fit into a line of `CLIENT LIST`, and is short: it is kept for every connection.
fn client_name(name: &[u8]) -> Result<Bytes, CommandError> {
    if !name.iter().all(u8::is_ascii_graphic) {
        let text = "ERR Client names cannot contain spaces, newlines or special characters.";
        return Err(CommandError::Other(text));
    }
    if name.len() > 1024 {
        return Err(CommandError::Other("ERR Client names have at most 1024 bytes"));
    }
    Ok(Bytes::copy_from_slice(name))
}

fn command(args: Args<'_>) -> Result<Local, CommandError> {
    if args.len() == 1 {
        return Ok(Local::CommandTable);
    }
    match Upper::new(args.at(1)).word() {
        b"COUNT" => Ok(Local::CommandCount),
        b"DOCS" | b"INFO" | b"LIST" => Ok(Local::CommandTable),
        _ => Err(CommandError::UnknownSub(excerpt(args.at(1)), "COMMAND")),
    }
}

fn config(args: Args<'_>) -> Result<Local, CommandError> {
    at_least(args, 2, "config")?;
    match Upper::new(args.at(1)).word() {
        b"GET" => {
            at_least(args, 3, "config|get")?;
            Ok(Local::ConfigGet(owned_from(args, 2)))
        }
        _ => Err(CommandError::UnknownSub(excerpt(args.at(1)), "CONFIG")),
    }
}

fn shutdown(args: Args<'_>) -> Result<Local, CommandError> {
    // There is nothing on disk, so saving and not saving are the same.
    let known = |word| matches!(Upper::new(word).word(), b"SAVE" | b"NOSAVE" | b"NOW" | b"FORCE");
    if args.from(1).all(known) { Ok(Local::Shutdown) } else { Err(CommandError::Syntax) }
}
