//! One read or write as the boundary view draws it: its bytes as text, as hex or as a
//! dump, with its frames marked. What is in which frame has been decided before.

use crate::column::Column;
use crate::ink::Ink;
use crate::reading::Words;
use crate::segment::Segment;

/// Bytes in a line of hex and of a dump.
const ROW: usize = 16;

/// Draws segments as text: `⟦hello⟧⟦wor…`.
pub(crate) fn text(column: &mut Column<'_>, bytes: &[u8], segments: &[Segment], words: &[Words]) {
    for (segment, words) in segments.iter().zip(words) {
        begin(column, segment);
        if words.goes_on {
            column.open("…");
        }
        column.text(&words.text);
        if words.held > 0 {
            let bytes = bytes.get(segment.bytes.clone()).unwrap_or_default();
            let start = bytes.len().saturating_sub(words.held);
            column.open(&format!("‹{}›", spaced(bytes.get(start..).unwrap_or_default())));
        }
        if words.held > 0 && segment.part.is_none() {
            column.close("…");
        }
        end(column, segment);
    }
}

/// Draws segments as hex, 16 bytes a line: `⟦68 65 6C 6C 6F⟧ ⟦77 6F 72…`.
pub(crate) fn hex(column: &mut Column<'_>, bytes: &[u8], segments: &[Segment]) {
    let mut drawn = 0;
    for segment in segments {
        column.space();
        begin(column, segment);
        let bytes = bytes.get(segment.bytes.clone()).unwrap_or_default();
        for (index, &byte) in bytes.iter().enumerate() {
            if index > 0 {
                column.space();
            }
            let [high, low] = digits(byte);
            let mut utf8 = [0; 4];
            column.open(high.encode_utf8(&mut utf8));
            column.close(low.encode_utf8(&mut utf8));
            drawn += 1;
            if drawn % ROW == 0 {
                column.end_line();
            }
        }
        end(column, segment);
    }
}

/// Names frames by their offsets: `frames ⟦0..5⟧ ⟦5..10…`; `…` before and after as in
/// [`text`]. Nothing if there are none.
pub(crate) fn frames(column: &mut Column<'_>, off: u64, segments: &[Segment]) {
    let framed = || segments.iter().filter_map(|segment| segment.part.map(|part| (segment, part)));
    if framed().next().is_none() {
        return;
    }
    column.open("frames");
    for (count, (segment, part)) in framed().enumerate() {
        if count > 0 && count % ROW == 0 {
            column.end_line();
        }
        column.space();
        begin(column, segment);
        let end_at = off.saturating_add(segment.bytes.end as u64);
        column.open(&format!("{}..{end_at}", part.from));
        end(column, segment);
    }
}

/// Appends a classic dump, 16 bytes a line behind a band: `00000010  68 65 …  |he…|`. The
/// offsets are the stream's, from `off` on. Each line is ended but the last.
pub(crate) fn dump(out: &mut String, ink: Ink, off: u64, bytes: &[u8]) {
    let mut at = off;
    for (index, row) in bytes.chunks(ROW).enumerate() {
        if index > 0 {
            out.push('\n');
        }
        ink.dim(&format!("│ {at:08X}  "), out);
        for place in 0..ROW {
            match row.get(place).copied().map(digits) {
                Some([high, low]) => out.extend([high, low, ' ']),
                None => out.push_str("   "),
            }
            if place + 1 == ROW / 2 {
                out.push(' ');
            }
        }
        out.push_str(" |");
        out.extend(row.iter().map(|&byte| printable(byte)));
        out.push('|');
        at = at.saturating_add(ROW as u64);
    }
}

fn begin(column: &mut Column<'_>, segment: &Segment) {
    if let Some(part) = segment.part {
        column.open(if part.begins { "⟦" } else { "…" });
    }
}

fn end(column: &mut Column<'_>, segment: &Segment) {
    if let Some(part) = segment.part {
        column.close(if part.ends { "⟧" } else { "…" });
    }
}

fn spaced(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (index, &byte) in bytes.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.extend(digits(byte));
    }
    out
}

