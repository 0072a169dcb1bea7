//! Where the frames lie in one read or write: its bytes cut into segments, each of them
//! in a frame or in none. Offsets only; no byte is looked at and nothing is drawn.
//!
//! A tape may claim any frame anywhere: what lies outside the bytes or overlaps a frame
//! before it is left out, and each byte is in one segment exactly.

use std::ops::Range;

/// Where a frame lies in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The offset of its first byte.
    pub(crate) off: u64,
    /// How many bytes it takes.
    pub(crate) len: u64,
}

impl Extent {
    /// The offset after its last byte.
    pub(crate) fn end(self) -> u64 {
        self.off.saturating_add(self.len)
    }
}

/// Bytes of one read or write that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Which, counted from the first byte of the read or write.
    pub(crate) bytes: Range<usize>,
    /// The part of a frame that they are; none: they are in no frame.
    pub(crate) part: Option<Part>,
}

/// A part of a frame, or the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The offset in the stream at which the frame begins, here or earlier.
    pub(crate) from: u64,
    /// Whether the frame begins here.
    pub(crate) begins: bool,
    /// Whether it ends here.
    pub(crate) ends: bool,
}

/// What is known of a stream before a read or write is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    /// The offset of its first byte.
    pub(crate) off: u64,
    /// The offset at which a frame began that was not finished then.
    pub(crate) open: Option<u64>,
    /// Whether bytes at the end that are in no frame are the beginning of one.
    pub(crate) framed: bool,
}

/// Cuts `len` bytes. The frames are in the order in which they were found.
pub(crate) fn cut(before: Before, len: usize, frames: &[Extent]) -> Vec<Segment> {
    let mut cutter = Cutter { off: before.off, len, at: 0, segments: Vec::new() };
    for &frame in frames {
        cutter.frame(frame);
    }
    cutter.rest(before);
    cutter.segments
}

/// The offset at which the frame began that is unfinished after these segments; `open` is
/// what was unfinished before them.
pub(crate) fn left_open(segments: &[Segment], open: Option<u64>) -> Option<u64> {
    match segments.last() {
        None => open,
        Some(Segment { part: Some(part), .. }) if !part.ends => Some(part.from),
        Some(_) => None,
    }
}

#[derive(Debug)]
struct Cutter {
    off: u64,
    len: usize,
    /// How many bytes are in segments by now.
    at: usize,
    segments: Vec<Segment>,
}

impl Cutter {
    fn frame(&mut self, frame: Extent) {
        let before = frame.off < self.off;
        let ends = frame.end() <= self.off.saturating_add(self.len as u64);
        let (begin, end) = (self.place(frame.off), self.place(frame.end()));
        let overlaps = begin < self.at;
        // An empty frame of an earlier read, or one of a later read.
        let elsewhere = frame.end() < self.off || (before && begin == end) || begin > self.len;
        let begins_elsewhere = begin == self.len && !(frame.len == 0 && ends);
        if overlaps || elsewhere || begins_elsewhere || self.is_full() {
            return;
        }
        if begin > self.at {
            self.segments.push(Segment { bytes: self.at..begin, part: None });
        }
        let part = Part { from: frame.off, begins: !before, ends };
        self.segments.push(Segment { bytes: begin..end, part: Some(part) });
        self.at = end;
    }

    /// Where in these bytes an offset of the stream is: 0 before them, `len` after them.
    fn place(&self, off: u64) -> usize {
        let place = off.saturating_sub(self.off).min(self.len as u64);
        usize::try_from(place).unwrap_or(self.len)
    }

    /// As many segments as there can be honestly: empty frames may not grow without end.
    fn is_full(&self) -> bool {
        self.segments.len() > 2 * self.len
    }

    fn rest(&mut self, before: Before) {
        if self.at >= self.len {
            return;
        }
        let goes_on = before.open.filter(|_| self.segments.is_empty());
        let from = goes_on.unwrap_or_else(|| self.off.saturating_add(self.at as u64));
        let part = Part { from, begins: goes_on.is_none(), ends: false };
        let part = before.framed.then_some(part);
        self.segments.push(Segment { bytes: self.at..self.len, part });
    }
}

#[cfg(test)]
mod tests {
    use super::Before;
    use super::Extent;
    use super::Part;
    use super::Segment;
    use super::cut;
    use super::left_open;
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    fn before(off: u64, open: Option<u64>, framed: bool) -> Before {
        Before { off, open, framed }
    }

    fn frames(frames: &[(u64, u64)]) -> Vec<Extent> {
        frames.iter().map(|&(off, len)| Extent { off, len }).collect()
    }

