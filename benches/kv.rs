//! The `kv` example against the same server by hand: `cargo bench --bench kv`.
//!
//! Both are started as programs, with the same options, and `redis-benchmark` (of the Debian package `redis-tools`)
//! loads them in turn; who is first changes with each pair. What is printed is the ratio of their throughputs: above
//! 1.00 the actors are faster. The machine is shared with the load generator and often with others, and what disturbs
//! one half of a pair most often disturbs the other too, so the median of the pairs' ratios says more than any rate.
//!
//! With `KV_BENCH_STRICT` set, a median ratio below 0.90 is a failure.

use std::{
    collections::BTreeMap,
    error::Error,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, ExitCode, Stdio},
};

/// Pairs per command. One more comes first and is not counted.
const PAIRS: usize = 9;

/// The load, for each half of a pair.
const LOAD: [&str; 8] = ["-t", "get,set", "-n", "400000", "-P", "16", "-c", "50"];

/// What the actors have to reach of the baseline's throughput.
const FLOOR: f64 = 0.9;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Requests per second, by command.
type Rates = BTreeMap<String, f64>;

fn main() -> ExitCode {
    // `cargo bench` adds `--bench`. `cargo test --benches` does not, and starts every bench in a debug build; and
    // `cargo bench -- --list` or `-- --test` does not ask for figures either: nothing to measure then.
    let asked = |name: &str| std::env::args().any(|arg| arg == name);
    if !asked("--bench") || asked("--test") || asked("--list") {
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) if std::env::var_os("KV_BENCH_STRICT").is_none() => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("the actors are below {FLOOR:.2} of the baseline");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints; whether the floor is reached.
fn run() -> Result<bool> {
    build()?;
    let (actors, by_hand) = (Server::start("kv")?, Server::start("kv_baseline")?);
    let mut pairs = Vec::new();
    for round in 0..=PAIRS {
        let pair = if round.is_multiple_of(2) {
            let first = actors.load()?;
            (first, by_hand.load()?)
        } else {
            let first = by_hand.load()?;
            (actors.load()?, first)
        };
        // The first pair warms up: it grows tables and buffers.
        if round > 0 {
            pairs.push(pair);
        }
    }
    print(&pairs)
}

fn print(pairs: &[(Rates, Rates)]) -> Result<bool> {
    println!("redis-benchmark {}; {PAIRS} pairs, above 1.00 the actors are faster\n", LOAD.join(" "));
    println!("| command | ratio, median | quartiles | least – most | actors, op/s | by hand, op/s |");
    println!("|---|---|---|---|---|---|");
    let mut reached = true;
    for command in pairs.first().map(|(actors, _)| actors.keys()).into_iter().flatten() {
        let of = |rates: &Rates| rates.get(command).copied().ok_or(format!("no rate for {command}"));
        let actors = pairs.iter().map(|pair| of(&pair.0)).collect::<std::result::Result<Vec<_>, _>>()?;
        let by_hand = pairs.iter().map(|pair| of(&pair.1)).collect::<std::result::Result<Vec<_>, _>>()?;
        let ratios = sorted(actors.iter().zip(&by_hand).map(|(actors, by_hand)| actors / by_hand).collect());
        let (actors, by_hand) = (sorted(actors), sorted(by_hand));
        println!(
            "| {command} | {:.2} | {:.2} – {:.2} | {:.2} – {:.2} | {:.0} | {:.0} |",
            at(&ratios, 50),
            at(&ratios, 25),
            at(&ratios, 75),
            at(&ratios, 0),
            at(&ratios, 100),
            at(&actors, 50),
            at(&by_hand, 50),
        );
        reached &= at(&ratios, 50) >= FLOOR;
    }
    Ok(reached)
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// The value at a percentile of sorted values.
fn at(sorted: &[f64], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or(f64::NAN)
}

/// A bench depends on no example, so cargo has not built them.
fn build() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let arguments = ["build", "--release", "--example", "kv", "--example", "kv_baseline"];
    let built = Command::new(cargo).current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).status()?;
    if built.success() { Ok(()) } else { Err("the servers do not build".into()) }
}

/// A server that is killed when this is dropped.
struct Server {
    process: Child,
    port: String,
}

impl Server {
    /// Starts an example on a port that is free, and waits until it serves.
    fn start(name: &str) -> Result<Self> {
        let mut process =
            Command::new(example(name)?).args(["--port", "0"]).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut ready = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut ready)?;
        }
        let port = ready.trim_end().rsplit(':').next().unwrap_or_default().to_owned();
        let server = Server { process, port };
        if ready.starts_with("ready on ") { Ok(server) } else { Err(format!("{name} did not start: {ready}").into()) }
    }

    /// One run of the load.
    fn load(&self) -> Result<Rates> {
        let output = Command::new("redis-benchmark")
            .args(["-h", "127.0.0.1", "-p", &self.port, "--csv"])
            .args(LOAD)
            .output()
            .map_err(|error| format!("redis-benchmark (of the package redis-tools) does not start: {error}"))?;
        if !output.status.success() {
            return Err(format!("redis-benchmark failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        // "test","rps","avg_latency_ms",… and a line for each command; older versions leave the first line out.
        let text = String::from_utf8(output.stdout)?;
        let rate = |line: &str| {
            let mut fields = line.split(',').map(|field| field.trim_matches('"'));
            Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
        };
        Ok(text.lines().filter_map(rate).collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, then there is nobody to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program of an example: `release/examples/NAME`, where this is `release/deps/kv-…`.
fn example(name: &str) -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let release = this.parent().and_then(|deps| deps.parent()).ok_or("a bench lies in a folder of cargo's")?;
    Ok(release.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION))
}
