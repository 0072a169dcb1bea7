//! Multicast, broadcast, interfaces and namespaces between two network namespaces that
//! each test makes for itself, joined by a cable (veth). Needs root and iproute2.

mod harness;

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use harness::{Running, Start, gather, ports, shell, sockeye, tape};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Two namespaces; `eth0` of the one is joined to `eth0` of the other. Removed at the end.
struct Lab {
    /// `10.77.0.1/24`, `fd77::1/64`.
    a: String,
    /// `10.77.0.2/24`, `fd77::2/64`.
    b: String,
}

impl Lab {
    fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = |side| format!("sk-{}-{number}-{side}", std::process::id());
        let lab = Self { a: name("a"), b: name("b") };
        for side in [&lab.a, &lab.b] {
            ip(&["netns", "add", side]);
            // No address of the lab is anybody else's: none waits until that is sure.
            let file = "/proc/sys/net/ipv6/conf/default/accept_dad";
            ip(&["netns", "exec", side, "sh", "-c", &format!("echo 0 > {file}")]);
        }
        let (a, b) = (lab.a.as_str(), lab.b.as_str());
        let peer = ["peer", "name", "eth0", "netns", b];
        ip(&[&["link", "add", "eth0", "netns", a, "type", "veth"][..], &peer].concat());
        for (side, number) in [(a, "1"), (b, "2")] {
            let (v4, v6) = (format!("10.77.0.{number}/24"), format!("fd77::{number}/64"));
            ip(&["-n", side, "link", "set", "lo", "up"]);
            ip(&["-n", side, "addr", "add", &v4, "broadcast", "10.77.0.255", "dev", "eth0"]);
            ip(&["-n", side, "addr", "add", &v6, "dev", "eth0", "nodad"]);
            ip(&["-n", side, "link", "set", "eth0", "up"]);
        }
        for side in [a, b] {
            ports::until("addresses that are settled", || {
                ip(&["-n", side, "-6", "addr", "show", "tentative"]).is_empty()
                    && ip(&["-n", side, "-6", "addr", "show", "scope", "link"]).contains("fe80")
            });
        }
        lab
    }

    /// `sockeye listen ENDPOINT` in the second namespace; the endpoint has options already.
    fn listen(&self, endpoint: &str, flags: &[&str]) -> Running {
        let endpoint = format!("{endpoint}&netns={}", self.b);
        let server = sockeye(["listen", &endpoint].iter().chain(flags)).start();
        server.endpoint();
        server
    }

    /// `sockeye send ENDPOINT DATA` in the first.
    fn send(&self, endpoint: &str, data: &str) {
        let endpoint = format!("{endpoint}&netns={}", self.a);
        sockeye(["send", &endpoint, data]).run().exits(0);
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for side in [&self.a, &self.b] {
            drop(Command::new("ip").args(["netns", "del", side]).output());
        }
    }
}

fn ip(args: &[&str]) -> String {
    let done = Command::new("ip").args(args).output().expect("iproute2");
    let err = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "ip {}: {err}", args.join(" "));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// Python inside a namespace.
fn python(side: &str, script: &str) -> Start {
    Start::program("ip").args(["netns", "exec", side, "python3", "-c", script])
}

