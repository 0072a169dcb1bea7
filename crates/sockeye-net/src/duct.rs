//! A pipe of our own that bytes go through inside the kernel, from one descriptor to another
//! (`splice(2)` wants a pipe on one side). Each thread keeps a few: to make one costs more than
//! to move a small message.

use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

/// How much a duct is asked to hold, in bytes. Where the user's share of pipe memory is used
/// up (pipe(7)) it holds less.
const ROOM: usize = 256 * 1024;
/// So many empty ones are kept for the next loans.
const KEPT: usize = 4;
/// So many are lent at once: each is two descriptors, which callers need more.
const LENT: usize = 64;

thread_local! {
    static SPARE: RefCell<Vec<Pipe>> = const { RefCell::new(Vec::new()) };
    static OUT: Cell<usize> = const { Cell::new(0) };
}

/// A pipe, both ends ours.
#[derive(Debug)]
struct Pipe {
    inlet: OwnedFd,
    outlet: OwnedFd,
}

/// A pipe on loan. Dropped with bytes in it, it is closed.
#[derive(Debug)]
pub(crate) struct Duct {
    /// None once it is given back.
    pipe: Option<Pipe>,
}

impl Duct {
    /// An empty one; none where there is no descriptor for it, or enough are lent: then bytes
    /// are to be copied.
    pub(crate) fn take() -> Option<Self> {
        if OUT.get() >= LENT {
            return None;
        }
        let spare = SPARE.with_borrow_mut(Vec::pop);
        let pipe = spare.map_or_else(made, Ok).ok()?;
        OUT.set(OUT.get() + 1);
        Some(Self { pipe: Some(pipe) })
    }

    /// Where bytes go in.
    pub(crate) fn inlet(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(|pipe| pipe.inlet.as_fd())
    }

    /// Where they come out.
    pub(crate) fn outlet(&self) -> io::Result<BorrowedFd<'_>> {
        let pipe = self.pipe.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(pipe.outlet.as_fd())
    }

    /// Ends the loan of one that is empty.
    pub(crate) fn give_back(mut self) {
        let Some(pipe) = self.pipe.take() else { return };
        SPARE.with_borrow_mut(|spare| {
            if spare.len() < KEPT {
                spare.push(pipe);
            }
        });
    }
}

impl Drop for Duct {
    fn drop(&mut self) {
        OUT.set(OUT.get().saturating_sub(1));
    }
}

fn made() -> io::Result<Pipe> {
    let (outlet, inlet) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    // A smaller one is slower, and does.
    let _room = fcntl_setpipe_size(&inlet, ROOM);
    Ok(Pipe { inlet, outlet })
}
