//! `sockeye detect` on talks of real programs, recorded by our relay, and of our own framers.

mod harness;

use std::path::{Path, PathBuf};

use harness::{LONG, Running, Start, noise, ports, python, sockeye};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

/// What `detect --json` says of a tape.
fn detected(tape: &Path) -> Value {
    let tape = tape.to_str().expect("a plain path");
    let ended = sockeye(["detect", tape, "--json"]).run();
    serde_json::from_slice(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.err))
}

/// The best candidate of `both`, `dial` or `accept`: its name and its flag.
fn best(found: &Value, of: &str) -> String {
    let path = if of == "both" { "/both/0".to_owned() } else { format!("/{of}/candidates/0") };
    let text = |name: &str| found.pointer(&format!("{path}/{name}")).and_then(Value::as_str);
    match (text("what"), text("flag")) {
        (Some(what), Some(flag)) => format!("{what} | {flag}"),
        (Some(what), None) => what.to_owned(),
        _ => format!("not sure: {found:#}"),
    }
}

/// What is likely in both directions, of a talk of `client` with the server at `port` that
/// goes through our relay.
fn relayed(port: u16, client: impl FnOnce(u16)) -> Value {
    let folder = folder();
    let tape = tape(&folder);
    let at = format!("127.0.0.1:{port}");
    let relay = ["relay", "127.0.0.1:0", &at, "--tape", tape.to_str().expect("a plain path")];
    let relay = sockeye(relay).start();
    client(relay.port());
    relay.signal(Signal::INT);
    relay.wait().exits(130);
    detected(&tape)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn tape(folder: &TempDir) -> PathBuf {
    folder.path().join("talk.tape")
}

/// A server that takes a port and is there once it accepts.
fn server(start: impl FnOnce(u16) -> Start) -> (Running, u16) {
    let port = ports::free();
    let running = start(port).start();
    ports::await_tcp(port);
    (running, port)
}

/// A Python program that prints its port.
fn python_server(script: &str) -> (Running, u16) {
    let server = python().args(["-c", script]).start();
    let port = server.out.until(LONG, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        text.split_once('\n').and_then(|(port, _)| port.parse().ok())
    });
    let port = port.unwrap_or_else(|| panic!("no port: {}", server.err.shown()));
    (server, port)
}

const SAID: &str =
    "hello\nthe quick fox\nset speed 40\nall ok\ntemperature 21.5\nbye now\n{\"a\":1}\n";

/// So many numbers that look alike and are not.
fn numbers(count: u32) -> String {
    let numbers: Vec<String> = (1..=count).map(|n| (n * 7919 % 99_991).to_string()).collect();
    numbers.join(" ")
}

/// A talk with an echo of ours, each line framed.
fn framed(framing: &str, lines: &[u8]) -> Value {
    let folder = folder();
    let tape = tape(&folder);
    let echo = sockeye(["listen", "127.0.0.1:0", "--reply", "echo"]).start();
    let at = echo.at();
    let words = ["connect", &at, "--frame", framing, "--tape", tape.to_str().expect("plain")];
    sockeye(words).input(lines).run().exits(0);
    detected(&tape)
}

#[test]
fn redis_is_named_first() {
    let (_redis, port) = server(|port| {
        let port = port.to_string();
        let words = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        Start::program("redis-server").args(words)
    });
    let found = relayed(port, |relay| {
        let input = "PING\nSET a hello\nGET a\nLPUSH l a b c\nLRANGE l 0 -1\nINCR n\nGET nope\n";
        let client = Start::program("redis-cli").args(["-h", "127.0.0.1", "-p"]);
        client.args([relay.to_string()]).input(input).run().exits(0);
    });
    assert_eq!(best(&found, "both"), "Redis (RESP)");
    assert_eq!(found["agree"], true);
    assert_eq!(found["both"][0]["share"], 100.0);
}

#[test]
fn http_is_named_first() {
    let (_server, port) = server(|port| {
        let port = port.to_string();
        python().args(["-m", "http.server", &port, "--bind", "127.0.0.1"])
    });
    let found = relayed(port, |relay| {
        let page = format!("http://127.0.0.1:{relay}/");
        Start::program("curl").args(["-s", "-S", &page]).run().exits(0);
    });
    assert_eq!(best(&found, "both"), "HTTP/1");
    assert_eq!(
        (&found["dial"]["encoding"], &found["both"][0]["frames"]),
        (&"ascii".into(), &2.into())
    );
}

