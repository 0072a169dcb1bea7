//! All that is asked of a `bench serve`, one after the other, and what it came to.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sockeye_net::error::Code;
use sockeye_text::safe::one_line;
use sockeye_text::units::{Grouped, Size};
use tokio_util::sync::CancellationToken;

use crate::bench::echo::{self, Connect, Greeting, Load, Outcome};
use crate::bench::figures::{self, object, per_second, times, times_json};
use crate::bench::protocol::{Answer, Job};
use crate::bench::report;
use crate::bench::request::{Expected, Request};
use crate::bench::throughput::{self, Flow, Haul, Moved, Way};
use crate::bench::visit::Visit;
use crate::closing::Failure;
use crate::journal::Journal;

/// One thing that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Throughput to the server.
    Up,
    /// Throughput from the server.
    Down,
    /// Both at once.
    Both,
    /// Round trips.
    RoundTrips,
    /// Connections per second.
    Connections,
}

/// How it is measured.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What, in order.
    pub parts: Vec<Part>,
    /// Each for so long.
    pub time: Duration,
    /// Streams side by side, for throughput.
    pub streams: usize,
    /// The bytes of one round trip.
    pub size: usize,
    /// Clients at once, for round trips.
    pub clients: usize,
    /// Clients at once, for connections.
    pub callers: usize,
}

/// What one part came to.
#[derive(Clone, Debug)]
pub enum Came {
    /// Throughput, and which way it was.
    Moved(Way, Moved),
    /// Round trips.
    RoundTrips(Box<Outcome>),
    /// Connections.
    Connections(Box<Outcome>),
}

/// What all of it came to.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Whom it was asked of.
    pub endpoint: String,
    /// Streams side by side.
    pub streams: usize,
    /// Each part that was begun.
    pub came: Vec<Came>,
    /// The user ended it.
    pub interrupted: bool,
    /// Why it went no further.
    pub failure: Option<Failure>,
}

/// Measures each part in turn, until one fails or the user ends it.
pub async fn run(
    visit: Visit,
    setting: &Setting,
    journal: &Journal,
    stop: &CancellationToken,
) -> Summary {
    let visit = Arc::new(visit);
    let mut summary = Summary::nothing(visit.endpoint().to_owned(), setting.streams);
    for part in &setting.parts {
        journal.say(format!("{}:", name(*part)));
        let (came, failure) = measure(&visit, *part, setting, journal, stop).await;
        summary.came.push(came);
        summary.failure = failure;
        summary.interrupted = stop.is_cancelled();
        if summary.interrupted || summary.failure.is_some() {
            break;
        }
    }
    summary
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Up => "up",
        Part::Down => "down",
        Part::Both => "both",
        Part::RoundTrips => "round trips",
        Part::Connections => "connections",
    }
}

async fn measure(
    visit: &Arc<Visit>,
    part: Part,
    setting: &Setting,
    journal: &Journal,
    stop: &CancellationToken,
) -> (Came, Option<Failure>) {
    let way = match part {
        Part::Up => Way::Up,
        Part::Down => Way::Down,
        Part::Both => Way::Both,
        Part::RoundTrips | Part::Connections => {
            let over = echo::Way {
                calls: Arc::clone(visit.calls()),
                endpoint: visit.endpoint().to_owned(),
                first: None,
            };
            let load = if part == Part::RoundTrips {
                turns(visit, setting)
            } else {
                pings(visit, setting)
            };
            let outcome = Box::new(echo::run_over(over, load, journal, stop).await);
            let failure = report::failure(&outcome).map(at_a_serve);
            return match part {
                Part::RoundTrips => (Came::RoundTrips(outcome), failure),
                _ => (Came::Connections(outcome), failure),
            };
        }
    };
    let haul = Haul { way, streams: setting.streams, time: setting.time };
    let (moved, failure) = throughput::run(visit, haul, journal, stop).await;
    (Came::Moved(way, moved), failure)
}

/// With a next step for where a `bench serve` answers, and nothing else is expected.
fn at_a_serve(failure: Failure) -> Failure {
    let hint = match failure.code {
        Code::Integrity => Some("something on the way changes bytes".to_owned()),
        Code::Timeout => Some("the server or something on the way hangs, or is full".to_owned()),
        _ => failure.hint,
    };
    Failure { hint, ..failure }
}

fn turns(visit: &Visit, setting: &Setting) -> Load {
    Load {
        greeting: Some(Greeting {
            say: Job::Turns(visit.run()).to_string().into_bytes(),
            hear: Answer::Fine.to_string().into_bytes(),
        }),
        request: Request::line(setting.size),
        clients: setting.clients,
        connect: Connect::Once,
        time: setting.time,
    }
}

