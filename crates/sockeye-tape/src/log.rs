//! Whole lines on their way to a file, which ends with a whole line even if the disk is
//! full. What the lines say, and when they are written out, is decided above.

use std::fs::File;
use std::io;
use std::io::ErrorKind;
use std::io::Write;

/// Memory that is kept from one batch to the next.
const ROOM: usize = 512 * 1024;

/// Where whole lines go: a file, or in tests a disk that is full.
pub(crate) trait Sink: Write {
    /// Forgets everything after the first `len` bytes.
    fn cut(&mut self, len: u64) -> io::Result<()>;
}

impl Sink for File {
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
}

/// Whole lines on their way to a sink. Invariant: `waiting` holds whole lines only, and so
/// do the sink's first `kept` bytes.
#[derive(Debug)]
pub(crate) struct Log<S> {
    sink: S,
    waiting: Vec<u8>,
    kept: u64,
    /// Whether a write has failed.
    pub(crate) ended: bool,
}

impl<S: Sink> Log<S> {
    /// A sink to which nothing has been written.
    pub(crate) fn new(sink: S) -> Self {
        Self::resumed(sink, 0)
    }

    /// A sink that has `kept` bytes of whole lines, and takes the next ones after them.
    pub(crate) fn resumed(sink: S, kept: u64) -> Self {
        Self { sink, waiting: Vec::new(), kept, ended: false }
    }

    /// Takes one whole line, its end included.
    pub(crate) fn put(&mut self, line: impl FnOnce(&mut Vec<u8>)) {
        line(&mut self.waiting);
    }

    /// How many bytes wait to be written out.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Where the next line will lie: after what is written out and what waits.
    pub(crate) fn end(&self) -> u64 {
        self.kept + self.waiting.len() as u64
    }

    /// How many bytes have been written out, all of them whole lines.
    pub(crate) fn kept(&self) -> u64 {
        self.kept
    }

    /// Writes out what waits. After an error the sink has the whole lines that fitted, and
    /// nothing more is to be written.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let (done, outcome) = write_out(&mut self.sink, &self.waiting);
        if let Err(error) = outcome {
            self.fail(done);
            return Err(error);
        }
        self.kept += done as u64;
        self.waiting.clear();
        self.waiting.shrink_to(ROOM);
        Ok(())
    }

    /// The last `done` bytes written are of `waiting`: keeps the whole lines among them.
    fn fail(&mut self, done: usize) {
        let written = self.waiting.get(..done).unwrap_or_default();
        let whole = written.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        // A pipe cannot be cut: its reader sees a torn last line, which it leaves out.
        self.kept += whole as u64;
        drop(self.sink.cut(self.kept));
        self.waiting = Vec::new();
        self.ended = true;
    }
}

/// As `write_all`, but says how much was written before an error.
fn write_out(sink: &mut impl Write, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut rest = bytes;
    while !rest.is_empty() {
        match sink.write(rest) {
            Ok(0) => return (bytes.len() - rest.len(), Err(ErrorKind::WriteZero.into())),
            Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (bytes.len() - rest.len(), Err(error)),
        }
    }
    (bytes.len(), Ok(()))
}

#[cfg(test)]
mod tests {
    use super::Log;
    use super::Sink;
    use proptest::prelude::proptest;
    use std::io;
    use std::io::ErrorKind;
    use std::io::Write;

    /// A disk with room for so many bytes, that takes a few at a time.
    struct Disk {
        room: usize,
        bite: usize,
        file: Vec<u8>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let free = self.room - self.file.len();
            if free == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            let taken = bytes.len().min(free).min(self.bite);
            self.file.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Sink for Disk {
        fn cut(&mut self, len: u64) -> io::Result<()> {
            assert!(len <= self.file.len() as u64);
            self.file.truncate(usize::try_from(len).unwrap());
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn a_full_disk_leaves_every_whole_line_that_fitted(
            sizes in proptest::collection::vec(0usize..40, 1..20),
            every in 1usize..6,
            room in 0usize..400,
            bite in 1usize..50,
        ) {
            let mut log = Log::new(Disk { room, bite, file: Vec::new() });
            let mut all = Vec::new();
            let mut outcome = Ok(());
            for (index, size) in sizes.iter().enumerate() {
                let line = [&vec![b'x'; *size][..], b"\n"].concat();
                all.extend_from_slice(&line);
                log.put(|waiting| waiting.extend_from_slice(&line));
                if index % every == 0 || index + 1 == sizes.len() {
                    outcome = log.flush();
                }
                if outcome.is_err() {
                    break;
                }
            }
            assert_eq!(outcome.is_err(), all.len() > room);
            assert_eq!(log.ended, outcome.is_err());
            let fitted = &all[..all.len().min(room)];
            let whole = fitted.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            assert_eq!(log.sink.file, &all[..whole]);
        }
    }
}
