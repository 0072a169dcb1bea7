//! Bytes as base64 (RFC 4648, section 4) and back, by the best that this machine's processor
//! has. Only the choice of the engine: every engine writes the same symbols.

use std::sync::LazyLock;

use base64::DecodeError;
use base64::Engine;

/// Asks the processor once what it has; without AVX2 it is the portable engine too.
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
static FASTEST: LazyLock<base64::engine::Simd> =
    LazyLock::new(|| base64::engine::Simd::standard(base64::engine::general_purpose::PAD));

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
static FASTEST: LazyLock<base64::engine::GeneralPurpose> =
    LazyLock::new(|| base64::engine::general_purpose::STANDARD);

/// Appends the symbols of these bytes.
pub(crate) fn write(line: &mut Vec<u8>, bytes: &[u8]) {
    write_by(&*FASTEST, line, bytes);
}

/// The bytes of these symbols.
pub(crate) fn read(symbols: &str) -> Result<Vec<u8>, DecodeError> {
    FASTEST.decode(symbols)
}

fn write_by(engine: &impl Engine, line: &mut Vec<u8>, bytes: &[u8]) {
    let start = line.len();
    // Four symbols for three bytes, rounded up: exactly what is written below.
    line.resize(start + bytes.len().div_ceil(3) * 4, b'=');
    let room = line.get_mut(start..).unwrap_or_default();
    let written = engine.encode_slice(bytes, room).expect("the room is exact");
    line.truncate(start + written);
}

#[cfg(test)]
mod tests {
    use super::read;
    use super::write;
    use super::write_by;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    proptest! {
        #[test]
        fn the_fastest_engine_and_the_portable_one_write_the_same_and_read_it_back(
            // An engine of the processor's begins at some length, and has a tail of its own.
            bytes in proptest::collection::vec(any::<u8>(), 0..1_000),
        ) {
            let (mut fast, mut portable) = (b"x".to_vec(), b"x".to_vec());
            write(&mut fast, &bytes);
            write_by(&STANDARD, &mut portable, &bytes);
            assert_eq!(fast, portable);
            let symbols = std::str::from_utf8(fast.get(1..).unwrap()).unwrap();
            assert_eq!(read(symbols).unwrap(), bytes);
            assert_eq!(STANDARD.decode(symbols).unwrap(), bytes);
        }
    }
}