fn pings(visit: &Visit, setting: &Setting) -> Load {
    let pong = Answer::Pong.to_string().into_bytes();
    let ping = Job::Ping(visit.run()).to_string().into_bytes();
    Load {
        greeting: None,
        request: Request::said(ping, Expected::Bytes(pong)),
        clients: setting.callers,
        connect: Connect::Each,
        time: setting.time,
    }
}

impl Summary {
    /// What the user ended before it began.
    pub fn nothing(endpoint: String, streams: usize) -> Self {
        Self { endpoint, streams, came: Vec::new(), interrupted: true, failure: None }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut lines = vec![format!(
            "{}, {}{}",
            one_line(&self.endpoint),
            sockeye_text::plural::counted(self.streams as u64, "stream"),
            if self.interrupted { " (ended early)" } else { "" },
        )];
        for came in &self.came {
            match came {
                Came::Moved(way, moved) => lines.extend(rows(*way, moved)),
                Came::RoundTrips(outcome) => {
                    lines.push(rate("round trips", outcome));
                    lines.extend(times(&outcome.count.times));
                }
                Came::Connections(outcome) => {
                    lines.push(rate("connections", outcome));
                    lines.extend(times(&outcome.count.times));
                }
            }
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// For programs: one object on one line.
    pub fn json(&self) -> String {
        let mut fields = vec![
            ("e", "bench".into()),
            ("what", "connect".into()),
            ("endpoint", self.endpoint.as_str().into()),
            ("streams", self.streams.into()),
            ("interrupted", self.interrupted.into()),
        ];
        let failed = self.failure.as_ref();
        fields.extend(failed.map(|failure| ("failed", failure.text.as_str().into())));
        for came in &self.came {
            fields.push(match came {
                Came::Moved(Way::Up, moved) => ("up", flow_json(moved.up)),
                Came::Moved(Way::Down, moved) => ("down", flow_json(moved.down)),
                Came::Moved(Way::Both, moved) => {
                    let ways = [("up", flow_json(moved.up)), ("down", flow_json(moved.down))];
                    ("both", object(ways))
                }
                Came::RoundTrips(outcome) => {
                    let names = ["round_trips", "round_trips_per_second"];
                    ("round_trips", rate_json(names, outcome))
                }
                Came::Connections(outcome) => {
                    let names = ["connections", "connections_per_second"];
                    ("connections", rate_json(names, outcome))
                }
            });
        }
        format!("{}\n", object(fields))
    }
}

/// The rows of throughput.
fn rows(way: Way, moved: &Moved) -> Vec<String> {
    let name = |one: &str| if way == Way::Both { format!("both: {one}") } else { one.to_owned() };
    let flows = [("up", moved.up), ("down", moved.down)];
    let there = flows.into_iter().filter_map(|(one, flow)| Some((name(one), flow?)));
    there
        .map(|(name, Flow { bytes, time })| {
            let bytes_per_second = per_second(bytes, time);
            // In tenths of a thousand million bits.
            let bits = bytes_per_second.map_or_else(String::new, |rate| {
                let tenths = u128::from(rate) * 8 / 100_000_000;
                format!(" ({}.{} Gbit/s)", tenths / 10, tenths % 10)
            });
            format!(
                "{name:<15}{}{bits}, {} in {:.3} s",
                figures::rate(bytes_per_second, Size),
                Size(bytes),
                time.as_secs_f64(),
            )
        })
        .collect()
}

fn rate(name: &str, outcome: &Outcome) -> String {
    let total = outcome.count.times.total();
    format!(
        "{name:<15}{}, {} at once, {} in {:.3} s",
        figures::rate(per_second(total, outcome.lasted), Grouped),
        outcome.load.clients,
        Grouped(total),
        outcome.lasted.as_secs_f64(),
    )
}

fn flow_json(flow: Option<Flow>) -> Value {
    let Some(Flow { bytes, time }) = flow else { return Value::Null };
    object([
        ("bytes", bytes.into()),
        ("seconds", time.as_secs_f64().into()),
        ("bytes_per_second", per_second(bytes, time).into()),
    ])
}

fn rate_json([count, per_second_of]: [&'static str; 2], outcome: &Outcome) -> Value {
    let total = outcome.count.times.total();
    let mut fields = vec![
        ("clients", outcome.load.clients.into()),
        ("request_bytes", outcome.load.request.size().into()),
        ("seconds", outcome.lasted.as_secs_f64().into()),
        (count, total.into()),
        (per_second_of, per_second(total, outcome.lasted).into()),
    ];
    fields.extend(times_json(&outcome.count.times));
    object(fields)
}
