//! Bytes that nobody looks at, moved one way from the end of a stream to the end of another:
//! inside the kernel where both have descriptors for that, else through a buffer. Which of
//! them is decided here and nowhere else.
//!
//! What comes in small pieces is copied, whatever it comes from: to move it otherwise costs as
//! many system calls, and more work in each.

#[cfg(target_os = "linux")]
mod edge;
#[cfg(target_os = "linux")]
mod kernel;

use std::fmt;
use std::io;
use std::task::{Context, Poll, ready};

use crate::came::Filled;
#[cfg(target_os = "linux")]
use crate::duct::Duct;
use crate::scratch;
use crate::stream::{Reader, Writer};

/// How much one recv of a copy asks for, in bytes.
const READ: usize = 128 * 1024;

/// How bytes are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Read into a buffer, and written from there.
    Copy,
    /// Handed from one descriptor to the other inside the kernel (`splice(2)`); copied as long
    /// as little comes at once.
    Splice,
    /// A file's pages given to a socket (`sendfile(2)`): what is changed in the file before they have
    /// left goes out changed.
    Sendfile,
    /// Thrown away by the kernel without being copied (tcp(7), `MSG_TRUNC`).
    Discard,
}

impl fmt::Display for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Copy => "copy",
            Self::Splice => "splice",
            Self::Sendfile => "sendfile",
            Self::Discard => "discard",
        })
    }
}

/// Which means a mover may choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The cheapest that the two ends allow.
    #[default]
    Cheapest,
    /// Copying, which every system has.
    Portable,
}

/// What a turn of a mover did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// So many bytes were taken from the source, and so many given to the target.
    Bytes {
        /// From the source.
        taken: usize,
        /// To the target.
        given: usize,
    },
    /// Something that the source's transport tells.
    Told(String),
    /// The source's end, and its words at parting. All that it said has been given.
    End(Option<String>),
}

/// Which side failed, and why.
#[derive(Debug)]
pub enum Broken {
    /// The source.
    Source(io::Error),
    /// The target: what was taken and not given is lost.
    Target(io::Error),
}

/// One way. Without ends of its own ([`Mover::default`]) it copies.
#[derive(Debug, Default)]
pub struct Mover {
    /// What the kernel can do for the two ends.
    #[cfg(target_os = "linux")]
    road: Option<kernel::Road>,
    /// What was taken and has not been given yet.
    held: Held,
    /// An error of the target that came after bytes were taken.
    refused: Option<io::Error>,
    /// Whether the last turn ended since the target was not ready.
    waits: bool,
}

#[derive(Debug, Default)]
enum Held {
    #[default]
    Nothing,
    /// From the first number to the second.
    Buffer(Vec<u8>, usize, usize),
    /// So many bytes.
    #[cfg(target_os = "linux")]
    Duct(Duct, usize),
}

impl Mover {
    /// For bytes from one end to the other: all turns are to be with these two.
    pub fn between(from: &Reader, to: &Writer, choice: Choice) -> Self {
        #[cfg(not(target_os = "linux"))]
        let _ = (from, to, choice);
        Self {
            #[cfg(target_os = "linux")]
            road: (choice == Choice::Cheapest).then(|| kernel::Road::between(from, to)).flatten(),
            held: Held::Nothing,
            refused: None,
            waits: false,
        }
    }

    /// How it moves them.
    pub fn means(&self) -> Means {
        #[cfg(target_os = "linux")]
        if let Some(road) = &self.road {
            return road.means();
        }
        Means::Copy
    }

    /// Bytes that were taken from the source and have not been given to the target.
    pub fn held(&self) -> usize {
        match &self.held {
            Held::Nothing => 0,
            Held::Buffer(_, start, end) => end - start,
            #[cfg(target_os = "linux")]
            Held::Duct(_, count) => *count,
        }
    }

    /// Whether it is the target that is waited for.
    pub fn waits_for_target(&self) -> bool {
        self.waits || self.held() > 0
    }

    /// Does what can be done now. Nothing more is taken while something is held. Cancel-safe.
    pub fn poll(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Reader,
        to: &mut Writer,
    ) -> Poll<Result<Moved, Broken>> {
        if let Some(error) = self.refused.take() {
            return Poll::Ready(Err(Broken::Target(error)));
        }
        if self.held() > 0 {
            return self.poll_give(cx, to);
        }
        #[cfg(target_os = "linux")]
        if self.road.is_some_and(kernel::Road::pays) {
            return self.poll_road(cx, from, to);
        }
        self.poll_copy(cx, from, to)
    }

    /// Gives what is held, as far as the target takes it now. Cancel-safe.
    pub fn poll_give(
        &mut self,
        cx: &mut Context<'_>,
        to: &mut Writer,
    ) -> Poll<Result<Moved, Broken>> {
        let given = match &mut self.held {
            Held::Nothing => 0,
            Held::Buffer(space, start, end) => {
                let part = space.get(*start..*end).unwrap_or_default();
                let count = ready!(to.poll_send(cx, part, None)).map_err(Broken::Target)?;
                *start += count;
                if start == end {
                    scratch::give_back(std::mem::take(space));
                    self.held = Held::Nothing;
                }
                count
            }
            #[cfg(target_os = "linux")]
            Held::Duct(..) => return self.poll_empty_duct(cx, to),
        };
        Poll::Ready(Ok(Moved::Bytes { taken: 0, given }))
    }

    fn poll_copy(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Reader,
        to: &mut Writer,
    ) -> Poll<Result<Moved, Broken>> {
        let mut space = scratch::take(READ);
        let filled = from.poll_fill(cx, space.get_mut(..READ).unwrap_or_default());
        let other = match filled {
            Poll::Ready(Ok(Filled::Bytes(taken))) => return self.pass_on(cx, space, taken, to),
            Poll::Ready(Ok(Filled::Told(text))) => Poll::Ready(Ok(Moved::Told(text))),
            Poll::Ready(Ok(Filled::End(words))) => Poll::Ready(Ok(Moved::End(words))),
            Poll::Ready(Err(error)) => Poll::Ready(Err(Broken::Source(error))),
            Poll::Pending => Poll::Pending,
        };
        scratch::give_back(space);
        other
    }

    /// What was read is given, as far as the target takes it at once: that needs no second turn.
    fn pass_on(
        &mut self,
        cx: &mut Context<'_>,
        space: Vec<u8>,
        taken: usize,
        to: &mut Writer,
    ) -> Poll<Result<Moved, Broken>> {
        #[cfg(target_os = "linux")]
        if let Some(road) = &mut self.road {
            road.saw(taken, READ);
        }
        let given = match to.poll_send(cx, space.get(..taken).unwrap_or_default(), None) {
            Poll::Ready(Ok(given)) => given,
            Poll::Ready(Err(error)) => {
                self.refused = Some(error);
                0
            }
            Poll::Pending => 0,
        };
        if given == taken {
            scratch::give_back(space);
        } else {
            self.held = Held::Buffer(space, given, taken);
        }
        Poll::Ready(Ok(Moved::Bytes { taken, given }))
    }
}
