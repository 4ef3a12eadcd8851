//! The program under test, as a process.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime},
};

use crate::raw::Client;

/// How long anything may take that takes milliseconds on a machine with nothing else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// A server that is older than this is killed, so that a test that waits for it fails instead of hanging.
const WATCHDOG: Duration = Duration::from_secs(60);

/// A running server, killed when this is dropped.
pub(crate) struct Server {
    process: Arc<Mutex<Child>>,
    pub(crate) id: u32,
    pub(crate) port: u16,
    stderr: Option<JoinHandle<String>>,
    _watchdog: mpsc::Sender<()>,
}

/// How a server ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` if a signal killed it.
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    pub(crate) after: Duration,
}

impl Server {
    /// Starts a server on a port that is free, and waits until it serves.
    pub(crate) fn start(options: &[&str]) -> Self {
        let mut process = command()
            .args(["--port", "0"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let (stdout, stderr) = (process.stdout.take().expect("it is piped"), process.stderr.take());
        let stderr = thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.expect("it is piped").read_to_string(&mut text);
            text
        });
        let id = process.id();
        let process = Arc::new(Mutex::new(process));
        let watchdog = watch(Arc::clone(&process));
        let mut ready = String::new();
        BufReader::new(stdout).read_line(&mut ready).expect("its output is text");
        let port = ready.trim_end().strip_prefix("ready on 127.0.0.1:").and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("the server said {ready:?} instead of its port"));
        Server { process, id, port, stderr: Some(stderr), _watchdog: watchdog }
    }

    /// A raw connection.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.port)
    }

    /// A connection of the `redis` crate.
    pub(crate) fn redis(&self) -> redis::Connection {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}/", self.port)).expect("an address");
        let connection = client.get_connection_with_timeout(PATIENCE).expect("the handshake is understood");
        connection.set_read_timeout(Some(PATIENCE)).expect("a socket has timeouts");
        connection.set_write_timeout(Some(PATIENCE)).expect("a socket has timeouts");
        connection
    }

    /// Bytes it has in memory.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id)).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has memory");
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number of kB");
        kib * 1024
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id.to_string()]).status().expect("`kill` is there");
        assert!(sent.success(), "SIG{name} could not be sent");
    }

    /// Waits for its end, which must come within `limit`.
    pub(crate) fn ends_within(mut self, limit: Duration) -> Ended {
        let start = Instant::now();
        let status = poll(limit, "the end of the server", || self.process().try_wait().expect("it is our child"));
        let after = start.elapsed();
        let stderr = self.stderr.take().map(|stderr| stderr.join().expect("it only reads")).unwrap_or_default();
        Ended { code: status.code(), stderr, after }
    }

    fn process(&self) -> std::sync::MutexGuard<'_, Child> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, then there is nobody to kill.
        let _ = self.process().kill();
        let _ = self.process().wait();
    }
}

/// Kills the server when it is too old, unless the result is dropped before.
fn watch(process: Arc<Mutex<Child>>) -> mpsc::Sender<()> {
    let (over, is_over) = mpsc::channel();
    thread::spawn(move || {
        if is_over.recv_timeout(WATCHDOG) == Err(RecvTimeoutError::Timeout) {
            eprintln!("the server is killed: the test takes too long");
            let _ = process.lock().unwrap_or_else(PoisonError::into_inner).kill();
        }
    });
    over
}

/// Looks again and again until there is an answer.
pub(crate) fn poll<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(answer) = look() {
            return answer;
        }
        assert!(Instant::now() < end, "{what} did not come within {limit:?}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until a condition is true.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    poll(PATIENCE, what, || condition().then_some(()));
}

/// The program, to be given options.
pub(crate) fn command() -> Command {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(program);
    let mut command = Command::new(&*PROGRAM);
    // What it prints about a panic is part of what is tested, and a backtrace of an unoptimised program takes longer
    // than a shard may be away.
    command.env("RUST_BACKTRACE", "0").env_remove("RUST_LOG");
    command
}

/// The program's path: `debug/examples/kv`, where this is `debug/deps/kv-…`.
///
/// Cargo builds an example with `test = true` for its unit tests, and as a program only if it is asked to. An old program
/// would be tested for the new one without a word, so it is compared with its sources.
fn program() -> PathBuf {
    let this = env::current_exe().expect("a program has a path");
    let profile = this.parent().and_then(Path::parent).expect("a test lies in a folder of cargo's");
    let program = profile.join("examples/kv");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = fs::metadata(&program).and_then(|program| program.modified()).ok();
    let sources = ["examples/kv", "actor-core/src", "actor-macros/src"].map(|folder| newest(&root.join(folder)));
    if built.is_none_or(|built| sources.into_iter().flatten().any(|source| source > built)) {
        let name = match profile.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(name) => name,
        };
        let built = Command::new(env!("CARGO"))
            .current_dir(root)
            .args(["build", "--example", "kv", "--profile", name])
            .output()
            .expect("cargo starts");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    }
    program
}

/// When the latest change below a folder was.
fn newest(folder: &Path) -> Option<SystemTime> {
    let changed = |entry: fs::DirEntry| {
        let path = entry.path();
        if path.is_dir() { newest(&path) } else { entry.metadata().ok()?.modified().ok() }
    };
    fs::read_dir(folder).ok()?.flatten().filter_map(changed).max()
}
