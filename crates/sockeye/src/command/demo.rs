//! `sockeye demo`: a server that takes one recv for one message, the boundary view that
//! shows it go wrong, and its mended twin. Real sockets on loopback, nothing staged.

mod shaken;

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::dial::{Dial, dial};
use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_net::error::NetError;
use sockeye_net::host::{Host, HostPort};
use sockeye_net::listen::Listener;
use sockeye_net::options::Options;
use sockeye_net::resolve::Lookup;
use sockeye_net::stream::Stream;
use sockeye_tape::event::Role;
use sockeye_tape::view::{Show, Style, TimeShown, View};
use sockeye_text::encoding::Encoding;
use sockeye_wire::framing::Framing;
use sockeye_workbench::answers::Answers;
use sockeye_workbench::clock::Clock;
use sockeye_workbench::conversation::input::Input;
use sockeye_workbench::conversation::{Conversation, Terms};
use sockeye_workbench::journal::{Journal, Outlets, Shown};
use sockeye_workbench::message::Composer;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::rules::Reply;
use sockeye_workbench::screen::{Screen, screen};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::args::see::Demo;
use crate::failure::Failed;
use crate::printer::{self, Printer};
use crate::stage;

use shaken::shaken;

/// How long a paragraph stands alone before the next.
const READING: Duration = Duration::from_millis(1300);
/// Between two pieces of one message: long enough that the kernel does not join them.
const PAUSE: Duration = Duration::from_millis(60);

/// Runs the command.
pub(crate) async fn run(args: Demo) -> ExitCode {
    let (screen, queue) = screen(false);
    let printer = Printer::start(queue, None);
    let theatre = Theatre { screen, reading: if args.fast { Duration::ZERO } else { READING } };
    let result = theatre.play().await;
    theatre.screen.end();
    let printed = printer.finish(std::future::pending()).await;
    let printed = printed.map_err(|error| Failed::io("cannot write to stdout", &error));
    match result.and(printed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => stage::fail(&failed, false),
    }
}

/// What the client does in one act: each part is one write; `paused` makes a pause
/// between them, otherwise they are all sent before the server looks.
struct Act {
    writes: Vec<Vec<u8>>,
    paused: bool,
    framing: Option<Framing>,
}

struct Theatre {
    screen: Screen,
    reading: Duration,
}

impl Theatre {
    async fn play(&self) -> Result<(), Failed> {
        self.tell("TCP carries a stream of bytes. It has no messages.\n").await;
        self.tell(
            "1. A server takes one recv for one message, and answers each in upper case.\n   \
             A client sends two messages, `hello` and `feng`, one right after the other:\n\n   \
             sockeye listen 8080 --reply upper\n   sockeye send 127.0.0.1:8080 hello feng\n",
        )
        .await;
        let two = vec![b"hello".to_vec(), b"feng".to_vec()];
        self.act(Act { writes: two.clone(), paused: false, framing: None }).await?;
        self.tell("   Two messages came as ONE read, and got one answer: they stuck together.\n")
            .await;

        self.tell(
            "2. The same server; one message comes in two pieces, as it may on any network:\n",
        )
        .await;
        let pieces = vec![b"hel".to_vec(), b"lo".to_vec()];
        self.act(Act { writes: pieces, paused: true, framing: None }).await?;
        self.tell("   One message was taken for TWO, and answered twice: it was split.\n").await;

        self.tell(
            "3. The mended twin: each message carries its length (two bytes, big endian).\n   \
             ⟦ ⟧ mark the messages inside the reads:\n\n   \
             sockeye listen 8080 --reply upper --frame len:u16be --view text\n   \
             sockeye send 127.0.0.1:8080 --frame len:u16be hello feng\n",
        )
        .await;
        let framed = vec![sealed(b"hello"), sealed(b"feng")];
        self.act(Act { writes: framed, paused: false, framing: twin() }).await?;
        self.tell("   Still ONE read, but two messages, and two answers.\n").await;

        let whole = sealed(b"hello");
        let (head, tail) = whole.split_at(5);
        let cut = vec![head.to_vec(), tail.to_vec()];
        self.tell("   And cut in two:\n").await;
        self.act(Act { writes: cut, paused: true, framing: twin() }).await?;
        self.tell(
            "   TWO reads, one message, one answer.\n\n\
             4. Such bugs are found by machine: the same talk in every way in which TCP may\n   \
             deliver it, until an answer differs. A server that answers `ok`, broken and mended:\n\n   \
             sockeye listen 8080 --reply 'text:ok '\n   \
             sockeye shake 127.0.0.1:8080 --send hello --send feng\n",
        )
        .await;
        let broken = shaken(&two, None).await?;
        self.tell(&broken).await;
        self.tell("   The mended twin, `--frame len:u16be` on both:\n").await;
        let framed = [sealed(b"hello"), sealed(b"feng")];
        let mended = shaken(&framed, twin().as_ref()).await?;
        self.tell(&mended).await;
        self.tell(
            "   That is what sockeye is for: every read, every write and every message, seen\n   \
             apart, and the bugs between them found.\n\n\
             Next: sockeye listen 8888 --reply echo --view both     sockeye connect 8888\n      \
             sockeye --help",
        )
        .await;
        Ok(())
    }

