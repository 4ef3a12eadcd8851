//! The command line.

use std::{fmt, net::IpAddr};

pub(crate) const HELP: &str = "\
A key-value server that speaks the Redis protocol (RESP2).

Usage: kv [OPTIONS]

Options:
  --bind ADDRESS         address to listen on [default: 127.0.0.1]
  --port PORT            port to listen on, 0 for any free one [default: 6379]
  --shards N             shards the keys are spread over [default: one per core]
  --mailbox N            requests that wait at a shard at most [default: 1024]
  --max-connections N    connections served at a time [default: 10000]
  --max-frame BYTES      bytes of one request at most [default: 16777216]
  --help                 print this

What it logs is set by RUST_LOG, such as RUST_LOG=debug.
Commands on keys of several shards (MSET, MGET, DEL) are not atomic.
";

/// How to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) bind: IpAddr,
    pub(crate) port: u16,
    pub(crate) shards: usize,
    /// Requests a shard's mailbox holds.
    pub(crate) mailbox: usize,
    pub(crate) max_connections: usize,
    /// Bytes of one request at most.
    pub(crate) max_frame: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: IpAddr::from([127, 0, 0, 1]),
            port: 6379,
            shards: std::thread::available_parallelism().map_or(1, usize::from),
            mailbox: 1024,
            max_connections: 10_000,
            max_frame: 16 * 1024 * 1024,
        }
    }
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Invocation {
    Serve(Config),
    Help,
}

/// A command line that makes no sense. Programs end with status 2 on it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ConfigError {
    /// No such option; one that looks like it.
    Unknown(String, Option<&'static str>),
    /// The option ends the line.
    NoValue(String),
    /// The value does not fit the option, and what would.
    Value { option: String, value: String, expected: String },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(option, None) => write!(f, "unknown option '{option}'"),
            Self::Unknown(option, Some(similar)) => {
                write!(f, "unknown option '{option}', did you mean '{similar}'?")
            }
            Self::NoValue(option) => write!(f, "'{option}' needs a value"),
            Self::Value { option, value, expected } => {
                write!(f, "'{option}' is {expected}, not '{value}'")
            }
        }?;
        f.write_str("\ntry '--help'")
    }
}

impl std::error::Error for ConfigError {}

const OPTIONS: [&str; 7] = ["--bind", "--port", "--shards", "--mailbox", "--max-connections", "--max-frame", "--help"];

/// Reads the arguments behind the program's name; `--port 1` and `--port=1` are the same.
pub(crate) fn parse(args: impl IntoIterator<Item = String>) -> Result<Invocation, ConfigError> {
    let mut config = Config::default();
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let (option, inline) = match arg.split_once('=') {
            Some((option, value)) => (option, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        if matches!(option, "--help" | "-h") {
            return Ok(Invocation::Help);
        }
        if !OPTIONS.contains(&option) {
            return Err(ConfigError::Unknown(option.to_owned(), similar(option)));
        }
        let value = inline.or_else(|| args.next());
        let value = value.ok_or_else(|| ConfigError::NoValue(option.to_owned()))?;
        apply(&mut config, option, &value)?;
    }
    Ok(Invocation::Serve(config))
}

/// Sets one option that is known to exist.
fn apply(config: &mut Config, option: &str, value: &str) -> Result<(), ConfigError> {
    match option {
        "--bind" => {
            config.bind = value.parse().map_err(|_| wrong(option, value, "an IP address"))?;
        }
        "--port" => {
            config.port = value.parse().map_err(|_| wrong(option, value, "a port, 0 to 65535"))?;
        }
        "--shards" => config.shards = number(option, value, 1..=1024)?,
        "--mailbox" => config.mailbox = number(option, value, 1..=1_000_000)?,
        "--max-connections" => config.max_connections = number(option, value, 1..=1_000_000)?,
        _ => config.max_frame = number(option, value, 1024..=512 * 1024 * 1024)?,
    }
    Ok(())
}

fn number(option: &str, value: &str, range: std::ops::RangeInclusive<usize>) -> Result<usize, ConfigError> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| wrong(option, value, &format!("a number, {} to {}", range.start(), range.end())))
}

fn wrong(option: &str, value: &str, expected: &str) -> ConfigError {
    ConfigError::Value { option: option.to_owned(), value: value.to_owned(), expected: expected.to_owned() }
}

/// The option closest to what was typed, if it is close at all.
fn similar(typed: &str) -> Option<&'static str> {
    let nearest = OPTIONS.into_iter().min_by_key(|option| distance(typed, option))?;
    (distance(typed, nearest) <= 3).then_some(nearest)
}

/// How many bytes to insert, remove or replace to make one text of the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.bytes().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{Config, Invocation, parse};

    fn run(line: &str) -> Result<Invocation, String> {
        parse(line.split_whitespace().map(str::to_owned)).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_read_in_both_forms() {
        assert_eq!(run(""), Ok(Invocation::Serve(Config::default())));
        let expected = Config {
            bind: "::1".parse().expect("an address"),
            port: 0,
            shards: 3,
            mailbox: 5,
            max_connections: 7,
            max_frame: 4096,
        };
        let line = "--bind ::1 --port=0 --shards 3 --mailbox=5 --max-connections 7 --max-frame 4096";
        assert_eq!(run(line), Ok(Invocation::Serve(expected)));
        assert_eq!(run("--port 1 --help"), Ok(Invocation::Help));
    }

    #[test]
    fn errors_say_what_would_be_right() {
        for (line, text) in [
            ("--prot 1", "unknown option '--prot', did you mean '--port'?"),
            ("--frobnicate", "unknown option '--frobnicate'\n"),
            ("serve", "unknown option 'serve'\n"),
            ("--port", "'--port' needs a value"),
            ("--port 70000", "'--port' is a port, 0 to 65535, not '70000'"),
            ("--shards 0", "'--shards' is a number, 1 to 1024, not '0'"),
            ("--bind here", "'--bind' is an IP address, not 'here'"),
        ] {
            let error = run(line).expect_err(line);
            assert!(error.starts_with(text), "{error}");
            assert!(error.ends_with("try '--help'"), "{error}");
        }
    }
}
