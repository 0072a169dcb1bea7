//! A program's client: connected, once or for each message, talked from, ended as its row
//! says.

use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::Arc;

use sockeye_classics::catalogue::{Program, Transport};
use sockeye_classics::explain::Explainer;
use sockeye_classics::preset;
use sockeye_net::datagram::Datagrams;
use sockeye_net::dial::{Dial, FileUse, dial};
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::error::{Code, NetError};
use sockeye_net::host::{Host, HostPort};
use sockeye_tape::event::{By, Role};
use sockeye_text::safe::one_line;
use sockeye_workbench::access::Access;
use sockeye_workbench::closing::{Closing, Failure};
use sockeye_workbench::conversation::{Conversation, Terms};
use sockeye_workbench::datagrams::{DatagramTerms, converse_datagrams};
use sockeye_workbench::lines::{Lines, Wanting};
use sockeye_workbench::message::Composer;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::roster::{Addressed, Order, Roster, orders};
use tokio::sync::mpsc::{Receiver, Sender};

use crate::args::classic::Connect;
use crate::command::classic::setting;
use crate::command::classic::typing::{self, Empty, Side, Trouble, Typing};
use crate::command::classic::witness::Witness;
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// The number under which a client asks for lines that are not for a conversation's turn.
const OURSELVES: u64 = 0;

/// How many characters of an unanswered line are shown.
const SHOWN: usize = 60;

/// A client about to be started.
#[derive(Debug)]
pub(crate) struct Calling {
    pub(crate) program: Program,
    pub(crate) connect: Box<Connect>,
    pub(crate) input: Input,
    pub(crate) farewell: Farewell,
}

/// Where its messages come from.
#[derive(Debug)]
pub(crate) enum Input {
    /// Stdin's lines.
    Typed,
    /// The command line.
    Given(Vec<String>),
    /// The command line; and the port they are sent from, 0 any.
    From(u16, String),
}

impl Input {
    /// A text, or else stdin's lines.
    pub(crate) fn of(text: Option<String>) -> Self {
        text.map_or(Self::Typed, |text| Self::Given(vec![text]))
    }
}

/// What is said when everything has been said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// What the program says by itself.
    Silent,
    /// `bye`, in a connection of its own.
    Bye,
}

/// Runs it to its end.
pub(crate) async fn run(calling: Calling) -> ExitCode {
    let common = &calling.connect.common;
    let input = matches!(calling.input, Input::Typed);
    let needs = Needs { numbered: false, input, output: true };
    let prepared = prepared(&calling).and_then(|(endpoint, given)| {
        Ok((endpoint, given, setting::stage(calling.program, common, needs)?))
    });
    let (endpoint, given, mut stage) = match prepared {
        Ok(prepared) => prepared,
        Err(failed) => return stage::fail(&failed, stage::json(&common.keep)),
    };
    let keyboard = stage.has_keyboard();
    let lines = Arc::new(Lines::new(Wanting::Once));
    let choice = setting::choice(common, None);
    let plan = Arc::new(preset::calling(calling.program, &choice, &lines));
    let roster = Arc::new(Roster::default());
    let source = if input {
        let trouble = type_in(&calling, &plan, &lines, &roster, &mut stage);
        Source::Typed(Arc::clone(&lines), trouble)
    } else {
        Source::Given(given.into())
    };
    let call = Call { calling: &calling, endpoint, plan, roster, stage: &stage, keyboard };
    let mut result = call.talk(source.clone()).await;
    if let Ok(Some(closing)) = &mut result {
        call.left_over(closing, &lines);
    }
    if let Some(why) = source.trouble() {
        let failure = Failure::new(Code::Usage, format!("not sent: {why}"));
        match &mut result {
            Ok(Some(closing)) => drop(closing.failure.get_or_insert(failure)),
            Ok(None) => result = Err(Failed::from(&failure)),
            Err(_) => {}
        }
    }
    stage.end(result).await
}

/// The endpoint, and what the command line says is sent.
fn prepared(calling: &Calling) -> Result<(Endpoint, Vec<Vec<u8>>), Failed> {
    let common = &calling.connect.common;
    let typed = calling.connect.endpoint.as_deref();
    let mut endpoint = setting::endpoint(calling.program, typed, Purpose::Dial, common)?;
    let texts = match &calling.input {
        Input::Typed => &[][..],
        Input::Given(texts) => texts.as_slice(),
        Input::From(port, text) => {
            if endpoint.options.bind.is_none() && *port != 0 && endpoint.at().is_some() {
                endpoint.options.bind = Some(HostPort { host: Host::Any, port: *port });
            }
            std::slice::from_ref(text)
        }
    };
    let given = texts.iter().map(|text| {
        let bytes = common.encoding.encode(text);
        bytes.map_err(|error| Failed::usage(error.to_string(), "another --encoding has it"))
    });
    Ok((endpoint, given.collect::<Result<_, _>>()?))
}