    /// One conversation: a server of ours, seen through the boundary view, and a client.
    async fn act(&self, act: Act) -> Result<(), NetError> {
        let journal = self.journal(act.framing.is_some());
        let at = HostPort { host: Host::V4(Ipv4Addr::LOCALHOST), port: 0 };
        let anywhere = Endpoint { target: Target::Tcp(at), options: Options::default() };
        let listener = Listener::bind(&anywhere, Lookup::default()).await?;
        let port = listener.address().map_or(0, |address| address.port());
        let at = HostPort { host: Host::V4(Ipv4Addr::LOCALHOST), port };
        let target = Endpoint { target: Target::Tcp(at), options: Options::default() };
        let mut client = dial(&target, Dial::default(), None).await?;
        let address = listener.canonical().to_owned();
        let failed = |error| NetError::io(sockeye_net::error::Phase::Send, address.as_str(), error);
        let mut parts = act.writes.iter();
        if !act.paused {
            for part in parts.by_ref() {
                client.writer.send_all(part, None).await.map_err(failed)?;
            }
        }
        let accepted = listener.accept().await.map_err(failed)?.welcome().await?;
        let (ended, sent) = tokio::join!(serve(accepted, act.framing.as_ref(), &journal), async {
            for part in parts {
                client.writer.send_all(part, None).await?;
                sleep(PAUSE).await;
            }
            client.writer.finish().await
        });
        sent.map_err(failed)?;
        self.screen.say(format!("   {ended}"));
        Ok(())
    }

    fn journal(&self, framed: bool) -> Journal {
        let view = View::new(Style {
            show: Show::Text,
            time: TimeShown::Delta,
            encoding: Encoding::Auto,
            colour: printer::colour(),
            start: jiff::Zoned::now(),
            numbered: false,
            framed,
        });
        let outlets = Outlets {
            shown: Shown::View(Box::new(view)),
            tape: None,
            reel: None,
            log: None,
            save: None,
        };
        Journal::new(Clock::since(Instant::now()), self.screen.clone(), outlets)
    }

    async fn tell(&self, text: &str) {
        if let Some(room) = self.screen.room().await {
            room.print(format!("{text}\n").into_bytes());
        }
        sleep(self.reading).await;
    }
}

/// Serves one client until it has gone; returns the explained close.
async fn serve(stream: Stream, framing: Option<&Framing>, journal: &Journal) -> String {
    let composer = Composer { framing: framing.cloned(), ..Composer::default() };
    let answers = Answers::new(Vec::new(), Some(Reply::Upper));
    let plan = Plan { composer, answers, ..Plan::default() };
    let terms = Terms {
        role: Role::Accept,
        number: journal.number(),
        plan: Arc::new(plan),
        input: Input::Nothing,
        stop: CancellationToken::new(),
    };
    Conversation::open(stream, terms, journal).run().await.closing.to_string()
}

fn twin() -> Option<Framing> {
    "len:u16be".parse().ok()
}

/// A message with its length before it.
fn sealed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
    [length.to_be_bytes().as_slice(), message].concat()
}
