//! The one load generator, for every server: `sockeye bench echo`.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::bench::process::Process;
use crate::bench::setting::Setting;

/// What a server is asked, and what it must answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Question {
    /// 64 bytes, which it must send back.
    Echo,
    /// The same, on a new connection each.
    EchoOnce,
    /// Redis's PING of 64 bytes.
    Ping,
}

/// What a load found.
#[derive(Debug)]
pub(crate) struct Found {
    /// Requests a second that were answered right.
    pub(crate) rate: f64,
    /// Of 100 answers 99 came within this, in µs.
    pub(crate) p99: f64,
    /// Clients that got no answer at all.
    pub(crate) starved: f64,
    /// Requests that were not answered, and connections that failed.
    pub(crate) lost: f64,
}

/// Asks what is at this endpoint, with so many clients at once.
pub(crate) fn ask(
    setting: &Setting,
    endpoint: &str,
    clients: usize,
    question: Question,
) -> anyhow::Result<Found> {
    let mut command = setting.sockeye();
    command.args(["bench", "echo", endpoint, "--json", "--clients", &clients.to_string()]);
    command.args(["--time", &format!("{}s", setting.sizes.seconds)]);
    match question {
        Question::Echo => command.args(["--size", "64"]),
        Question::EchoOnce => command.args(["--size", "64", "--connect-each"]),
        Question::Ping => {
            let word = "sixtyfour_bytes_".repeat(4);
            let (ask, answer) =
                (format!(r"*2\r\n$4\r\nPING\r\n$64\r\n{word}\r\n"), format!(r"$64\r\n{word}\r\n"));
            command.args(["--send", &ask, "--answer", &answer])
        }
    };
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut load = Process::start(&mut command, setting.file("load"))?;
    let stdout = load.stdout()?;
    let reader = std::thread::spawn(move || std::io::read_to_string(stdout));
    // What was wrong stands in the object; the exit code only says that something was.
    let ended = load.ended(Duration::from_secs(setting.sizes.seconds + 30))?;
    let text = reader.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
    let mut objects = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told = objects.find(|object| object.get("e").is_some_and(|kind| kind == "bench"));
    let told = told.with_context(|| format!("the load failed: {}", ended.said.trim()))?;
    let number = |name: &str| told.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN);
    ensure!(number("wrong_answers") == 0.0, "{} answers were wrong", number("wrong_answers"));
    Ok(Found {
        rate: number("requests_per_second"),
        p99: number("p99_ns") / 1000.0,
        starved: number("starved_clients"),
        lost: ["unanswered_requests", "failed_connections", "lost_datagrams"]
            .into_iter()
            .filter_map(|name| told.get(name).and_then(Value::as_f64))
            .sum(),
    })
}
