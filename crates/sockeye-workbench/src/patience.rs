//! How long a receiver of datagrams that is full is waited for. A Unix socket sends to many, and
//! one that reads nothing must not hold the others up; with UDP nobody is full but we.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sockeye_net::datagram::Datagrams;
use sockeye_net::datagram::batch::Parcel;
use tokio::time::timeout;

/// So long once; after that what is for it is tried and not waited for, until it takes one.
const LIMIT: Duration = Duration::from_millis(100);

/// What is known of one receiver.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// It was full the last time. Alone; it guards nothing.
    full: AtomicBool,
}

impl Patience {
    /// As [`Datagrams::send_many`], the first of them to that receiver. One that is full is an
    /// error of the kind `TimedOut`. Cancel-safe.
    pub(crate) async fn send(
        &self,
        socket: &Datagrams,
        parcels: &[Parcel<'_>],
    ) -> io::Result<usize> {
        let full = self.full.load(Ordering::Relaxed);
        let limit = if full { Duration::ZERO } else { LIMIT };
        let sent = timeout(limit, socket.send_many(parcels)).await;
        let is_full = sent.is_err() && socket.proto() == "unixgram";
        if is_full != full {
            self.full.store(is_full, Ordering::Relaxed);
        }
        sent.unwrap_or_else(|_| {
            Err(io::Error::new(io::ErrorKind::TimedOut, "it does not take what is sent to it"))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;

    use sockeye_net::datagram::Sender;
    use sockeye_net::endpoint::{Endpoint, Purpose};
    use sockeye_net::resolve::Lookup;

    use super::*;

    #[tokio::test]
    async fn one_that_is_full_is_waited_for_once_and_the_others_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name| folder.path().join(name);
        let text = format!("unixgram:{}", at("own").display());
        let endpoint = Endpoint::parse(&text, Purpose::Listen).unwrap();
        let socket = Datagrams::bind(&endpoint, Lookup::default()).await.unwrap();
        let (full, good) =
            (UnixDatagram::bind(at("full")).unwrap(), UnixDatagram::bind(at("good")).unwrap());
        let (to_full, to_good) = (Sender::Path(at("full")), Sender::Path(at("good")));
        let (of_full, of_good) = (Patience::default(), Patience::default());
        let for_full = [Parcel { bytes: b"x", to: Some(&to_full) }];
        let for_good = [Parcel { bytes: b"x", to: Some(&to_good) }];
        let error = loop {
            if let Err(error) = of_full.send(&socket, &for_full).await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let began = std::time::Instant::now();
        for _ in 0..50 {
            of_full.send(&socket, &for_full).await.unwrap_err();
            assert_eq!(of_good.send(&socket, &for_good).await.unwrap(), 1);
            good.recv(&mut [0; 9]).unwrap();
        }
        let took = began.elapsed();
        assert!(took < 25 * LIMIT, "{took:?}: they waited for each other");
        assert!(of_full.full.load(Ordering::Relaxed));
        // What it takes is sent at once again.
        full.recv(&mut [0; 9]).unwrap();
        assert_eq!(of_full.send(&socket, &for_full).await.unwrap(), 1);
        assert!(!of_full.full.load(Ordering::Relaxed));
    }
}
