//! `INFO` and `CONFIG GET`: what the server says about itself.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use bytes::Bytes;

use crate::{glob, reply::Reply, server::Server};

/// The version of Redis whose commands are spoken: clients decide by it what they may send.
pub(crate) const REDIS_VERSION: &str = "7.0.0";

/// The sections asked for, all if none is named.
pub(crate) fn info(server: &Server, sections: &[String], keys: usize, expiring: usize) -> Reply {
    let mut out = String::new();
    for (name, lines) in [
        ("Server", about_server(server)),
        ("Clients", about_clients(server)),
        ("Memory", about_memory()),
        ("Stats", about_stats(server)),
        ("Keyspace", about_keys(keys, expiring)),
    ] {
        if wanted(sections, name) {
            let _ = write!(out, "# {name}\r\n{lines}\r\n");
        }
    }
    Reply::text(out)
}

fn wanted(sections: &[String], name: &str) -> bool {
    let covers = |section: &String| {
        matches!(section.as_str(), "all" | "default" | "everything") || section.eq_ignore_ascii_case(name)
    };
    sections.is_empty() || sections.iter().any(covers)
}

fn about_server(server: &Server) -> String {
    format!(
        "redis_version:{REDIS_VERSION}\r\nredis_mode:standalone\r\nprocess_id:{}\r\n\
         tcp_port:{}\r\nuptime_in_seconds:{}\r\nshards:{}\r\nmailbox:{}\r\n",
        std::process::id(),
        server.port,
        server.started.elapsed().as_secs(),
        server.config.shards,
        server.config.mailbox,
    )
}

fn about_clients(server: &Server) -> String {
    format!("connected_clients:{}\r\nmaxclients:{}\r\n", server.connected(), server.config.max_connections)
}

/// What the system says that the process has in memory; nothing where it does not say.
fn about_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim_end().parse().ok());
    kib.map_or_else(String::new, |kib: u64| format!("used_memory:{0}\r\nused_memory_rss:{0}\r\n", kib * 1024))
}

fn about_stats(server: &Server) -> String {
    let total = |counter: &AtomicU64| counter.load(Relaxed);
    let counters = &server.counters;
    format!(
        "total_connections_received:{}\r\ntotal_commands_processed:{}\r\n\
         rejected_connections:{}\r\nprotocol_errors:{}\r\n",
        total(&counters.connections),
        total(&counters.commands),
        total(&counters.refused),
        total(&counters.protocol_errors),
    )
}

fn about_keys(keys: usize, expiring: usize) -> String {
    if keys == 0 {
        return String::new();
    }
    format!("db0:keys={keys},expires={expiring},avg_ttl=0\r\n")
}

/// Names and values of the parameters that match one of the patterns.
pub(crate) fn config(server: &Server, patterns: &[Bytes]) -> Reply {
    let config = &server.config;
    let parameters = [
        ("appendonly", "no".to_owned()),
        ("bind", config.bind.to_string()),
        ("databases", "1".to_owned()),
        ("mailbox", config.mailbox.to_string()),
        ("maxclients", config.max_connections.to_string()),
        ("maxmemory", "0".to_owned()),
        ("maxmemory-policy", "noeviction".to_owned()),
        ("port", server.port.to_string()),
        ("proto-max-bulk-len", config.max_frame.to_string()),
        ("save", String::new()),
        ("shards", config.shards.to_string()),
        ("timeout", "0".to_owned()),
    ];
    let asked = |name: &str| {
        let matching = |pattern: &Bytes| glob::matches(&pattern.to_ascii_lowercase(), name.as_bytes());
        patterns.iter().any(matching)
    };
    let matching = parameters.into_iter().filter(|(name, _)| asked(name));
    Reply::Array(matching.flat_map(|(name, value)| [Reply::text(name), Reply::text(value)]).collect())
}
