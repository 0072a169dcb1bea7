//! What a `bench connect udp://` and a `bench serve udp://` say. Numbers are big-endian.
//!
//! A datagram begins with `sb1` and a letter. The caller's `h` (hello: a number of its own, and
//! filling) is answered by `c` (that number, a cookie); its `b` (begin: that number, the cookie,
//! the size of its datagrams) by `s` (the cookie). Then come `d` (the cookie, a number that
//! counts from 0, the sender's time, filling), and at the end `e` (the cookie, how many were
//! sent, filling), each answered by `r` (the cookie and what was counted), and `z` (the
//! cookie), which is not answered. The cookie is a keyed hash of the address and the caller's
//! number: nothing is kept for, and no count goes to, an address that did not send it back. No
//! answer is longer than what it answers.

use std::time::Duration;

/// The least bytes of a `d`.
pub(crate) const LEAST: usize = 28;

/// What the caller says is filled up to so much, so that its answer is not longer.
const FILLED: usize = 64;

/// What a server counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Different datagrams.
    pub(crate) received: u64,
    /// Those of them that came after a later one.
    pub(crate) reordered: u64,
    /// Datagrams that came once more.
    pub(crate) duplicated: u64,
    /// Datagrams of another size than said.
    pub(crate) wrong: u64,
    /// From the first to the last.
    pub(crate) lasted: Duration,
}

/// One datagram of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The caller's number.
    Hello(u64),
    /// The caller's number, and the cookie.
    Cookie(u64, u64),
    /// The caller's number, the cookie, the size of the datagrams that will come.
    Begin(u64, u64, u64),
    /// The cookie.
    Started(u64),
    /// The cookie, and how many were sent.
    End(u64, u64),
    /// The cookie, and what was counted.
    Report(u64, Counted),
    /// The cookie.
    Done(u64),
}

impl Said {
    /// As it is sent.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (letter, numbers): (u8, &[u64]) = match self {
            Self::Hello(own) => (b'h', &[*own]),
            Self::Cookie(own, cookie) => (b'c', &[*own, *cookie]),
            Self::Begin(own, cookie, size) => (b'b', &[*own, *cookie, *size]),
            Self::Started(cookie) => (b's', &[*cookie]),
            Self::End(cookie, sent) => (b'e', &[*cookie, *sent]),
            Self::Report(cookie, counted) => (
                b'r',
                &[
                    *cookie,
                    counted.received,
                    counted.reordered,
                    counted.duplicated,
                    counted.wrong,
                    u64::try_from(counted.lasted.as_nanos()).unwrap_or(u64::MAX),
                ],
            ),
            Self::Done(cookie) => (b'z', &[*cookie]),
        };
        let mut bytes = vec![b's', b'b', b'1', letter];
        bytes.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        if matches!(self, Self::Hello(_) | Self::Begin(..) | Self::End(..)) {
            bytes.resize(FILLED, 0);
        }
        bytes
    }

    /// What a datagram says, if it is one of these.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (letter, numbers) = opened(bytes)?;
        let number = |place: usize| {
            let number = numbers.get(place * 8..)?.first_chunk::<8>()?;
            Some(u64::from_be_bytes(*number))
        };
        let filled = bytes.len() >= FILLED;
        Some(match letter {
            b'h' if filled => Self::Hello(number(0)?),
            b'c' => Self::Cookie(number(0)?, number(1)?),
            b'b' if filled => Self::Begin(number(0)?, number(1)?, number(2)?),
            b's' => Self::Started(number(0)?),
            b'e' if filled => Self::End(number(0)?, number(1)?),
            b'r' => Self::Report(
                number(0)?,
                Counted {
                    received: number(1)?,
                    reordered: number(2)?,
                    duplicated: number(3)?,
                    wrong: number(4)?,
                    lasted: Duration::from_nanos(number(5)?),
                },
            ),
            b'z' => Self::Done(number(0)?),
            _ => return None,
        })
    }
}

/// Writes the beginning of a `d` into place.
pub(crate) fn write_data(into: &mut [u8], cookie: u64, number: u64, sent: Duration) {
    let sent = u64::try_from(sent.as_nanos()).unwrap_or(u64::MAX);
    if let Some(head) = into.first_chunk_mut::<LEAST>() {
        let numbers = [cookie, number, sent].map(u64::to_be_bytes);
        let (name, rest) = head.split_at_mut(4);
        name.copy_from_slice(b"sb1d");
        rest.copy_from_slice(numbers.as_flattened());
    }
}

/// The cookie and the number of a `d`.
pub(crate) fn read_data(bytes: &[u8]) -> Option<(u64, u64)> {
    let head = bytes.first_chunk::<LEAST>()?;
    let (name, rest) = head.split_first_chunk::<4>()?;
    let (cookie, rest) = rest.split_first_chunk::<8>()?;
    let (number, _) = rest.split_first_chunk::<8>()?;
    (name == b"sb1d").then(|| (u64::from_be_bytes(*cookie), u64::from_be_bytes(*number)))
}

fn opened(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (letter, numbers) = bytes.strip_prefix(b"sb1")?.split_first()?;
    Some((*letter, numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read_back_and_no_answer_is_longer_than_what_it_answers() {
        let lasted = Duration::from_nanos(9);
        let counted = Counted { received: 5, reordered: 6, duplicated: 7, wrong: 8, lasted };
        for (asked, answered) in [
            (Said::Hello(1), Said::Cookie(1, u64::MAX)),
            (Said::Begin(1, 2, 3), Said::Started(2)),
            (Said::End(1, 4), Said::Report(1, counted)),
        ] {
            assert!(answered.bytes().len() <= asked.bytes().len());
            for said in [asked, answered, Said::Done(1)] {
                let bytes = said.bytes();
                assert_eq!(Said::read(&bytes), Some(said));
                for cut in 0..bytes.len() {
                    let read = Said::read(bytes.get(..cut).unwrap_or_default());
                    assert_eq!(read, None, "{said:?} cut at {cut}");
                }
            }
        }
        let mut data = [7; 30];
        write_data(&mut data, 1, 2, lasted);
        assert_eq!((read_data(&data), Said::read(&data)), (Some((1, 2)), None));
        assert_eq!(read_data(&data[..LEAST - 1]), None);
    }
}
