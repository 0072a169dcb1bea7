//! The WebSocket: what it says by itself, and how it ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use rustix::process::Signal;

use crate::harness::desk::{Desk, bearer};
use crate::harness::watch::{frame, message, shake, watch};

/// As `sockeye_web::workbench::watch` has it.
const PAGES: usize = 32;

/// A frame of a client's, masked by nothing but zeros.
fn say(socket: &mut TcpStream, opcode: u8, payload: &[u8]) {
    let length = u16::try_from(payload.len()).expect("short").to_be_bytes();
    let frame = [&[0x80 | opcode, 0x80 | 0x7E, length[0], length[1], 0, 0, 0, 0], payload].concat();
    socket.write_all(&frame).expect("sent");
}

fn close_code(socket: &mut TcpStream) -> u16 {
    loop {
        let (opcode, payload) = frame(socket);
        if opcode == 8 {
            let code = payload.first_chunk().expect("a code");
            return u16::from_be_bytes(*code);
        }
    }
}

#[test]
fn it_says_hello_first_and_then_that_it_is_there() {
    let desk = Desk::start();
    let (act, look) = desk.tokens();
    for token in [act, look] {
        let mut socket = watch(&desk, &token);
        let hello = message(&mut socket);
        assert_eq!((hello["e"].as_str(), hello["runs"].is_array()), (Some("hello"), true));
        assert_eq!(message(&mut socket)["e"], "beat");
    }
}

#[test]
fn what_a_page_says_is_ignored_and_too_much_of_it_ends_it() {
    let desk = Desk::start();
    let (act, _) = desk.tokens();
    let mut socket = watch(&desk, &act);
    message(&mut socket);
    say(&mut socket, 1, &[b'x'; 1024]);
    say(&mut socket, 2, &[0xFF; 1024]);
    say(&mut socket, 9, b"ping");
    loop {
        match frame(&mut socket) {
            (10, payload) => break assert_eq!(payload, b"ping"),
            (opcode, _) => assert_eq!(opcode, 1),
        }
    }
    say(&mut socket, 1, &[b'x'; 1025]);
    assert_eq!(close_code(&mut socket), 1009);
    let mut socket = watch(&desk, &act);
    say(&mut socket, 1, &[0xFF; 4]);
    assert_eq!(close_code(&mut socket), 1007);
    let mut socket = watch(&desk, &act);
    say(&mut socket, 3, b"");
    assert_eq!(close_code(&mut socket), 1002);
}

#[test]
fn a_handshake_that_is_none_is_told_so() {
    let desk = Desk::start();
    let (act, _) = desk.tokens();
    assert_eq!(shake(&desk, &format!("bearer.{act}")).1, 400);
    assert_eq!(shake(&desk, "sockeye.1").1, 401);
    assert_eq!(shake(&desk, "sockeye.1, bearer.").1, 401);
    let told = desk.ask("GET", "/api/watch", &bearer(&act), "");
    assert_eq!(told.status, 426);
}

#[test]
fn only_so_many_pages_watch_and_a_place_comes_free() {
    let desk = Desk::start();
    let (act, _) = desk.tokens();
    let mut held: Vec<TcpStream> = (0..PAGES).map(|_| watch(&desk, &act)).collect();
    assert_eq!(shake(&desk, &format!("sockeye.1, bearer.{act}")).1, 503);
    let mut first = held.remove(0);
    say(&mut first, 8, &1000_u16.to_be_bytes());
    assert_eq!(close_code(&mut first), 1000);
    assert_eq!(first.read(&mut [0]).expect("an end"), 0);
    drop(watch(&desk, &act));
}

#[test]
fn at_the_end_of_the_run_the_pages_are_told() {
    let desk = Desk::start();
    let (act, _) = desk.tokens();
    let mut socket = watch(&desk, &act);
    message(&mut socket);
    desk.running.signal(Signal::TERM);
    assert_eq!(close_code(&mut socket), 1001);
    desk.running.wait().exits(143);
}