/// What came into a listener with `--json`, once it has ended.
fn came(server: Running) -> Vec<String> {
    let events = tape::lines(&server.wait().exits(0).out).1;
    let texts = tape::came(&events).into_iter();
    texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

#[test]
fn a_v4_group_is_joined_by_listening_and_its_sender_is_answered_alone() {
    let lab = Lab::new();
    let server = lab.listen("udp://239.77.1.2:0?iface=eth0", &["--reply", "upper", "--json"]);
    let at = format!("udp://239.77.1.2:{}?iface=eth0&netns={}", server.port(), lab.a);
    sockeye(["send", &at, "hello", "--expect", "HELLO"]).run().exits(0).prints("HELLO");
    server.sees("\"from\":\"10.77.0.1:");
    let events = sockeye(["send", "--json", &at, "hi", "--expect", "HI"]).run().exits(0);
    let answer = format!("\"from\":\"10.77.0.2:{}\"", server.port());
    assert!(gather::holds(&events.out, answer.as_bytes()), "{}", events.text());
}

#[test]
fn a_v6_group_is_joined_however_its_link_is_named() {
    let lab = Lab::new();
    for listened in ["udp://[ff02::7777]:0?iface=eth0", "udp://[ff02::7777%eth0]:0?loop=on"] {
        let server = lab.listen(listened, &["--reply", "upper", "--json"]);
        for called in ["[ff02::7777]", "[ff02::7777%eth0]"] {
            let port = server.port();
            let at = format!("udp://{called}:{port}?iface=eth0&netns={}", lab.a);
            sockeye(["send", &at, "hello", "--expect", "HELLO"]).run().exits(0).prints("HELLO");
        }
        server.sees("\"from\":\"[fe80::");
    }
    let server = lab.listen("udp://[ff05::7777]:0?iface=eth0", &["--reply", "upper"]);
    let at = format!("udp://[ff05::7777]:{}?iface=eth0&netns={}", server.port(), lab.a);
    sockeye(["send", &at, "site", "--expect", "SITE"]).run().exits(0);
}

#[test]
fn other_groups_and_what_is_sent_to_the_machine_alone_do_not_leak_in() {
    let lab = Lab::new();
    let flags = ["--json", "--until", "last"];
    let server = lab.listen("udp://239.77.1.2:0?iface=eth0", &flags);
    let port = server.port();
    let more = format!("udp://239.77.1.3:{port}?iface=eth0&group=239.77.1.4");
    let other = lab.listen(&more, &["--json", "--on", "none => none"]);
    for (group, text) in [("239.77.1.3", "to 3"), ("239.77.1.4", "to 4"), ("10.77.0.2", "to b")] {
        lab.send(&format!("udp://{group}:{port}?bind=10.77.0.1:4000"), text);
    }
    lab.send(&format!("udp://239.77.1.2:{port}?iface=eth0"), "last");
    assert_eq!(came(server), ["last"]);
    other.sees("to 3");
    other.sees("to 4");
    // One sender to two groups is two talks, each with the group that it came to.
    for group in ["239.77.1.3", "239.77.1.4"] {
        other.sees(format!("\"local\":\"{group}:{port}\",\"peer\":\"10.77.0.1:4000\""));
    }
    assert!(!other.out.shown().contains("to b") && !other.out.shown().contains("last"));
}

#[test]
fn two_programs_hear_one_group() {
    let lab = Lab::new();
    let one = lab.listen("udp://239.77.1.2:0?iface=eth0", &["--json", "--until", "end"]);
    let at = format!("udp://239.77.1.2:{}?iface=eth0", one.port());
    let other = lab.listen(&at, &["--json", "--until", "end"]);
    lab.send(&at, "end");
    assert_eq!((came(one), came(other)), (vec!["end".to_owned()], vec!["end".to_owned()]));
}

#[test]
fn a_listener_on_every_address_can_join_groups_beside_its_own_traffic() {
    let lab = Lab::new();
    ip(&["-n", &lab.b, "route", "replace", "239.0.0.0/8", "dev", "eth0"]);
    let stranger = lab.listen("udp://239.77.1.9:0?iface=eth0", &["--on", "none => none"]);
    for (join, places) in [
        ("iface=eth0&group=239.77.1.2,ff02::7777", &["239.77.1.2", "[ff02::7777]"][..]),
        ("group=239.77.1.2", &["239.77.1.2", "10.77.0.2", "[fd77::2]"]),
    ] {
        let flags = ["--json", "--until", "239.77.1.2"];
        let server = lab.listen(&format!("udp://*:0?{join}"), &flags);
        // A group that another program of the machine has joined is not ours by that.
        for place in ["239.77.1.9"].iter().chain(&places[1..]).chain(&places[..1]) {
            lab.send(&format!("udp://{place}:{}?iface=eth0", server.port()), place);
        }
        let expected: Vec<_> = places[1..].iter().chain(&places[..1]).copied().collect();
        assert_eq!(came(server), expected);
    }
    drop(stranger);
    let at = format!("udp://10.77.0.2:0?group=239.77.1.2&netns={}", lab.b);
    sockeye(["listen", &at]).run().exits(2).told("does not come to");
}

#[test]
fn a_broadcast_reaches_the_other_side_by_either_address() {
    let lab = Lab::new();
    let server = lab.listen("udp://*:0?rcvbuf=64KiB", &["--reply", "upper", "--json"]);
    let port = server.port();
    for at in ["10.77.0.255:PORT?ttl=1", "255.255.255.255:PORT?iface=eth0"] {
        let at = format!("udp://{}&netns={}", at.replace("PORT", &port.to_string()), lab.a);
        sockeye(["send", &at, "all", "--expect", "ALL"]).run().exits(0).prints("ALL");
    }
}

/// Prints the TTL of each datagram of a group.
const TTLS: &str = r#"
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 0))
s.setsockopt(socket.IPPROTO_IP, 12, 1)  # IP_RECVTTL
me = socket.inet_aton("239.77.1.2") + socket.inet_aton("10.77.0.2")
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, me)
print("port", s.getsockname()[1], "", flush=True)
for turn in range(2):
    _, extra, _, _ = s.recvmsg(100, 100)
    print("ttl", struct.unpack("i", extra[0][2])[0], flush=True)
