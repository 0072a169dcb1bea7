//! A pipe of our own that bytes go through inside the kernel, from one descriptor to another
//! (`splice(2)` wants a pipe on one side). Each thread keeps a few: to make one costs more than
//! to move a small message.

use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::OwnedFd;

use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

/// How much a duct is asked to hold, in bytes: as much as a user may ask for. Where the user's share
/// of pipe memory is used up (pipe(7)) it holds less.
const ROOM: usize = 1024 * 1024;
/// So many empty ones are kept for the next loans.
const KEPT: usize = 4;
/// So many are lent at once: each is two descriptors, which callers need more, and together they
/// are half of the user's share of pipe memory.
const LENT: usize = 32;

thread_local! {
    static SPARE: RefCell<Vec<(OwnedFd, OwnedFd)>> = const { RefCell::new(Vec::new()) };
    static OUT: Cell<usize> = const { Cell::new(0) };
}

/// A pipe on loan, both ends ours. Dropped with bytes in it, it is closed.
#[derive(Debug)]
pub(crate) struct Duct {
    /// Where bytes go in.
    pub(crate) inlet: OwnedFd,
    /// Where they come out.
    pub(crate) outlet: OwnedFd,
    _loan: Loan,
}

impl Duct {
    /// An empty one; none where there is no descriptor for it, or enough are lent: then bytes
    /// are to be copied.
    pub(crate) fn take() -> Option<Self> {
        let loan = Loan::begin()?;
        let spare = SPARE.with_borrow_mut(Vec::pop);
        let (inlet, outlet) = spare.map_or_else(made, Ok).ok()?;
        Some(Self { inlet, outlet, _loan: loan })
    }

    /// Ends the loan of one that is empty.
    pub(crate) fn give_back(self) {
        SPARE.with_borrow_mut(|spare| {
            if spare.len() < KEPT {
                spare.push((self.inlet, self.outlet));
            }
        });
    }
}

/// Counts among those that are lent.
#[derive(Debug)]
struct Loan;

impl Loan {
    fn begin() -> Option<Self> {
        let lent = OUT.get();
        (lent < LENT).then(|| {
            OUT.set(lent + 1);
            Self
        })
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        OUT.set(OUT.get().saturating_sub(1));
    }
}

fn made() -> io::Result<(OwnedFd, OwnedFd)> {
    let (outlet, inlet) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    // A smaller one is slower, and does.
    let _room = fcntl_setpipe_size(&inlet, ROOM);
    Ok((inlet, outlet))
}
