//! What is told again about events that are forgotten, so that the rest is understood: how many
//! there were, where in its stream what is left of a direction begins, and how conversations that
//! go on were opened. In memory, and in the file where the forgotten events stood.

use std::fs::File;

use serde::Deserialize;

use crate::event::Dir;
use crate::fields;
use crate::quote::put;
use crate::reel::entry::Entry;
use crate::reel::entry::Kind;
use crate::reel::index::Index;
use crate::reel::reading::read_at;

/// The longest line of an `open` that is told again.
const OPEN: u32 = 4096;

/// The highest number and offset that is believed: sums with it never overflow.
const BELIEVED: u64 = 1 << 62;

/// A line that only the head of a reel has. A reader of tapes passes over its kind.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "e", rename_all = "lowercase")]
pub(crate) enum Restated {
    /// So many events stood here.
    Forgotten {
        /// How many.
        events: u64,
    },
    /// What is left of a direction begins here.
    Begins {
        /// The conversation.
        c: u64,
        /// The direction.
        dir: Dir,
        /// The offset in its stream.
        off: u64,
    },
}

impl Restated {
    /// Reads a line, if it is one of these and can be believed.
    pub(crate) fn read(line: &[u8]) -> Option<Self> {
        let read: Self = fields::read(std::str::from_utf8(line).ok()?).ok()?;
        let (Self::Forgotten { events: size } | Self::Begins { off: size, .. }) = &read;
        (*size <= BELIEVED).then_some(read)
    }
}

/// Keeps how the conversations were opened whose `open` is among the events that are gone.
pub(crate) fn remember(file: &File, index: &mut Index, gone: &[Entry]) {
    for entry in gone {
        let mut line = Vec::new();
        match entry.kind {
            Kind::Open if entry.size <= OPEN => line.resize(entry.size as usize, 0),
            Kind::Open => continue,
            _ => {
                index.closed(entry.c);
                continue;
            }
        }
        if read_at(file, &mut line, entry.at).is_ok() && line.ends_with(b"\n") {
            index.opened(entry.c, line);
        }
    }
}

/// The head of a file whose first events are forgotten.
pub(crate) fn head(index: &Index) -> Vec<u8> {
    let mut head = Vec::new();
    let events = index.first();
    put(&mut head, format_args!("{{\"t\":0,\"c\":0,\"e\":\"forgotten\",\"events\":{events}}}\n"));
    for (c, dir, off) in index.begins() {
        let place = format_args!("\"c\":{c},\"e\":\"begins\",\"dir\":\"{dir}\",\"off\":{off}");
        put(&mut head, format_args!("{{\"t\":0,{place}}}\n"));
    }
    index.opens().for_each(|open| head.extend_from_slice(open));
    head
}

#[cfg(test)]
mod tests {
    use super::Restated;
    use crate::event::Dir;

    #[test]
    fn only_what_can_be_believed_is_read() {
        let begins = br#"{"t":0,"c":3,"e":"begins","dir":"out","off":7}"#;
        let begins = Restated::read(begins);
        assert_eq!(begins, Some(Restated::Begins { c: 3, dir: Dir::Out, off: 7 }));
        for line in [
            &br#"{"t":0,"c":3,"e":"begins","dir":"out","off":18446744073709551615}"#[..],
            br#"{"t":0,"c":0,"e":"forgotten","events":18446744073709551615}"#,
            br#"{"t":0,"c":0,"e":"smell"}"#,
            b"\xFF",
            b"",
        ] {
            assert_eq!(Restated::read(line), None);
        }
    }
}
