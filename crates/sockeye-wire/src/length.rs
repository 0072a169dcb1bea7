//! A length in binary that stands before a message, as it is described and
//! printed. How it stands in a stream is for what finds and makes frames.

use std::fmt;

use crate::order::Order;

/// A length in binary: `offset` bytes, the field, the body. The payload is the
/// `offset` bytes and the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthField {
    /// How wide it is.
    pub width: Width,
    /// Which byte of it comes first. One byte is `Big`.
    pub order: Order,
    /// How many bytes stand before the field.
    pub offset: usize,
    /// The body has as many bytes as the field says plus this. A 4-byte field
    /// that counts itself has -4.
    pub adjust: i64,
}

/// Width of a length field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// One byte.
    U8,
    /// Two bytes.
    U16,
    /// Three bytes.
    U24,
    /// Four bytes.
    U32,
    /// Eight bytes.
    U64,
}

impl Width {
    /// How many bytes.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U24 => 3,
            Self::U32 => 4,
            Self::U64 => 8,
        }
    }

    /// The largest number it holds.
    pub fn largest(self) -> u64 {
        u64::MAX >> (64 - 8 * self.bytes())
    }
}

impl LengthField {
    /// The longest body that the field can say, in bytes; below 0 if `adjust`
    /// takes away more than it can say.
    pub(crate) fn most_body(&self) -> i128 {
        i128::from(self.width.largest()) + i128::from(self.adjust)
    }

    /// The shortest body that the field can say, in bytes.
    pub(crate) fn least_body(&self) -> i128 {
        i128::from(self.adjust).max(0)
    }
}

impl fmt::Display for LengthField {
    /// `len:u16be,offset=2,adjust=-4`; what is nought or means nothing is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "len:u{}", 8 * self.width.bytes())?;
        match self.order {
            _ if self.width == Width::U8 => Ok(()),
            Order::Big => f.write_str("be"),
            Order::Little => f.write_str("le"),
        }?;
        if self.offset != 0 {
            write!(f, ",offset={}", self.offset)?;
        }
        if self.adjust != 0 {
            write!(f, ",adjust={}", self.adjust)?;
        }
        Ok(())
    }
}
