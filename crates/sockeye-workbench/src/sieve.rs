//! A sieve: what is looked for among the events of a reel. It judges one event, or one frame,
//! at a time; going through a reel is done above it.

use std::collections::HashSet;

use memchr::memmem;
use sockeye_tape::event::{Dir, Event, What};
use sockeye_tape::reel::entry::{Entry, Kind};
use sockeye_text::encoding::Encoding;

use crate::lens::Found;
use crate::wanted::{Wanted, WantedError, What as Meant};

/// What is looked for: what meets all of it passes. The default lets everything pass.
#[derive(Clone, Debug, Default)]
pub struct Sieve {
    /// This direction alone. What has no direction passes all the same.
    pub dir: Option<Dir>,
    /// These conversations alone; none named: all.
    pub conversations: HashSet<u64>,
    /// These kinds alone; none named: all. A frame passes as [`Kind::In`] and [`Kind::Out`] do.
    pub kinds: Vec<Kind>,
    /// What is found in the bytes, or in the text of what has none.
    pub find: Option<Find>,
}

/// Something that is found in bytes: a text in an encoding, `hex:` or `re:`.
#[derive(Clone, Debug)]
pub struct Find {
    wanted: Wanted,
    encoding: Encoding,
    /// A text as bytes, first as UTF-8 where that may be meant.
    needles: Vec<Vec<u8>>,
}

/// What the index alone says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It passes.
    Passes,
    /// It does not.
    Fails,
    /// The event itself has to be looked at.
    Asks,
}

impl Find {
    /// Reads `TEXT`, `text:TEXT`, `hex:…` or `re:…`. A text is looked for as it is written in
    /// the encoding; by `auto` as UTF-8 and as GB18030.
    pub fn read(text: &str, encoding: Encoding) -> Result<Self, WantedError> {
        let wanted: Wanted = text.parse()?;
        let empty = match &wanted.what {
            Meant::Text(text) => text.is_empty(),
            Meant::Bytes(bytes) => bytes.is_empty(),
            Meant::Pattern(pattern) => pattern.as_str().is_empty(),
        };
        if empty {
            return Err(WantedError::Empty);
        }
        let needles = match &wanted.what {
            Meant::Text(text) => needles(text, encoding),
            Meant::Bytes(bytes) => vec![bytes.clone()],
            Meant::Pattern(_) => Vec::new(),
        };
        Ok(Self { wanted, encoding, needles })
    }

    /// Whether it is found anywhere in the bytes.
    pub fn lies_in(&self, bytes: &[u8]) -> bool {
        match &self.wanted.what {
            Meant::Bytes(wanted) => memmem::find(bytes, wanted).is_some(),
            Meant::Pattern(pattern) => {
                pattern.is_match(bytes)
                    || self
                        .encoding
                        .decode(bytes)
                        .is_some_and(|text| pattern.is_match(text.as_bytes()))
            }
            Meant::Text(text) => {
                self.needles.iter().any(|needle| memmem::find(bytes, needle).is_some())
                    // The second byte of one character may look like another one.
                    && self.encoding.decode(bytes).is_none_or(|read| read.contains(text))
            }
        }
    }

    /// Whether it is found in a text of ours.
    fn lies_in_text(&self, text: &str) -> bool {
        match &self.wanted.what {
            Meant::Bytes(_) => false,
            Meant::Pattern(pattern) => pattern.is_match(text.as_bytes()),
            Meant::Text(wanted) => text.contains(wanted),
        }
    }
}

impl Sieve {
    /// What the index alone says of an event. A frame that the tape tells is no event of its own
    /// here and never passes: see [`Sieve::passes_frame`].
    pub fn judge(&self, entry: &Entry) -> Judged {
        if entry.kind == Kind::Frame || !self.meets(entry.c, entry.kind, entry.dir) {
            return Judged::Fails;
        }
        if self.find.is_some() { Judged::Asks } else { Judged::Passes }
    }

    /// Whether an event passes. What is looked for in bytes is looked for in its own alone: a
    /// match across two reads is found in a frame.
    pub fn passes(&self, event: &Event<'_>) -> bool {
        let dir = match &event.what {
            What::In { .. } => Some(Dir::In),
            What::Out { .. } => Some(Dir::Out),
            What::Frame { .. } => return false,
            _ => None,
        };
        self.meets(event.c, Kind::of(&event.what), dir)
            && self.find.as_ref().is_none_or(|find| is_found(find, &event.what))
    }

    /// Whether a frame passes, whose bytes are these as they stand in the stream.
    pub fn passes_frame(&self, found: &Found, bytes: &[u8]) -> bool {
        self.meets_frame(found) && self.find.as_ref().is_none_or(|find| find.lies_in(bytes))
    }

