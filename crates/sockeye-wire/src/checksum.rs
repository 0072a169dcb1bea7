//! Checksums of messages: appended, checked, and how they are written
//! (`crc16-modbus,be,from=1,to=-2`). Where a message lies is not known here.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::algorithm::Algorithm;
use crate::error::SpellingError;
use crate::order::Order;

/// A checksum at the end of a message: how it is written there and what of the
/// message it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// What is computed.
    pub algorithm: Algorithm,
    /// Which byte of it comes first.
    pub order: Order,
    /// The first byte that is covered, from 0; below 0 counted from the end of
    /// the message without its checksum. Out of the message is its nearest end.
    pub from: i64,
    /// The byte after the last that is covered, counted in the same way; none
    /// is the end.
    pub to: Option<i64>,
}

/// What a look at a message's checksum says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Good,
    /// It is wrong.
    Bad {
        /// What the message's bytes make.
        expected: u32,
        /// What stands in the message.
        found: u32,
    },
    /// The message is shorter than its checksum.
    TooShort,
}

impl Checksum {
    /// Over the whole message, in the algorithm's usual order.
    pub fn new(algorithm: Algorithm) -> Self {
        Self { algorithm, order: algorithm.usual_order(), from: 0, to: None }
    }

    /// Appends the checksum of `message` to it.
    pub fn append(&self, message: &mut Vec<u8>) {
        let checksum = self.of(message);
        self.order.append(checksum.into(), self.len(), message);
    }

    /// Looks at a message whose last bytes are its checksum.
    pub fn verify(&self, message: &[u8]) -> Verdict {
        let split = message.len().checked_sub(self.len());
        let Some((message, end)) = split.and_then(|at| message.split_at_checked(at)) else {
            return Verdict::TooShort;
        };
        let expected = self.of(message);
        match u32::try_from(self.order.number(end)) {
            Ok(found) if found != expected => Verdict::Bad { expected, found },
            _ => Verdict::Good,
        }
    }

    /// How many bytes it takes.
    #[expect(clippy::len_without_is_empty, reason = "no checksum is empty")]
    pub fn len(&self) -> usize {
        self.algorithm.width()
    }

    /// The checksum of a message that has none yet.
    pub fn of(&self, message: &[u8]) -> u32 {
        let covered = message.get(self.covers(message.len()));
        self.algorithm.of(covered.unwrap_or_default())
    }

    fn covers(&self, len: usize) -> Range<usize> {
        let place = |at: i64| {
            let far = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
            if at < 0 { len.saturating_sub(far) } else { far.min(len) }
        };
        place(self.from)..self.to.map_or(len, place)
    }

    fn option(&mut self, option: &str) -> Result<(), SpellingError> {
        let number = |text: &str| {
            text.parse::<i64>().map_err(|_| SpellingError::Value {
                given: option.to_owned(),
                expected: "a whole number such as `2` or `-1`".to_owned(),
            })
        };
        match option.split_once('=') {
            None if option == "be" => self.order = Order::Big,
            None if option == "le" => self.order = Order::Little,
            Some(("from", from)) => self.from = number(from)?,
            Some(("to", to)) => self.to = Some(number(to)?),
            _ => {
                let name = option.split('=').next().unwrap_or_default();
                return Err(SpellingError::unknown("option", name, &["be", "le", "from", "to"]));
            }
        }
        Ok(())
    }
}

impl FromStr for Checksum {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        let mut parts = text.split(',');
        let name = parts.next().unwrap_or_default();
        let algorithm = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name);
        let names = Algorithm::ALL.map(Algorithm::name);
        let unknown = || SpellingError::unknown("checksum", name, &names);
        let mut checksum = Self::new(algorithm.ok_or_else(unknown)?);
        parts.try_for_each(|option| checksum.option(option))?;
        Ok(checksum)
    }
}

impl fmt::Display for Checksum {
    /// What is as usual is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.algorithm.name())?;
        match self.order {
            order if order == self.algorithm.usual_order() => Ok(()),
            Order::Big => f.write_str(",be"),
            Order::Little => f.write_str(",le"),
        }?;
        if self.from != 0 {
            write!(f, ",from={}", self.from)?;
        }
        match self.to {
            Some(to) => write!(f, ",to={to}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Checksum;
    use super::Verdict;

    fn checksum(text: &str) -> Checksum {
        text.parse().unwrap()
    }

    #[test]
    fn modbus_is_appended_as_it_is_on_the_wire() {
        let mut message = vec![0x01, 0x03, 0x00, 0x00, 0x00, 0x01];
        checksum("crc16-modbus").append(&mut message);
        assert_eq!(message[6..], [0x84, 0x0A]);
        message.truncate(6);
        checksum("crc16-modbus,be").append(&mut message);
        assert_eq!(message[6..], [0x0A, 0x84]);
    }

    #[test]
    fn a_wrong_checksum_says_what_it_is_and_what_it_should_be() {
        let verdict = checksum("sum16").verify(&[1, 2, 0xAB, 0xCD]);
        assert_eq!(verdict, Verdict::Bad { expected: 3, found: 0xABCD });
        assert_eq!(checksum("sum16").verify(&[1, 2, 0, 3]), Verdict::Good);
    }

    #[test]
    fn a_message_shorter_than_its_checksum_is_too_short() {
        assert_eq!(checksum("crc32").verify(&[1, 2, 3]), Verdict::TooShort);
        assert_eq!(checksum("crc32").verify(&[0; 4]), Verdict::Good);
    }

    #[test]
    fn only_the_range_is_summed() {
        let sums = [
            ("sum8,from=1", 2 + 3 + 4),
            ("sum8,to=-1", 1 + 2 + 3),
            ("sum8,from=1,to=3", 2 + 3),
            ("sum8,from=-2", 3 + 4),
            ("sum8,from=3,to=1", 0),
            ("sum8,from=-9,to=9", 10),
        ];
        for (text, sum) in sums {
            assert_eq!(checksum(text).of(&[1, 2, 3, 4]), sum, "{text}");
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_nearest() {
        let error = |text: &str| text.parse::<Checksum>().unwrap_err().to_string();
        assert_eq!(
            error("crc16-modbu"),
            "unknown checksum `crc16-modbu`; the nearest is `crc16-modbus`"
        );
        assert_eq!(error("lrc,fron=1"), "unknown option `fron`; the nearest is `from`");
        assert_eq!(error("lrc,to=x"), "cannot read `to=x`: a whole number such as `2` or `-1`");
    }
}
