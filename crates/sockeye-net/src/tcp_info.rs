//! What the kernel knows of an open TCP connection: round trips, retransmissions, windows,
//! and how much of what we wrote the peer's kernel has not acknowledged. Asked at the
//! moment it is wanted and kept nowhere. Linux alone; elsewhere nothing is known.

use std::fmt;
use std::time::Duration;

use sockeye_text::units::{Grouped, Size, Span};
use tokio::net::TcpStream;

use crate::stream::{Reader, Stream};

/// What the kernel tells of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpInfo {
    /// The smoothed round-trip time.
    pub rtt: Duration,
    /// Its mean deviation.
    pub rttvar: Duration,
    /// Segments that were sent again, since the connection began.
    pub retransmits: u32,
    /// The congestion window, in segments.
    pub cwnd: u32,
    /// The slow-start threshold, in segments; none while there is none.
    pub ssthresh: Option<u32>,
    /// The largest segment that is sent, in bytes.
    pub mss: u32,
    /// Bytes that were written and that the peer's kernel has not acknowledged. With TLS
    /// or a WebSocket above, theirs are in it.
    pub unacked: u64,
    /// Those of them that have not even been sent.
    pub unsent: u64,
    /// Bytes that came and that nobody has read. A close with such makes it a RST.
    pub unread: u64,
    /// Bytes acknowledged since the connection began (Linux 4.1; a dialled one counts its
    /// SYN).
    pub acked: Option<u64>,
    /// Bytes received since then.
    pub received: Option<u64>,
    /// The latest rate at which bytes arrived at the peer, a second (Linux 4.9).
    pub rate: Option<u64>,
    /// Whether the connection is over: reset, or closed both ways.
    pub over: bool,
}

impl TcpInfo {
    /// Of a stream that TCP carries, by itself or below TLS or a WebSocket; none of others.
    pub fn of(stream: &Stream) -> Option<Self> {
        match &stream.reader {
            Reader::Tcp(half) => kernel::ask(half.as_ref()),
            Reader::Whole(whole) => whole.ask_socket(kernel::ask).flatten(),
            _ => None,
        }
    }

    /// Whether the peer's kernel has acknowledged all that was written to a stream, its end
    /// included: one question instead of all of them. True as well where nothing is known.
    pub fn all_is_acknowledged(stream: &Stream) -> bool {
        match &stream.reader {
            Reader::Tcp(half) => kernel::unacknowledged(half.as_ref()) == 0,
            Reader::Whole(whole) => {
                whole.ask_socket(kernel::unacknowledged).is_none_or(|count| count == 0)
            }
            _ => true,
        }
    }

    /// Of a TCP socket.
    pub fn of_socket(socket: &TcpStream) -> Option<Self> {
        kernel::ask(socket)
    }

    /// As rows of a name and a value.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let bytes = |bytes: Option<u64>| {
            bytes.map_or_else(|| "unknown".to_owned(), |bytes| format!("{} B", Grouped(bytes)))
        };
        let ssthresh = self.ssthresh.map_or_else(|| "none yet".to_owned(), |it| it.to_string());
        let rate = self.rate.map_or_else(|| "unknown".to_owned(), |it| format!("{}/s", Size(it)));
        vec![
            ("rtt", format!("{} ± {}", Span(self.rtt), Span(self.rttvar))),
            ("retransmits", self.retransmits.to_string()),
            ("cwnd", format!("{} segments", self.cwnd)),
            ("ssthresh", ssthresh),
            ("mss", format!("{} B", self.mss)),
            ("unacknowledged", bytes(Some(self.unacked))),
            ("unsent", bytes(Some(self.unsent))),
            ("unread", bytes(Some(self.unread))),
            ("acknowledged", bytes(self.acked)),
            ("received", bytes(self.received)),
            ("delivery rate", rate),
        ]
    }
}

