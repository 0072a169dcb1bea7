//! What is kept of a long run of bytes to find out whether, and in which block, it differs
//! from another: a hash of everything up to the end of each block. Not the bytes.

use std::hash::BuildHasher;
use std::hash::DefaultHasher;
use std::hash::Hasher;
use std::hash::RandomState;

/// Bytes in a block: for each, 8 bytes are kept.
pub(crate) const BLOCK: u64 = 16 * 1024;

/// The hashes of one run of bytes. Two are compared only if they were begun with one
/// [`RandomState`]: its keys are secret, so that no tape can be made to look like another.
#[derive(Clone, Debug)]
pub(crate) struct Digest {
    hasher: DefaultHasher,
    /// How many bytes.
    pub(crate) count: u64,
    /// Of everything up to the end of each whole block.
    marks: Vec<u64>,
}

impl Digest {
    /// No bytes yet.
    pub(crate) fn new(state: &RandomState) -> Self {
        Self { hasher: state.build_hasher(), count: 0, marks: Vec::new() }
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = BLOCK - self.count % BLOCK;
            let end = usize::try_from(room).unwrap_or(usize::MAX).min(rest.len());
            let (piece, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            self.hasher.write(piece);
            self.count += piece.len() as u64;
            if self.count.is_multiple_of(BLOCK) {
                self.marks.push(self.hasher.finish());
            }
            rest = tail;
        }
    }

    /// The number of the first block that is not the same; none: everything is the same.
    pub(crate) fn differs(&self, other: &Self) -> Option<u64> {
        let same = self.marks.iter().zip(&other.marks).take_while(|(a, b)| a == b).count();
        let whole = self.count == other.count && self.hasher.finish() == other.hasher.finish();
        (!whole).then_some(same as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::BLOCK;
    use super::Digest;
    use proptest::prelude::any;
    use proptest::prelude::proptest;
    use std::hash::RandomState;

    proptest! {
        #[test]
        fn the_first_block_that_differs_is_found_however_the_bytes_are_cut(
            size in 0usize..60_000,
            at in any::<proptest::sample::Index>(),
            cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..5),
            added in 0usize..3,
        ) {
            let state = RandomState::new();
            let bytes = vec![7; size];
            let mut other = bytes.clone();
            let mut expected = None;
            if size > 0 && added == 0 {
                let at = at.index(size);
                other[at] = 8;
                expected = Some(at as u64 / BLOCK);
            } else if added > 0 {
                other.extend(vec![7; added]);
                expected = Some(size as u64 / BLOCK);
            }
            let mut whole = Digest::new(&state);
            whole.push(&bytes);
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(other.len() + 1)).collect();
            cuts.extend([0, other.len()]);
            cuts.sort_unstable();
            let mut pieces = Digest::new(&state);
            for pair in cuts.windows(2) {
                pieces.push(&other[pair[0]..pair[1]]);
            }
            assert_eq!(whole.differs(&pieces), expected);
            assert_eq!(pieces.differs(&whole), expected);
        }
    }
}