#[test]
fn tls_is_named_first_with_the_framing_of_its_records() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().expect("a plain path").to_owned();
    let (key, cert) = (path("key.pem"), path("cert.pem"));
    let curve =
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a"];
    let made = Start::program("openssl").args(["req", "-x509", "-keyout", &key, "-out", &cert]);
    made.args(curve).run().exits(0);
    let (_server, port) = server(|port| {
        let at = format!("127.0.0.1:{port}");
        let server = Start::program("openssl").args(["s_server", "-accept", &at, "-quiet", "-rev"]);
        server.args(["-cert", &cert, "-key", &key])
    });
    let found = relayed(port, |relay| {
        let at = format!("127.0.0.1:{relay}");
        let mut client = Start::program("openssl")
            .args(["s_client", "-quiet", "-no_ign_eof", "-connect", &at])
            .open()
            .start();
        for (said, answer) in [("hello\n", "olleh"), ("more\n", "erom")] {
            client.write(said);
            client.sees(answer);
        }
        client.close_stdin();
        client.wait();
    });
    assert_eq!(best(&found, "both"), "TLS | --frame len:u16be,offset=3");
    assert_eq!(found["dial"]["encoding"], "binary");
}

#[test]
fn mqtt_is_named_first() {
    let (_broker, port) =
        server(|port| Start::program("mosquitto").args(["-p", &port.to_string()]));
    let publish = ["-h", "127.0.0.1", "-r", "-t", "room/a", "-m", "a message that is kept"];
    let publish = Start::program("mosquitto_pub").args(publish);
    publish.args(["-p", &port.to_string()]).run().exits(0);
    let found = relayed(port, |relay| {
        let client = Start::program("mosquitto_sub").args(["-h", "127.0.0.1", "-t", "room/#"]);
        client.args(["-C", "1", "-p", &relay.to_string()]).run().exits(0);
    });
    assert_eq!(best(&found, "both"), "MQTT");
}

