//! Frames whose size is known before they are there: a length stands in front,
//! or all have the same size. No room is made for a length before its bytes
//! have come.

use crate::cut::Cut;
use crate::cut::Found;
use crate::error::FrameError;
use crate::length::LengthField;
use crate::varint;
use crate::varint::Varint;

/// The most digits of an ASCII length: as many as 2^64 - 1 has.
const DIGITS_MAX: usize = 20;

/// Bytes of an MBAP header before the unit id.
const MBAP: usize = 6;

/// What says the size of a frame.
#[derive(Clone, Debug)]
pub(crate) enum Header {
    /// A binary number.
    Field(LengthField),
    /// ASCII digits and what ends them.
    Ascii,
    /// A varint.
    Varint,
    /// An MBAP header.
    Mbap,
    /// Nothing: all frames have this size.
    Same(usize),
}

/// A header that was read.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    /// Bytes before the length, which belong to the payload.
    kept: usize,
    /// Bytes until the length's end, `kept` included.
    size: usize,
    /// Bytes after it.
    body: usize,
    tag: Option<u16>,
}

impl Head {
    fn plain(size: usize, body: usize) -> Self {
        Self { kept: 0, size, body, tag: None }
    }
}

/// Finds frames by the sizes that they say.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    header: Header,
    max: usize,
}

impl Counted {
    pub(crate) fn new(header: Header, max: usize) -> Self {
        Self { header, max }
    }

    /// `offset` is the place of `bytes` in the stream.
    pub(crate) fn find(&self, bytes: &[u8], offset: u64) -> Result<Found, FrameError> {
        let head = match &self.header {
            Header::Field(field) => self.field(field, bytes, offset)?,
            Header::Ascii => self.ascii(bytes, offset)?,
            Header::Varint => self.varint(bytes, offset)?,
            Header::Mbap => self.mbap(bytes, offset)?,
            Header::Same(size) => Some(Head::plain(0, *size)),
        };
        Ok(head.and_then(|head| cut(&head, bytes)).map_or(Found::UNFINISHED, Found::Frame))
    }

    /// What a length may be unless its header says otherwise.
    fn bounds(&self, offset: u64) -> Bounds {
        Bounds { offset, before: 0, least: 0, max: self.max }
    }

    fn field(
        &self,
        field: &LengthField,
        bytes: &[u8],
        offset: u64,
    ) -> Result<Option<Head>, FrameError> {
        let size = field.offset.saturating_add(field.width.bytes());
        let Some(digits) = bytes.get(field.offset..size) else {
            return Ok(None);
        };
        let says = i128::from(field.order.number(digits)) + i128::from(field.adjust);
        let bounds = Bounds { before: field.offset, ..self.bounds(offset) };
        let body = bounds.check(says)?;
        Ok(Some(Head { kept: field.offset, ..Head::plain(size, body) }))
    }

