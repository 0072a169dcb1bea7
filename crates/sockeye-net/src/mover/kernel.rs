//! The ways inside the kernel, and when each pays.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};
use std::task::{Context, Poll, ready};

use rustix::io::Errno;
use rustix::net::RecvFlags;
use rustix::pipe::SpliceFlags;

use super::edge::Edge;
use super::{Broken, Held, Means, Moved, Mover, READ};
use crate::duct::Duct;
use crate::scratch;
use crate::stream::{Reader, Writer};

/// At most so many bytes are moved by one call: more is not worth a longer wait of the others.
const MOST: usize = 1 << 20;
/// After so many full reads in a row a copy gives way to `splice`.
const FULL_READS: u32 = 4;
/// What is less than this is copied again.
const LITTLE: usize = 16 * 1024;

/// At most so many bytes are thrown away by one call: all that a socket holds, by the kernel's
/// usual limit of 6 MiB. Each call less is a wake less.
const THROWN: usize = 4 << 20;

thread_local! {
    /// Where a recv that throws away would write, and does not: addresses, no memory.
    static NOWHERE: RefCell<Box<[u8]>> = RefCell::new(vec![0; THROWN].into_boxed_slice());
}

/// What the kernel can do for two ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Road {
    by: By,
    /// Full reads in a row, as long as it is copied.
    full: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// `splice` from one to the other: one of them is a pipe.
    Direct,
    /// `splice` into a pipe of our own, and out of it.
    Duct,
    /// `sendfile`.
    Sendfile,
    /// A recv that throws away.
    Discard,
}

impl Road {
    /// The cheapest there is; none: it is to be copied.
    pub(super) fn between(from: &Reader, to: &Writer) -> Option<Self> {
        let (from, to) = (Edge::of_reader(from)?, Edge::of_writer(to)?);
        let by = match (from, to) {
            (Edge::Tcp(_), Edge::Null(_)) => By::Discard,
            (Edge::Unix(_), Edge::Null(_)) => By::Duct,
            (_, Edge::Null(_)) => return None,
            (Edge::File(_), to) if to.is_socket() => By::Sendfile,
            (from, to) if from.is_pipe() || to.is_pipe() => By::Direct,
            (from, Edge::File(file)) if from.is_socket() && takes_splice(file) => By::Duct,
            (from, to) if from.is_socket() && to.is_socket() => By::Duct,
            _ => return None,
        };
        // A road without a pipe of our own costs nothing before much has come.
        let full = if by == By::Duct { 0 } else { FULL_READS };
        Some(Self { by, full })
    }

    pub(super) fn means(self) -> Means {
        match self.by {
            By::Direct | By::Duct => Means::Splice,
            By::Sendfile => Means::Sendfile,
            By::Discard => Means::Discard,
        }
    }

    /// Whether it is to be taken now.
    pub(super) fn pays(self) -> bool {
        self.full >= FULL_READS
    }

    /// A copy's recv of at most `most` brought so much.
    pub(super) fn saw(&mut self, count: usize, most: usize) {
        self.full = if count == most { self.full + 1 } else { 0 };
    }
}

/// Whether it can be spliced into: one that is only appended to cannot (`splice(2)`).
fn takes_splice(file: impl AsFd) -> bool {
    let flags = rustix::fs::fcntl_getfl(file);
    flags.is_ok_and(|flags| !flags.contains(rustix::fs::OFlags::APPEND))
}

impl Mover {
    pub(super) fn poll_road(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Reader,
        to: &mut Writer,
    ) -> Poll<Result<Moved, Broken>> {
        let by = self.road.map(|road| road.by);
        let edges = Edge::of_reader(from).zip(Edge::of_writer(to));
        let (Some((source, target)), Some(by)) = (edges, by) else {
            // An end that was closed meanwhile says so itself.
            return self.poll_copy(cx, from, to);
        };
        let moved = match by {
            By::Duct => self.poll_fill_duct(cx, source),
            By::Direct => self.poll_direct(cx, source, target),
            By::Sendfile => poll_sendfile(cx, source, target),
            By::Discard => poll_discard(cx, source),
        };
        // With something there to take it is the target.
        self.waits = moved.is_pending() && source.poll_readable(cx).is_ready();
        match ready!(moved) {
            Err(Broken::Source(error) | Broken::Target(error)) if is_missing(&error) => {
                self.road = None;
                self.poll_copy(cx, from, to)
            }
            moved => Poll::Ready(moved),
        }
    }

