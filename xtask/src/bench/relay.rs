//! The section of the relays: how much goes through, how many connections, how long a round
//! trip takes.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::bench::load::{Found, Question, ask};
use crate::bench::process::{Place, Process, serve};
use crate::bench::relays::Relay;
use crate::bench::setting::Setting;
use crate::bench::table::{Bar, Better, Row, Taken, section};
use crate::bench::tools::Tool;
use crate::bench::transfer::{PATIENCE, Sink, found_whole, rate};

/// Clients at once.
const CLIENTS: usize = 64;
/// The limit of a relay's memory, in MiB.
const MEMORY: f64 = 16.0;

/// All but the one that takes one caller at a time.
const MANY: [Relay; 5] =
    [Relay::Sockeye, Relay::Nginx, Relay::NginxAuto, Relay::Socat, Relay::Direct];

/// The section.
pub(crate) fn figures(setting: &Setting, page: &mut String) -> anyhow::Result<()> {
    let mut through = Row::of(
        "relay TCP to TCP, throughput",
        ("GB/s", Better::More),
        &["peak MiB"],
        &[Bar::Peers(1.1), Bar::Named("C splice", 0.95), Bar::AtMost(0, MEMORY)],
    );
    for relay in MANY.into_iter().chain([Relay::Splice]) {
        through.enters(setting, relay.entry(), move || throughput(setting, relay));
    }
    let mut short = Row::of(
        "relay, short connections, 64 at a time",
        ("connections/s", Better::More),
        &["p99 µs", "lost", "peak MiB"],
        &[Bar::Named("nginx", 1.0), Bar::AtMost(1, 0.0), Bar::AtMost(2, MEMORY)],
    );
    let mut trips = Row::of(
        "relay, 64 B round trips, 64 clients, p99",
        ("µs", Better::Less),
        &["requests/s", "lost", "peak MiB"],
        &[Bar::Named("nginx", 1.0), Bar::AtMost(1, 0.0), Bar::AtMost(2, MEMORY)],
    );
    for relay in MANY {
        short.enters(setting, relay.entry(), move || {
            let (found, peak) = asked(setting, relay, Question::EchoOnce)?;
            Ok(Taken { value: found.rate, besides: vec![found.p99, found.lost, peak] })
        });
        trips.enters(setting, relay.entry(), move || {
            let (found, peak) = asked(setting, relay, Question::Echo)?;
            Ok(Taken { value: found.p99, besides: vec![found.rate, found.lost, peak] })
        });
    }
    section(setting, vec![through, short, trips], page)?;
    Ok(())
}

/// Through a relay: timed, and its twin, whose every byte is compared.
fn throughput(setting: &Setting, relay: Relay) -> anyhow::Result<Taken> {
    let (took, peak) = once(setting, relay, Sink::Null)?;
    once(setting, relay, Sink::Compared)?;
    Ok(Taken { value: rate(setting.bytes(), took), besides: vec![peak] })
}

/// From the source's start to the sink's end. The source writes from memory, the sink reads to
/// /dev/null, or to a pipe where it is compared: 128 KiB at a time, both in C.
fn once(setting: &Setting, relay: Relay, to: Sink) -> anyhow::Result<(Duration, f64)> {
    let bytes = setting.bytes();
    let (mut sink, backend) = serve(&setting.file("sink"), Place::tcp, |place| {
        let mut command = setting.limit("copy");
        command.args(["receive", &place.text()]).stdin(Stdio::null());
        command.stdout(to.stdout());
        Ok(command)
    })?;
    let compared = to.check(&mut sink, bytes)?;
    let (running, place) = relay.start(setting, &backend)?;
    let mut source = setting.limit("copy");
    source.args(["make", &place.text(), &bytes.to_string()]);
    let started = Instant::now();
    let mut source = Process::start(&mut source, setting.file("source"))?;
    let ended = sink.ended_well(PATIENCE)?;
    source.ended_well(PATIENCE)?;
    let came = Tool::Copy.count(&ended)?;
    ensure!(came == bytes, "{came} of {bytes} bytes came");
    found_whole(compared)?;
    let peak = running.map_or(Ok(0.0), |relay| relay.peak())?;
    Ok((ended.at - started, peak))
}

/// A load through a relay to the echo in C, which is not what holds it up.
fn asked(setting: &Setting, relay: Relay, question: Question) -> anyhow::Result<(Found, f64)> {
    let (_backend, backend) = serve(&setting.file("backend"), Place::tcp, |place| {
        let mut command = setting.limit("echo");
        command.arg(place.text()).stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command)
    })?;
    let (running, place) = relay.start(setting, &backend)?;
    let endpoint = format!("tcp://127.0.0.1:{}", place.text());
    let found = ask(setting, &endpoint, CLIENTS, question)?;
    Ok((found, running.map_or(Ok(0.0), |relay| relay.peak())?))
}
