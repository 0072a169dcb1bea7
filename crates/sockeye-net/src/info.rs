//! Every socket option of an open conversation, with its value and the call that sets it.

use std::fmt::Display;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;

use crate::datagram::Datagrams;
use crate::stream::{Reader, Stream};

/// One option: the name that setsockopt(2) knows it by, and its value in words.
pub type Row = (&'static str, String);

/// The options of a stream's socket; empty where there is no socket.
pub fn of_stream(stream: &Stream) -> Vec<Row> {
    match &stream.reader {
        Reader::Tcp(half) => of_tcp(half.as_ref()),
        Reader::Whole(whole) => whole.ask_socket(of_tcp).unwrap_or_else(|| whole.rows()),
        Reader::Unix(half) => general(half.as_ref()),
        _ => Vec::new(),
    }
}

fn of_tcp(socket: &TcpStream) -> Vec<Row> {
    let mut rows = general(socket);
    rows.extend(tcp(socket));
    rows.extend(ip(socket, socket.peer_addr().is_ok_and(|address| address.is_ipv6())));
    rows
}

/// The options of a datagram socket.
pub fn of_datagrams(socket: &Datagrams) -> Vec<Row> {
    let mut rows = general(socket);
    if let Some(address) = socket.address() {
        rows.extend(ip(socket, address.is_ipv6()));
    }
    rows
}

fn row<T: Display>(name: &'static str, value: io::Result<T>) -> Row {
    (name, value.map_or_else(|error| format!("unknown ({error})"), |value| value.to_string()))
}

fn on_off(name: &'static str, value: io::Result<bool>) -> Row {
    row(name, value.map(|on| if on { "on" } else { "off" }))
}

fn time(name: &'static str, value: io::Result<Option<Duration>>) -> Row {
    row(name, value.map(|time| time.map_or_else(|| "off".to_owned(), |time| format!("{time:?}"))))
}

fn general<S: AsFd>(socket: &S) -> Vec<Row> {
    let socket = SockRef::from(socket);
    vec![
        on_off("SO_REUSEADDR", socket.reuse_address()),
        on_off("SO_REUSEPORT", socket.reuse_port()),
        on_off("SO_KEEPALIVE", socket.keepalive()),
        on_off("SO_BROADCAST", socket.broadcast()),
        time("SO_LINGER", socket.linger()),
        row("SO_RCVBUF", socket.recv_buffer_size().map(|size| format!("{size} B"))),
        row("SO_SNDBUF", socket.send_buffer_size().map(|size| format!("{size} B"))),
        time("SO_RCVTIMEO", socket.read_timeout()),
        time("SO_SNDTIMEO", socket.write_timeout()),
    ]
}

fn tcp<S: AsFd>(socket: &S) -> Vec<Row> {
    let quick = rustix::net::sockopt::tcp_quickack(socket).map_err(Into::into);
    let cork = rustix::net::sockopt::tcp_cork(socket).map_err(Into::into);
    let congestion = rustix::net::sockopt::tcp_congestion(socket).map_err(Into::into);
    let socket = SockRef::from(socket);
    vec![
        on_off("TCP_NODELAY", socket.tcp_nodelay()),
        on_off("TCP_QUICKACK", quick),
        on_off("TCP_CORK", cork),
        row("TCP_MAXSEG", socket.tcp_mss().map(|size| format!("{size} B"))),
        row("TCP_CONGESTION", congestion),
        row("TCP_KEEPIDLE", socket.tcp_keepalive_time().map(|time| format!("{time:?}"))),
        row("TCP_KEEPINTVL", socket.tcp_keepalive_interval().map(|time| format!("{time:?}"))),
        row("TCP_KEEPCNT", socket.tcp_keepalive_retries()),
        time("TCP_USER_TIMEOUT", socket.tcp_user_timeout()),
    ]
}

fn ip<S: AsFd>(socket: &S, v6: bool) -> Vec<Row> {
    let socket = SockRef::from(socket);
    if v6 {
        return vec![
            on_off("IPV6_V6ONLY", socket.only_v6()),
            row("IPV6_UNICAST_HOPS", socket.unicast_hops_v6()),
            row("IPV6_TCLASS", socket.tclass_v6()),
        ];
    }
    vec![row("IP_TTL", socket.ttl_v4()), row("IP_TOS", socket.tos_v4())]
}