    fn poll_fill_duct(
        &mut self,
        cx: &mut Context<'_>,
        source: Edge<'_>,
    ) -> Poll<Result<Moved, Broken>> {
        loop {
            ready!(source.poll_readable(cx)).map_err(Broken::Source)?;
            let duct = Duct::take();
            let inlet = duct.as_ref().map(|duct| duct.inlet.as_fd());
            match source.try_read(|| splice_or_read(source, inlet)) {
                Ok(Taken::Spliced(taken)) => {
                    self.held = duct.map_or(Held::Nothing, |duct| Held::Duct(duct, taken));
                    if let Some(road) = self.road.as_mut().filter(|_| taken < LITTLE) {
                        road.full = 0;
                    }
                    return Poll::Ready(Ok(Moved::Bytes { taken, given: 0 }));
                }
                taken => {
                    duct.into_iter().for_each(Duct::give_back);
                    if let Some(moved) = self.took(taken) {
                        return Poll::Ready(moved);
                    }
                }
            }
        }
    }

    /// What was read in place of a splice; none: it is to be tried again.
    fn took(&mut self, taken: io::Result<Taken>) -> Option<Result<Moved, Broken>> {
        match taken {
            Ok(Taken::Read(space, taken)) => {
                self.held = Held::Buffer(space, 0, taken);
                Some(Ok(Moved::Bytes { taken, given: 0 }))
            }
            Ok(Taken::Spliced(count)) => Some(Ok(Moved::Bytes { taken: count, given: count })),
            Ok(Taken::End) => Some(Ok(Moved::End(None))),
            Err(error) if is_passing(&error) => None,
            Err(error) => Some(Err(Broken::Source(error))),
        }
    }

    pub(super) fn poll_empty_duct(
        &mut self,
        cx: &mut Context<'_>,
        to: &mut Writer,
    ) -> Poll<Result<Moved, Broken>> {
        let Held::Duct(duct, count) = &mut self.held else {
            return Poll::Ready(Ok(Moved::Bytes { taken: 0, given: 0 }));
        };
        let Some(target) = Edge::of_writer(to) else {
            return Poll::Ready(Err(Broken::Target(ErrorKind::BrokenPipe.into())));
        };
        let given = loop {
            ready!(target.poll_writable(cx)).map_err(Broken::Target)?;
            match target.try_write(|| splice(duct.outlet.as_fd(), target.descriptor(), *count)) {
                Ok(given) => break given,
                Err(error) if is_passing(&error) => {}
                Err(error) if is_missing(&error) => {
                    let (space, count) = drawn(duct, *count).map_err(Broken::Target)?;
                    self.held = Held::Buffer(space, 0, count);
                    self.road = None;
                    return self.poll_give(cx, to);
                }
                Err(error) => return Poll::Ready(Err(Broken::Target(error))),
            }
        };
        *count = count.saturating_sub(given);
        if *count == 0
            && let Held::Duct(duct, _) = std::mem::take(&mut self.held)
        {
            duct.give_back();
        }
        Poll::Ready(Ok(Moved::Bytes { taken: 0, given }))
    }
}

/// What a duct holds, read out of it: more than a loan of [`scratch`] may have room for.
fn drawn(duct: &Duct, count: usize) -> io::Result<(Vec<u8>, usize)> {
    let mut space = vec![0; count];
    let mut drawn = 0;
    while drawn < count {
        let rest = space.get_mut(drawn..count).unwrap_or_default();
        match rustix::io::read(&duct.outlet, rest)? {
            0 => break,
            more => drawn += more,
        }
    }
    Ok((space, drawn))
}

/// What came from a source.
enum Taken {
    /// Into a pipe, so many bytes.
    Spliced(usize),
    /// Into a buffer.
    Read(Vec<u8>, usize),
    /// Its end.
    End,
}

