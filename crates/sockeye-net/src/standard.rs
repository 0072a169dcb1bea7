//! Our own stdin and stdout as the ends of a stream.
//!
//! A pipe is opened anew, so that it can be waited for: to make the one that we were given
//! non-blocking would make it so for everybody who has it. What can be waited for in no such
//! way (a terminal, a socket of somebody else's) is left to a thread that blocks.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use rustix::fs::{FileType, fstat};
use tokio::net::unix::pipe;

use crate::stream::{Facts, Reader, Stream, Writer};

/// How much the pipes are asked to hold, in bytes: what Linux grants everybody (pipe(7)).
#[cfg(target_os = "linux")]
const ROOM: usize = 1 << 20;

/// Both as one stream; inside a runtime.
pub fn stdio() -> Stream {
    Stream { reader: input(), writer: output(), facts: Facts::new("stdio", "-", "-") }
}

/// Our stdin; inside a runtime.
pub fn input() -> Reader {
    let by_kind = match kind(&io::stdin()) {
        Some(FileType::Fifo) => {
            let pipe = pipe::OpenOptions::new().open_receiver("/dev/fd/0").ok();
            pipe.inspect(widen).map(Reader::Pipe)
        }
        Some(FileType::RegularFile) => same(&io::stdin()).map(Reader::Regular),
        _ => None,
    };
    by_kind.unwrap_or_else(|| Reader::Stdin(Box::new(tokio::io::stdin())))
}

/// Our stdout; inside a runtime.
pub fn output() -> Writer {
    let by_kind = match kind(&io::stdout()) {
        Some(FileType::Fifo) => {
            let pipe = pipe::OpenOptions::new().open_sender("/dev/fd/1").ok();
            pipe.inspect(widen).map(Writer::Pipe)
        }
        Some(FileType::RegularFile) => same(&io::stdout()).map(Writer::Regular),
        Some(FileType::CharacterDevice) if is_null(&io::stdout()) => {
            same(&io::stdout()).map(Writer::Null)
        }
        _ => None,
    };
    by_kind.unwrap_or_else(|| Writer::Stdout(Box::new(tokio::io::stdout())))
}

/// Whether it is `/dev/null`: nobody will see what is written there.
pub fn is_null(descriptor: &impl AsFd) -> bool {
    let null = std::fs::metadata("/dev/null").map(|meta| meta.rdev());
    matches!((null, fstat(descriptor)), (Ok(null), Ok(stat)) if null != 0 && stat.st_rdev == null)
}

/// Lets more wait in it, so that we and the other side wake each other less often.
#[cfg(target_os = "linux")]
fn widen(pipe: &impl AsFd) {
    // A smaller one is slower, and does.
    let _room = rustix::pipe::fcntl_setpipe_size(pipe, ROOM);
}

/// Elsewhere a pipe is as large as it is.
#[cfg(not(target_os = "linux"))]
fn widen(_pipe: &impl AsFd) {}

/// Whether it is a regular file, which never makes anybody wait for somebody else.
pub(crate) fn is_regular(descriptor: &impl AsFd) -> bool {
    kind(descriptor) == Some(FileType::RegularFile)
}

fn kind(descriptor: &impl AsFd) -> Option<FileType> {
    fstat(descriptor).ok().map(|stat| FileType::from_raw_mode(stat.st_mode))
}

/// The same open file, with the same place in it.
fn same(descriptor: &impl AsFd) -> Option<File> {
    rustix::io::fcntl_dupfd_cloexec(descriptor, 3).ok().map(File::from)
}
