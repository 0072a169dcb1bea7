//! A program's client: connected, once or for each message, talked from, ended as its row
//! says. Whoever starts it gives it its messages, and ends the run.

use std::collections::VecDeque;
use std::sync::Arc;

use sockeye_net::datagram::Datagrams;
use sockeye_net::dial::{Dial, dial};
use sockeye_net::endpoint::Endpoint;
use sockeye_net::error::{Code, NetError};
use sockeye_tape::event::{By, Role};
use sockeye_text::safe::one_line;
use sockeye_workbench::access::Access;
use sockeye_workbench::closing::{Closing, Failure};
use sockeye_workbench::conversation::input::Input;
use sockeye_workbench::conversation::{Conversation, Terms};
use sockeye_workbench::datagrams::{DatagramTerms, converse_datagrams};
use sockeye_workbench::journal::Journal;
use sockeye_workbench::led::{Explain, Led, LedTerms};
use sockeye_workbench::lines::Lines;
use sockeye_workbench::plan::Plan;
use sockeye_workbench::roster::{Addressed, Order, Roster, orders};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio_util::sync::CancellationToken;

use crate::catalogue::Program;
use crate::explain::Explainer;
use crate::witness::Witness;

/// The number under which a client asks for lines that are not for a conversation's turn.
const OURSELVES: u64 = 0;

/// How many characters of an unanswered line are shown.
const SHOWN: usize = 60;

/// What is said when everything has been said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// What the program says by itself.
    Silent,
    /// `bye`, in a connection of its own.
    Bye,
}

/// Why there was no talk.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The other side was not reached.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The messages ended before the first.
    #[error("nothing is to be sent")]
    Nothing,
}

/// Messages that are not for a conversation's turn, one after the other.
#[derive(Clone, Debug)]
pub enum Source {
    /// Lines, as they are typed.
    Typed(Arc<Lines>),
    /// These.
    Given(VecDeque<Vec<u8>>),
}

impl Source {
    /// The next message; none at the end. Cancel-safe.
    async fn next(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Given(texts) => texts.pop_front(),
            Self::Typed(lines) => {
                lines.enter(OURSELVES);
                lines.want(OURSELVES);
                lines.fetch(Some(OURSELVES)).await.1
            }
        }
    }
}

/// The client of a program that takes turns, by its plan of [`crate::preset::calling`].
#[derive(Debug)]
pub struct Client {
    /// Which program.
    pub program: Program,
    /// Whom it calls.
    pub endpoint: Endpoint,
    /// How.
    pub how: Dial,
    /// What is done in each conversation.
    pub plan: Arc<Plan>,
    /// Where its conversations can be told things.
    pub roster: Arc<Roster>,
    /// Where everything that happens goes.
    pub journal: Arc<Journal>,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
    /// The last word of a program of many connections.
    pub farewell: Farewell,
    /// Whether a person types the messages.
    pub keyboard: bool,
    /// Whether the handshake, the close and a connect that fails are explained.
    pub explains: bool,
    /// Whether it says whom it is connected to.
    pub detailed: bool,
}

impl Client {
    /// Talks to the end. Returns how the last conversation ended; none where it was stopped
    /// before the first.
    pub async fn talk(&self, mut source: Source) -> Result<Option<Closing>, CallError> {
        let (door, queue) = orders();
        match self.program {
            Program::QueueChat | Program::Thanks | Program::OpenClose => {
                Ok(self.one_by_one(source).await?)
            }
            Program::UdpChat | Program::Upper => {
                Ok(Some(self.datagrams(Some(queue), Some(door)).await?))
            }
            Program::UdpOnce | Program::Broadcast => {
                let message = tokio::select! {
                    message = source.next() => message,
                    () = self.stop.cancelled() => return Ok(None),
                };
                give(&door, Order::Send(message.ok_or(CallError::Nothing)?)).await;
                drop(door);
                Ok(Some(self.datagrams(Some(queue), None).await?))
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
                Ok(result?)
            }
            _ => Ok(self.stream(queue, Some(door)).await?),
        }
    }