    /// `⟦0..5⟧` and so on, as the eye would like it.
    fn sketch(segments: &[Segment]) -> String {
        let drawn = segments.iter().map(|Segment { bytes, part }| match part {
            None => format!("{}..{}", bytes.start, bytes.end),
            Some(Part { begins, ends, .. }) => format!(
                "{}{}..{}{}",
                if *begins { '⟦' } else { '…' },
                bytes.start,
                bytes.end,
                if *ends { '⟧' } else { '…' },
            ),
        });
        drawn.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_read_is_cut_where_its_frames_begin_and_end() {
        for (state, len, found, expected) in [
            (before(0, None, false), 4, frames(&[]), "0..4"),
            (before(0, None, true), 4, frames(&[]), "⟦0..4…"),
            (before(0, None, true), 8, frames(&[(0, 5)]), "⟦0..5⟧ ⟦5..8…"),
            (before(8, Some(5), true), 2, frames(&[(5, 5)]), "…0..2⟧"),
            (before(8, Some(5), true), 2, frames(&[]), "…0..2…"),
            (before(8, Some(5), true), 4, frames(&[(5, 5), (10, 2)]), "…0..2⟧ ⟦2..4⟧"),
            (before(8, None, false), 4, frames(&[(9, 2)]), "0..1 ⟦1..3⟧ 3..4"),
            (before(8, None, true), 4, frames(&[(9, 100)]), "0..1 ⟦1..4…"),
            (before(8, Some(5), true), 0, frames(&[]), ""),
        ] {
            assert_eq!(sketch(&cut(state, len, &found)), expected);
        }
    }

    #[test]
    fn frames_that_cannot_be_are_left_out() {
        for (found, expected) in [
            (frames(&[(0, 5)]), "⟦0..4…"),
            (frames(&[(14, 5)]), "⟦0..4…"),
            (frames(&[(u64::MAX, u64::MAX)]), "⟦0..4…"),
            (frames(&[(10, 2), (11, 2)]), "⟦0..2⟧ ⟦2..4…"),
            (frames(&[(10, 2), (10, 2), (8, 9)]), "⟦0..2⟧ ⟦2..4…"),
            (frames(&[(8, 2)]), "⟦0..4…"),
            (frames(&[(9, 0), (99, 0)]), "⟦0..4…"),
        ] {
            assert_eq!(sketch(&cut(before(10, None, true), 4, &found)), expected);
        }
    }

    #[test]
    fn empty_frames_are_told_but_not_without_end() {
        let state = before(10, None, false);
        assert_eq!(sketch(&cut(state, 2, &frames(&[(11, 0)]))), "0..1 ⟦1..1⟧ 1..2");
        assert_eq!(sketch(&cut(state, 2, &frames(&[(10, 2), (12, 0)]))), "⟦0..2⟧ ⟦2..2⟧");
        assert!(cut(state, 2, &frames(&[(10, 0); 1000])).len() < 8);
    }

    #[test]
    fn an_unfinished_frame_is_open_from_where_it_began() {
        let state = before(8, Some(5), true);
        let open = |len, found| left_open(&cut(state, len, &frames(found)), state.open);
        assert_eq!(open(2, &[]), Some(5));
        assert_eq!(open(0, &[]), Some(5));
        assert_eq!(open(2, &[(5, 5)]), None);
        assert_eq!(open(3, &[(5, 5)]), Some(10));
    }

    proptest! {
        #[test]
        fn each_byte_is_in_one_segment_whatever_is_claimed(
            off in any::<u64>(),
            open in any::<Option<u64>>(),
            framed in any::<bool>(),
            len in 0usize..50,
            claims in proptest::collection::vec((0u64..60, 0u64..60), 0..20),
            shift in 0u64..20,
        ) {
            let near = |(at, len)| (off.saturating_add(at).saturating_sub(shift), len);
            let claims: Vec<_> = claims.into_iter().map(near).collect();
            let segments = cut(Before { off, open, framed }, len, &frames(&claims));
            let mut at = 0;
            for segment in &segments {
                assert_eq!(segment.bytes.start, at);
                at = segment.bytes.end;
            }
            assert_eq!(at, len);
        }

        #[test]
        fn honest_frames_begin_once_and_end_once_however_the_stream_is_read(
            lens in proptest::collection::vec(1u64..9, 0..12),
            reads in proptest::collection::vec(1usize..9, 1..20),
        ) {
            let mut off = 0;
            let all: Vec<_> = lens.iter().map(|&len| { off += len; (off - len, len) }).collect();
            let mut state = before(0, None, true);
            let mut told = Vec::new();
            for len in reads {
                let end = state.off + len as u64;
                let here = |&(off, len): &(u64, u64)| off + len > state.off && off + len <= end;
                let found: Vec<_> = all.iter().copied().filter(here).collect();
                let segments = cut(state, len, &frames(&found));
                told.extend(segments.iter().filter_map(|segment| segment.part));
                state = before(end, left_open(&segments, state.open), true);
            }
            let ended = told.iter().filter(|part| part.ends).count();
            assert_eq!(ended, all.iter().filter(|(off, len)| off + len <= state.off).count());
            let begun: Vec<_> = told.iter().filter(|part| part.begins).map(|part| part.from).collect();
            let known = all.iter().map(|&(off, _)| off).filter(|&off| off < state.off);
            assert!(known.zip(&begun).all(|(known, begun)| known == *begun));
            assert_eq!(begun.len(), ended + usize::from(state.open.is_some()));
        }
    }
}
