//! `addr`, `port` and `resolve`: what courses tell wrong is told right here, and what this
//! machine says of itself is what its own files say.

mod harness;

use std::net::TcpListener;

use harness::{sockeye, words};
use serde_json::Value;

fn told(line: &str) -> String {
    words(line).run().exits(0).text()
}

fn object(line: &str) -> Value {
    serde_json::from_str(&told(&format!("{line} --json"))).expect("an object")
}

/// What courses say wrong: the command, what it says, and what it must not say.
#[test]
fn what_the_courses_tell_wrong_is_told_right() {
    for (line, right, wrong) in [
        ("addr 192.168.5.6", "11000000.10101000.00000101.00000110", "01100100"),
        ("addr 10.0.0.1", "of 16777214 hosts", "1677214 "),
        ("addr 128.0.0.1", "B, 128.0.0.0 to 191.255.255.255", "128.1.0.1"),
        ("addr 192.0.0.1", "C, 192.0.0.0 to 223.255.255.255", "192.0.1.1"),
        ("addr 192.0.0.1", "classes are history since CIDR", "11111110"),
        ("addr 223.255.255.254", "C, ", "D, "),
        ("port 1024", "1024 to 49151, user ports", "dynamic"),
        ("port 49151", "user ports", "dynamic"),
        ("port 49152", "49152 to 65535, dynamic ports", "user ports"),
        ("port 0", "`choose one for me`", "system ports"),
        ("port 80", "CAP_NET_BIND_SERVICE", "bound by   anybody"),
        ("addr 127.0.0.1", "loopback", "public"),
        ("addr 0.0.0.0", "unspecified", "public"),
        ("addr 255.255.255.255", "limited broadcast", "public"),
        ("addr 224.0.0.251", "multicast", "public"),
        ("addr 172.31.255.255", "private", "public"),
        ("addr 172.32.0.0", "public", "private"),
    ] {
        let said = told(line);
        assert!(said.contains(right), "{line} lacks {right:?}:\n{said}");
        assert!(!said.contains(wrong), "{line} says {wrong:?}:\n{said}");
    }
}

#[test]
fn a_network_is_told_by_its_mask_however_that_is_written() {
    for mask in ["20", "255.255.240.0"] {
        let net = object(&format!("addr 10.1.18.3/{mask}"));
        assert_eq!(net["network"], "10.1.16.0/20");
        assert_eq!(net["range"]["first"], "10.1.16.0");
        assert_eq!(net["range"]["last"], "10.1.31.255");
        assert_eq!(net["mask"], "255.255.240.0");
        assert_eq!(net["broadcast"], "10.1.31.255");
        assert_eq!(net["addresses"], 4096);
        assert_eq!(net["hosts"], 4094);
        assert_eq!(net["host_part"], "515");
    }
    // A link of two has neither a network's address nor a broadcast to give away (RFC 3021).
    let pair = object("addr 192.0.2.1/31");
    assert!(pair.get("broadcast").is_none() && pair["hosts"] == 2);
    let six = object("addr 2001:db8::1/64");
    assert_eq!(six["addresses"], "18446744073709551616");
    assert_eq!(object("addr ::/0")["addresses"], "340282366920938463463374607431768211456");
}

#[test]
fn two_addresses_are_in_one_network_or_a_gateway_stands_between() {
    assert!(
        told("addr 10.1.2.3/24 10.1.2.200").contains("the same network, reached directly (ARP")
    );
    assert!(told("addr 10.1.2.3/24 10.1.3.1").contains("another network, by a gateway"));
    assert!(told("addr fe80::1/64 fe80::2").contains("neighbour discovery"));
    assert!(told("addr 10.1.2.3/24 ::1").contains("they meet in no network"));
    words("addr 10.1.2.3 10.1.2.4").run().exits(2).fails_clearly("E-usage").told("mask");
}

#[test]
fn this_machine_shows_its_interfaces_and_its_name_servers() {
    let machine = told("addr");
    assert!(machine.contains("127.0.0.1/8"), "{machine}");
    let servers = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    for server in servers.lines().filter_map(|line| line.strip_prefix("nameserver ")) {
        assert!(machine.contains(server.trim()), "{machine}");
    }
}

#[test]
fn a_port_names_its_service_and_who_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let said = object(&format!("port {port}"));
    assert_eq!(said["listening"][0]["pid"], std::process::id(), "{said}");
    assert!(said["listening"][0]["name"].is_string(), "{said}");
    assert!(told(&format!("port {port}")).contains(&format!("(pid {})", std::process::id())));
    // The kernel gave it out, so it is among those that it gives out.
    assert!(said["given_out"]["this_one"] == true, "{said}");
}

#[test]
fn a_name_tells_where_its_addresses_come_from() {
    let said = told("resolve localhost");
    assert!(said.contains("127.0.0.1  /etc/hosts") || said.contains("::1  /etc/hosts"), "{said}");
    assert!(told("resolve 192.0.2.1").contains("an address already"));
    words("resolve no-such-name.invalid").run().exits(1).fails_clearly("E-name");
}

#[test]
fn json_holds_data_and_no_sentence() {
    let machine = object("addr");
    let interfaces = machine["interfaces"].as_array().expect("a list");
    let loopback = |one: &&Value| one["address"] == "127.0.0.1";
    assert_eq!(interfaces.iter().find(loopback).expect("loopback")["prefix"], 8);
    for line in ["addr", "addr 192.168.5.6/24 192.168.6.1", "addr ::/0", "port 9", "port ssh"] {
        assert_no_sentence(line, &object(line));
    }
    assert_no_sentence("resolve", &object("resolve localhost"));
    assert_eq!(object("resolve 192.0.2.1")["addresses"][0]["address"], "192.0.2.1");
}

/// What people are told has words; what a range is for has a name of some.
fn assert_no_sentence(line: &str, data: &Value) {
    match data {
        Value::String(text) => {
            let words = text.split(' ').count();
            assert!(words < 4, "{line} says {text:?}");
        }
        Value::Array(all) => all.iter().for_each(|one| assert_no_sentence(line, one)),
        Value::Object(all) => {
            let others = all.iter().filter(|(name, _)| *name != "purpose");
            others.for_each(|(_, one)| assert_no_sentence(line, one));
        }
        _ => {}
    }
}

#[test]
fn what_is_no_address_no_port_and_no_name_is_refused() {
    sockeye(["resolve", ""]).run().exits(2).fails_clearly("E-usage");
    for name in ["localhost", "localhost/24"] {
        sockeye(["addr", name]).run().exits(2).told("`sockeye resolve localhost`");
    }
    sockeye(["addr", "fe80::1%eth0/64"]).run().exits(2).told("hint: write fe80::1/64: `%eth0`");
    sockeye(["addr", "fe80::1%eth0"]).run().exits(2).told("hint: write fe80::1: `%eth0`");
    assert!(told("addr 2001:db8::1").contains("add /64"));
    for line in ["addr 300.1.1.1", "addr 10.0.0.0/33", "addr 10.0.0.0/255.0.255.0", "port 65536"] {
        words(line).run().exits(2).fails_clearly("E-usage");
    }
    words("port no-such-service").run().exits(1).fails_clearly("E-name");
    sockeye(["resolve", "a b\u{1b}[2J"]).run().exits(2).told("E-usage").told("␛[2J");
    sockeye(["port", "\u{1b}[2J"]).run().exits(1).told("␛[2J");
}
