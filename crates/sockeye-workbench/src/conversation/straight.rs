//! Our own stdin and stdout joined to a conversation that nobody looks into: bytes go straight
//! from one descriptor to another. Ends, limits and counts are the conversation's, as they are
//! where each byte is an event.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::task::{Context, Poll};

use sockeye_net::error::Code;
use sockeye_net::mover::{Broken, Choice, Means, Moved, Mover};
use sockeye_net::standard;
use sockeye_net::stream::{Reader, Stream, Writer};
use sockeye_tape::event::{By, How};
use sockeye_text::cause::plain;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{OurEnd, PeersEnd, Talk, Wake};
use crate::closing::Failure;
use crate::inquiry::Attendant;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::roster::Order;

/// So many of the first bytes tell what is spoken.
const OPENING: usize = 16;

/// Our stdin and stdout, handed from one conversation to the next.
#[derive(Debug)]
pub struct Straight {
    input: Reader,
    output: Writer,
    inward: Mover,
    outward: Mover,
    /// Which way goes first, by turns.
    out_first: bool,
    /// Whether the peer's first bytes have been looked at.
    greeted: bool,
    brought: Brought,
}

/// What stdin has brought so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brought {
    Nothing,
    Something,
    /// All that it had: its end has come.
    All,
}

/// What was done.
#[derive(Debug)]
pub(super) enum Step {
    /// The peer's first bytes are there, these and perhaps more.
    First(Vec<u8>),
    /// From the peer to stdout.
    In(Result<Moved, Broken>),
    /// From stdin to the peer.
    Out(Result<Moved, Broken>),
}

/// Which ways may go.
#[derive(Clone, Copy, Debug)]
struct May {
    come: bool,
    go: bool,
}

impl Straight {
    /// Stdin and stdout of this process, where nothing that `plan` wants and nothing that is on
    /// the journal needs the bytes themselves; inside a runtime.
    pub fn of(plan: &Plan, journal: &Journal) -> Option<Box<Self>> {
        if plan.looks_at_bytes() || !journal.shows_bytes_alone() {
            return None;
        }
        Some(Box::new(Self {
            input: standard::input(),
            output: standard::output(),
            inward: Mover::default(),
            outward: Mover::default(),
            out_first: false,
            greeted: false,
            brought: Brought::Nothing,
        }))
    }

    /// From here on it is joined to that stream.
    pub fn join(&mut self, stream: &Stream) {
        self.inward = Mover::between(&stream.reader, &self.output, Choice::Cheapest);
        self.outward = Mover::between(&self.input, &stream.writer, Choice::Cheapest);
        self.greeted = false;
    }

    /// How bytes go out, and how they come in.
    pub fn means(&self) -> (Means, Means) {
        (self.outward.means(), self.inward.means())
    }

    /// Whether stdin may still bring something.
    pub(super) fn is_open(&self) -> bool {
        self.brought != Brought::All
    }

    /// Whether stdin has more, and the peer does not take it.
    pub(super) fn is_held_up(&self) -> bool {
        self.is_open() && self.outward.waits_for_target()
    }

    /// What goes to the peer.
    pub(super) fn outward(&mut self) -> &mut Mover {
        &mut self.outward
    }

    fn poll_step(&mut self, cx: &mut Context<'_>, stream: &mut Stream, may: May) -> Poll<Step> {
        // Neither way holds the other up, however much comes.
        self.out_first = !self.out_first;
        for out in [self.out_first, !self.out_first] {
            let step = match out {
                true if may.go => {
                    self.outward.poll(cx, &mut self.input, &mut stream.writer).map(Step::Out)
                }
                false if may.come => self.poll_inward(cx, stream),
                _ => Poll::Pending,
            };
            if step.is_ready() {
                return step;
            }
        }
        Poll::Pending
    }

    fn poll_inward(&mut self, cx: &mut Context<'_>, stream: &mut Stream) -> Poll<Step> {
        if self.greeted {
            return self.inward.poll(cx, &mut stream.reader, &mut self.output).map(Step::In);
        }
        poll_first(cx, &mut stream.reader).map(|step| {
            self.greeted = true;
            step
        })
    }
}

/// The peer's first bytes, which stay where they are.
pub(super) async fn first(reader: &mut Reader) -> Step {
    poll_fn(|cx| poll_first(cx, reader)).await
}

fn poll_first(cx: &mut Context<'_>, reader: &mut Reader) -> Poll<Step> {
    let mut space = [0; OPENING];
    reader.poll_peek(cx, &mut space).map(|peeked| match peeked {
        Ok(count) => Step::First(space.get(..count).unwrap_or_default().to_vec()),
        // It is told once.
        Err(error) => Step::In(Err(Broken::Source(error))),
    })
}

