//! Conversations that a program leads, over Unix pairs and loopback; time is tokio's own
//! clock, moved on by itself where nothing else can happen.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::error::Code;
use sockeye_net::stream::{Facts, Stream};
use sockeye_tape::event::{By, How, Role};
use sockeye_workbench::clock::Clock;
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::led::{AT_ONCE, Explain, Led, LedTerms, Part, STALL};
use sockeye_workbench::screen::{Print, Printed, screen};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

struct Scene {
    led: Led,
    peer: UnixStream,
    stop: CancellationToken,
    printed: Printed,
}

fn scene() -> Scene {
    let (ours, peer) = UnixStream::pair().expect("a pair");
    let (screen, printed) = screen(true);
    let outlets = Outlets { shown: Shown::Json, tape: None, reel: None, log: None, save: None };
    let journal = Arc::new(Journal::new(Clock::since(Instant::now()), screen, outlets));
    let stop = CancellationToken::new();
    let terms =
        LedTerms { role: Role::Dial, number: 1, explain: Explain::Quiet, stop: stop.clone() };
    let stream = Stream::unix(ours, Facts::new("unix", "here", "/there"));
    Scene { led: Led::open(stream, journal, terms), peer, stop, printed }
}

/// What was shown: the events as JSON lines.
async fn shown(mut printed: Printed) -> String {
    let taken = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        while let Some(print) = printed.take() {
            if let Print::Data(piece) = print {
                bytes.extend(piece);
            }
        }
        bytes
    });
    String::from_utf8(taken.await.expect("printed")).expect("UTF-8")
}

const SETTLE: Duration = Duration::from_millis(50);

#[tokio::test(start_paused = true)]
async fn an_exact_count_survives_every_cut_and_any_gap_within_its_time() {
    let mut scene = scene();
    let sending = tokio::spawn(async move {
        for byte in b"0123456789" {
            scene.peer.write_all(&[*byte]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(900)).await;
        }
        scene.peer
    });
    assert_eq!(scene.led.read_exact(Part::at_once("digits"), 8).await.unwrap(), b"01234567");
    assert_eq!(scene.led.read_exact(Part::at_once("digits"), 2).await.unwrap(), b"89");
    drop(sending.await.unwrap());
    let closing = scene.led.close().await;
    assert_eq!((closing.count.bytes_in, closing.failure), (10, None));
}

#[tokio::test(start_paused = true)]
async fn a_part_that_does_not_come_in_time_fails_and_says_which() {
    for part in [Part::at_once("a length"), Part::moving("a length")] {
        let mut scene = scene();
        scene.peer.write_all(b"12").await.unwrap();
        assert!(scene.led.read_exact(part, 4).await.is_err());
        let closing = scene.led.close().await;
        let failure = closing.failure.unwrap();
        assert_eq!((failure.code, closing.by, closing.how), (Code::Timeout, By::Us, How::Timer));
        assert!(failure.text.contains("a length within"), "{}", failure.text);
    }
}

#[tokio::test(start_paused = true)]
async fn what_moves_may_take_longer_than_what_comes_at_once() {
    let mut scene = scene();
    let sending = tokio::spawn(async move {
        for _ in 0..5 {
            scene.peer.write_all(b"x").await.unwrap();
            tokio::time::sleep(STALL.mul_f64(0.9)).await;
        }
        scene.peer
    });
    assert_eq!(scene.led.read_exact(Part::moving("a file"), 5).await.unwrap(), b"xxxxx");
    assert!(scene.led.journal().clock().now() > AT_ONCE);
    drop(sending.await.unwrap());
}

#[tokio::test]
async fn an_end_in_the_middle_is_told_with_its_offset() {
    let mut scene = scene();
    scene.peer.write_all(b"1234567").await.unwrap();
    drop(scene.peer);
    scene.led.read_exact(Part::at_once("a header"), 4).await.unwrap();
    assert!(scene.led.read_exact(Part::at_once("a file"), 1_000_000).await.is_err());
    let closing = scene.led.close().await;
    let failure = closing.failure.unwrap();
    assert_eq!((failure.code, closing.by), (Code::Frame, By::Peer));
    assert!(failure.text.contains("at offset 7: 3 of 1000000 bytes"), "{}", failure.text);
}