    /// Whether a frame passes as far as that can be told without its bytes.
    pub fn meets_frame(&self, found: &Found) -> bool {
        let kind = match found.dir {
            Dir::In => Kind::In,
            Dir::Out => Kind::Out,
        };
        self.meets(found.c, kind, Some(found.dir))
    }

    fn meets(&self, c: u64, kind: Kind, dir: Option<Dir>) -> bool {
        (self.conversations.is_empty() || self.conversations.contains(&c))
            && (self.kinds.is_empty() || self.kinds.contains(&kind))
            && (dir.is_none() || self.dir.is_none() || dir == self.dir)
    }
}

fn is_found(find: &Find, what: &What<'_>) -> bool {
    match what {
        What::In { bytes, .. } | What::Out { bytes, .. } => find.lies_in(bytes),
        What::Open(open) => {
            [&open.local, &open.peer, &open.proto].iter().any(|text| find.lies_in_text(text))
        }
        What::Close(close) => close.why.as_ref().is_some_and(|why| find.lies_in_text(why)),
        What::Fault { text } | What::Note { text } => find.lies_in_text(text),
        What::Error { code, text } => find.lies_in_text(code) || find.lies_in_text(text),
        What::Frame { .. } => false,
    }
}

/// A text as bytes, in each form that is read back as it.
fn needles(text: &str, encoding: Encoding) -> Vec<Vec<u8>> {
    let mut needles: Vec<Vec<u8>> = encoding.encode(text).into_iter().collect();
    if encoding == Encoding::Auto {
        let gb18030 = "gb18030".parse::<Encoding>().ok();
        needles.extend(gb18030.and_then(|gb18030| gb18030.encode(text).ok()));
    }
    needles.dedup();
    needles
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn finds(text: &str, bytes: &[u8]) -> bool {
        Find::read(text, Encoding::Auto).unwrap().lies_in(bytes)
    }

    fn event(c: u64, what: What<'static>) -> Event<'static> {
        Event { t: Duration::ZERO, c, what }
    }

    fn came(c: u64, bytes: &'static [u8]) -> Event<'static> {
        event(c, What::In { bytes: bytes.into(), from: None })
    }

    #[test]
    fn a_text_is_found_in_whatever_encoding_it_came() {
        assert!(finds("温度", "现在温度 21".as_bytes()));
        assert!(finds("温度", &[b'!', 0xCE, 0xC2, 0xB6, 0xC8]));
        assert!(!finds("温度", b"temperature"));
        let gbk = "gbk".parse().unwrap();
        // 0x94 0x41 is one character, whose second byte is that of `A`.
        assert!(!Find::read("A", gbk).unwrap().lies_in(&[0x94, 0x41]));
        assert!(Find::read("A", gbk).unwrap().lies_in(&[0x94, 0x41, 0x41]));
    }

    #[test]
    fn hex_and_patterns_are_found_anywhere() {
        assert!(finds("hex:0d 0a", b"x\r\ny"));
        assert!(!finds("hex:0d0a", b"x\ry\n"));
        assert!(finds("re:t=[0-9]+", b"\xFF t=21"));
        assert!(finds("re:温.", &[0xCE, 0xC2, 0xB6, 0xC8]));
        assert!(finds("text:hex:0", b"a hex:0"));
    }

    #[test]
    fn says_what_is_wrong_with_what_is_looked_for() {
        for text in ["", "hex:", "text:", "re:"] {
            let error = Find::read(text, Encoding::Auto).unwrap_err();
            assert_eq!(error, WantedError::Empty);
        }
        assert!(matches!(Find::read("re:(", Encoding::Auto), Err(WantedError::Pattern(_))));
        assert!(matches!(Find::read("hex:0", Encoding::Auto), Err(WantedError::Hex(_))));
    }

    #[test]
    fn what_meets_all_of_it_passes() {
        let note = || event(2, What::Note { text: "slow".to_owned() });
        let all = Sieve::default();
        assert!(all.passes(&came(1, b"")) && all.passes(&note()));
        assert!(!all.passes(&event(1, What::Frame { dir: Dir::In, off: 0, len: 1 })));
        let out = Sieve { dir: Some(Dir::Out), ..Sieve::default() };
        assert!(!out.passes(&came(1, b"")) && out.passes(&note()));
        let two = Sieve { conversations: HashSet::from([2]), ..Sieve::default() };
        assert!(!two.passes(&came(1, b"")) && two.passes(&came(2, b"")));
        let data = Sieve { kinds: vec![Kind::In, Kind::Out], ..Sieve::default() };
        assert!(data.passes(&came(1, b"")) && !data.passes(&note()));
        let find = Some(Find::read("slow", Encoding::Auto).unwrap());
        let slow = Sieve { find, ..Sieve::default() };
        assert!(slow.passes(&note()) && slow.passes(&came(1, b"so slow")));
        assert!(!slow.passes(&came(1, b"so s")));
    }
}
