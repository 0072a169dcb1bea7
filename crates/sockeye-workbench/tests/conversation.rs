//! Conversations over real sockets on loopback: every way to end, and what is told of it.
//! The peer is a plain socket in the same runtime; nothing is timed but what has a timer.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::dial::{Dial, dial};
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_tape::event::{By, How, Role};
use sockeye_workbench::answers::Answers;
use sockeye_workbench::clock::Clock;
use sockeye_workbench::closing::Closing;
use sockeye_workbench::conversation::input::Input;
use sockeye_workbench::conversation::{Conversation, Terms};
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::plan::{AfterPeersEnd, Plan};
use sockeye_workbench::roster::{Addressed, Order, orders};
use sockeye_workbench::rules::Reply;
use sockeye_workbench::screen::{Print, screen};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes, and short enough to be waited for.
const LONG: Duration = Duration::from_secs(10);

fn echo() -> Arc<Answers> {
    Answers::new(Vec::new(), Some(Reply::Echo))
}

/// A conversation of ours that runs, and the other end of its socket.
struct Scene {
    peer: TcpStream,
    orders: Sender<Addressed>,
    journal: Arc<Journal>,
    ours: JoinHandle<(Closing, Vec<u8>)>,
}

impl Scene {
    async fn with(plan: Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound").to_string();
        let endpoint = Endpoint::parse(&address, Purpose::Dial).expect("an endpoint");
        let (orders, queue) = orders();
        let (screen, mut printed) = screen(true);
        let outlets = Outlets { shown: Shown::Raw, tape: None, reel: None, log: None, save: None };
        let journal = Arc::new(Journal::new(Clock::since(Instant::now()), screen, outlets));
        let told = Arc::clone(&journal);
        let ours = tokio::spawn(async move {
            let stream = dial(&endpoint, Dial::default(), None).await.expect("a connection");
            let terms = Terms {
                role: Role::Dial,
                number: 1,
                plan: Arc::new(plan),
                input: Input::Orders(queue),
                stop: CancellationToken::new(),
            };
            let closing = Conversation::open(stream, terms, &journal).run().await.closing;
            journal.screen().end();
            let shown = tokio::task::spawn_blocking(move || {
                let mut shown = Vec::new();
                while let Some(print) = printed.take() {
                    if let Print::Data(bytes) = print {
                        shown.extend(bytes);
                    }
                }
                shown
            });
            (closing, shown.await.expect("printed"))
        });
        let (peer, _) = listener.accept().await.expect("a caller");
        Self { peer, orders, journal: told, ours }
    }

    async fn order(&self, order: Order) {
        self.orders.send((0, order)).await.expect("it runs");
    }

    async fn hear(&mut self, expected: &[u8]) {
        let mut heard = vec![0; expected.len()];
        timeout(LONG, self.peer.read_exact(&mut heard)).await.expect("in time").expect("bytes");
        assert_eq!(heard, expected);
    }

    async fn hear_the_end(&mut self) {
        let mut rest = Vec::new();
        timeout(LONG, self.peer.read_to_end(&mut rest)).await.expect("in time").expect("an end");
        assert_eq!(rest, b"");
    }

    async fn over(self) -> (Closing, Vec<u8>) {
        timeout(LONG, self.ours).await.expect("it ends in time").expect("it does not panic")
    }
}

fn send(bytes: &[u8]) -> Order {
    Order::Raw(bytes.to_vec())
}

#[tokio::test]
async fn our_end_comes_first_and_a_late_answer_is_still_read() {
    let mut scene = Scene::with(Plan::default()).await;
    scene.order(send(b"request")).await;
    scene.order(Order::Finish { empty: false }).await;
    scene.hear(b"request").await;
    scene.hear_the_end().await;
    scene.peer.write_all(b"late answer").await.expect("sent");
    scene.peer.shutdown().await.expect("ended");
    let (closing, shown) = scene.over().await;
    assert_eq!((closing.by, closing.how, closing.failure), (By::Us, How::Fin, None));
    assert_eq!(shown, b"late answer");
}

