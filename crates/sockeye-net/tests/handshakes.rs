//! Handshakes that are never finished: how long one is waited for, and how many of a source
//! at once. The clock is moved by the runtime itself whenever nothing else is left to do.

use std::net::TcpStream;
use std::time::Duration;

use sockeye_net::arrival::Arrival;
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::error::{Code, NetError};
use sockeye_net::listen::Listener;
use sockeye_net::resolve::Lookup;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What a caller may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many of one address may be at it.
const AT_ONCE: usize = 256;

async fn listener() -> Listener {
    let endpoint = Endpoint::parse("tls://127.0.0.1:0", Purpose::Listen).unwrap();
    Listener::bind(&endpoint, Lookup::default()).await.unwrap()
}

/// A caller that says nothing, and its arrival.
async fn silent(listener: &Listener) -> (TcpStream, Arrival) {
    let socket = TcpStream::connect(listener.address().unwrap()).unwrap();
    (socket, listener.accept().await.unwrap())
}

async fn refused(arrival: Arrival) -> NetError {
    arrival.welcome().await.map(|_| ()).unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_says_nothing_is_let_go_after_ten_seconds() {
    let listener = listener().await;
    let (_socket, arrival) = silent(&listener).await;
    let begin = Instant::now();
    let error = refused(arrival).await;
    assert_eq!(error.code(), Code::Timeout, "{error}");
    assert!(error.to_string().contains("did not finish its handshake within 10s"), "{error}");
    assert!(begin.elapsed() >= PATIENCE && begin.elapsed() < PATIENCE * 2);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_comes_byte_by_byte_is_let_go_all_the_same() {
    let listener = listener().await;
    let (socket, arrival) = silent(&listener).await;
    let slow = tokio::spawn(async move {
        // A record of 16 KiB that never becomes whole.
        let begin = [0x16, 3, 1, 0x40, 0, 1, 0, 0x3F, 0xFC, 3, 3];
        for byte in begin.into_iter().chain(std::iter::repeat(0)) {
            if std::io::Write::write_all(&mut &socket, &[byte]).is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    let begin = Instant::now();
    let error = refused(arrival).await;
    assert_eq!(error.code(), Code::Timeout, "{error}");
    assert!(begin.elapsed() >= PATIENCE && begin.elapsed() < PATIENCE * 2);
    slow.abort();
}

#[tokio::test(start_paused = true)]
async fn of_300_callers_256_are_waited_for_and_the_others_told_at_once() {
    let listener = listener().await;
    let mut sockets = Vec::new();
    let mut waiting = JoinSet::new();
    let begin = Instant::now();
    for _ in 0..300 {
        let (socket, arrival) = silent(&listener).await;
        sockets.push(socket);
        waiting.spawn(async move { (refused(arrival).await.code(), begin.elapsed()) });
    }
    let ends = waiting.join_all().await;
    let of = |code| ends.iter().filter(move |(found, _)| *found == code);
    assert_eq!(of(Code::Limit).count(), 300 - AT_ONCE);
    assert!(of(Code::Limit).all(|(_, after)| *after < PATIENCE), "they waited");
    assert_eq!(of(Code::Timeout).count(), AT_ONCE);
    assert!(of(Code::Timeout).all(|(_, after)| *after >= PATIENCE), "they were cut off early");
    // Their places are free again.
    let (_socket, arrival) = silent(&listener).await;
    assert_eq!(refused(arrival).await.code(), Code::Timeout);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_no_longer_waited_for_gives_its_place_back() {
    let listener = listener().await;
    for _ in 0..AT_ONCE + 10 {
        let (_socket, arrival) = silent(&listener).await;
        let waited = tokio::time::timeout(Duration::from_secs(1), arrival.welcome()).await;
        assert!(waited.is_err(), "refused: {waited:?}");
    }
}