    /// What was typed and has no answer, or did not go, once the conversation is over.
    pub fn left_over(&self, closing: &mut Closing, lines: &Lines) {
        let stopped = self.stop.is_cancelled();
        let left = lines.waiting();
        if left > 0 && !stopped {
            let lines = if left == 1 { "line was" } else { "lines were" };
            self.journal.say(format!("note: {left} {lines} not sent: the talk is over"));
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

    /// One connection a message, until the messages end.
    async fn one_by_one(&self, mut source: Source) -> Result<Option<Closing>, NetError> {
        let queues = self.program == Program::QueueChat;
        if self.keyboard {
            self.journal.say("each line is a connection of its own; Ctrl-D ends");
        }
        let mut last: Option<Closing> = None;
        loop {
            let message = tokio::select! {
                message = source.next() => message,
                () = self.stop.cancelled() => return Ok(last),
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
                self.journal.say(closing.to_string());
                self.journal.settle().await;
            }
        }
        if self.farewell == Farewell::Bye {
            last = self.exchange(b"bye".to_vec()).await?;
        }
        Ok(last)
    }

    async fn exchange(&self, message: Vec<u8>) -> Result<Option<Closing>, NetError> {
        let (door, queue) = orders();
        give(&door, Order::Send(message)).await;
        self.stream(queue, None).await
    }

    async fn stream(
        &self,
        queue: Receiver<Addressed>,
        door: Option<Sender<Addressed>>,
    ) -> Result<Option<Closing>, NetError> {
        let journal = &self.journal;
        let port = self.endpoint.at().map(|at| at.port).filter(|_| self.explains);
        let witness = port.and_then(|port| Witness::open(&self.endpoint, port, journal));
        let dialled = tokio::select! {
            dialled = dial(&self.endpoint, self.how.clone(), None) => dialled,
            () = self.stop.cancelled() => return Ok(None),
        };
        let stream = dialled.inspect_err(|error| self.explain_error(error))?;
        if self.detailed {
            journal.say(format!("connected to {}", stream.facts.peer_endpoint()));
        }
        let local = stream.facts.local.to_string();
        let telling = witness.map(|witness| witness.tell(Some(local), journal));
        let (number, stop) = (journal.number(), self.stop.child_token());
        let peer = stream.facts.peer.to_string();
        let place = self.roster.enter(number, peer, door, stop.clone());
        let plan = Arc::clone(&self.plan);
        let terms = Terms { role: Role::Dial, number, plan, input: Input::Orders(queue), stop };
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
    ) -> Result<Closing, NetError> {
        let socket = Datagrams::dial(&self.endpoint, self.how.clone()).await?;
        if self.detailed {
            self.journal.say(format!("sending to {}", socket.canonical()));
        }
        let terms = DatagramTerms {
            role: Role::Dial,
            plan: Arc::clone(&self.plan),
            orders,
            door,
            access: Access::default(),
            first_alone: true,
            stop: self.stop.clone(),
        };
        let closing = converse_datagrams(socket, terms, &self.journal, &self.roster).await;
        if self.program == Program::UdpOnce && closing.count.bytes_in == 0 {
            self.journal.say("note: no answer came (a receiver that only receives sends none)");
        }
        Ok(closing)
    }

    fn explain_error(&self, error: &NetError) {
        if self.explains
            && let Some(line) = Explainer::failed(error)
        {
            self.journal.say(line);
        }
    }
}

/// Gives an order; a conversation that has ended takes none.
async fn give(door: &Sender<Addressed>, order: Order) {
    drop(door.send((0, order)).await);
}

/// The client of a program whose protocol leads it: how it comes to its conversation.
#[derive(Debug)]
pub struct LedCall<'a> {
    /// Whom it calls.
    pub endpoint: &'a Endpoint,
    /// How.
    pub how: Dial,
    /// Where everything that happens goes.
    pub journal: &'a Arc<Journal>,
    /// Whether its steps are told.
    pub explain: Explain,
    /// Cancelled when the run ends.
    pub stop: &'a CancellationToken,
}

impl LedCall<'_> {
    /// Connects, and opens the conversation on the journal and in its totals, where whoever
    /// leads it closes it; none where the run ended before.
    pub async fn open(&self) -> Result<Option<Led>, NetError> {
        let stream = tokio::select! {
            stream = dial(self.endpoint, self.how.clone(), None) => stream?,
            () = self.stop.cancelled() => return Ok(None),
        };
        let terms = LedTerms {
            role: Role::Dial,
            number: self.journal.number(),
            explain: self.explain,
            stop: self.stop.clone(),
        };
        self.journal.tally().opened();
        Ok(Some(Led::open(stream, Arc::clone(self.journal), terms)))
    }
}
