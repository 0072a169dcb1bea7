//! Datagram conversations over real sockets on loopback: what many peers say at once is
//! answered as if each had come alone, whichever way datagrams pass the kernel.

use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::datagram::Datagrams;
use sockeye_net::datagram::batch::Way;
use sockeye_net::dial::Dial;
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::resolve::Lookup;
use sockeye_tape::event::Role;
use sockeye_workbench::access::Access;
use sockeye_workbench::answers::Answers;
use sockeye_workbench::clock::Clock;
use sockeye_workbench::datagrams::{DatagramTerms, converse_datagrams};
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::plan::Plan;
use sockeye_workbench::relay_datagrams::{DatagramRelay, relay_datagrams};
use sockeye_workbench::roster::Roster;
use sockeye_workbench::rules::Reply;
use sockeye_workbench::screen::{Print, Printed, screen};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes, and short enough to be waited for.
const LONG: Duration = Duration::from_secs(10);
const BOTH: [Way; 2] = [Way::Together, Way::Singly];

fn plan(reply: Reply) -> Plan {
    Plan { answers: Answers::new(Vec::new(), Some(reply)), ..Plan::default() }
}

/// What clients send before anybody looks, and what each is answered; what is printed.
async fn scene(
    plan: Plan,
    way: Way,
    shown: Shown,
    said: &[&[&[u8]]],
) -> (Vec<Vec<Vec<u8>>>, String) {
    let endpoint = Endpoint::parse("udp://127.0.0.1:0", Purpose::Listen).expect("an endpoint");
    let socket = Datagrams::bind(&endpoint, Lookup::default()).await.expect("a port").by(way);
    let at = socket.address().expect("bound");
    let clients: Vec<UdpSocket> = said
        .iter()
        .map(|texts| {
            let client = UdpSocket::bind("127.0.0.1:0").expect("a port");
            client.set_read_timeout(Some(LONG)).expect("a timeout");
            client.connect(at).expect("loopback");
            for text in *texts {
                client.send(text).expect("loopback");
            }
            client
        })
        .collect();
    let (screen, printed) = screen(false);
    let printing = tokio::task::spawn_blocking(move || lines(printed));
    let outlets = Outlets { shown, tape: None, reel: None, log: None, save: None };
    let journal = Journal::new(Clock::since(Instant::now()), screen, outlets);
    let stop = CancellationToken::new();
    let terms = DatagramTerms {
        role: Role::Accept,
        plan: Arc::new(plan),
        orders: None,
        door: None,
        access: Access::default(),
        first_alone: false,
        stop: stop.clone(),
    };
    let counts: Vec<usize> = said.iter().map(|texts| texts.len()).collect();
    let hearing = tokio::task::spawn_blocking(move || {
        let mut space = [0; 2000];
        let mut hear = |client: &UdpSocket| {
            let count = client.recv(&mut space).expect("an answer");
            space.get(..count).expect("within").to_vec()
        };
        let answers = |(client, count)| (0..count).map(|_| hear(client)).collect();
        clients.iter().zip(counts).map(answers).collect()
    });
    let roster = Roster::default();
    let (answers, _) = tokio::join!(
        async {
            let answers = hearing.await.expect("answers");
            stop.cancel();
            answers
        },
        converse_datagrams(socket, terms, &journal, &roster)
    );
    journal.screen().end();
    (answers, printing.await.expect("lines"))
}

fn lines(mut printed: Printed) -> String {
    let mut text = String::new();
    while let Some(print) = printed.take() {
        match print {
            Print::Data(bytes) => text.push_str(&String::from_utf8_lossy(&bytes)),
            Print::Say(line) | Print::Live(line) => text.push_str(&line),
            Print::End => break,
        }
        text.push('\n');
        printed.done();
    }
    text
}