#[tokio::test]
async fn after_the_peers_end_our_input_goes_on_to_its_own() {
    let plan = Plan { after_peers_end: AfterPeersEnd::SendOn, ..Plan::default() };
    let mut scene = Scene::with(plan).await;
    scene.peer.write_all(b"all I say").await.expect("sent");
    scene.peer.shutdown().await.expect("ended");
    for _ in 0..20 {
        scene.order(send(b"still talking ")).await;
        scene.hear(b"still talking ").await;
    }
    scene.order(Order::Finish { empty: false }).await;
    scene.hear_the_end().await;
    let (closing, shown) = scene.over().await;
    assert_eq!((closing.by, closing.how), (By::Peer, How::Fin));
    assert_eq!(closing.count.bytes_out, 20 * 14);
    assert_eq!(shown, b"all I say");
}

#[tokio::test]
async fn a_peer_that_has_closed_for_good_is_not_waited_for() {
    let plan = Plan { after_peers_end: AfterPeersEnd::SendOn, ..Plan::default() };
    let mut scene = Scene::with(plan).await;
    scene.peer.write_all(b"bye").await.expect("sent");
    let Scene { peer, orders, ours, .. } = scene;
    drop(peer);
    let (closing, shown) = timeout(LONG, ours).await.expect("it ends").expect("no panic");
    // Our input has not ended: the queue is still open.
    drop(orders);
    assert_eq!((closing.by, closing.how, closing.failure), (By::Peer, How::Fin, None));
    assert_eq!(shown, b"bye");
}

#[tokio::test]
async fn a_server_with_nothing_to_say_does_not_hang_up_on_who_is_still_sending() {
    let plan = Plan { keep_open: true, ..Plan::default() };
    let mut scene = Scene::with(plan).await;
    scene.order(Order::Finish { empty: true }).await;
    for _ in 0..5 {
        scene.peer.write_all(b"more ").await.expect("sent");
    }
    let mut byte = [0];
    let early = scene.peer.try_read(&mut byte);
    assert!(early.is_err(), "an end came early: {early:?}");
    scene.peer.shutdown().await.expect("ended");
    scene.hear_the_end().await;
    let (closing, shown) = scene.over().await;
    assert_eq!((closing.by, shown.len()), (By::Peer, 25));
}

#[tokio::test]
async fn a_reset_is_told_as_one_and_is_a_failure() {
    let mut scene = Scene::with(Plan::default()).await;
    scene.order(send(b"hello")).await;
    scene.hear(b"hello").await;
    scene.peer.set_zero_linger().expect("set");
    let Scene { peer, orders: _orders, ours, .. } = scene;
    drop(peer);
    let (closing, _) = timeout(LONG, ours).await.expect("it ends").expect("no panic");
    assert_eq!((closing.by, closing.how), (By::Peer, How::Rst));
    assert_eq!(closing.failure.expect("a failure").code.to_string(), "E-reset");
}

#[tokio::test]
async fn silence_ends_it_by_the_timer() {
    let plan = Plan { idle_timeout: Some(Duration::from_millis(50)), ..Plan::default() };
    let mut scene = Scene::with(plan).await;
    scene.hear_the_end().await;
    let (closing, _) = scene.over().await;
    assert_eq!((closing.by, closing.how), (By::Us, How::Timer));
}

#[tokio::test]
async fn after_our_end_the_peers_is_waited_for_no_longer_than_asked() {
    let plan = Plan { quit_after: Some(Duration::from_millis(50)), ..Plan::default() };
    let mut scene = Scene::with(plan).await;
    scene.order(Order::Finish { empty: false }).await;
    scene.hear_the_end().await;
    let Scene { peer: _peer, ours, .. } = scene;
    let (closing, _) = timeout(LONG, ours).await.expect("it ends").expect("no panic");
    assert_eq!((closing.by, closing.how), (By::Us, How::Fin));
}