/// From a socket into a pipe.
fn splice_or_read(source: Edge<'_>, into: Option<BorrowedFd<'_>>) -> io::Result<Taken> {
    let Some(into) = into else {
        return read(source);
    };
    match splice(source.descriptor(), into, MOST) {
        Ok(0) => read(source),
        Ok(count) => Ok(Taken::Spliced(count)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => read(source),
        Err(error) => Err(error),
    }
}

/// A source that gives nothing to a splice is read before that is believed: a splice stops at
/// urgent data (tcp(7)), where a recv goes on behind it, and fails into a pipe that nobody
/// reads, even at the end.
fn read(source: Edge<'_>) -> io::Result<Taken> {
    let mut space = scratch::take(READ);
    let part = space.get_mut(..READ).unwrap_or_default();
    match rustix::io::read(source.descriptor(), part) {
        Ok(count) if count > 0 => Ok(Taken::Read(space, count)),
        none => {
            scratch::give_back(space);
            none.map(|_| Taken::End).map_err(io::Error::from)
        }
    }
}

impl Mover {
    /// From one descriptor to the other, one of which is a pipe.
    fn poll_direct(
        &mut self,
        cx: &mut Context<'_>,
        source: Edge<'_>,
        target: Edge<'_>,
    ) -> Poll<Result<Moved, Broken>> {
        loop {
            ready!(source.poll_readable(cx)).map_err(Broken::Source)?;
            ready!(target.poll_writable(cx)).map_err(Broken::Target)?;
            // Which of the two was not ready the kernel does not say: with something there to
            // read it was the target.
            let taken = source.try_read(|| {
                if !source.is_file() && waiting(source)? == 0 {
                    return read(source).map(Some);
                }
                let spliced =
                    target.try_write(|| splice(source.descriptor(), target.descriptor(), MOST));
                match spliced {
                    Ok(0) => read(source).map(Some),
                    Ok(count) => Ok(Some(Taken::Spliced(count))),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
                    Err(error) => Err(error),
                }
            });
            match taken {
                Ok(None) => {}
                // The error of a pair: only a target says that nobody reads.
                Err(error)
                    if !is_passing(&error)
                        && (error.kind() == ErrorKind::BrokenPipe || !source.is_socket()) =>
                {
                    return Poll::Ready(Err(Broken::Target(error)));
                }
                taken => {
                    if let Some(moved) = self.took(taken.map(|taken| taken.unwrap_or(Taken::End))) {
                        return Poll::Ready(moved);
                    }
                }
            }
        }
    }
}

/// How many bytes can be read (`FIONREAD`).
fn waiting(source: Edge<'_>) -> io::Result<u64> {
    Ok(rustix::io::ioctl_fionread(source.descriptor())?)
}

fn poll_sendfile(
    cx: &mut Context<'_>,
    source: Edge<'_>,
    target: Edge<'_>,
) -> Poll<Result<Moved, Broken>> {
    loop {
        ready!(target.poll_writable(cx)).map_err(Broken::Target)?;
        let (file, socket) = (source.descriptor(), target.descriptor());
        match target.try_write(|| Ok(rustix::fs::sendfile(socket, file, None, MOST)?)) {
            Ok(0) => return Poll::Ready(Ok(Moved::End(None))),
            Ok(count) => return Poll::Ready(Ok(Moved::Bytes { taken: count, given: count })),
            Err(error) if is_passing(&error) => {}
            Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => {
                return Poll::Ready(Err(Broken::Source(error)));
            }
            Err(error) => return Poll::Ready(Err(Broken::Target(error))),
        }
    }
}

fn poll_discard(cx: &mut Context<'_>, source: Edge<'_>) -> Poll<Result<Moved, Broken>> {
    loop {
        ready!(source.poll_readable(cx)).map_err(Broken::Source)?;
        let thrown = source.try_read(|| {
            NOWHERE.with_borrow_mut(|space| {
                Ok(rustix::net::recv(source.descriptor(), &mut **space, RecvFlags::TRUNC)?.1)
            })
        });
        match thrown {
            Ok(0) => return Poll::Ready(Ok(Moved::End(None))),
            Ok(count) => return Poll::Ready(Ok(Moved::Bytes { taken: count, given: count })),
            Err(error) if is_passing(&error) => {}
            Err(error) => return Poll::Ready(Err(Broken::Source(error))),
        }
    }
}

fn splice(from: BorrowedFd<'_>, to: BorrowedFd<'_>, most: usize) -> io::Result<usize> {
    let flags = SpliceFlags::NONBLOCK | SpliceFlags::MOVE;
    Ok(rustix::pipe::splice(from, None, to, None, most, flags)?)
}

/// Whether it is to be tried again, once the descriptor is ready.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Whether this kernel, or this pair, has no such way. A copy that cannot either says which of
/// the two it was.
fn is_missing(error: &io::Error) -> bool {
    let missing = [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::PERM, Errno::BADF];
    error.kind() == ErrorKind::Unsupported
        || missing.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_pipe_of_ours_holds_is_drawn() {
        let duct = Duct::take().unwrap();
        let mut put = Vec::new();
        // Until it is full.
        for byte in (0..=u8::MAX).cycle() {
            let page = [byte; 4096];
            match rustix::io::write(&duct.inlet, &page) {
                Ok(count) => put.extend_from_slice(page.get(..count).unwrap()),
                Err(error) => {
                    assert_eq!(error, Errno::AGAIN);
                    break;
                }
            }
        }
        let (space, count) = drawn(&duct, put.len()).unwrap();
        assert_eq!(count, put.len());
        assert!(space.get(..count) == Some(&put[..]));
    }
}
