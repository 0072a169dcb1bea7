//! Writes a capture file (pcapng), packet by packet, as they were seen: one interface, times
//! in nanoseconds. The file ends with a whole block whatever happens.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use sockeye_text::safe;

use crate::blocks;
use crate::capture::Captured;
use crate::error::TapeError;

/// What is written waits until there is this much of it, or for [`Writer::flush`].
const BATCH: usize = 256 * 1024;

/// What is said of the packets as a whole.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The number of their link layer.
    pub link: u16,
    /// The most bytes that were kept of one.
    pub snap: u32,
    /// The interface, or `any`.
    pub interface: &'a str,
    /// The program that wrote it.
    pub program: &'a str,
}

/// A capture file being written.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
    /// Whole blocks that are not written yet.
    waiting: Vec<u8>,
    /// Bytes of whole blocks in the file.
    kept: u64,
    ended: bool,
}

impl Writer {
    /// Makes the file, for its owner only (0600), and writes what stands before the packets.
    /// A file that is there is refused unless `over` says other.
    pub fn create(
        path: &Path,
        over: crate::draft::Over,
        about: About<'_>,
    ) -> Result<Self, TapeError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => TapeError::Taken { path: path.to_owned() },
            _ => TapeError::Make { path: path.to_owned(), source },
        };
        let mut options = OpenOptions::new();
        options.write(true);
        match over {
            crate::draft::Over::Refused => options.create_new(true),
            crate::draft::Over::Replaced => options.create(true).truncate(true),
        };
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(failed)?;
        let mut waiting = Vec::new();
        blocks::section(&mut waiting, "", &safe::one_line(about.program));
        blocks::interface(&mut waiting, about.link, about.snap, &safe::one_line(about.interface));
        let mut writer = Self { path: path.to_owned(), file, waiting, kept: 0, ended: false };
        writer.flush()?;
        Ok(writer)
    }

    /// Takes a packet. After an error the file ends with the last whole block that fitted,
    /// and nothing more is taken.
    pub fn packet(&mut self, packet: &Captured) -> Result<(), TapeError> {
        if self.ended {
            return Ok(());
        }
        let time = nanos(packet.at);
        blocks::cut_packet(&mut self.waiting, time, &packet.bytes, packet.length, "");
        if self.waiting.len() < BATCH { Ok(()) } else { self.flush() }
    }

    /// Says at the end how many packets came, and how many of them were dropped.
    pub fn count(&mut self, at: Duration, came: u64, dropped: u64) -> Result<(), TapeError> {
        if self.ended {
            return Ok(());
        }
        blocks::statistics(&mut self.waiting, nanos(at), came, dropped);
        self.flush()
    }

    /// Hands everything to the operating system.
    pub fn flush(&mut self) -> Result<(), TapeError> {
        let mut rest = self.waiting.as_slice();
        while !rest.is_empty() {
            let taken = match self.file.write(rest) {
                Ok(0) => Err(io::ErrorKind::WriteZero.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
                taken => taken,
            };
            match taken {
                Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
                Err(source) => {
                    let done = self.waiting.len() - rest.len();
                    let whole = whole(self.waiting.get(..done).unwrap_or_default());
                    // A pipe cannot be cut: its reader sees a cut block, and leaves it out.
                    drop(self.file.set_len(self.kept + whole));
                    self.waiting = Vec::new();
                    self.ended = true;
                    return Err(TapeError::Put { path: self.path.clone(), source });
                }
            }
        }
        self.kept += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }
}

/// Up to where whole blocks reach.
fn whole(bytes: &[u8]) -> u64 {
    let mut end = 0;
    while let Some(length) = bytes.get(end + 4..end + 8).and_then(|word| word.try_into().ok()) {
        let next = end + u32::from_le_bytes(length) as usize;
        if next > bytes.len() || next == end {
            break;
        }
        end = next;
    }
    end as u64
}

/// Nanoseconds since 1970, as far as 64 bits reach.
fn nanos(at: Duration) -> u64 {
    u64::try_from(at.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::whole;
    use crate::blocks;

    #[test]
    fn of_blocks_that_a_full_disk_has_cut_the_whole_ones_are_kept() {
        let mut bytes = Vec::new();
        blocks::packet(&mut bytes, 1, b"one", "");
        let first = bytes.len();
        blocks::packet(&mut bytes, 2, b"another", "");
        for (there, kept) in [(0, 0), (3, 0), (first - 1, 0), (first, first), (first + 9, first)] {
            assert_eq!(whole(&bytes[..there]), kept as u64);
        }
        assert_eq!(whole(&bytes), bytes.len() as u64);
    }
}