"#;

#[test]
fn a_datagram_to_a_group_stays_on_its_network_unless_a_ttl_says_other() {
    let lab = Lab::new();
    let ear = python(&lab.b, TTLS).start();
    let port = ear.out.until(harness::LONG, |bytes| {
        let text = std::str::from_utf8(bytes).ok()?;
        text.strip_prefix("port ")?.split_once(' ')?.0.parse::<u16>().ok()
    });
    let at = format!("udp://239.77.1.2:{}?iface=eth0", port.expect("a port"));
    lab.send(&at, "near");
    ear.sees("ttl 1\n");
    lab.send(&format!("{at}&ttl=7"), "far");
    ear.sees("ttl 7\n");
}

#[test]
fn what_is_sent_with_loop_off_is_not_heard_on_the_same_machine() {
    let lab = Lab::new();
    for group in ["239.77.1.2", "[ff02::7777]"] {
        let here = format!("udp://{group}:0?iface=eth0&netns={}", lab.a);
        let server = sockeye(["listen", &here, "--json", "--until", "end"]).start();
        let at = format!("udp://{group}:{}?iface=eth0", server.port());
        lab.send(&format!("{at}&loop=off"), "not to us");
        lab.send(&format!("{at}&loop=on"), "one");
        lab.send(&at, "end");
        assert_eq!(came(server), ["one", "end"], "{group}");
    }
}

#[test]
fn a_group_that_no_route_leads_to_is_told_with_the_interfaces() {
    let lab = Lab::new();
    let at = format!("udp://239.77.1.2:5?netns={}", lab.a);
    let sent = sockeye(["send", &at, "x"]).run().exits(1).fails_clearly("E-unreachable");
    sent.told("which interface").told("eth0");
    let heard = sockeye(["listen", &at]).run().exits(1).fails_clearly("E-unreachable");
    heard.told("which interface").told("eth0");
    let unknown = format!("{at}&iface=eth7");
    for command in ["send", "listen"] {
        let data = if command == "send" { vec!["x"] } else { vec![] };
        let ended = sockeye([command, &unknown].into_iter().chain(data)).run().exits(1);
        ended.fails_clearly("E-address").told("no interface `eth7`").told("eth0");
    }
    let link = sockeye(["listen", &format!("udp://[ff02::1]:0?netns={}", lab.a)]).run().exits(1);
    link.told("one on each link").told("eth0");
}

#[test]
fn tcp_is_dialled_and_listened_on_inside_namespaces_from_outside() {
    let lab = Lab::new();
    let server = lab.listen("tcp://*:0?nodelay", &["--reply", "upper"]);
    // What others dial is an address of the namespace, none of the machine outside.
    server.says(&format!("others dial tcp://10.77.0.2:{}", server.port()));
    for host in ["10.77.0.2", "[fd77::2]"] {
        for more in ["", "&iface=eth0"] {
            let at = format!("{host}:{}?nodelay{more}&netns={}", server.port(), lab.a);
            sockeye(["send", &at, "inside"]).run().exits(0).prints("INSIDE");
        }
    }
    let port = server.port();
    let outside = sockeye(["connect", "-w", "1", &format!("tcp://10.77.0.2:{port}?iface=lo")]);
    assert_ne!(outside.run().code, Some(0));
    let at = format!("10.77.0.2:{port}?netns={}", lab.a);
    sockeye(["connect", "-z", &at]).run().exits(0).prints(format!("10.77.0.2 {port} open\n"));
}

#[test]
fn what_is_told_of_a_port_or_an_address_is_told_of_the_namespace() {
    let lab = Lab::new();
    let server = lab.listen("tcp://*:0?nodelay", &["--reply", "upper"]);
    let again = format!("tcp://*:{}?netns={}", server.port(), lab.b);
    let ended = sockeye(["listen", &again]).run().exits(1).fails_clearly("E-in-use");
    ended.told(&format!("pid {}", server.pid()));
    let foreign = format!("tcp://192.0.2.1:0?netns={}", lab.b);
    let ended = sockeye(["listen", &foreign]).run().exits(1).fails_clearly("E-address");
    ended.told("10.77.0.2").told("fd77::2");
}

