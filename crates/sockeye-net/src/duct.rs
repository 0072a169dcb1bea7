//! A pipe of our own that bytes go through inside the kernel, from one descriptor to another
//! (`splice(2)` wants a pipe on one side). Each thread keeps a few: to make one costs more than
//! to move a small message.

use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;

use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

/// How much a duct is asked to hold, in bytes. Where the user's share of pipe memory is used
/// up (pipe(7)) it holds less.
const ROOM: usize = 256 * 1024;
/// So many empty ones are kept for the next loans.
const KEPT: usize = 16;

thread_local! {
    static SPARE: RefCell<Vec<Duct>> = const { RefCell::new(Vec::new()) };
}

/// A pipe, both ends ours.
#[derive(Debug)]
pub(crate) struct Duct {
    /// Where bytes go in.
    pub(crate) inlet: OwnedFd,
    /// Where they come out.
    pub(crate) outlet: OwnedFd,
}

/// An empty duct.
pub(crate) fn take() -> io::Result<Duct> {
    if let Some(spare) = SPARE.with_borrow_mut(Vec::pop) {
        return Ok(spare);
    }
    let (outlet, inlet) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    // A smaller one is slower, and does.
    let _room = fcntl_setpipe_size(&inlet, ROOM);
    Ok(Duct { inlet, outlet })
}

/// Ends a loan of [`take`]; the duct must be empty.
pub(crate) fn give_back(duct: Duct) {
    SPARE.with_borrow_mut(|spare| {
        if spare.len() < KEPT {
            spare.push(duct);
        }
    });
}