#[tokio::test(start_paused = true)]
async fn a_message_without_a_boundary_ends_by_silence() {
    let mut scene = scene();
    let sending = tokio::spawn(async move {
        for piece in ["one, ", "in ", "three"] {
            scene.peer.write_all(piece.as_bytes()).await.unwrap();
            tokio::time::sleep(SETTLE / 2).await;
        }
        tokio::time::sleep(SETTLE * 4).await;
        scene.peer.write_all(b"two").await.unwrap();
        scene.peer
    });
    let part = Part::whenever("a text");
    let first = scene.led.read_settled(part, SETTLE, 100).await.unwrap();
    assert_eq!(first.as_deref(), Some(b"one, in three".as_slice()));
    let second = scene.led.read_settled(part, SETTLE, 100).await.unwrap();
    assert_eq!(second.as_deref(), Some(b"two".as_slice()));
    drop(sending.await.unwrap());
    assert_eq!(scene.led.read_settled(part, SETTLE, 100).await.unwrap(), None);
    let closing = scene.led.close().await;
    assert_eq!((closing.count.frames_in, closing.by), (2, By::Peer));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_never_settles_or_never_ends_is_given_up() {
    let mut dripping = scene();
    let drip = tokio::spawn(async move {
        while dripping.peer.write_all(b"x").await.is_ok() {
            tokio::time::sleep(SETTLE / 2).await;
        }
    });
    let part = Part::whenever("a text");
    assert!(dripping.led.read_settled(part, SETTLE, 1_000_000).await.is_err());
    assert_eq!(dripping.led.close().await.failure.unwrap().code, Code::Timeout);
    drip.await.unwrap();

    let mut long = scene();
    long.peer.write_all(&[b'x'; 101]).await.unwrap();
    assert!(long.led.read_settled(part, SETTLE, 100).await.is_err());
    assert_eq!(long.led.close().await.failure.unwrap().code, Code::Limit);
}

#[tokio::test]
async fn without_a_settle_time_one_recv_is_one_message() {
    let mut scene = scene();
    scene.peer.write_all(&[b'x'; 3000]).await.unwrap();
    let message = scene.led.read_settled(Part::whenever("a text"), Duration::ZERO, 9).await;
    assert_eq!(message.unwrap().unwrap().len(), 1024);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_is_given_up() {
    let mut scene = scene();
    assert!(scene.led.write_all(&vec![0; 8 << 20]).await.is_err());
    let failure = scene.led.failure().unwrap().clone();
    assert_eq!(failure.code, Code::Timeout);
    drop(scene.peer);
}

#[tokio::test]
async fn what_comes_early_waits_for_its_turn_and_an_end_is_heard_at_once() {
    let mut scene = scene();
    scene.peer.write_all(b"early").await.unwrap();
    drop(scene.peer);
    scene.led.until_gone().await;
    assert!(scene.led.peer_has_ended());
    assert_eq!(scene.led.read_exact(Part::at_once("a word"), 5).await.unwrap(), b"early");
}

#[tokio::test]
async fn a_stop_ends_every_wait_in_order() {
    let mut scene = scene();
    scene.stop.cancel();
    assert!(scene.led.read_some(Part::whenever("a text"), 10).await.is_err());
    assert!(scene.led.write_all(b"x").await.is_err());
    let closing = scene.led.close().await;
    assert_eq!((closing.by, closing.how, closing.failure), (By::Us, How::Fin, None));
    let mut rest = Vec::new();
    scene.peer.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn every_byte_and_every_frame_is_on_the_journal() {
    let Scene { mut led, mut peer, stop: _stop, printed } = scene();
    peer.write_all(b"1234rest").await.unwrap();
    let from = led.taken();
    led.read_exact(Part::at_once("a length"), 4).await.unwrap();
    led.frame_in(from);
    let from = led.sent();
    led.write_all(b"answer").await.unwrap();
    led.frame_out(from);
    drop(peer);
    let journal = Arc::clone(led.journal());
    let closing = led.close().await;
    assert_eq!((closing.count.bytes_in, closing.count.bytes_out), (8, 6));
    journal.screen().end();
    let shown = shown(printed).await;
    for (event, times) in [("open", 1), ("in", 2), ("out", 1), ("frame", 2), ("close", 1)] {
        assert_eq!(
            shown.matches(&format!("\"e\":\"{event}\"")).count(),
            times,
            "{event}:\n{shown}"
        );
    }
    assert!(shown.contains("\"off\":0,\"len\":6"), "{shown}");
}