/// What is waited for beside bytes that go straight. Cancel-safe.
pub(super) async fn interrupted(
    deadline: Option<Instant>,
    attendant: &Attendant<'_>,
    stop: &CancellationToken,
) -> Wake {
    tokio::select! {
        () = async { sleep_until(deadline.unwrap_or_else(Instant::now)).await },
            if deadline.is_some() => Wake::Time,
        () = attendant.is_asked() => Wake::Asked,
        () = stop.cancelled() => Wake::Stop,
    }
}

impl Talk<'_> {
    /// [`Talk::wake`] where bytes go straight.
    pub(super) async fn wake_straight(&mut self) -> Wake {
        let may_come = self.peer_ended == PeersEnd::Open;
        let may_go = self.our_end == OurEnd::Open;
        let deadline = self.deadline().map(|at| self.journal.clock().instant(at));
        let Some(straight) = self.terms.input.straight() else {
            return Wake::Time;
        };
        let may = May { come: may_come, go: may_go && straight.is_open() };
        let stream = &mut self.stream;
        tokio::select! {
            step = poll_fn(|cx| straight.poll_step(cx, stream, may)) => Wake::Step(step),
            wake = interrupted(deadline, &self.attendant, &self.terms.stop) => wake,
        }
    }

    pub(super) fn stepped(&mut self, step: Step) {
        match step {
            Step::First(bytes) => self.recognise(&bytes),
            Step::In(Ok(Moved::Bytes { taken, .. })) => self.count_in(taken),
            Step::In(Ok(Moved::Told(text))) => self.journal.tell(self.terms.number, text),
            Step::In(Ok(Moved::End(words))) => self.peer_ends(words),
            Step::In(Err(Broken::Source(error))) => self.broken("receive from", &error),
            Step::In(Err(Broken::Target(error))) => self.unheard(&error),
            Step::Out(Ok(Moved::Bytes { taken, given })) => {
                if let Some(straight) = self.terms.input.straight().filter(|_| taken > 0) {
                    straight.brought = Brought::Something;
                }
                self.count_out(given);
            }
            Step::Out(Ok(Moved::Told(_))) => {}
            Step::Out(Ok(Moved::End(_))) => {
                let empty = self.input_ended();
                self.obey(Some((self.terms.number, Order::Finish { empty })));
            }
            Step::Out(Err(Broken::Source(error))) => {
                self.input_ended();
                let text = format!("cannot read stdin: {}", plain(&error));
                self.obey(Some((self.terms.number, Order::Broken { text })));
            }
            Step::Out(Err(Broken::Target(error))) => {
                self.waiting = self.terms.input.outward().map_or(0, |mover| mover.held());
                self.write_failed(&error);
            }
        }
    }

    /// Stdin has ended; whether it never held a byte.
    fn input_ended(&mut self) -> bool {
        let before = self
            .terms
            .input
            .straight()
            .map(|straight| std::mem::replace(&mut straight.brought, Brought::All));
        before == Some(Brought::Nothing)
    }

    /// Stdout takes no more: a reader that has gone is a quiet end.
    fn unheard(&mut self, error: &io::Error) {
        if error.kind() != ErrorKind::BrokenPipe {
            let text = format!("cannot write to stdout: {}", plain(error));
            self.failure.get_or_insert(Failure::new(Code::Io, text));
        }
        self.journal.screen().closed().cancel();
        self.end(By::Us, How::Fin, Some("stdout is closed".to_owned()));
    }

    /// Whether a peer that takes nothing keeps stdin from its end.
    pub(super) fn is_not_taking(&mut self) -> bool {
        let stopped =
            self.terms.stop.is_cancelled() || self.journal.screen().closed().is_cancelled();
        let held_up = self.terms.input.straight().is_some_and(|way| way.is_held_up());
        held_up && !stopped && self.peer_ended == PeersEnd::Open
    }

    /// What the peer's kernel has given by now is taken.
    pub(super) async fn take_straight(&mut self) {
        let Some(straight) = self.terms.input.straight().filter(|way| way.inward.held() == 0)
        else {
            return;
        };
        let (reader, output) = (&mut self.stream.reader, &mut straight.output);
        let moved = poll_fn(|cx| straight.inward.poll(cx, reader, output)).await;
        if let Ok(Moved::Bytes { taken, .. }) = moved {
            self.count_in(taken);
        }
    }

    /// All that came is on stdout, unless that is closed, or the run must end.
    pub(super) async fn deliver(&mut self) {
        let Some(straight) = self.terms.input.straight() else {
            return;
        };
        let giving = async {
            while straight.inward.held() > 0 {
                match poll_fn(|cx| straight.inward.poll_give(cx, &mut straight.output)).await {
                    Ok(_) => {}
                    Err(Broken::Source(error) | Broken::Target(error)) => return Err(error),
                }
            }
            straight.output.finish().await
        };
        let given = tokio::select! {
            given = giving => given,
            () = self.journal.screen().must_end() => Ok(()),
        };
        if let Err(error) = given {
            self.unheard(&error);
        }
    }
}
