//! What is well-formed, and the exact words for what is not.

use std::cmp::Ordering;

use super::{Command, NAMES, parse};
use crate::{
    args::CommandError,
    op::{ExpireIf, KeyOp, SetIf, SetRule, SetTtl},
    resp::{Decoder, Limits},
};

fn read(line: &str) -> Result<Command, CommandError> {
    let mut decoder = Decoder::new(Limits::with_max_frame(1 << 20));
    decoder.spare().extend_from_slice(line.as_bytes());
    decoder.spare().push(b'\n');
    let args = decoder.decode().expect("the line is well-formed").expect("and complete");
    parse(args)
}

#[test]
fn errors_have_the_texts_of_redis() {
    for (line, text) in [
        ("NOPE a b", "ERR unknown command 'NOPE', with args beginning with: 'a' 'b' "),
        ("averyveryverylongname", "ERR unknown command 'averyveryverylongname', with args beginning with: "),
        ("GET", "ERR wrong number of arguments for 'get' command"),
        ("get a b", "ERR wrong number of arguments for 'get' command"),
        ("SET a", "ERR wrong number of arguments for 'set' command"),
        ("SET a b c", "ERR syntax error"),
        ("SET a b NX XX", "ERR syntax error"),
        ("SET a b EX", "ERR syntax error"),
        ("SET a b EX 1 PX 1", "ERR syntax error"),
        ("SET a b EX 1 KEEPTTL", "ERR syntax error"),
        ("SET a b KEEPTTL EX 1", "ERR syntax error"),
        ("SET a b EX x", "ERR value is not an integer or out of range"),
        ("SET a b EX 0", "ERR invalid expire time in 'set' command"),
        ("SET a b PX -5", "ERR invalid expire time in 'set' command"),
        ("SET a b EX 9223372036854775807", "ERR invalid expire time in 'set' command"),
        ("INCRBY a 1.5", "ERR value is not an integer or out of range"),
        ("DECRBY a -9223372036854775808", "ERR decrement would overflow"),
        ("MSET a", "ERR wrong number of arguments for 'mset' command"),
        ("MSET a b c", "ERR wrong number of arguments for 'mset' command"),
        ("EXPIRE a 9223372036854775807", "ERR invalid expire time in 'expire' command"),
        ("EXPIRE a 1 ZZ", "ERR Unsupported option ZZ"),
        ("EXPIRE a 1 NX GT", "ERR NX and XX, GT or LT options at the same time are not compatible"),
        ("EXPIRE a 1 GT LT", "ERR GT and LT options at the same time are not compatible"),
        ("SCAN x", "ERR invalid cursor"),
        ("SCAN -1", "ERR invalid cursor"),
        ("SCAN 0 COUNT", "ERR syntax error"),
        ("SCAN 0 COUNT 0", "ERR syntax error"),
        ("SCAN 0 COUNT x", "ERR value is not an integer or out of range"),
        ("FLUSHALL LATER", "ERR syntax error"),
        ("SELECT x", "ERR value is not an integer or out of range"),
        ("HELLO x", "ERR Protocol version is not an integer or out of range"),
        ("CLIENT", "ERR wrong number of arguments for 'client' command"),
        ("CLIENT FROB", "ERR unknown subcommand 'FROB'. Try CLIENT HELP."),
        ("CLIENT SETNAME", "ERR wrong number of arguments for 'client|setname' command"),
        ("DEBUG PANIC", "ERR wrong number of arguments for 'debug|panic' command"),
    ] {
        let error = read(line).expect_err(line);
        assert_eq!(error.to_string(), text, "{line}");
    }
}

#[test]
fn every_name_is_known() {
    for name in NAMES.split_whitespace() {
        assert!(!matches!(read(name), Err(CommandError::Unknown(..))), "{name}");
    }
}

#[test]
fn set_takes_its_options_in_any_order_and_case() {
    let rule = |line| match read(line) {
        Ok(Command::Key(_, KeyOp::Set(_, rule))) => rule,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(rule("set k v"), SetRule::default());
    let expected = SetRule { ttl: SetTtl::After(5000), when: SetIf::Absent, get: true };
    assert_eq!(rule("SET k v get Ex 5 nX"), expected);
    let expected = SetRule { ttl: SetTtl::Keep, when: SetIf::Present, get: false };
    assert_eq!(rule("SET k v XX KEEPTTL"), expected);
}

#[test]
fn expire_counts_in_its_unit() {
    let ttl = |line| match read(line) {
        Ok(Command::Key(_, KeyOp::Expire(ttl, when))) => (ttl, when),
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(ttl("EXPIRE k 2"), (2000, ExpireIf::default()));
    let expected = ExpireIf { had: Some(true), moves: Some(Ordering::Greater) };
    assert_eq!(ttl("PEXPIRE k -2 XX GT"), (-2, expected));
}
