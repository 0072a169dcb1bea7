//! Which encoding bytes are text in. Not a proof: GBK, Big5 and `Shift_JIS` share most of their
//! codes, and the one wins in whose common characters the codes lie.

use sockeye_text::encoding::Encoding;

/// Bytes that are judged.
pub(crate) const LOOK: usize = 64 << 10;

/// Of the codes of two bytes so many, in percent, are of common characters, or it is no text.
const COMMON: usize = 70;

/// Whether a code of two bytes is a common character's.
type Common = fn(u8, u8) -> bool;

/// Encodings beyond UTF-8, and which codes are common in each.
const DOUBLE: [(&str, Common); 3] =
    [("gbk", is_gb_common), ("big5", is_big5_common), ("shift_jis", is_sjis_common)];

/// The encoding, if all bytes are text in one: `ascii`, `utf-8`, `gbk`, `gb18030`, `big5`,
/// `shift_jis`. A character cut at the end does not count.
pub(crate) fn of(bytes: &[u8]) -> Option<&'static str> {
    let bytes = bytes.get(..LOOK).unwrap_or(bytes);
    if bytes.is_empty() || bytes.iter().any(|byte| is_no_text(*byte)) {
        return None;
    }
    if bytes.is_ascii() {
        return Some("ascii");
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => return Some("utf-8"),
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            let start = bytes.get(..error.valid_up_to()).unwrap_or_default();
            if !start.is_ascii() {
                return Some("utf-8");
            }
        }
        Err(_) => {}
    }
    let judged = DOUBLE.into_iter().filter_map(|(name, common)| {
        let share = common_share(bytes, name, common)?;
        (share >= COMMON).then_some((share, name))
    });
    // Of equals the first.
    let best = judged.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, name)| name).or_else(|| decodes(bytes, "gb18030").filter(|_| four(bytes)))
}

/// Controls that stand in no text.
fn is_no_text(byte: u8) -> bool {
    matches!(byte, 0..=6 | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F)
}

/// Whether a code of four bytes is there, as only GB18030 has them.
fn four(bytes: &[u8]) -> bool {
    bytes
        .windows(4)
        .any(|code| matches!(code, [0x81..=0xFE, b'0'..=b'9', 0x81..=0xFE, b'0'..=b'9']))
}

/// The name, if the bytes, but for a last character that is cut, decode.
fn decodes(bytes: &[u8], name: &'static str) -> Option<&'static str> {
    let encoding: Encoding = name.parse().ok()?;
    let whole = (0..3).any(|less| {
        let end = bytes.len().checked_sub(less);
        let part = end.and_then(|end| bytes.get(..end)).filter(|part| !part.is_empty());
        part.and_then(|part| encoding.decode(part)).is_some_and(|text| in_use(&text))
    });
    whole.then_some(name)
}

/// Neither a private character nor a replaced one.
fn in_use(text: &str) -> bool {
    text.chars().all(|ch| !matches!(ch, '\u{80}'..='\u{9F}' | '\u{E000}'..='\u{F8FF}' | '\u{FFFD}'))
}

/// How many of the codes of two bytes are common ones, in percent.
fn common_share(bytes: &[u8], name: &'static str, common: Common) -> Option<usize> {
    decodes(bytes, name)?;
    let (mut pairs, mut good, mut high) = (0_usize, 0_usize, 0_usize);
    let mut rest = bytes.iter();
    while let Some(lead) = rest.next() {
        if !lead.is_ascii()
            && let Some(trail) = rest.next()
        {
            pairs += 1;
            good += usize::from(common(*lead, *trail));
            high += usize::from(!trail.is_ascii());
        }
    }
    // Of the second bytes one in two is beyond ASCII even in Big5 and Shift_JIS: a mark
    // between words of ASCII is no character.
    (high * 4 > pairs).then(|| good * 100 / pairs)
}

/// GB 2312: its signs and its first level, the 3,755 characters in daily use.
fn is_gb_common(lead: u8, trail: u8) -> bool {
    matches!((lead, trail), (0xA1 | 0xA3 | 0xB0..=0xD7, 0xA1..=0xFE))
}

/// Big5: its signs and its first level, the 5,401 characters in daily use.
fn is_big5_common(lead: u8, trail: u8) -> bool {
    matches!((lead, trail), (0xA1..=0xA2 | 0xA4..=0xC6, 0x40..=0x7E | 0xA1..=0xFE))
}

/// `Shift_JIS`: signs, kana, and the first level of JIS X 0208.
fn is_sjis_common(lead: u8, trail: u8) -> bool {
    matches!(
        (lead, trail),
        (0x81 | 0x88..=0x97, 0x40..=0xFC) | (0x82, 0x4F..=0xF1) | (0x83, 0x40..=0x96)
    )
}
