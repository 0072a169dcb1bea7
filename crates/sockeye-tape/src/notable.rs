//! Which bytes of a text may need escaping in a JSON line: told of one, or of 64 at once. What
//! is written instead of them is not told here.

/// What is looked at together: a bit a byte is a word then.
pub(crate) const BLOCK: usize = 64;

/// Which bytes of a block are no ASCII, or notable: the lowest bit for the first byte.
pub(crate) fn unusual(block: &[u8; BLOCK]) -> u64 {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = EACH << 7;
    /// Gathers the lowest bits of eight bytes in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (words, _) = block.as_chunks::<8>();
    words.iter().rev().fold(0, |marks, word| {
        let word = u64::from_le_bytes(*word);
        // Sums of seven bits a byte do not touch the next byte; the eighth says: not this one.
        let seven = |word: u64| word & !HIGH;
        let other = |byte: u8| seven(word ^ (EACH * u64::from(byte))) + EACH * 0x7F;
        let visible = seven(word) + EACH * 0x60;
        let plain = other(b'"') & other(b'\\') & other(0x7F) & visible & !word;
        marks << 8 | ((!plain & HIGH) >> 7).wrapping_mul(GATHER) >> 56
    })
}

/// Whether a character that begins with this byte may need escaping.
pub(crate) fn is_notable(byte: u8) -> bool {
    NOTABLE.get(usize::from(byte / 64)).is_none_or(|bits| bits >> (byte % 64) & 1 == 1)
}

/// A bit a byte: this is asked of each byte of a text that is no ASCII.
static NOTABLE: [u64; 4] =
    [notable_from(0), notable_from(64), notable_from(128), notable_from(192)];

/// The notable ones of 64 bytes. Continuation bytes and the first bytes of the large scripts
/// (Latin, Cyrillic, CJK, Hangul) are not.
const fn notable_from(first: u8) -> u64 {
    let mut bits = 0;
    let mut nth = 0;
    while nth < 64 {
        let notable = matches!(
            first + nth,
            0..=0x1F | b'"' | b'\\' | 0x7F | 0xC2 | 0xCD..=0xCF | 0xD8..=0xE3 | 0xEB..
        );
        if notable {
            bits |= 1 << nth;
        }
        nth += 1;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::is_notable;
    use super::unusual;
    use proptest::prelude::any;
    use proptest::prelude::prop_oneof;
    use proptest::prelude::proptest;

    proptest! {
        #[test]
        fn a_block_is_marked_as_its_bytes_one_by_one(
            bytes in proptest::collection::vec(prop_oneof![4 => 0x20u8..0x7F, 1 => any::<u8>()], 64),
        ) {
            let marks = unusual(bytes.first_chunk().unwrap());
            for (nth, &byte) in bytes.iter().enumerate() {
                assert_eq!(marks >> nth & 1 == 1, is_notable(byte) || !byte.is_ascii());
            }
        }
    }
}
