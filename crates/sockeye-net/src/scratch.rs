//! The space that reads land in: one a thread, lent for the length of a poll, so that a
//! waiting conversation holds no buffer.

use std::cell::RefCell;

/// The most that one recv asks for, in bytes.
pub(crate) const MOST: usize = 256 * 1024;

thread_local! {
    static SPACE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lends at most `limit` bytes of space (never more than [`MOST`], never none).
///
/// # Panics
/// Never by itself; `job` must not lend again inside the loan.
pub(crate) fn with<R>(limit: usize, job: impl FnOnce(&mut [u8]) -> R) -> R {
    let limit = limit.clamp(1, MOST);
    SPACE.with_borrow_mut(|space| {
        if space.len() < limit {
            space.resize(limit, 0);
        }
        match space.get_mut(..limit) {
            Some(part) => job(part),
            None => job(&mut []),
        }
    })
}