#[test]
fn an_interface_keeps_a_socket_to_itself() {
    let lab = Lab::new();
    let server = lab.listen("tcp://*:0?iface=eth0", &["--reply", "upper"]);
    let at = |host: &str, side: &str| format!("tcp://{host}:{}?netns={side}", server.port());
    sockeye(["send", &at("10.77.0.2", &lab.a), "by the cable"]).run().exits(0);
    // By its loopback nothing reaches it.
    let inside = sockeye(["send", &at("127.0.0.1", &lab.b), "x"]).run();
    inside.exits(1).fails_clearly("E-refused");
    let at = format!("{}&iface=eth7", at("10.77.0.2", &lab.a));
    let ended = sockeye(["send", &at, "x"]).run().exits(1).fails_clearly("E-address");
    ended.told("no interface `eth7`").told("lo, eth0");
}

#[test]
fn an_unknown_namespace_is_told_with_those_there_are() {
    let lab = Lab::new();
    for command in ["connect", "listen"] {
        let at = "127.0.0.1:1?netns=sk-there-is-none";
        let ended = sockeye([command, at]).run().exits(1).fails_clearly("E-address");
        ended.told("no network namespace `sk-there-is-none`").told(&lab.a);
    }
}

#[test]
fn who_may_not_enter_is_told_how_to() {
    let lab = Lab::new();
    // Root of a user namespace of its own, and nobody to the one that owns the lab.
    let ended = shell(&format!("exec unshare -r \"$S\" connect '127.0.0.1:1?netns={}'", lab.a));
    ended.run().exits(1).fails_clearly("E-permission").told("sudo");
}

/// Ends its side at once, and reads half a second later, by its own clock.
const HALF: &str = r#"
import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print("port", s.getsockname()[1], "", flush=True)
c = s.accept()[0]
c.shutdown(socket.SHUT_WR)
time.sleep(0.5)
print("reading", flush=True)
got = b""
while part := c.recv(100):
    got += part
print("got", got.decode(), flush=True)
"#;

/// `/proc/net/tcp` has no row for the peer: it is of another namespace than the peer.
#[test]
fn a_peer_in_a_namespace_is_not_taken_for_gone_by_what_is_seen_outside() {
    let lab = Lab::new();
    let peer = python(&lab.a, HALF).start();
    let port = peer.out.until(harness::LONG, |bytes| {
        let text = std::str::from_utf8(bytes).ok()?;
        text.strip_prefix("port ")?.split_once(' ')?.0.parse::<u16>().ok()
    });
    let at = format!("127.0.0.1:{}?netns={}", port.expect("a port"), lab.a);
    let mut ours = sockeye(["connect", &at]).open().start();
    peer.sees("reading");
    assert!(ours.runs(), "{}", ours.err.shown());
    ours.write("late");
    ours.close_stdin();
    peer.sees("got late\n");
    ours.wait().exits(0);
}

#[test]
fn a_proxy_is_called_from_the_namespace_too() {
    let lab = Lab::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/proxy.py");
    let args = ["netns", "exec", &lab.a, "python3", script, "socks5"];
    let proxy = Start::program("ip").args(args).start();
    let port = proxy.out.until(harness::LONG, |bytes| {
        std::str::from_utf8(bytes).ok()?.split_once('\n')?.0.parse::<u16>().ok()
    });
    let via = format!("socks5://127.0.0.1:{}", port.expect("a port"));
    let server = lab.listen("tcp://10.77.0.2:0?nodelay", &["--reply", "upper"]);
    let at = format!("10.77.0.2:{}?netns={}&via={via}", server.port(), lab.a);
    sockeye(["send", &at, "twice round"]).run().exits(0).prints("TWICE ROUND");
}

/// The same address and port in two namespaces are two places.
#[test]
fn a_relay_joins_two_namespaces_and_is_not_taken_for_its_own_target() {
    let lab = Lab::new();
    for proto in ["tcp", "udp"] {
        let server = lab.listen(&format!("{proto}://127.0.0.1:0?ttl=9"), &["--reply", "upper"]);
        let at = |side: &str| format!("{proto}://127.0.0.1:{}?netns={side}", server.port());
        let relay = sockeye(["relay", &at(&lab.a), &at(&lab.b)]).start();
        relay.endpoint();
        let send = ["send", &at(&lab.a), "across", "--expect", "ACROSS"];
        sockeye(send).run().exits(0).prints("ACROSS");
        sockeye(["relay", &at(&lab.b), &at(&lab.b)]).run().exits(3).fails_clearly("E-denied");
    }
}
