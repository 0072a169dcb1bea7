//! The pump of a relay with faults: as `sockeye_net::pump`, with a disturber in each
//! direction. Each direction is one loop over a read, a write, time, and other faults.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::came::{Came, Kind};
use sockeye_net::pump::{Lull, Pass, Stopped, Tap, Way};
use sockeye_net::stream::{Reader, Stream, Writer};
use sockeye_net::whole::End;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::fault::shared::Disturbed;
use crate::fault::show::list;
use crate::fault::stream::BOUND;
use crate::fault::unit::{Act, OVERHEAD};

/// How long a side that was closed by a fault may take to see it and stop: whoever goes on
/// longer gets a RST after its FIN.
const LINGER: Duration = Duration::from_secs(1);

/// A tap that hears of faults as well.
pub trait Struck: Tap {
    /// A fault struck what the way's source said.
    fn struck(&self, way: Way, text: String);
    /// The way's end is told by this fault, although its source goes on.
    fn halved(&self, way: Way, fault: String);
}

/// How a pump with faults stopped.
#[derive(Debug)]
pub enum Halt {
    /// As any other.
    Stopped(Stopped),
    /// This fault wants both sides to get a FIN: [`part`].
    Closed(String),
    /// This fault wants both sides to get a RST.
    Reset(String),
}

/// What such a pump needs beside its streams.
#[derive(Debug)]
pub struct Disturbance {
    /// From left to right.
    pub up: Disturbed,
    /// From right to left.
    pub down: Disturbed,
    /// The largest recv, in bytes.
    pub most: usize,
    /// The run's.
    pub clock: Clock,
}

/// Moves bytes both ways until both have ended, one broke, or a fault stops it. Not
/// cancel-safe: what is held is lost with it.
pub async fn pump(
    left: &mut Stream,
    right: &mut Stream,
    tap: &impl Struck,
    terms: Disturbance,
) -> Halt {
    for writer in [&left.writer, &right.writer] {
        // What is split shall arrive split; where that cannot be had, nothing is lost.
        drop(writer.send_at_once());
    }
    let lull = Lull::default();
    let lane = |from, to, way, disturbed| Lane {
        lull: &lull,
        from,
        to,
        way,
        tap,
        disturbed,
        most: terms.most,
        clock: terms.clock,
        outbox: VecDeque::new(),
        waiting: 0,
        judged: Vec::new(),
        source: Source::Speaks,
        told_end: false,
        finished: false,
    };
    let right_way = lane(&mut left.reader, &mut right.writer, Way::Right, terms.up);
    let left_way = lane(&mut right.reader, &mut left.writer, Way::Left, terms.down);
    match tokio::try_join!(right_way.run(), left_way.run()) {
        Ok(((), ())) => Halt::Stopped(Stopped::Ended),
        Err(halt) => halt,
    }
}

/// Both sides get a FIN. What they still say is read and thrown away, for a moment: a close
/// with bytes unread would be a RST.
pub async fn part(left: &mut Stream, right: &mut Stream, tap: &impl Struck) {
    let ends = async {
        // Who is gone already needs no end.
        drop(left.writer.finish().await);
        drop(right.writer.finish().await);
        tokio::join!(
            drain(&mut left.reader, Way::Right, tap),
            drain(&mut right.reader, Way::Left, tap)
        );
    };
    // Whoever takes longer is cut.
    drop(timeout(LINGER, ends).await);
}

async fn drain(from: &mut Reader, way: Way, tap: &impl Struck) {
    loop {
        match from.recv(BOUND).await {
            Ok(Came::Bytes(bytes) | Came::Message(bytes, _)) => {
                let _passes_nowhere = tap.moved(way, &bytes, None);
                tap.delivered(way, bytes.len());
                tap.settled().await;
            }
            Ok(Came::Told(_)) => {}
            Ok(Came::End(_)) | Err(_) => return,
        }
    }
}

/// Whether the source has ended.
#[derive(Debug)]
enum Source {
    Speaks,
    /// With these words at parting.
    Ended(Option<String>),
}

/// One direction.
struct Lane<'l, T> {
    lull: &'l Lull,
    from: &'l mut Reader,
    to: &'l mut Writer,
    way: Way,
    tap: &'l T,
    disturbed: Disturbed,
    most: usize,
    clock: Clock,
    /// What is to be written, and the ends that wait behind it.
    outbox: VecDeque<Act>,
    /// What it weighs.
    waiting: usize,
    /// What is held until it is judged.
    judged: Vec<(Vec<u8>, Option<Kind>)>,
    source: Source,
    told_end: bool,
    /// The target has been told of the end.
    finished: bool,
}

/// What comes next in a lane.
enum Next {
    Came(io::Result<Came>),
    Sent(io::Result<usize>),
    Changed,
    Due,
}