#[test]
fn a_websocket_is_named_after_its_handshake() {
    let (_server, port) = python_server(
        "
import asyncio, websockets
async def echo(ws):
    async for message in ws:
        await ws.send(message)
async def main():
    async with websockets.serve(echo, '127.0.0.1', 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
",
    );
    let found = relayed(port, |relay| {
        let client = format!(
            "
import asyncio, websockets
async def main():
    async with websockets.connect('ws://127.0.0.1:{relay}/') as ws:
        for text in ['hello', 'a longer message', 'third']:
            await ws.send(text)
            await ws.recv()
asyncio.run(main())
"
        );
        python().args(["-c", &client]).run().exits(0);
    });
    assert_eq!(best(&found, "both"), "HTTP, then WebSocket");
}

/// Four readings of registers, by the framer of that name.
fn modbus(framer: &str) -> Value {
    let (_server, port) = python_server(&format!(
        "
import asyncio
from pymodbus import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
async def main():
    registers = SimData(0, values=[7, 8, 9, 10], datatype=DataType.REGISTERS)
    device = SimDevice(1, simdata=[registers])
    server = ModbusTcpServer(device, framer=FramerType.{framer}, address=('127.0.0.1', 0))
    await server.serve_forever(background=True)
    print(server.transport.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"
    ));
    relayed(port, |relay| {
        let client = format!(
            "
from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient
client = ModbusTcpClient('127.0.0.1', port={relay}, framer=FramerType.{framer})
assert client.connect()
for number in range(4):
    read = client.read_holding_registers(number % 3, count=1 + number % 2, device_id=1)
    assert not read.isError()
"
        );
        python().args(["-c", &client]).run().exits(0);
    })
}

#[test]
fn modbus_tcp_is_named_first_with_its_framing() {
    assert_eq!(best(&modbus("SOCKET"), "both"), "Modbus TCP | --frame modbus-tcp");
}

#[test]
fn modbus_rtu_is_named_first_with_its_checksum() {
    let found = modbus("RTU");
    for side in ["dial", "accept"] {
        let named = best(&found, side);
        assert!(named.starts_with("Modbus RTU | --frame gap:"), "{side}: {named}");
        assert_eq!(found[side]["checksum"]["flag"], "--checksum crc16-modbus");
    }
}

#[test]
fn our_own_framings_are_told_by_their_flags() {
    let flags = [
        "len:u16be",
        "len:u32le,offset=2,adjust=3",
        "cobs",
        "slip",
        "lines",
        "crlf",
        "delim:00",
        "head:02,tail:03",
        "len:ascii",
    ];
    for flag in flags {
        let found = framed(flag, SAID.as_bytes());
        let best = best(&found, "both");
        assert!(best.ends_with(&format!("| --frame {flag}")), "{flag}: {best}");
        assert_eq!(found["agree"], true, "{flag}");
    }
}

#[test]
fn json_varints_and_frames_of_one_size_are_told_too() {
    let values = "{\"id\":1,\"on\":true}\n[1,2]\n{\"id\":2,\"name\":\"a longer one\"}\n";
    assert_eq!(best(&framed("json", values.as_bytes()), "both"), "JSON values | --frame json");
    let long = format!("{SAID}{}\n{SAID}", numbers(50));
    let varint = framed("len:varint", long.as_bytes());
    assert_eq!(best(&varint, "both"), "length as a varint | --frame len:varint");
    let rows = numbers(12)
        .split(' ')
        .map(|number| format!("AB:{number:>7}:00-CD\n"))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(
        best(&framed("fixed:16", rows.as_bytes()), "both"),
        "16 bytes each | --frame fixed:16"
    );
}

#[test]
fn positions_are_nmea_and_gbk_lines_are_gbk() {
    let sentence = |words: String| {
        let sum = words.bytes().fold(0, |sum, byte| sum ^ byte);
        format!("${words}*{sum:02X}\n")
    };
    let said: String = (0..6)
        .map(|second| sentence(format!("GPGGA,0927{second:02}.00,4717.11,N,00833.91,E,1,08,1.01")))
        .collect();
    assert_eq!(best(&framed("crlf", said.as_bytes()), "both"), "NMEA 0183 | --frame crlf");
    // 温度报警 and 你好 in GBK.
    let gbk = b"\xCE\xC2\xB6\xC8\xB1\xA8\xBE\xAF\n\xC4\xE3\xBA\xC3\nok 21.5\n".repeat(3);
    let found = framed("lines", &gbk);
    assert_eq!(best(&found, "both"), "lines, ended by LF | --frame lines");
    assert_eq!(found["dial"]["encoding"], "gbk");
}

#[test]
fn random_bytes_are_not_sure_and_exit_1() {
    for seed in 1..5 {
        let folder = folder();
        let tape = tape(&folder);
        let echo = sockeye(["listen", "127.0.0.1:0", "--reply", "echo"]).start();
        let path = tape.to_str().expect("a plain path");
        let words = ["connect", &echo.at(), "--tape", path, "--view", "raw"];
        sockeye(words).input(noise(20_000, seed)).run().exits(0);
        let ended = sockeye(["detect", path]).run().exits(1);
        assert!(ended.text().contains("not sure"), "{}", ended.text());
    }
}

#[test]
fn few_messages_are_little_to_go_by_and_said_so() {
    let folder = folder();
    let tape = tape(&folder);
    let listener = ["listen", "127.0.0.1:0", "--tape", tape.to_str().expect("plain"), "--reply"];
    let mut listener = sockeye(listener).args(["text:ok"]).start();
    sockeye(["send", &listener.at(), "text:one line\r\n"]).run().exits(0);
    listener.signal(Signal::INT);
    listener.close_stdin();
    listener.wait();
    let ended = sockeye(["detect", tape.to_str().expect("plain")]).run().exits(0);
    assert!(ended.text().contains("1 message: little to go by"), "{}", ended.text());
}

#[test]
fn an_endpoint_is_called_sent_to_and_listened_to() {
    let server = sockeye(["listen", "127.0.0.1:0", "--reply", "echo"]).start();
    let payload = "hex:0005 68656c6c6f 0003 616263 0009 7468652071756963 6b 0002 6f6b";
    let words = ["detect", &server.at(), "--for", "20s", "--bytes", "27", "--send", payload];
    let ended = sockeye(words).run().exits(0);
    assert!(ended.text().contains("--frame len:u16be"), "{}", ended.text());
    let words = ["detect", &server.at(), "--for", "20ms"];
    sockeye(words).run().exits(1).told("nothing came from");
}

#[test]
fn what_is_neither_tape_nor_endpoint_is_refused() {
    sockeye(["detect", "no such thing"]).run().exits(2).fails_clearly("E-usage");
    sockeye(["detect", "udp://127.0.0.1:9"]).run().exits(2).fails_clearly("E-usage");
    let port = ports::free();
    let at = format!("127.0.0.1:{port}");
    sockeye(["detect", &at]).run().exits(1).fails_clearly("E-refused");
    sockeye(["detect", &at, "--conversation", "2"]).run().exits(2).fails_clearly("E-usage");
}
