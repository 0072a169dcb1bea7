//! What is to be done in a conversation: the flags of the command line, as meant.

use std::time::Duration;

use crate::message::Composer;
use crate::player::Playing;
use crate::rules::{Reply, Rule};

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

/// The settings of the conversations of one run.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// How messages are put together and, with its framing, taken apart.
    pub composer: Composer,
    /// `--on`: tried in order, the first match answers.
    pub rules: Vec<Rule>,
    /// `--reply`: answers what no rule answered.
    pub reply: Option<Reply>,
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
}

/// The largest recv unless `--read-size` says otherwise, in bytes.
pub const READ_SIZE: usize = 64 * 1024;

impl Plan {
    /// The size of the recv after `done` of them.
    pub fn read_size(&self, done: u64) -> usize {
        let index = usize::try_from(done).unwrap_or(usize::MAX);
        self.read_sizes.get(index).or(self.read_sizes.last()).copied().unwrap_or(READ_SIZE)
    }

    /// Whether messages are answered by themselves.
    pub fn answers(&self) -> bool {
        self.reply.is_some() || !self.rules.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_read_size_is_used_on() {
        let plan = Plan { read_sizes: vec![2, 10], ..Plan::default() };
        assert_eq!([plan.read_size(0), plan.read_size(1), plan.read_size(9)], [2, 10, 10]);
        assert_eq!(Plan::default().read_size(3), READ_SIZE);
    }
}
