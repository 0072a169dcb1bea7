//! What is to be done in a conversation: the flags of the command line, as meant.

use std::sync::Arc;
use std::time::Duration;

use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_tape::event::By;
use tokio_util::sync::CancellationToken;

use crate::answers::Answers;
use crate::fault::shared::Faults;
use crate::lines::Lines;
use crate::message::{Composer, Eol};
use crate::player::Playing;
use crate::spoken::Tells;

/// What happens once the peer's end has come while we could still send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterPeersEnd {
    /// What waits is sent, then we close as well.
    #[default]
    Close,
    /// We go on sending until our own input ends, or the peer is known to be gone.
    SendOn,
}

/// What happens once our own input has ended where a conversation has no half-close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterOurEnd {
    /// It goes on until the peer's end, or a limit.
    #[default]
    Listen,
    /// We part.
    Part,
}

/// What follows a word that ends a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The close; where the peer said it, unanswered.
    Close,
    /// The same word goes back, then the close.
    Answer,
    /// Our own end; the peer's is waited for.
    Await,
    /// The close; where we typed it, it is not sent.
    Unsaid,
    /// The close, and nobody else is talked to: [`Plan::halt`].
    Halt,
}

/// A word that ends a conversation when one side says it as a whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Who says it. Of ours, those that are typed in turn.
    pub by: By,
    /// What follows.
    pub then: Then,
}

/// Each side sends one message in its turn; ours are typed lines.
#[derive(Clone, Debug)]
pub struct Turns {
    /// The typed lines. What nothing else answers takes the next one.
    pub lines: Arc<Lines>,
    /// Who has the first turn.
    pub first: By,
    /// Said once the input has ended and it is our turn; none: our end.
    pub farewell: Option<String>,
}

/// The settings of the conversations of one run.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// How messages are put together and, with its framing, taken apart.
    pub composer: Composer,
    /// `--on` and `--reply`: what is answered by itself. A clone of the plan shares them.
    pub answers: Arc<Answers>,
    /// One answer, then the end.
    pub close_after_reply: bool,
    /// A message equal to this, in either direction, ends the conversation.
    pub until: Option<String>,
    /// Received bytes that hold this end the conversation, and count as success.
    pub expect: Option<Vec<u8>>,
    /// What cannot be sent is said and is no failure: a person will type it again.
    pub forgiving: bool,
    /// Silence longer than this ends it.
    pub idle_timeout: Option<Duration>,
    /// `-q`: after one side's end, the other's is waited for so long.
    pub quit_after: Option<Duration>,
    /// The largest recv each, in order; the last one is used on.
    pub read_sizes: Vec<usize>,
    /// What the peer's end means while our own input lasts.
    pub after_peers_end: AfterPeersEnd,
    /// A tape's part that is played.
    pub playing: Option<Playing>,
    /// What our own end means where a conversation has no half-close.
    pub after_our_end: AfterOurEnd,
    /// Whether our own end waits for the peer's: a server that has nothing to say does
    /// not hang up on a client that is still sending.
    pub keep_open: bool,
    /// Sent first, in each conversation.
    pub greeting: Option<Vec<u8>>,
    /// Both sides in turn; none: everybody sends when it likes.
    pub turns: Option<Turns>,
    /// Words that end a conversation, each by the side that says it.
    pub words: Vec<Word>,
    /// The conversation ends once so many messages have come, the last one unanswered.
    pub ends_after: Option<u64>,
    /// What is told as a line.
    pub tells: Tells,
    /// Cancelled by a word that ends more than its own conversation.
    pub halt: CancellationToken,
    /// What a relay disturbs on purpose.
    pub faults: Option<Arc<Faults>>,
}

/// The largest recv of a peer that is answered by itself, unless `--read-size` says otherwise,
/// in bytes.
pub const READ_SIZE: usize = 64 * 1024;
/// The same where nobody is answered: a view or a tape of much takes fewer, larger ones.
const BULK: usize = 256 * 1024;

impl Plan {
    /// Over a WebSocket each line of input is a message, without its end; of binary ones each
    /// read is one.
    pub fn fit(&mut self, endpoint: &Endpoint) {
        let text = matches!(endpoint.target, Target::Ws(_)) && !endpoint.options.binary;
        if text && self.composer.framing.is_none() && self.composer.eol.is_none() {
            self.composer.eol = Some(Eol::None);
        }
    }

    /// Whether what goes over is looked at: taken apart, compared, answered, told as lines, read
    /// in sizes of one's own, or disturbed.
    pub fn looks_at_bytes(&self) -> bool {
        self.looks_beyond_answers() || self.answers.any()
    }

    /// Whether all that is wanted is that each read is sent back as it came.
    pub fn echoes_alone(&self) -> bool {
        !self.looks_beyond_answers() && self.answers.echo_alone() && !self.close_after_reply
    }

    fn looks_beyond_answers(&self) -> bool {
        !self.composer.is_plain()
            || self.until.is_some()
            || self.expect.is_some()
            || !self.read_sizes.is_empty()
            || self.playing.is_some()
            || self.greeting.is_some()
            || self.turns.is_some()
            || !self.words.is_empty()
            || self.ends_after.is_some()
            || self.tells != Tells::Nothing
            || self.faults.is_some()
    }

    /// The size of the recv after `done` of them.
    pub fn read_size(&self, done: u64) -> usize {
        let index = usize::try_from(done).unwrap_or(usize::MAX);
        let usual = if self.answers.any() { READ_SIZE } else { BULK };
        self.read_sizes.get(index).or(self.read_sizes.last()).copied().unwrap_or(usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Reply;

    #[test]
    fn the_last_read_size_is_used_on() {
        let plan = Plan { read_sizes: vec![2, 10], ..Plan::default() };
        assert_eq!([plan.read_size(0), plan.read_size(1), plan.read_size(9)], [2, 10, 10]);
        assert_eq!(Plan::default().read_size(3), BULK);
        let answers = Answers::new(Vec::new(), Some(Reply::Echo));
        let plan = Plan { answers, ..Plan::default() };
        assert_eq!(plan.read_size(3), READ_SIZE);
    }
}