fn digits(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|nibble| {
        let first = if nibble < 10 { b'0' } else { b'A' - 10 };
        char::from(first + nibble)
    })
}

fn printable(byte: u8) -> char {
    if matches!(byte, b' '..=b'~') { char::from(byte) } else { '.' }
}

#[cfg(test)]
mod tests {
    use super::dump;
    use super::frames;
    use super::hex;
    use super::text;
    use crate::column::Column;
    use crate::ink::Ink;
    use crate::reading::Words;
    use crate::segment::Before;
    use crate::segment::Extent;
    use crate::segment::Segment;
    use crate::segment::cut;
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    fn drawn(draw: impl FnOnce(&mut Column<'_>)) -> String {
        let mut out = String::new();
        draw(&mut Column::new(&mut out, Ink::Plain, 2));
        out
    }

    fn segments(len: usize, found: &[(u64, u64)]) -> Vec<Segment> {
        let found: Vec<_> = found.iter().map(|&(off, len)| Extent { off, len }).collect();
        cut(Before { off: 100, open: Some(95), framed: !found.is_empty() }, len, &found)
    }

    fn words(text: &str, held: usize, goes_on: bool) -> Words {
        Words { text: text.into(), held, goes_on }
    }

    #[test]
    fn text_is_drawn_with_its_frames_and_cut_characters() {
        let cut = segments(6, &[(90, 12), (102, 2)]);
        let all = [words("a", 0, false), words("b\n", 0, false), words("c", 1, false)];
        let out = drawn(|column| text(column, b"..b\nc\xE4", &cut, &all));
        assert_eq!(out, "…a⟧⟦b⏎⟧\n│ ⟦c‹E4›…");
        let out = drawn(|column| {
            let bytes = b"\xA0c\xE4\xBD";
            text(column, bytes, &segments(4, &[]), &[words("你c", 2, true)]);
        });
        assert_eq!(out, "…你c‹E4 BD›…");
    }

    #[test]
    fn hex_has_sixteen_bytes_a_line() {
        let bytes: Vec<u8> = (0xF0..=0xFF).chain(0..=2).collect();
        let out = drawn(|column| {
            hex(column, &bytes, &segments(19, &[(98, 3), (101, 15), (116, 2)]));
        });
        let first = "…F0⟧ ⟦F1 F2 F3 F4 F5 F6 F7 F8 F9 FA FB FC FD FE FF⟧";
        assert_eq!(out, format!("{first}\n│ ⟦00 01⟧ ⟦02…"));
        let out = drawn(|column| hex(column, &[0xAA; 17], &segments(17, &[])));
        assert_eq!(out, format!("{}AA\n│ AA", "AA ".repeat(15)));
    }

    #[test]
    fn frames_are_named_by_their_offsets_in_the_stream() {
        let out = drawn(|column| frames(column, 100, &segments(10, &[(95, 7), (103, 2)])));
        assert_eq!(out, "frames …95..102⟧ ⟦103..105⟧ ⟦105..110…");
        assert_eq!(drawn(|column| frames(column, 100, &segments(10, &[]))), "");
    }

    #[test]
    fn a_dump_is_the_classic_one() {
        let mut out = String::new();
        dump(&mut out, Ink::Plain, 16, b"hello\r\n\x1B[2J 1234\xFF");
        assert_eq!(
            out,
            "│ 00000010  68 65 6C 6C 6F 0D 0A 1B  5B 32 4A 20 31 32 33 34  |hello...[2J 1234|\n\
             │ 00000020  FF                                                |.|"
        );
        assert!(out.lines().all(|line| line.chars().count() <= 80));
    }

    proptest! {
        #[test]
        fn hex_shows_every_byte_once(
            bytes in any::<Vec<u8>>(),
            found in proptest::collection::vec((90u64..200, 0u64..60), 0..6),
        ) {
            let out = drawn(|column| hex(column, &bytes, &segments(bytes.len(), &found)));
            let digits: String = out.chars().filter(char::is_ascii_hexdigit).collect();
            let expected = sockeye_text::hex::encode(&bytes).replace(' ', "");
            assert_eq!(digits, expected);
            assert!(out.lines().all(|line| line.trim_end() == line));
        }
    }
}