    fn ascii(&self, bytes: &[u8], offset: u64) -> Result<Option<Head>, FrameError> {
        let malformed = |at: usize, expected| {
            Err(FrameError::Malformed { offset: offset + at as u64, expected })
        };
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > DIGITS_MAX {
            return malformed(DIGITS_MAX, "a length of at most 20 digits");
        }
        let end = match bytes.get(digits..).unwrap_or_default() {
            [] => return Ok(None),
            _ if digits == 0 => return malformed(0, "a length in decimal digits"),
            [b':' | b'\n' | b' ', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [b'\r'] => return Ok(None),
            [b'\r', ..] => return malformed(digits + 1, "the LF of a CR LF after a length"),
            _ => return malformed(digits, "`:`, LF, CR LF or a space after a length"),
        };
        let says =
            bytes.iter().take(digits).fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        let body = self.bounds(offset).check(says)?;
        Ok(Some(Head::plain(digits + end, body)))
    }

    fn varint(&self, bytes: &[u8], offset: u64) -> Result<Option<Head>, FrameError> {
        let (says, size) = match varint::read(bytes) {
            Varint::Read { number, size } => (i128::from(number), size),
            Varint::Unfinished => return Ok(None),
            Varint::TooLong => {
                let expected = "a varint of at most 10 bytes and 64 bits";
                return Err(FrameError::Malformed { offset, expected });
            }
        };
        let body = self.bounds(offset).check(says)?;
        Ok(Some(Head::plain(size, body)))
    }

    fn mbap(&self, bytes: &[u8], offset: u64) -> Result<Option<Head>, FrameError> {
        let Some([id_high, id_low, protocol_high, protocol_low, high, low]) =
            bytes.first_chunk::<MBAP>()
        else {
            return Ok(None);
        };
        if u16::from_be_bytes([*protocol_high, *protocol_low]) != 0 {
            let expected = "protocol id 0 of Modbus TCP";
            return Err(FrameError::Malformed { offset: offset + 2, expected });
        }
        let says = i128::from(u16::from_be_bytes([*high, *low]));
        // A unit id and a function code at least; the limit counts the header.
        let bounds = Bounds { least: 2, max: self.max - MBAP, ..self.bounds(offset) };
        let body = bounds.check(says)?;
        let tag = Some(u16::from_be_bytes([*id_high, *id_low]));
        Ok(Some(Head { tag, ..Head::plain(MBAP, body) }))
    }
}

/// What a length may be.
struct Bounds {
    /// Where the frame begins in the stream.
    offset: u64,
    /// Bytes before the length field, which count for the limit.
    before: usize,
    least: usize,
    max: usize,
}

impl Bounds {
    /// The length of the body, if it is within the bounds.
    fn check(&self, body: i128) -> Result<usize, FrameError> {
        let (offset, limit) = (self.offset, self.max);
        if body < self.least as i128 {
            return Err(FrameError::TooShort { offset, length: body, least: self.least, limit });
        }
        let length = body.unsigned_abs() + self.before as u128;
        match usize::try_from(body) {
            Ok(body) if length <= limit as u128 => Ok(body),
            _ => Err(FrameError::TooLong { offset, length, limit }),
        }
    }
}

fn cut(head: &Head, bytes: &[u8]) -> Option<Cut> {
    let len = head.size.checked_add(head.body)?;
    let body = bytes.get(head.size..len)?;
    let mut payload = Vec::with_capacity(head.kept + head.body);
    payload.extend_from_slice(bytes.get(..head.kept)?);
    payload.extend_from_slice(body);
    Some(Cut { tag: head.tag, ..Cut::whole(len, payload) })
}

#[cfg(test)]
mod tests {
    use super::Counted;
    use super::Header;
    use crate::cut::Found;
    use crate::error::FrameError;
    use crate::length::LengthField;
    use crate::length::Width;
    use crate::order::Order;

    fn counted(width: Width, adjust: i64) -> Counted {
        let field = LengthField { width, order: Order::Big, offset: 0, adjust };
        Counted::new(Header::Field(field), 1000)
    }

    #[test]
    fn refuses_a_frame_longer_than_the_limit_as_soon_as_its_length_is_there() {
        let found = counted(Width::U32, 0).find(&[0x80, 0, 0, 0], 7);
        let error = FrameError::TooLong { offset: 7, length: 1 << 31, limit: 1000 };
        assert_eq!(found, Err(error));
    }

    #[test]
    fn refuses_the_largest_length_even_with_something_added_to_it() {
        let found = counted(Width::U64, i64::MAX).find(&[0xFF; 8], 0);
        let length = u128::from(u64::MAX) + (1 << 63) - 1;
        assert_eq!(found, Err(FrameError::TooLong { offset: 0, length, limit: 1000 }));
    }

    #[test]
    fn refuses_a_length_that_is_negative_after_adjusting() {
        let found = counted(Width::U16, -2).find(&[0, 1], 3);
        let error = FrameError::TooShort { offset: 3, length: -1, least: 0, limit: 1000 };
        assert_eq!(found, Err(error));
    }

    #[test]
    fn a_length_at_the_limit_waits_for_its_bytes_and_one_more_is_refused() {
        let counted = counted(Width::U16, 0);
        assert_eq!(counted.find(&1000_u16.to_be_bytes(), 0), Ok(Found::UNFINISHED));
        assert!(counted.find(&1001_u16.to_be_bytes(), 0).is_err());
    }
}
