//! The section of the datagrams: echoed, and one way, each datagram numbered and counted by the
//! receiver.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::bench::load::{Question, ask};
use crate::bench::process::{Place, Process, serve};
use crate::bench::setting::Setting;
use crate::bench::table::{Bar, Better, Kind, Row, Taken, section};

/// Peers at once.
const PEERS: usize = 64;

/// Who sends one way, and who counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    Sockeye,
    SockeyePlain,
    Iperf,
    Socat,
    Plain,
    Segments,
}

/// The section.
pub(crate) fn figures(setting: &Setting, page: &mut String) -> anyhow::Result<()> {
    let rate = ("datagrams/s", Better::More);
    let mut echo = Row::of(
        "UDP echo 64 B, 64 peers",
        rate,
        &["p99 µs", "lost", "peak MiB"],
        &[Bar::Named("C", 0.9), Bar::AtMost(1, 0.0), Bar::AtMost(2, 16.0)],
    );
    for (name, kind, needs) in [
        ("sockeye --reply echo", Kind::Ours, ""),
        ("Python, one loop", Kind::Peer, "python3"),
        ("ncat -k --exec cat", Kind::Peer, "ncat"),
        ("socat fork, PIPE", Kind::Peer, "socat"),
        ("C recvmmsg/sendmmsg", Kind::Limit, "udp_echo"),
    ] {
        echo.enters(setting, (name, kind, needs), move || echoed(setting, needs));
    }
    let mut plain = Row::of(
        "UDP one way 64 B, a call each datagram",
        rate,
        &["lost %"],
        &[Bar::Named("C sendmmsg", 0.95), Bar::Peers(1.0)],
    );
    let mut joined = Row::of(
        "UDP one way 64 B, cut by the kernel",
        rate,
        &["lost %"],
        &[Bar::Named("iperf3", 5.0)],
    );
    for (name, kind, needs, sender) in [
        ("sockeye bench --no-gso", Kind::Ours, "", Sender::SockeyePlain),
        ("iperf3 -u -b 0 -l 64", Kind::Peer, "iperf3", Sender::Iperf),
        ("socat -b64 to a counter in C", Kind::Peer, "socat", Sender::Socat),
        ("C sendmmsg", Kind::Limit, "udp_send", Sender::Plain),
    ] {
        plain.enters(setting, (name, kind, needs), move || sent(setting, sender));
    }
    for (name, kind, needs, sender) in [
        ("sockeye bench", Kind::Ours, "", Sender::Sockeye),
        ("iperf3 -u -b 0 -l 64", Kind::Peer, "iperf3", Sender::Iperf),
        ("C sendmmsg, GSO, GRO", Kind::Limit, "udp_send", Sender::Segments),
    ] {
        joined.enters(setting, (name, kind, needs), move || sent(setting, sender));
    }
    section(setting, vec![echo, plain, joined], page)?;
    Ok(())
}

fn echoed(setting: &Setting, program: &str) -> anyhow::Result<Taken> {
    let (running, place) = serve(&setting.file("server"), Place::udp, |place| {
        let mut command = echo(setting, program, &place.text());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command)
    })?;
    let endpoint = format!("udp://127.0.0.1:{}", place.text());
    let found = ask(setting, &endpoint, PEERS, Question::Echo)?;
    Ok(Taken { value: found.rate, besides: vec![found.p99, found.lost, running.peak()?] })
}

fn echo(setting: &Setting, program: &str, at: &str) -> Command {
    let mut command = match program {
        "" => setting.sockeye(),
        "udp_echo" => setting.limit(program),
        _ => Command::new(program),
    };
    match program {
        "" => command.args(["listen", &format!("udp://127.0.0.1:{at}"), "--reply", "echo"]),
        "python3" => command.arg(setting.root.join("xtask/limits/echo.py")).args(["udp", at]),
        "ncat" => command.args(["-l", "-u", "-k", "--exec", "/bin/cat", "127.0.0.1", at]),
        "socat" => command.args([&format!("UDP-LISTEN:{at},bind=127.0.0.1,fork"), "PIPE"]),
        _ => command.arg(at),
    };
    command
}

fn sent(setting: &Setting, sender: Sender) -> anyhow::Result<Taken> {
    match sender {
        Sender::Sockeye => ours(setting, &[]),
        Sender::SockeyePlain => ours(setting, &["--no-gso"]),
        Sender::Iperf => iperf(setting),
        Sender::Socat | Sender::Plain | Sender::Segments => counted(setting, sender),
    }
}

