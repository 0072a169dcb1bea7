//! COBS and SLIP: how bytes are stuffed so that a delimiter never occurs in
//! them. Only the inside of a frame; delimiters are put and found elsewhere.

/// What ends a SLIP frame (RFC 1055).
pub(crate) const END: u8 = 0xC0;

const ESC: u8 = 0xDB;
const ESC_END: u8 = 0xDC;
const ESC_ESC: u8 = 0xDD;

/// The longest COBS block: its code and 254 bytes.
const BLOCK: usize = 254;

/// Payload as COBS, without the 00 after it (Cheshire and Baker 1999). A payload
/// that ends with a full block has no empty block after it.
pub(crate) fn cobs(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + payload.len() / BLOCK + 1);
    let mut runs = payload.split(|byte| *byte == 0).peekable();
    while let Some(run) = runs.next() {
        let last = runs.peek().is_none();
        let full = run.chunks_exact(BLOCK);
        let rest = full.remainder();
        for block in full {
            out.push(0xFF);
            out.extend_from_slice(block);
        }
        // A full block at the very end says all there is to say.
        if !(last && rest.is_empty() && !run.is_empty()) {
            out.push(code(rest.len()));
            out.extend_from_slice(rest);
        }
    }
    out
}

/// Code of a block of `size` bytes, at most 253, that a zero follows.
fn code(size: usize) -> u8 {
    u8::try_from(size + 1).unwrap_or(u8::MAX)
}

/// The payload of COBS without its 00; none if a block is longer than what is
/// there, or a 00 stands in it.
pub(crate) fn uncobs(mut stuffed: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(stuffed.len());
    while let Some((code, rest)) = stuffed.split_first() {
        let (block, rest) = rest.split_at_checked(usize::from(*code).checked_sub(1)?)?;
        if block.contains(&0) {
            return None;
        }
        out.extend_from_slice(block);
        if *code != u8::MAX && !rest.is_empty() {
            out.push(0);
        }
        stuffed = rest;
    }
    Some(out)
}

/// Payload as SLIP, without the ENDs around it.
pub(crate) fn slip(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len());
    for byte in payload {
        match *byte {
            END => out.extend([ESC, ESC_END]),
            ESC => out.extend([ESC, ESC_ESC]),
            plain => out.push(plain),
        }
    }
    out
}

/// The payload of SLIP without its ENDs; none if an ESC is followed by anything
/// but what RFC 1055 lets follow.
pub(crate) fn unslip(stuffed: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(stuffed.len());
    let mut bytes = stuffed.iter();
    while let Some(byte) = bytes.next() {
        out.push(match *byte {
            ESC => match *bytes.next()? {
                ESC_END => END,
                ESC_ESC => ESC,
                _ => return None,
            },
            plain => plain,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prop_assert;
    use proptest::prop_assert_eq;

    use super::END;
    use super::cobs;
    use super::slip;
    use super::uncobs;
    use super::unslip;

    #[test]
    fn a_full_block_at_the_end_has_no_empty_block_after_it() {
        let payload = [7; 254];
        let stuffed = cobs(&payload);
        assert_eq!(stuffed.len(), 255);
        assert_eq!(uncobs(&stuffed), Some(payload.to_vec()));
    }

    #[test]
    fn a_zero_after_a_full_block_is_kept() {
        let mut payload = vec![7; 254];
        payload.push(0);
        let stuffed = cobs(&payload);
        assert_eq!(stuffed.get(255..), Some(&[1, 1][..]));
        assert_eq!(uncobs(&stuffed), Some(payload));
    }

    #[test]
    fn a_block_longer_than_what_is_there_is_broken() {
        assert_eq!(uncobs(&[3, 1]), None);
        assert_eq!(uncobs(&[3, 1, 0]), None);
    }

    #[test]
    fn an_escape_of_anything_else_is_broken() {
        assert_eq!(unslip(&[0xDB, 0x41]), None);
        assert_eq!(unslip(&[0x41, 0xDB]), None);
    }

    proptest::proptest! {
        #[test]
        fn cobs_gives_the_payload_back_and_holds_no_zero(payload in proptest::collection::vec(0_u8..3, 0..1200)) {
            let stuffed = cobs(&payload);
            prop_assert!(!stuffed.contains(&0));
            prop_assert!(stuffed.len() <= payload.len() + payload.len() / 254 + 1);
            prop_assert_eq!(uncobs(&stuffed), Some(payload));
        }

        #[test]
        fn cobs_of_long_runs_gives_the_payload_back(runs in proptest::collection::vec(250_usize..260, 0..5)) {
            let payload = runs.iter().map(|run| vec![9; *run]).collect::<Vec<_>>().join(&0);
            prop_assert_eq!(uncobs(&cobs(&payload)), Some(payload));
        }

        #[test]
        fn slip_gives_the_payload_back_and_holds_no_end(payload in proptest::collection::vec(any::<u8>(), 0..300)) {
            let stuffed = slip(&payload);
            prop_assert!(!stuffed.contains(&END));
            prop_assert_eq!(unslip(&stuffed), Some(payload));
        }
    }
}
