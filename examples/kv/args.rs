//! From bytes to words, numbers and options, with the errors of Redis for what they are not.

use std::fmt;

use bytes::Bytes;

use crate::{number::parse_int, resp::Args};

/// Why a request is no command. Its text is what the client is told; the connection goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CommandError {
    /// No command of this name; the start of its arguments.
    Unknown(String, Vec<String>),
    /// No subcommand of this name of this command.
    UnknownSub(String, &'static str),
    /// The wrong number of arguments for this command.
    Arity(&'static str),
    /// An option that is unknown, or does not go with another.
    Syntax,
    /// Not an integer, or out of range.
    NotInteger,
    /// An expiry that is not ahead, or too far, for this command.
    ExpireTime(&'static str),
    /// What is only found in one place.
    Other(&'static str),
    /// An option of `EXPIRE` that is none.
    Option(String),
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name, args) => {
                write!(f, "ERR unknown command '{name}', with args beginning with: ")?;
                args.iter().try_for_each(|arg| write!(f, "'{arg}' "))
            }
            Self::UnknownSub(name, command) => {
                write!(f, "ERR unknown subcommand '{name}'. Try {command} HELP.")
            }
            Self::Arity(name) => write!(f, "ERR wrong number of arguments for '{name}' command"),
            Self::Syntax => f.write_str("ERR syntax error"),
            Self::NotInteger => f.write_str("ERR value is not an integer or out of range"),
            Self::ExpireTime(name) => write!(f, "ERR invalid expire time in '{name}' command"),
            Self::Other(text) => f.write_str(text),
            Self::Option(name) => write!(f, "ERR Unsupported option {name}"),
        }
    }
}

impl std::error::Error for CommandError {}

/// A word in capitals, in place: names of commands and options are not case-sensitive.
///
/// A longer word than any that is known becomes the empty one, which is none of them.
pub(crate) struct Upper {
    text: [u8; 16],
    len: usize,
}

impl Upper {
    pub(crate) fn new(word: &[u8]) -> Self {
        let mut text = [0; 16];
        let len = if word.len() <= text.len() { word.len() } else { 0 };
        text[..len].copy_from_slice(&word[..len]);
        text[..len].make_ascii_uppercase();
        Self { text, len }
    }

    pub(crate) fn word(&self) -> &[u8] {
        &self.text[..self.len]
    }
}

/// The command has `count` arguments, its name included.
pub(crate) fn exactly(args: Args<'_>, count: usize, name: &'static str) -> Result<(), CommandError> {
    if args.len() == count { Ok(()) } else { Err(CommandError::Arity(name)) }
}

/// The command has `count` arguments or more, its name included.
pub(crate) fn at_least(args: Args<'_>, count: usize, name: &'static str) -> Result<(), CommandError> {
    if args.len() >= count { Ok(()) } else { Err(CommandError::Arity(name)) }
}

/// A copy of the argument, for what outlives the read buffer. A slice of that buffer instead would
/// keep all of it alive for one short key.
pub(crate) fn owned(args: Args<'_>, index: usize) -> Bytes {
    Bytes::copy_from_slice(args.at(index))
}

/// Copies of all arguments from `index` on.
pub(crate) fn owned_from(args: Args<'_>, index: usize) -> Vec<Bytes> {
    args.from(index).map(Bytes::copy_from_slice).collect()
}

pub(crate) fn int(args: Args<'_>, index: usize) -> Result<i64, CommandError> {
    parse_int(args.at(index)).ok_or(CommandError::NotInteger)
}

/// At most 128 bytes of an argument, as text for an error.
pub(crate) fn excerpt(word: &[u8]) -> String {
    String::from_utf8_lossy(&word[..word.len().min(128)]).into_owned()
}