#[tokio::test]
async fn everyone_gets_the_own_answers_in_order_whether_they_wait_for_each_other_or_not() {
    let said: Vec<[Vec<u8>; 3]> = (0..50)
        .map(|who| [1, 2, 3].map(|turn| format!("{who} says {turn}").into_bytes()))
        .collect();
    let texts: Vec<Vec<&[u8]>> =
        said.iter().map(|texts| texts.iter().map(Vec::as_slice).collect()).collect();
    let texts: Vec<&[&[u8]]> = texts.iter().map(Vec::as_slice).collect();
    for way in BOTH {
        for shown in [Shown::Nothing, Shown::Json] {
            let watched = matches!(shown, Shown::Json);
            let (answers, told) = scene(plan(Reply::Upper), way, shown, &texts).await;
            let upper: Vec<Vec<Vec<u8>>> = said
                .iter()
                .map(|texts| texts.iter().map(|text| text.to_ascii_uppercase()).collect())
                .collect();
            assert_eq!(answers, upper, "{way:?}, watched: {watched}");
            assert_eq!(told.contains(r#""e":"in""#), watched);
        }
    }
}

#[tokio::test]
async fn whoever_watches_sees_each_answer_after_what_it_answers() {
    for way in BOTH {
        let said: &[&[&[u8]]] = &[&[b"a", b"b"], &[b"c"]];
        let (_, told) = scene(plan(Reply::Echo), way, Shown::Json, said).await;
        let kinds: Vec<&str> = told
            .lines()
            .filter_map(|line| line.split(r#""e":""#).nth(1)?.split('"').next())
            .collect();
        assert_eq!(
            kinds,
            ["open", "in", "out", "in", "out", "open", "in", "out", "close", "close"],
            "{way:?}: {told}"
        );
    }
}

#[tokio::test]
async fn an_end_by_a_reply_comes_after_the_reply_and_the_next_begins_anew() {
    for way in BOTH {
        let plan = Plan { close_after_reply: true, ..plan(Reply::Echo) };
        let (answers, told) = scene(plan, way, Shown::Nothing, &[&[b"one", b"two"], &[b"x"]]).await;
        assert_eq!(answers, [vec![b"one".to_vec(), b"two".to_vec()], vec![b"x".to_vec()]]);
        let ends: Vec<&str> =
            told.lines().filter(|line| line.contains("close-after-reply")).collect();
        assert!(
            matches!(ends[..], [one, two, three]
            if one.starts_with("#1 ") && two.starts_with("#2 ") && three.starts_with("#3 ")),
            "{told}"
        );
        assert!(ends[0].contains("3 bytes out") || ends[0].contains("3 B"), "{told}");
    }
}

#[tokio::test]
async fn a_relayed_peer_that_reads_nothing_holds_nobody_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name| folder.path().join(name);
    let named = |name| format!("unixgram:{}", at(name).display());
    let target = UnixDatagram::bind(at("target")).expect("a name");
    let own = Endpoint::parse(&named("own"), Purpose::Listen).expect("an endpoint");
    let left = Datagrams::bind(&own, Lookup::default()).await.expect("a name");
    let (screen, printed) = screen(false);
    let printing = tokio::task::spawn_blocking(move || lines(printed));
    let outlets = Outlets { shown: Shown::Nothing, tape: None, reel: None, log: None, save: None };
    let journal = Arc::new(Journal::new(Clock::since(Instant::now()), screen, outlets));
    let stop = CancellationToken::new();
    let terms = DatagramRelay {
        target: Endpoint::parse(&named("target"), Purpose::Dial).expect("an endpoint"),
        how: Dial::default(),
        access: Access::default(),
        forget: None,
        faults: None,
        stop: stop.clone(),
    };
    let (deaf, good) = (UnixDatagram::bind(at("deaf")), UnixDatagram::bind(at("good")));
    let (deaf, good) = (deaf.expect("a name"), good.expect("a name"));
    let relay = at("own");
    let talking = tokio::task::spawn_blocking(move || {
        let mut space = [0; 100];
        let mut relayed = |peer: &UnixDatagram| {
            peer.send_to(b"ask", &relay).expect("the relay takes it");
            target.set_read_timeout(Some(LONG)).expect("a timeout");
            let (_, lane) = target.recv_from(&mut space).expect("it came");
            target.send_to_addr(b"answer", &lane).expect("the relay takes it");
        };
        // More than wait for any reader (net.unix.max_dgram_qlen is 512 at the most usual).
        for _ in 0..600 {
            relayed(&deaf);
        }
        relayed(&good);
        good.set_read_timeout(Some(LONG)).expect("a timeout");
        let count = good.recv(&mut [0; 100]).expect("its answer");
        (deaf, count)
    });
    let (answered, ()) = tokio::join!(
        async {
            let (_deaf, count) = talking.await.expect("all was said");
            stop.cancel();
            count
        },
        relay_datagrams(left, terms, Arc::clone(&journal))
    );
    assert_eq!(answered, 6);
    journal.screen().end();
    let told = printing.await.expect("lines");
    let dropped = told.lines().filter(|line| line.contains("a datagram was dropped")).count();
    assert!((1..=10).contains(&dropped), "{told}");
}
