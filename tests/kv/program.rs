//! The command line, and the benchmark that comes with Redis.

use std::{
    io::{ErrorKind, Read},
    process::{Child, Command, Stdio},
};

use crate::server::{PATIENCE, Server, command, poll};

/// A process that does not outlive the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It has most often ended by itself, then there is nobody to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the program, which must end by itself: its status, and what it said on stdout and stderr.
fn run(options: &[&str]) -> (Option<i32>, String, String) {
    let process = command().args(options).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut process = Process(process.expect("it starts"));
    let status = poll(PATIENCE, "its end", || process.0.try_wait().expect("it is our child"));
    let (mut out, mut err) = (String::new(), String::new());
    process.0.stdout.take().expect("it is piped").read_to_string(&mut out).expect("it is text");
    process.0.stderr.take().expect("it is piped").read_to_string(&mut err).expect("it is text");
    (status.code(), out, err)
}

#[test]
fn help_is_no_error() {
    for option in ["--help", "-h"] {
        let (status, help, err) = run(&[option]);
        assert_eq!((status, err.as_str()), (Some(0), ""));
        assert!(help.contains("Usage: kv") && help.contains("--max-connections"), "{help}");
    }
}

#[test]
fn a_bad_command_line_is_an_error_with_a_hint() {
    for (options, hint) in [
        (["--prot", "1"], "did you mean '--port'?"),
        (["--port", "70000"], "a port, 0 to 65535"),
        (["--shards", "0"], "a number, 1 to 1024"),
        (["--bind", "here"], "an IP address"),
        (["--port=0", "--mailbox"], "needs a value"),
    ] {
        let (status, out, err) = run(&options);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{options:?}");
        assert!(err.contains(hint) && err.contains("try '--help'"), "{err}");
    }
}

#[test]
fn a_port_in_use_is_an_error() {
    let server = Server::start(&[]);
    let (status, out, err) = run(&["--port", &server.port.to_string()]);
    assert_eq!((status, out.as_str()), (Some(1), ""));
    assert!(err.contains("in use"), "{err}");
}

#[test]
fn the_benchmark_of_redis_runs() {
    let server = Server::start(&[]);
    let port = server.port.to_string();
    let load = ["-t", "ping,set,get,incr,mset", "-n", "20000", "-P", "16", "-c", "50", "-q"];
    let output = match Command::new("redis-benchmark").args(["-h", "127.0.0.1", "-p", &port]).args(load).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "redis-benchmark has to be installed in CI");
            eprintln!("skipped: there is no redis-benchmark here; it is in the Debian package redis-tools");
            return;
        }
        Err(error) => panic!("redis-benchmark does not start: {error}"),
    };
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && err.is_empty() && !out.contains("rror"), "{out}{err}");
    // Its progress is on the same line, behind carriage returns.
    let results = out.matches("requests per second").count();
    assert_eq!(results, 6, "PING twice, SET, GET, INCR and MSET: {out}");
}