/// The rate at which they came, and how many of a hundred did not.
fn taken(rate: f64, received: f64, lost: f64) -> anyhow::Result<Taken> {
    ensure!(received > 0.0 && rate.is_finite(), "nothing was received");
    Ok(Taken { value: rate, besides: vec![100.0 * lost / (received + lost)] })
}

/// Runs a sender to its end and takes the one object, or the first line, that it prints. That
/// some were lost may make it fail: the object says so.
fn object(setting: &Setting, command: &mut Command) -> anyhow::Result<Value> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut sender = Process::start(command, setting.file("sender"))?;
    let mut stdout = sender.stdout()?;
    let reader = std::thread::spawn(move || std::io::read_to_string(&mut stdout));
    let ended = sender.ended(Duration::from_secs(setting.sizes.seconds + 10))?;
    let text = reader.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
    let first = serde_json::Deserializer::from_str(&text).into_iter().next();
    let first = first.with_context(|| format!("no JSON came: {}", ended.said.trim()))?;
    first.context("what came is no JSON")
}

fn number(object: &Value, path: &str) -> anyhow::Result<f64> {
    object.pointer(path).and_then(Value::as_f64).with_context(|| format!("no `{path}`"))
}

fn ours(setting: &Setting, flags: &[&str]) -> anyhow::Result<Taken> {
    let (_server, place) = serve(&setting.file("server"), Place::udp, |place| {
        let mut command = setting.sockeye();
        command.args(["bench", "serve", &format!("udp://127.0.0.1:{}", place.text())]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command)
    })?;
    let mut command = setting.sockeye();
    command.args(["bench", "connect", &format!("udp://127.0.0.1:{}", place.text()), "--json"]);
    command.args(["--size", "64", "--time", &format!("{}s", setting.sizes.seconds)]).args(flags);
    let told = object(setting, &mut command)?;
    let rate = number(&told, "/received_per_second")?;
    taken(rate, number(&told, "/received")?, number(&told, "/lost")?)
}

fn iperf(setting: &Setting) -> anyhow::Result<Taken> {
    // Its server speaks TCP first.
    let (_server, place) = serve(&setting.file("server"), Place::tcp, |place| {
        let mut command = Command::new("iperf3");
        command.args(["-s", "-1", "-B", "127.0.0.1", "-p", &place.text()]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command)
    })?;
    let mut command = Command::new("iperf3");
    command.args(["-c", "127.0.0.1", "-p", &place.text(), "-u", "-b", "0", "-l", "64", "--json"]);
    command.args(["-t", &setting.sizes.seconds.to_string()]);
    let told = object(setting, &mut command)?;
    let (all, lost) = (number(&told, "/end/sum/packets")?, number(&told, "/end/sum/lost_packets")?);
    taken((all - lost) / number(&told, "/end/sum/seconds")?, all - lost, lost)
}

/// To the counter in C.
fn counted(setting: &Setting, sender: Sender) -> anyhow::Result<Taken> {
    let (mut counter, place) = serve(&setting.file("counter"), Place::udp, |place| {
        let mut command = setting.limit("udp_count");
        command.arg(place.text()).stdin(Stdio::null()).stdout(Stdio::piped());
        Ok(command)
    })?;
    let mut stdout = counter.stdout()?;
    let (at, seconds) = (place.text(), setting.sizes.seconds.to_string());
    let mut command = match sender {
        Sender::Socat => {
            let mut command = Command::new("sh");
            let script = r#""$0" numbers "$2" | socat -u -b64 - "UDP:127.0.0.1:$1""#;
            command.args(["-c", script]).arg(setting.limit("udp_send").get_program());
            command
        }
        _ => setting.limit("udp_send"),
    };
    match sender {
        Sender::Socat => &mut command,
        Sender::Segments => command.arg("segments"),
        _ => command.arg("plain"),
    };
    command.args([&at, &seconds]).stdin(Stdio::null()).stdout(Stdio::null());
    let mut sender = Process::start(&mut command, setting.file("sender"))?;
    sender.ended_well(Duration::from_secs(setting.sizes.seconds + 10))?;
    let text = std::io::read_to_string(&mut stdout)?;
    counter.ended_well(Duration::from_secs(10))?;
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [received, missing, _late, took] = numbers.as_slice() else {
        anyhow::bail!("the counter said `{}`", text.trim());
    };
    taken(received / took, *received, *missing)
}
