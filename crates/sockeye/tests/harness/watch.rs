//! A page's WebSocket to a workbench, by raw frames.

use std::io::Read as _;
use std::net::TcpStream;

use serde_json::Value;

use super::desk::{Desk, call, exchange};

pub fn shake(desk: &Desk, protocols: &str) -> (TcpStream, u16) {
    let mut socket = call(&desk.at);
    let request = format!(
        "GET /api/watch HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         Sec-WebSocket-Protocol: {protocols}\r\n\r\n",
        desk.at
    );
    let status = exchange(&mut socket, &request).status;
    (socket, status)
}

pub fn watch(desk: &Desk, token: &str) -> TcpStream {
    let (socket, status) = shake(desk, &format!("sockeye.1, bearer.{token}"));
    assert_eq!(status, 101);
    socket
}

/// One frame of the server's: its opcode and its payload (RFC 6455, 5.2).
pub fn frame(socket: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 2];
    socket.read_exact(&mut head).expect("a frame");
    let mut length = usize::from(head[1]);
    if length == 126 {
        let mut long = [0; 2];
        socket.read_exact(&mut long).expect("a length");
        length = usize::from(u16::from_be_bytes(long));
    } else if length == 127 {
        let mut long = [0; 8];
        socket.read_exact(&mut long).expect("a length");
        length = usize::try_from(u64::from_be_bytes(long)).expect("it fits");
    }
    let mut payload = vec![0; length];
    socket.read_exact(&mut payload).expect("a payload");
    (head[0] & 0x0F, payload)
}

pub fn message(socket: &mut TcpStream) -> Value {
    let (opcode, payload) = frame(socket);
    assert_eq!(opcode, 1);
    serde_json::from_slice(&payload).expect("JSON")
}