#[tokio::test]
async fn the_word_that_ends_it_is_sent_before_the_end() {
    let plan = Plan { until: Some("bye".into()), ..Plan::default() };
    let mut scene = Scene::with(plan).await;
    scene.order(send(b"hello bye")).await;
    scene.hear(b"hello bye").await;
    scene.order(send(b"bye")).await;
    scene.hear(b"bye").await;
    scene.hear_the_end().await;
    let (closing, _) = scene.over().await;
    assert_eq!(closing.why.as_deref(), Some("`--until` was sent"));
}

#[tokio::test]
async fn a_peer_that_reads_nothing_holds_an_answering_server_up_and_nothing_grows() {
    let plan = Plan { answers: echo(), ..Plan::default() };
    let mut scene = Scene::with(plan).await;
    // More than every buffer between the two ends holds: the pressure must come back here.
    let flood = vec![b'x'; 64 << 20];
    let all = timeout(Duration::from_millis(1500), scene.peer.write_all(&flood)).await;
    assert!(all.is_err(), "64 MiB were taken from a peer that reads no answers");
    let Scene { peer, ours, .. } = scene;
    peer.set_zero_linger().expect("set");
    drop(peer);
    let (closing, _) = timeout(LONG, ours).await.expect("it ends").expect("no panic");
    assert!(closing.count.bytes_in < 32 << 20, "{} bytes taken", closing.count.bytes_in);
}

#[tokio::test]
async fn what_is_answered_can_be_changed_while_it_runs() {
    let answers = echo();
    let plan = Plan { answers: Arc::clone(&answers), ..Plan::default() };
    let mut scene = Scene::with(plan).await;
    for (rules, wanted) in [(None, "hi"), (Some("hi => ho"), "ho")] {
        if let Some(rule) = rules {
            answers.set(vec![rule.parse().expect("a rule")], None);
        }
        scene.peer.write_all(b"hi").await.expect("sent");
        scene.hear(wanted.as_bytes()).await;
    }
}

/// Whoever is no longer answered is listened to like anybody else: two full pipes would wait
/// for each other.
#[tokio::test]
async fn a_peer_that_was_held_up_is_read_again_once_nothing_is_answered() {
    const LULL: Duration = Duration::from_millis(500);
    let answers = echo();
    let plan = Plan { answers: Arc::clone(&answers), ..Plan::default() };
    let mut scene = Scene::with(plan).await;
    let part = vec![b'x'; 64 << 10];
    while timeout(LULL, scene.peer.write(&part)).await.is_ok() {}
    answers.set(Vec::new(), None);
    let more = vec![b'x'; 32 << 20];
    timeout(LONG, scene.peer.write_all(&more)).await.expect("it is read").expect("sent");
}

#[tokio::test]
async fn how_it_stands_is_told_to_whoever_gathers_answers() {
    let mut scene = Scene::with(Plan { answers: echo(), ..Plan::default() }).await;
    scene.peer.write_all(b"hi").await.expect("sent");
    scene.hear(b"hi").await;
    let gathered = scene.journal.inquiry().gather().await;
    let [fares] = gathered.as_slice() else { panic!("{gathered:?}") };
    assert_eq!((fares.c, fares.proto), (1, "tcp"));
    assert_eq!(fares.local, scene.peer.peer_addr().expect("connected").to_string());
    assert!(fares.rows.iter().any(|(name, _)| *name == "TCP_NODELAY"));
    if cfg!(target_os = "linux") {
        let info = fares.tcp.expect("what the kernel knows");
        assert!(!info.rtt.is_zero() && info.received == Some(2), "{info}");
        assert!(fares.lines().iter().any(|line| line.starts_with("  retransmits ")));
        assert!(fares.line().is_some_and(|line| line.starts_with("  #1 tcp://127.0.0.1:")));
    }
    scene.order(Order::Finish { empty: false }).await;
    scene.hear_the_end().await;
    drop(scene.peer);
    ours_end(scene.ours).await;
    assert!(scene.journal.inquiry().gather().await.is_empty());
}

async fn ours_end(ours: JoinHandle<(Closing, Vec<u8>)>) {
    timeout(LONG, ours).await.expect("it ends").expect("no panic");
}
