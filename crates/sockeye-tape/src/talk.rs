//! What the boundary view remembers of each conversation: how many bytes have come in
//! each direction, which frame is unfinished, which character is cut.

use std::collections::BTreeMap;

use sockeye_text::encoding::Encoding;

use crate::event::Dir;
use crate::reading::Alone;
use crate::reading::Reading;

/// The most conversations that are remembered: a tape may open them without end.
const MOST: usize = 65_536;

/// The conversations, from their open, or first bytes, to their close.
#[derive(Debug)]
pub(crate) struct Talks {
    encoding: Encoding,
    talks: BTreeMap<u64, Talk>,
}

/// One conversation.
#[derive(Debug)]
pub(crate) struct Talk {
    /// Whether each of its reads and writes is a datagram.
    pub(crate) alone: Alone,
    incoming: Side,
    outgoing: Side,
}

/// One direction of a conversation.
#[derive(Debug)]
pub(crate) struct Side {
    /// How many bytes have come, shown or kept back.
    pub(crate) count: u64,
    /// The offset at which a frame began that was not finished in what has been shown.
    pub(crate) open: Option<u64>,
    /// Whether a frame has been seen.
    pub(crate) framed: bool,
    /// The text of what has been shown.
    pub(crate) reading: Reading,
}

impl Talks {
    /// No conversation yet.
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self { encoding, talks: BTreeMap::new() }
    }

    /// A conversation begins, over a transport.
    pub(crate) fn open(&mut self, c: u64, proto: &str) {
        let alone = if matches!(proto, "udp" | "unixgram") { Alone::Yes } else { Alone::No };
        *self.of(c) = Talk::new(self.encoding, alone);
    }

    /// A conversation; a stream of which nothing is known if it has not been seen before.
    pub(crate) fn of(&mut self, c: u64) -> &mut Talk {
        if self.talks.len() >= MOST && !self.talks.contains_key(&c) {
            self.talks.pop_first();
        }
        self.talks.entry(c).or_insert_with(|| Talk::new(self.encoding, Alone::No))
    }

    /// A conversation that has been seen before.
    pub(crate) fn known(&mut self, c: u64) -> Option<&mut Talk> {
        self.talks.get_mut(&c)
    }

    /// A conversation has ended.
    pub(crate) fn close(&mut self, c: u64) {
        self.talks.remove(&c);
    }
}

impl Talk {
    fn new(encoding: Encoding, alone: Alone) -> Self {
        Self { alone, incoming: Side::new(encoding), outgoing: Side::new(encoding) }
    }

    /// One of its directions.
    pub(crate) fn side(&mut self, dir: Dir) -> &mut Side {
        match dir {
            Dir::In => &mut self.incoming,
            Dir::Out => &mut self.outgoing,
        }
    }
}

impl Side {
    fn new(encoding: Encoding) -> Self {
        Self { count: 0, open: None, framed: false, reading: Reading::new(encoding) }
    }
}

#[cfg(test)]
mod tests {
    use super::MOST;
    use super::Talks;
    use crate::event::Dir;
    use crate::reading::Alone;
    use sockeye_text::encoding::Encoding;

    #[test]
    fn a_conversation_is_remembered_until_its_close() {
        let mut talks = Talks::new(Encoding::Auto);
        talks.open(1, "udp");
        talks.of(1).side(Dir::In).count = 5;
        assert_eq!(talks.of(1).side(Dir::In).count, 5);
        assert_eq!(talks.of(1).side(Dir::Out).count, 0);
        assert_eq!(talks.of(1).alone, Alone::Yes);
        talks.close(1);
        assert!(talks.known(1).is_none());
        assert_eq!(talks.of(1).alone, Alone::No);
    }

    #[test]
    fn conversations_that_never_end_do_not_grow_the_memory() {
        let mut talks = Talks::new(Encoding::Auto);
        for c in 0..=MOST as u64 {
            talks.of(c);
        }
        assert_eq!(talks.talks.len(), MOST);
        assert!(talks.known(0).is_none());
        assert!(talks.known(MOST as u64).is_some());
    }
}