impl fmt::Display for TcpInfo {
    /// In one line: what tells how the connection fares.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "rtt {} ± {}, {} retransmits, cwnd {}, mss {} B, {} B unacknowledged, {} B unsent, \
             {} B unread",
            Span(self.rtt),
            Span(self.rttvar),
            self.retransmits,
            self.cwnd,
            self.mss,
            Grouped(self.unacked),
            Grouped(self.unsent),
            Grouped(self.unread)
        )
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use super::TcpInfo;
    use tokio::net::TcpStream;

    pub(super) fn ask(_socket: &TcpStream) -> Option<TcpInfo> {
        None
    }

    pub(super) fn unacknowledged(_socket: &TcpStream) -> u64 {
        0
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::io;
    use std::time::Duration;

    use super::TcpInfo;
    use crate::sys::tcp;
    use tokio::net::TcpStream;

    /// As much of `struct tcp_info` (`linux/tcp.h`) as is read here. It only ever grows at
    /// its end.
    const SIZE: usize = 168;

    /// States of a connection (`net/tcp_states.h`).
    const FIN_WAIT_1: u8 = 4;
    const CLOSE: u8 = 7;
    const LAST_ACK: u8 = 9;
    const CLOSING: u8 = 11;

    /// `TCP_INFINITE_SSTHRESH`: none has been found yet.
    const INFINITE: u32 = 0x7FFF_FFFF;

    pub(super) fn ask(socket: &TcpStream) -> Option<TcpInfo> {
        let mut space = [0; SIZE];
        let size = tcp::info(socket, &mut space).ok()?;
        let known = space.get(..size.min(SIZE))?;
        let unacked = unacknowledged(socket);
        // What has not been sent has not been acknowledged either.
        let unsent = if unacked == 0 { 0 } else { count(tcp::unsent(socket)) };
        let unread = rustix::io::ioctl_fionread(socket).unwrap_or_default();
        read(known, [unacked, unsent], unread)
    }

    /// With our FIN, if that is not acknowledged.
    pub(super) fn unacknowledged(socket: &TcpStream) -> u64 {
        count(tcp::unacknowledged(socket))
    }

    fn count(count: io::Result<libc::c_int>) -> u64 {
        count.ok().and_then(|count| u64::try_from(count).ok()).unwrap_or_default()
    }

    /// What the bytes say; a FIN that waits for its acknowledgement is no byte.
    fn read(known: &[u8], [unacked, unsent]: [u64; 2], unread: u64) -> Option<TcpInfo> {
        let u32_at = |at: usize| {
            let bytes = known.get(at..at + 4)?;
            Some(u32::from_ne_bytes(bytes.try_into().ok()?))
        };
        let u64_at = |at: usize| {
            let bytes = known.get(at..at + 8)?;
            Some(u64::from_ne_bytes(bytes.try_into().ok()?))
        };
        let micros = |at: usize| u32_at(at).map(|it| Duration::from_micros(it.into()));
        let state = *known.first()?;
        let fin = u64::from(matches!(state, FIN_WAIT_1 | LAST_ACK | CLOSING));
        Some(TcpInfo {
            mss: u32_at(16)?,
            rtt: micros(68)?,
            rttvar: micros(72)?,
            ssthresh: u32_at(76).filter(|it| *it < INFINITE),
            cwnd: u32_at(80)?,
            retransmits: u32_at(100)?,
            acked: u64_at(120),
            received: u64_at(128),
            rate: u64_at(160),
            unacked: unacked.saturating_sub(fin),
            unsent: unsent.saturating_sub(fin),
            unread,
            over: state == CLOSE,
        })
    }

    #[cfg(test)]
    mod tests {
        use super::{FIN_WAIT_1, SIZE, read};
        use std::time::Duration;

        #[test]
        fn an_older_kernel_tells_less_and_a_fin_is_no_byte() {
            let mut known = [0; SIZE];
            known[0] = FIN_WAIT_1;
            known[68..72].copy_from_slice(&45_u32.to_ne_bytes());
            known[76..80].copy_from_slice(&0x7FFF_FFFF_u32.to_ne_bytes());
            let told = read(&known[..104], [11, 1], 0).expect("enough");
            assert_eq!((told.unacked, told.unsent), (10, 0));
            assert_eq!(told.rtt, Duration::from_micros(45));
            assert_eq!((told.ssthresh, told.acked, told.rate), (None, None, None));
            assert!(read(&known[..100], [0, 0], 0).is_none());
            assert!(read(&[], [0, 0], 0).is_none());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TcpInfo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn what_a_peer_acknowledges_and_reads_is_counted() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut here = TcpStream::connect(address).await.unwrap();
        let (mut there, _) = listener.accept().await.unwrap();
        here.write_all(b"hello").await.unwrap();
        there.readable().await.unwrap();
        if !cfg!(target_os = "linux") {
            return assert_eq!(TcpInfo::of_socket(&here), None);
        }
        assert_eq!(TcpInfo::of_socket(&there).unwrap().unread, 5);
        assert_eq!(there.read(&mut [0; 9]).await.unwrap(), 5);
        let told = TcpInfo::of_socket(&there).unwrap();
        assert_eq!((told.unread, told.received), (0, Some(5)));
        let told = TcpInfo::of_socket(&here).unwrap();
        assert!(!told.rtt.is_zero() && told.mss > 0 && told.cwnd > 0, "{told}");
    }
}
