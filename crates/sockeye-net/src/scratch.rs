//! The space that reads land in: lent for the length of a poll, so that a waiting
//! conversation holds no buffer. Each thread keeps a few.

use std::cell::RefCell;

/// The most that one recv asks for, in bytes.
pub(crate) const MOST: usize = 256 * 1024;
/// So many buffers are kept for the next loans.
const KEPT: usize = 4;

thread_local! {
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Lends at most `limit` bytes of space (never more than [`MOST`], never none). What is in them
/// is left from the loans before.
pub(crate) fn with<R>(limit: usize, job: impl FnOnce(&mut [u8]) -> R) -> R {
    let mut space = take(limit);
    let limit = limit.clamp(1, MOST);
    let done = job(space.get_mut(..limit).unwrap_or_default());
    give_back(space);
    done
}

/// A buffer of at least `limit` bytes (never more than [`MOST`], never none), for as long as
/// what was read into it has not gone on.
pub(crate) fn take(limit: usize) -> Vec<u8> {
    let mut space = SPARE.with_borrow_mut(Vec::pop).unwrap_or_default();
    let limit = limit.clamp(1, MOST);
    if space.len() < limit {
        space.resize(limit, 0);
    }
    space
}

/// Ends a loan of [`take`]. A buffer that is larger is not kept.
pub(crate) fn give_back(space: Vec<u8>) {
    SPARE.with_borrow_mut(|spare| {
        if spare.len() < KEPT && space.len() <= MOST {
            spare.push(space);
        }
    });
}
