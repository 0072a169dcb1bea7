//! What is asked of a server, and what must come back, byte for byte.

use std::fmt;

/// The most bytes of one request, and of one answer.
pub const MOST: usize = 16 << 20;
/// The hexadecimal digits of a request's number.
const DIGITS: usize = 8;
/// What requests of ours are filled with.
const FILL: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";

/// What must come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// What was sent.
    Same,
    /// These bytes.
    Bytes(Vec<u8>),
    /// So many bytes, whichever they are.
    Any(usize),
}

/// What all clients ask.
#[derive(Clone, Debug)]
pub struct Request {
    bytes: Vec<u8>,
    expected: Expected,
    /// Each request is a line that differs from all others.
    numbered: bool,
}

/// An answer that is not the one expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It differs from this byte on (from 0).
    At(usize),
    /// It has so many bytes more.
    More(usize),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(place) => write!(f, "it differs at byte {place}"),
            Self::More(1) => write!(f, "it has a byte more"),
            Self::More(count) => write!(f, "it has {count} bytes more"),
        }
    }
}

impl Request {
    /// A line of `size` bytes that comes back as it is. No two are alike as far as the size
    /// allows, so that an answer that is somebody else's, or an earlier one, is found out.
    pub fn line(size: usize) -> Self {
        let mut bytes: Vec<u8> = FILL.iter().copied().cycle().take(size).collect();
        if let Some(last) = bytes.last_mut() {
            *last = b'\n';
        }
        Self { bytes, expected: Expected::Same, numbered: true }
    }

    /// The same bytes each time, and what they are answered by.
    pub fn said(bytes: Vec<u8>, expected: Expected) -> Self {
        Self { bytes, expected, numbered: false }
    }

    /// The bytes of one request.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of one answer.
    pub fn answer_size(&self) -> usize {
        match &self.expected {
            Expected::Same => self.bytes.len(),
            Expected::Bytes(bytes) => bytes.len(),
            Expected::Any(size) => *size,
        }
    }

    /// The requests of one client.
    pub(crate) fn asker(&self, client: u32) -> Asker {
        Asker { request: self.clone(), client, number: 0 }
    }
}

/// One client's requests, one after the other.
#[derive(Debug)]
pub(crate) struct Asker {
    request: Request,
    client: u32,
    number: u32,
}

impl Asker {
    /// The next request takes the place of the one before: it begins with the hexadecimal
    /// digits of its number and of its client.
    pub(crate) fn turn(&mut self) {
        if !self.request.numbered {
            return;
        }
        // The digits that change most stand first: short requests differ too.
        let [number, client] = [self.number, self.client].map(u32::to_le_bytes);
        let halves = number.into_iter().chain(client).flat_map(|byte| [byte & 15, byte >> 4]);
        let room = self.request.bytes.len().saturating_sub(1);
        for (place, half) in self.request.bytes.iter_mut().take(room).zip(halves) {
            *place = if half < 10 { b'0' + half } else { b'a' + half - 10 };
        }
        self.number = self.number.wrapping_add(1);
    }

    /// What is sent.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.request.bytes
    }

    /// Whether an answer is an earlier request of this client's, where no two are alike. Of one
    /// with less than eight digits it is taken to be earlier if the number is another.
    pub(crate) fn asked_before(&self, answer: &[u8]) -> bool {
        let own = &self.request.bytes;
        let digits = DIGITS.min(own.len().saturating_sub(1));
        let (Some((came, rest)), Some((_, filling))) =
            (answer.split_at_checked(digits), own.split_at_checked(digits))
        else {
            return false;
        };
        let echo = self.request.numbered && self.request.expected == Expected::Same;
        let Some(number) = came.iter().rev().try_fold(0_u32, |number, digit| {
            // The least digit of each pair stands first.
            Some(number << 4 | char::from(*digit).to_digit(16)?)
        }) else {
            return false;
        };
        // Its number is that of the next.
        let last = self.number.wrapping_sub(1);
        let before = digits < DIGITS || last.wrapping_sub(number) < u32::MAX / 2;
        echo && rest == filling && answer != own && before
    }

    /// What is wrong with an answer that has its length, or more.
    pub(crate) fn judge(&self, answer: &[u8]) -> Result<(), Wrong> {
        let expected = match &self.request.expected {
            Expected::Same => &self.request.bytes,
            Expected::Bytes(bytes) => bytes,
            Expected::Any(size) => return more(answer.len(), *size),
        };
        if answer == expected {
            return Ok(());
        }
        let differs = answer.iter().zip(expected).position(|(came, wanted)| came != wanted);
        differs.map_or_else(|| more(answer.len(), expected.len()), |place| Err(Wrong::At(place)))
    }
}

fn more(came: usize, wanted: usize) -> Result<(), Wrong> {
    if came > wanted { Err(Wrong::More(came - wanted)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_requests_are_alike_and_each_is_a_line() {
        let request = Request::line(64);
        let mut seen = HashSet::new();
        for client in 0..20 {
            let mut asker = request.asker(client);
            for _ in 0..50 {
                asker.turn();
                assert_eq!((asker.bytes().len(), asker.bytes()[63]), (64, b'\n'));
                assert!(seen.insert(asker.bytes().to_vec()));
            }
        }
    }

    #[test]
    fn requests_of_a_few_bytes_differ_from_the_next() {
        let mut asker = Request::line(2).asker(7);
        asker.turn();
        let first = asker.bytes().to_vec();
        asker.turn();
        assert_ne!(asker.bytes(), first);
        let mut single = Request::line(1).asker(0);
        single.turn();
        assert_eq!(single.bytes(), b"\n");
    }

    #[test]
    fn an_earlier_request_is_known_from_a_later_one_and_from_anothers() {
        for size in [2, 8, 9, 64] {
            let mut asker = Request::line(size).asker(3);
            asker.turn();
            let first = asker.bytes().to_vec();
            (0..21).for_each(|_| asker.turn());
            assert!(asker.asked_before(&first), "{size}");
            assert!(!asker.asked_before(asker.bytes()), "{size}");
            assert!(!asker.asked_before(&[b'z'; 64][..size]), "{size}");
            assert!(!asker.asked_before(b""), "{size}");
        }
        let mut asker = Request::line(64).asker(3);
        asker.turn();
        let [mut later, mut other] = [3, 4].map(|client| Request::line(64).asker(client));
        (0..5).for_each(|_| later.turn());
        other.turn();
        assert!(!asker.asked_before(later.bytes()));
        assert!(later.asked_before(asker.bytes()) && !later.asked_before(other.bytes()));
        let said = Request::said(b"00000000\n".to_vec(), Expected::Same).asker(0);
        assert!(!said.asked_before(b"00000001\n"));
    }

    #[test]
    fn an_answer_is_judged_byte_for_byte() {
        let asker = Request::said(b"PING".to_vec(), Expected::Bytes(b"PONG".to_vec())).asker(0);
        assert_eq!(asker.judge(b"PONG"), Ok(()));
        assert_eq!(asker.judge(b"PING"), Err(Wrong::At(1)));
        assert_eq!(asker.judge(b"PONG!"), Err(Wrong::More(1)));
        let any = Request::said(b"x".to_vec(), Expected::Any(3)).asker(0);
        assert_eq!((any.judge(b"abc"), any.judge(b"abcd")), (Ok(()), Err(Wrong::More(1))));
    }
}
