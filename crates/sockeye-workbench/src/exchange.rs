//! What a conversation makes of the bytes that pass: frames, checksums, answers, the word
//! that ends it. A state machine: no socket, no clock; time comes in.

mod turns;

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::came::Kind;
use sockeye_net::error::Code;
use sockeye_tape::event::{By, Dir};
use sockeye_text::encoding::Encoding;
use sockeye_wire::checksum::Verdict;
use sockeye_wire::deframe::Deframer;
use sockeye_wire::enframe::Enframer;
use sockeye_wire::error::FrameError;
use sockeye_wire::frame::Frame;
use sockeye_wire::framing::{Framing, Rule as FramingRule};

use crate::closing::Failure;
use crate::message::{MessageError, without_end};
use crate::plan::Plan;
use crate::player::{Do, Player};
use crate::rules::Reply;
use crate::spoken::Tells;

/// What is to be done because of bytes that passed, in order.
#[derive(Debug)]
pub enum Act {
    /// A frame was found.
    Frame(Dir, u64, u64),
    /// This goes out, as it is; as a message of that kind where kinds are kept apart.
    Send(Vec<u8>, Option<Kind>),
    /// A message, to be told as a line.
    Message(Vec<u8>),
    /// It is our turn: the next typed line is wanted.
    Turn,
    /// Something to tell.
    Note(String),
    /// The same, wherever a person would see it.
    Tell(String),
    /// A script is over: all has been said, and all has come or will not.
    Over,
    /// Our end is due, once what waits has gone out.
    Finish,
    /// The conversation ends, once what waits has gone out.
    End(&'static str),
    /// We have said all: our own end, and the peer's is waited for where it has one.
    Part,
    /// The conversation ends, and nobody else is talked to.
    Halt(&'static str),
    /// What was expected has come.
    Met,
    /// The conversation cannot go on.
    Fail(Failure),
}

/// The state of one conversation above its socket. Small while nothing is framed.
#[derive(Debug)]
pub struct Exchange {
    plan: Arc<Plan>,
    framed: Option<Box<Framed>>,
    /// Where the transport keeps messages apart and no framing was asked for: how many bytes
    /// came and went by now.
    messages: Option<(u64, u64)>,
    /// How many messages came, as far as somebody counts them.
    taken: u64,
    /// Plays a tape's part, from [`Exchange::start`] on.
    player: Option<Box<Player>>,
    /// The end of what came, as long as what is expected could begin in it.
    seen: Vec<u8>,
}

#[derive(Debug)]
struct Framed {
    incoming: Deframer,
    /// The stream broke its framing: nothing more can be found in it.
    lost: bool,
    outgoing: Deframer,
    enframer: Enframer,
}

impl Exchange {
    /// The state at the open.
    pub fn new(plan: Arc<Plan>) -> Self {
        let framing = plan.composer.framing.clone().filter(|framing| !is_raw(framing));
        let framed = framing.map(|framing| {
            Box::new(Framed {
                incoming: Deframer::new(framing.clone()),
                lost: false,
                outgoing: Deframer::new(framing.clone()),
                enframer: Enframer::new(framing),
            })
        });
        Self { plan, framed, messages: None, taken: 0, player: None, seen: Vec::new() }
    }

    /// The conversation is open: a script begins, or whoever speaks first.
    pub fn start(&mut self, at: Duration, acts: &mut Vec<Act>) {
        if let Some(playing) = &self.plan.playing {
            self.player = Some(Box::new(Player::new(playing.clone(), at)));
            self.play(at, acts);
        }
        self.opened(acts);
    }

    fn play(&mut self, at: Duration, acts: &mut Vec<Act>) {
        let Some(player) = &mut self.player else {
            return;
        };
        for what in player.due(at) {
            match what {
                // What was recorded has its frame, checksum and line end already.
                Do::Say(bytes) => acts.push(Act::Send(bytes, None)),
                Do::Finish => acts.push(Act::Finish),
                Do::Note(text) => acts.push(Act::Tell(text)),
                Do::Over => acts.push(Act::Over),
            }
        }
    }

    /// Whether a script has more to say.
    pub fn plays_on(&self) -> bool {
        self.player.as_ref().is_some_and(|player| !player.is_over())
    }

    /// How what came compares with a script's tape: whether that is a failure, and a line.
    pub fn verdict(&self) -> Option<(bool, String)> {
        let player = self.player.as_ref()?;
        let (same, text) = player.verdict();
        Some((!same && player.is_strict(), text))
    }

    /// The same of a transport that keeps messages apart: each is a frame, unless a framing
    /// was asked for, which then looks into them as into a stream.
    pub fn of_messages(plan: Arc<Plan>) -> Self {
        let new = Self::new(plan);
        Self { messages: new.framed.is_none().then_some((0, 0)), ..new }
    }

    /// Whether a framing finds the messages (otherwise each read is one).
    pub fn is_framed(&self) -> bool {
        self.framed.is_some() || self.messages.is_some()
    }

    /// A payload as it goes onto the wire.
    pub fn seal(&mut self, payload: Vec<u8>) -> Result<Vec<u8>, MessageError> {
        let enframer = self.framed.as_mut().map(|framed| &mut framed.enframer);
        self.plan.composer.seal(payload, enframer, None)
    }

    /// Bytes came: one recv, of that kind if it is a whole message. The frames in them are
    /// found by [`Exchange::step`].
    pub fn received(
        &mut self,
        at: Duration,
        bytes: &[u8],
        kind: Option<Kind>,
        acts: &mut Vec<Act>,
    ) {
        if let Some((came, _)) = &mut self.messages {
            let len = bytes.len() as u64;
            acts.push(Act::Frame(Dir::In, *came, len));
            *came += len;
        }
        self.look_for_expected(bytes, acts);
        if let Some(player) = &mut self.player {
            player.came(bytes);
            self.play(at, acts);
        }
        let Some(framed) = &mut self.framed else {
            return self.message(bytes, Mark { tag: None, kind }, acts);
        };
        if !framed.lost {
            framed.incoming.push(at, bytes);
        }
    }

    /// Takes the next frame of what came, if there is a whole one. One at a time, so that
    /// its answers can be sent before the next is looked at.
    pub fn step(&mut self, acts: &mut Vec<Act>) -> bool {
        let Some(framed) = self.framed.as_mut().filter(|framed| !framed.lost) else {
            return false;
        };
        match framed.incoming.next_frame() {
            Ok(None) => false,
            Ok(Some(frame)) => {
                self.frame(&frame, acts);
                true
            }
            Err(error) => {
                framed.lost = true;
                acts.push(Act::Fail(frame_failure(&error)));
                true
            }
        }
    }

    /// A datagram came. Frames never go from one datagram into the next.
    pub fn datagram(&mut self, at: Duration, bytes: &[u8], acts: &mut Vec<Act>) {
        self.received(at, bytes, None, acts);
        while self.step(acts) {}
        if let Err(error) = self.take_rest(acts) {
            acts.push(Act::Note(error.to_string()));
        }
        if let (Some(framed), Some(framing)) = (&mut self.framed, &self.plan.composer.framing) {
            framed.incoming = Deframer::new(framing.clone());
            framed.lost = false;
        }
    }

    /// When [`Exchange::tick`] is due, on the clock of `at`.
    pub fn deadline(&self) -> Option<Duration> {
        let frame = self.framed.as_ref().and_then(|framed| framed.incoming.deadline());
        let script = self.player.as_ref().and_then(|player| player.deadline());
        [frame, script].into_iter().flatten().min()
    }

    /// Time has passed: a frame that ends by silence may be whole, see [`Exchange::step`], and
    /// a script may go on.
    pub fn tick(&mut self, at: Duration, acts: &mut Vec<Act>) {
        if let Some(framed) = &mut self.framed {
            framed.incoming.tick(at);
        }
        self.play(at, acts);
    }

    /// The peer's end, after the last [`Exchange::step`]: what is left is a frame, or was
    /// cut.
    pub fn ended(&mut self, acts: &mut Vec<Act>) {
        if let Some(player) = &mut self.player {
            player.ended();
        }
        if let Err(error) = self.take_rest(acts) {
            acts.push(Act::Fail(frame_failure(&error)));
        }
    }

    fn take_rest(&mut self, acts: &mut Vec<Act>) -> Result<(), FrameError> {
        while let Some(framed) = self.framed.as_mut().filter(|framed| !framed.lost) {
            match framed.incoming.finish()? {
                Some(frame) => self.frame(&frame, acts),
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// A datagram went out.
    pub fn datagram_sent(&mut self, at: Duration, bytes: &[u8], acts: &mut Vec<Act>) {
        self.sent(at, bytes, acts);
        if let (Some(framed), Some(framing)) = (&mut self.framed, &self.plan.composer.framing) {
            framed.outgoing = Deframer::new(framing.clone());
        }
    }

    /// Bytes went out: one write.
    pub fn sent(&mut self, at: Duration, bytes: &[u8], acts: &mut Vec<Act>) {
        if let Some((_, went)) = &mut self.messages {
            let len = bytes.len() as u64;
            acts.push(Act::Frame(Dir::Out, *went, len));
            *went += len;
        }
        let Some(framed) = &mut self.framed else {
            if self.is_until(bytes) {
                acts.push(Act::End("`--until` was sent"));
            }
            return;
        };
        framed.outgoing.push(at, bytes);
        framed.outgoing.tick(at);
        let mut found = Vec::new();
        // What we send by `--frame` is well-formed; a raw `/hex` may not be, and is then
        // shown as bytes alone.
        while let Ok(Some(frame)) = framed.outgoing.next_frame() {
            found.push(frame);
        }
        // What we write in one go is one message to who waits for a silence.
        if matches!(
            self.plan.composer.framing.as_ref().map(Framing::rule),
            Some(FramingRule::Gap(_))
        ) {
            while let Ok(Some(frame)) = framed.outgoing.finish() {
                found.push(frame);
            }
        }
        for frame in found {
            acts.push(Act::Frame(Dir::Out, frame.off, frame.len));
            if self.is_until(&frame.payload) {
                acts.push(Act::End("`--until` was sent"));
            }
        }
    }

    fn look_for_expected(&mut self, bytes: &[u8], acts: &mut Vec<Act>) {
        let Some(expected) = &self.plan.expect else {
            return;
        };
        self.seen.extend_from_slice(bytes);
        if expected.is_empty() || self.seen.windows(expected.len()).any(|part| part == expected) {
            acts.push(Act::Met);
        }
        let keep = expected.len().saturating_sub(1);
        self.seen.drain(..self.seen.len().saturating_sub(keep));
    }

    fn frame(&mut self, frame: &Frame, acts: &mut Vec<Act>) {
        acts.push(Act::Frame(Dir::In, frame.off, frame.len));
        // A piece of a line that is too long, or a broken COBS or SLIP frame, is shown, but
        // it is no message.
        if frame.whole {
            self.message(&frame.payload, Mark { tag: frame.tag, kind: None }, acts);
        } else if self.plan.tells == Tells::Messages {
            acts.push(Act::Fail(too_long(frame.payload.len())));
        }
    }

    /// One message: a frame's payload or, without a framing, one read.
    fn message(&mut self, message: &[u8], mark: Mark, acts: &mut Vec<Act>) {
        let content = match self.verified(message) {
            Ok(content) => content,
            Err(note) => return acts.push(Act::Note(note)),
        };
        if self.plan.tells != Tells::Nothing {
            acts.push(Act::Message(content.to_vec()));
        }
        if self.is_until(content) {
            return acts.push(Act::End("`--until` came"));
        }
        if let Some(then) = self.word(By::Peer, content) {
            return self.end_by_word(then, content, acts);
        }
        self.taken += 1;
        if self.plan.ends_after.is_some_and(|most| self.taken >= most) {
            acts.push(Act::End("all that was waited for came"));
        }
        let Some(reply) = self.reply_to(content) else {
            if self.plan.turns.is_some() {
                acts.push(Act::Turn);
            }
            return;
        };
        // An echo is of the same kind; what else is answered is what its bytes are.
        let kind = mark.kind.filter(|_| reply == Reply::Echo);
        match self.answer(&reply, content, mark.tag) {
            Ok(bytes) => acts.push(Act::Send(bytes, kind)),
            Err(error) => return acts.push(Act::Note(format!("not answered: {error}"))),
        }
        if self.plan.close_after_reply {
            acts.push(Act::End("`--close-after-reply`"));
        }
    }

    fn reply_to(&self, content: &[u8]) -> Option<Reply> {
        self.plan.answers.current().to(content, self.encoding())
    }

    fn answer(
        &mut self,
        reply: &Reply,
        content: &[u8],
        tag: Option<u16>,
    ) -> Result<Vec<u8>, MessageError> {
        let payload = reply.answer(content, self.encoding())?;
        let whole = self.framed.is_none() && self.plan.composer.checksum.is_none();
        if whole && matches!(reply, Reply::Echo | Reply::Upper) {
            // The read itself, its line end included.
            return Ok(payload);
        }
        let enframer = self.framed.as_mut().map(|framed| &mut framed.enframer);
        self.plan.composer.seal(payload, enframer, tag)
    }

    /// The message without its checksum; an error is the note of a wrong one.
    fn verified<'m>(&self, message: &'m [u8]) -> Result<&'m [u8], String> {
        let Some(checksum) = &self.plan.composer.checksum else {
            return Ok(message);
        };
        let message = self.plan.composer.without_eol(message);
        let end = message.len().saturating_sub(checksum.len());
        let content = message.get(..end).unwrap_or_default();
        match checksum.verify(message) {
            Verdict::Good => Ok(content),
            Verdict::TooShort => {
                Err(format!("{} bytes are too short to hold the checksum", message.len()))
            }
            Verdict::Bad { expected, found } => {
                let digits = checksum.len() * 2;
                let text = "wrong checksum";
                Err(format!("{text}: {found:0digits$X} came, {expected:0digits$X} is right"))
            }
        }
    }

    fn is_until(&self, message: &[u8]) -> bool {
        self.plan.until.as_ref().is_some_and(|until| self.says(message, until))
    }

    /// Whether the message is that text; a line end after it does not count.
    fn says(&self, message: &[u8], text: &str) -> bool {
        let message = without_end(message);
        message == text.as_bytes()
            || self.encoding().encode(text).is_ok_and(|bytes| message == bytes.as_slice())
    }

    fn encoding(&self) -> Encoding {
        self.plan.composer.encoding
    }
}

/// What a message has beside its content.
#[derive(Clone, Copy, Debug)]
struct Mark {
    /// What its answer must carry too.
    tag: Option<u16>,
    /// Its kind, of a transport that keeps kinds apart.
    kind: Option<Kind>,
}

fn too_long(most: usize) -> Failure {
    let text = format!("more than {most} bytes came without a pause: no message is so long");
    Failure::new(Code::Limit, text)
}

fn is_raw(framing: &Framing) -> bool {
    matches!(framing.rule(), FramingRule::Raw)
}

fn frame_failure(error: &FrameError) -> Failure {
    Failure {
        code: Code::Frame,
        text: error.to_string(),
        hint: Some("is the `--frame` right? `--view both` shows the bytes".to_owned()),
    }
}