fn type_in(
    calling: &Calling,
    plan: &Plan,
    lines: &Arc<Lines>,
    roster: &Arc<Roster>,
    stage: &mut Stage,
) -> Trouble {
    let datagrams = calling.program.row().transport == Transport::Udp;
    let typing = Typing {
        lines: Arc::clone(lines),
        composer: Composer { encoding: plan.composer.encoding, ..Composer::default() },
        side: Side::Client,
        empty: if datagrams { Empty::Sent } else { Empty::Skipped },
        closed: plan.halt.clone(),
    };
    typing::start(stage, roster, typing)
}

/// Messages that are not for a conversation's turn, one after the other.
#[derive(Clone, Debug)]
enum Source {
    Typed(Arc<Lines>, Trouble),
    Given(VecDeque<Vec<u8>>),
}

impl Source {
    /// The next message; none at the end. Cancel-safe.
    async fn next(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Given(texts) => texts.pop_front(),
            Self::Typed(lines, _) => {
                lines.enter(OURSELVES);
                lines.want(OURSELVES);
                lines.fetch(Some(OURSELVES)).await.1
            }
        }
    }

    fn trouble(&self) -> Option<&String> {
        match self {
            Self::Typed(_, trouble) => trouble.get(),
            Self::Given(_) => None,
        }
    }
}

struct Call<'a> {
    calling: &'a Calling,
    endpoint: Endpoint,
    plan: Arc<Plan>,
    roster: Arc<Roster>,
    stage: &'a Stage,
    /// Whether a person types the messages.
    keyboard: bool,
}