impl<T: Struck> Lane<'_, T> {
    async fn run(mut self) -> Result<(), Halt> {
        loop {
            self.look()?;
            let over = self.hand_on().await?;
            self.tap.settled().await;
            if over {
                return Ok(());
            }
            match self.next().await {
                Next::Came(came) => self.came(came)?,
                Next::Sent(Ok(count)) => self.sent(count),
                Next::Sent(Err(error)) => {
                    self.lull.ended();
                    self.tap.refused(self.way, &error);
                    return Ok(());
                }
                Next::Changed => self.changed(),
                Next::Due => {}
            }
        }
    }

    /// Takes what the disturber wants done by now.
    fn look(&mut self) -> Result<(), Halt> {
        for act in self.disturbed.disturber.due(self.clock.now()) {
            match act {
                Act::Told(text) => self.tap.struck(self.way, text),
                Act::Lost(count) => self.tap.delivered(self.way, count),
                Act::Reset(fault) => return Err(Halt::Reset(fault)),
                Act::Write { ref bytes, .. } => {
                    self.waiting += bytes.len() + OVERHEAD;
                    self.outbox.push_back(act);
                }
                Act::End(_) | Act::Close(_) => self.outbox.push_back(act),
            }
        }
        Ok(())
    }

    /// Carries out the ends at the front of the outbox; true once this direction is over.
    async fn hand_on(&mut self) -> Result<bool, Halt> {
        let keeps_messages = self.to.keeps_messages();
        while let Some(act) = self.outbox.pop_front_if(|act| match act {
            Act::Write { bytes, .. } => self.finished || bytes.is_empty() && !keeps_messages,
            _ => true,
        }) {
            match act {
                Act::Close(fault) => return Err(Halt::Closed(fault)),
                // A fault that told the end, and is no more, cannot take it back.
                Act::Write { bytes, counts, .. } => {
                    self.waiting = self.waiting.saturating_sub(bytes.len() + OVERHEAD);
                    self.tap.delivered(self.way, counts);
                }
                Act::End(_) if self.finished => {}
                Act::End(ours) => {
                    match ours {
                        Some(fault) => self.tap.halved(self.way, fault),
                        None => self.tell_end(),
                    }
                    self.finish().await?;
                    self.finished = true;
                }
                _ => {}
            }
        }
        let over = self.finished && matches!(self.source, Source::Ended(_));
        if over {
            self.tell_end();
        }
        Ok(over)
    }

    /// Tells the tap of the source's end, once.
    fn tell_end(&mut self) {
        if let Source::Ended(words) = &mut self.source
            && !std::mem::replace(&mut self.told_end, true)
        {
            self.tap.ended(self.way, words.take());
        }
    }

    async fn finish(&mut self) -> Result<(), Halt> {
        if matches!(self.source, Source::Ended(_)) {
            self.lull.wait(self.from, self.to).await;
        }
        self.lull.ended();
        if let Err(error) = self.to.finish().await
            && !matches!(error.kind(), ErrorKind::NotConnected | ErrorKind::BrokenPipe)
        {
            self.tap.refused(self.way, &error);
        }
        // Who is not told of the end does not end either.
        if self.to.end() == End::Untold { Err(Halt::Stopped(Stopped::Ended)) } else { Ok(()) }
    }

    /// Waits for what comes next. Cancel-safe: a send that was cancelled is made again with
    /// the same bytes.
    async fn next(&mut self) -> Next {
        let disturber = &self.disturbed.disturber;
        let due = disturber.deadline();
        let room = disturber.held() + self.waiting < BOUND;
        let reads = room && matches!(self.source, Source::Speaks);
        let front = match self.outbox.front() {
            Some(Act::Write { bytes, kind, .. }) => Some((bytes.as_slice(), *kind)),
            _ => None,
        };
        let (bytes, kind) = front.unwrap_or_default();
        tokio::select! {
            came = self.from.recv(self.most), if reads => Next::Came(came),
            sent = self.to.send(bytes, kind), if front.is_some() => Next::Sent(sent),
            Ok(()) = self.disturbed.changes.changed() => Next::Changed,
            () = self.clock.until(due) => Next::Due,
        }
    }

    fn came(&mut self, came: io::Result<Came>) -> Result<(), Halt> {
        let way = self.way;
        // Faults that were set before this was read are for it.
        if self.disturbed.changes.has_changed().unwrap_or(false) {
            self.changed();
        }
        let came = came.map_err(|error| Halt::Stopped(Stopped::Broke { way, error }))?;
        let (bytes, kind) = match came {
            Came::Bytes(bytes) => (bytes, None),
            Came::Message(bytes, kind) => (bytes, Some(kind)),
            Came::Told(text) => {
                self.tap.told(way, text);
                return Ok(());
            }
            Came::End(words) => {
                self.source = Source::Ended(words);
                self.take_judged();
                self.disturbed.disturber.end(self.clock.now());
                return Ok(());
            }
        };
        self.lull.moved();
        let pass = self.tap.moved(way, &bytes, kind);
        self.judged.push((bytes, kind));
        match pass {
            Pass::Yes => self.take_judged(),
            Pass::Hold => {}
            Pass::Never => return Err(Halt::Stopped(Stopped::Barred)),
        }
        Ok(())
    }

    fn take_judged(&mut self) {
        let now = self.clock.now();
        for (bytes, kind) in self.judged.drain(..) {
            self.disturbed.disturber.take(now, bytes, kind);
        }
    }

    /// So many bytes of the front have gone on.
    fn sent(&mut self, count: usize) {
        let Some(Act::Write { bytes, counts, .. }) = self.outbox.front_mut() else {
            return;
        };
        let accounted = count.min(*counts);
        *counts -= accounted;
        bytes.drain(..count.min(bytes.len()));
        self.waiting = self.waiting.saturating_sub(count);
        if bytes.is_empty() {
            self.outbox.pop_front();
            self.waiting = self.waiting.saturating_sub(OVERHEAD);
        }
        self.tap.delivered(self.way, accounted);
    }

    fn changed(&mut self) {
        let faults = Arc::clone(&self.disturbed.changes.borrow_and_update());
        if self.way == Way::Right {
            self.tap.struck(self.way, format!("from now on: {}", list(&faults)));
        }
        self.disturbed.disturber.change(self.clock.now(), &faults);
    }
}
