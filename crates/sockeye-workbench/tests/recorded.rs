//! What comes over a real socket and is answered, as the tape and the reel have it: every
//! byte of both directions, whatever it says and however it is cut.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::stream::Stream;
use sockeye_tape::event::{Dir, Role, What};
use sockeye_tape::header::Header;
use sockeye_tape::reader::Tape;
use sockeye_tape::recorder::Recorder;
use sockeye_tape::reel::{Limit, Reel};
use sockeye_workbench::answers::Answers;
use sockeye_workbench::clock::Clock;
use sockeye_workbench::conversation::input::Input;
use sockeye_workbench::conversation::{Conversation, Terms};
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::plan::Plan;
use sockeye_workbench::reeled::Reeled;
use sockeye_workbench::rules::Reply;
use sockeye_workbench::screen::screen;
use sockeye_workbench::taping::Taping;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_mins(1);

const MUCH: usize = 4 * 1024 * 1024;

/// Xorshift (Marsaglia 2003): the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// One of the first so many.
    fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        let nth = self.roll() % among.len() as u64;
        among.get(usize::try_from(nth).expect("small")).expect("one of them")
    }

    /// Small numbers as often as large ones, from 1 on.
    fn size(&mut self, bits: u64) -> usize {
        let most = 1 << (self.roll() % (bits + 1));
        usize::try_from(1 + self.roll() % most).expect("small")
    }
}

/// Stretches of random bytes, of base64, of log lines, of text with what must be escaped, and
/// of text that is none for its control characters.
fn talk(dice: &mut Dice) -> Vec<u8> {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const TEXT: [&str; 6] =
        ["status=200 ", "\"quoted\"\t", "back\\slash\r\n", "温度，", "é\u{202e}", "😀"];
    let mut talk = Vec::new();
    while talk.len() < MUCH {
        let kind = dice.roll() % 5;
        for _ in 0..dice.size(15) {
            match kind {
                0 => talk.extend(dice.roll().to_le_bytes()),
                1 => talk.push(*dice.pick(SYMBOLS)),
                2 => talk.extend(format!("{} GET /index\n", dice.roll()).bytes()),
                3 => talk.extend(dice.pick(&TEXT).bytes()),
                _ => talk.extend(dice.pick(&["status=200 ", "\0\x1b[", "\u{85}"]).bytes()),
            }
        }
    }
    talk
}

/// Sends all of it in pieces, ends, and returns what was answered.
async fn say(peer: TcpStream, talk: Vec<u8>, mut dice: Dice) -> Vec<u8> {
    let (mut from, mut to) = peer.into_split();
    let sending = tokio::spawn(async move {
        let mut rest = talk.as_slice();
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at(dice.size(17).min(rest.len()));
            to.write_all(piece).await.expect("a peer that talks and listens");
            rest = tail;
        }
        to.shutdown().await.expect("a peer that talks and listens");
    });
    let mut answer = Vec::new();
    from.read_to_end(&mut answer).await.expect("a peer that talks and listens");
    sending.await.expect("a peer that talks and listens");
    answer
}

#[tokio::test]
async fn every_byte_of_both_directions_is_on_the_tape_and_on_the_reel_however_it_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tape");
    let header = Header { start: String::new(), argv: Vec::new(), sockeye: "0".into() };
    let limit = Limit { bytes: u64::MAX, events: u64::MAX };
    let reel = Reel::create(&folder.path().join("a.reel"), &header, limit).unwrap();
    let reel = Reeled::new(reel);
    let tape = Taping::Waited(Recorder::create(&path, &header, false).unwrap());
    let (tape, reeled) = (Some(tape), Some(reel.clone()));
    let outlets = Outlets { shown: Shown::Nothing, tape, reel: reeled, log: None, save: None };
    let journal = Journal::new(Clock::since(Instant::now()), screen(true).0, outlets);

    let mut dice = Dice(0x5eed_50c7_e7e5);
    let said = talk(&mut dice);
    let plan = Plan {
        answers: Answers::new(Vec::new(), Some(Reply::Echo)),
        // So many odd ones, and the last from then on.
        read_sizes: (0..400).map(|_| dice.size(16)).chain([64 * 1024]).collect(),
        ..Plan::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (ours, _) = listener.accept().await.unwrap();
    let terms = Terms {
        role: Role::Accept,
        number: 1,
        plan: Arc::new(plan),
        input: Input::Nothing,
        stop: CancellationToken::new(),
    };
    let peer = tokio::spawn(say(peer, said.clone(), dice));
    let talking = Conversation::open(Stream::tcp(ours), terms, &journal).run();
    let ended = timeout(LONG, talking).await.expect("it ends in time");
    let answer = timeout(LONG, peer).await.expect("in time").unwrap();
    assert_eq!(ended.closing.failure, None);
    assert_eq!(journal.finish(), Vec::<String>::new());
    assert!(answer == said, "{} bytes of {} were answered", answer.len(), said.len());

    let (mut came, mut went, mut events) = (Vec::new(), Vec::new(), 0);
    for event in Tape::open(&path).unwrap() {
        match event.unwrap().what {
            What::In { bytes, .. } => came.extend_from_slice(&bytes),
            What::Out { bytes, .. } => went.extend_from_slice(&bytes),
            _ => {}
        }
        events += 1;
    }
    assert!(came == said, "{} bytes of {} are on the tape", came.len(), said.len());
    assert!(went == said, "{} bytes of {} are on it as answers", went.len(), said.len());
    let reading = reel.reading();
    assert_eq!(reading.len(), events);
    for dir in [Dir::In, Dir::Out] {
        let whole = reading.bytes(1, dir, 0, u64::MAX).unwrap();
        assert!(whole == said, "{} bytes of {} are on the reel ({dir})", whole.len(), said.len());
    }
}