impl Call<'_> {
    /// What was typed and has no answer, or did not go, once the conversation is over.
    fn left_over(&self, closing: &mut Closing, lines: &Lines) {
        let stopped = self.stage.stop.is_cancelled();
        let left = lines.waiting();
        if left > 0 && !stopped {
            let lines = if left == 1 { "line was" } else { "lines were" };
            self.stage.journal.say(format!("note: {left} {lines} not sent: the talk is over"));
        }
        let asked = lines.unanswered().filter(|_| self.plan.turns.is_some() && !stopped);
        if let Some(asked) = asked.filter(|asked| !self.is_last_word(asked)) {
            self.unanswered(closing, &asked);
        }
    }

    /// A peer that has hung up without an answer makes the talk fail.
    fn unanswered(&self, closing: &mut Closing, asked: &[u8]) {
        if closing.by != By::Peer || closing.failure.is_some() {
            return;
        }
        let text = self.plan.composer.encoding.decode(asked);
        let text = text.unwrap_or_else(|| String::from_utf8_lossy(asked).into_owned());
        let text: String = text.chars().take(SHOWN).collect();
        let text = format!("the other side closed, and did not answer `{}`", one_line(&text));
        closing.failure = Some(Failure::new(Code::Frame, text));
    }

    /// Whether the line is one after which no answer has to come.
    fn is_last_word(&self, line: &[u8]) -> bool {
        let ours = self.plan.words.iter().filter(|word| word.by == By::Us);
        let mut encoded = ours.map(|word| self.plan.composer.encoding.encode(&word.text));
        encoded.any(|word| word.is_ok_and(|word| word == line))
    }

    async fn talk(&self, mut source: Source) -> Result<Option<Closing>, Failed> {
        let (door, queue) = orders();
        match self.calling.program {
            Program::QueueChat | Program::Thanks | Program::OpenClose => {
                self.one_by_one(source).await
            }
            Program::UdpChat | Program::Upper => self.datagrams(Some(queue), Some(door)).await,
            Program::UdpOnce | Program::Broadcast => {
                let message = tokio::select! {
                    message = source.next() => message,
                    () = self.stage.stop.cancelled() => return Ok(None),
                };
                let Some(message) = message else {
                    return Err(Failed::usage("nothing is to be sent", "type a line, or a text"));
                };
                give(&door, Order::Send(message)).await;
                drop(door);
                self.datagrams(Some(queue), None).await
            }
            Program::UntilClose | Program::Sticky => {
                let feeding = tokio::spawn(async move {
                    while let Some(message) = source.next().await {
                        give(&door, Order::Send(message)).await;
                    }
                    give(&door, Order::Finish { empty: false }).await;
                });
                let result = self.stream(queue, None).await;
                feeding.abort();
                result
            }
            _ => self.stream(queue, Some(door)).await,
        }
    }

    /// One connection a message, until the messages end.
    async fn one_by_one(&self, mut source: Source) -> Result<Option<Closing>, Failed> {
        let queues = self.calling.program == Program::QueueChat;
        if self.keyboard {
            let text = "each line is a connection of its own; Ctrl-D ends";
            self.stage.journal.say(text);
        }
        let mut last: Option<Closing> = None;
        loop {
            let message = tokio::select! {
                message = source.next() => message,
                () = self.stage.stop.cancelled() => return Ok(last),
            };
            let Some(message) = message.filter(|message| !queues || message != b"bye") else {
                break;
            };
            let asked = message.clone();
            last = self.exchange(message).await?;
            if let Some(closing) = &mut last
                && closing.count.bytes_in == 0
            {
                self.unanswered(closing, &asked);
            }
            if last.as_ref().is_none_or(|closing| closing.failure.is_some()) {
                return Ok(last);
            }
            if self.keyboard
                && let Some(closing) = last.take()
            {
                self.stage.journal.say(closing.to_string());
                self.stage.journal.settle().await;
            }
        }
        if self.calling.farewell == Farewell::Bye {
            last = self.exchange(b"bye".to_vec()).await?;
        }
        Ok(last)
    }

    async fn exchange(&self, message: Vec<u8>) -> Result<Option<Closing>, Failed> {
        let (door, queue) = orders();
        give(&door, Order::Send(message)).await;
        self.stream(queue, None).await
    }

    fn how(&self) -> Dial {
        let connect = &self.calling.connect;
        connect.common.reach.dial(connect.wait, FileUse::Source)
    }

    async fn stream(
        &self,
        queue: Receiver<Addressed>,
        door: Option<Sender<Addressed>>,
    ) -> Result<Option<Closing>, Failed> {
        let (stage, journal) = (self.stage, &self.stage.journal);
        let port = self.endpoint.at().map(|at| at.port);
        let port = port.filter(|_| self.calling.connect.common.explain);
        let witness = port.and_then(|port| Witness::open(&self.endpoint, port, journal));
        let dialled = tokio::select! {
            dialled = dial(&self.endpoint, self.how(), None) => dialled,
            () = stage.stop.cancelled() => return Ok(None),
        };
        let stream = dialled.inspect_err(|error| self.explain_error(error))?;
        stage.detail(format!("connected to {}", stream.facts.peer_endpoint()));
        let local = stream.facts.local.clone();
        let telling = witness.map(|witness| witness.tell(Some(local), journal));
        let (number, stop) = (journal.number(), stage.stop.child_token());
        let peer = stream.facts.peer.clone();
        let place = self.roster.enter(number, peer, door, stop.clone());
        let plan = Arc::clone(&self.plan);
        let terms = Terms { role: Role::Dial, number, plan, orders: Some(queue), stop };
        journal.tally().opened();
        let over = Conversation::open(stream, terms, journal).run().await;
        journal.tally().closed();
        drop(place);
        if let Some(telling) = telling {
            telling.end().await;
        }
        Ok(Some(over.closing))
    }

    async fn datagrams(
        &self,
        orders: Option<Receiver<Addressed>>,
        door: Option<Sender<Addressed>>,
    ) -> Result<Option<Closing>, Failed> {
        let socket = Datagrams::dial(&self.endpoint, self.how()).await?;
        self.stage.detail(format!("sending to {}", socket.canonical()));
        let terms = DatagramTerms {
            role: Role::Dial,
            plan: Arc::clone(&self.plan),
            orders,
            door,
            access: Access::default(),
            first_alone: true,
            stop: self.stage.stop.clone(),
        };
        let journal = &self.stage.journal;
        let closing = converse_datagrams(socket, terms, journal, &self.roster).await;
        if self.calling.program == Program::UdpOnce && closing.count.bytes_in == 0 {
            journal.say("note: no answer came (a receiver that only receives sends none)");
        }
        Ok(Some(closing))
    }

    fn explain_error(&self, error: &NetError) {
        let errno = match error {
            NetError::Io { source, .. } => source.raw_os_error(),
            NetError::AllFailed { tried, .. } => {
                tried.last().and_then(|(_, error)| error.raw_os_error())
            }
            _ => None,
        };
        if let Some(errno) = errno.filter(|_| self.calling.connect.common.explain) {
            self.stage.journal.say(Explainer::not_connected(errno));
        }
    }
}

/// Gives an order; a conversation that has ended takes none.
async fn give(door: &Sender<Addressed>, order: Order) {
    drop(door.send((0, order)).await);
}
