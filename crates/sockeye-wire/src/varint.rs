//! LEB128 varints, as lengths (Protocol Buffers, "Encoding", "Base 128 Varints"):
//! seven bits a byte, the lowest first. Signed ones are not for lengths.

/// The most bytes that 64 bits take.
pub(crate) const LONGEST: usize = 10;

/// A varint at the front of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Varint {
    /// Its last byte has not come.
    Unfinished,
    /// It has more bytes than [`LONGEST`], or more than 64 bits.
    TooLong,
    /// It is there.
    Read {
        number: u64,
        /// How many bytes it takes.
        size: usize,
    },
}

/// Reads the varint at the front of `bytes`.
pub(crate) fn read(bytes: &[u8]) -> Varint {
    let mut number: u64 = 0;
    for (at, byte) in bytes.iter().take(LONGEST).enumerate() {
        // The tenth byte has room for one bit.
        if at + 1 == LONGEST && *byte > 1 {
            return Varint::TooLong;
        }
        number |= u64::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Varint::Read { number, size: at + 1 };
        }
    }
    Varint::Unfinished
}

/// The shortest varint of `number`.
pub(crate) fn write(number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = number;
    while rest >= 0x80 {
        bytes.push(low_byte(rest) | 0x80);
        rest >>= 7;
    }
    bytes.push(low_byte(rest));
    bytes
}

fn low_byte(number: u64) -> u8 {
    let [low, ..] = number.to_le_bytes();
    low
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prop_assert_eq;

    use super::Varint;
    use super::read;
    use super::write;

    #[test]
    fn the_examples_of_protocol_buffers_are_read() {
        assert_eq!(read(&[0x96, 0x01]), Varint::Read { number: 150, size: 2 });
        assert_eq!(read(&[0x01, 0xFF]), Varint::Read { number: 1, size: 1 });
        assert_eq!(read(&[0x80, 0x00]), Varint::Read { number: 0, size: 2 });
    }

    #[test]
    fn more_than_64_bits_are_refused_at_the_tenth_byte() {
        assert_eq!(read(&[0x80; 9]), Varint::Unfinished);
        assert_eq!(read(&[0x80; 10]), Varint::TooLong);
        assert_eq!(read(&[&[0xFF; 9][..], &[2]].concat()), Varint::TooLong);
    }

    proptest::proptest! {
        #[test]
        fn each_number_is_read_back(number in any::<u64>(), shift in 0_u32..64) {
            let number = number >> shift;
            let bytes = write(number);
            prop_assert_eq!(read(&bytes), Varint::Read { number, size: bytes.len() });
        }
    }
}
