//! What is transferred: numbered pieces, so that a piece that is lost, doubled or moved shows.
//! `xtask/limits/copy.c` makes the same.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::path::Path;
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, bail, ensure};

/// Bytes of a piece.
const PIECE: usize = 128 * 1024;

/// The piece with this number.
fn piece(number: u64, buffer: &mut [u8]) {
    for (place, byte) in buffer.iter_mut().zip(number.to_le_bytes()) {
        *place = byte;
    }
}

fn blank() -> Vec<u8> {
    let byte = |at: usize| u32::try_from(at).unwrap_or_default().wrapping_mul(2_654_435_761) >> 24;
    (0..PIECE).map(|at| u8::try_from(byte(at)).unwrap_or_default()).collect()
}

fn pieces(bytes: u64) -> u64 {
    bytes / PIECE as u64
}

/// Writes it all. A reader that has gone is no failure here: its own count tells.
fn write(mut to: impl Write, bytes: u64) -> std::io::Result<()> {
    let mut buffer = blank();
    for number in 0..pieces(bytes) {
        piece(number, &mut buffer);
        match to.write_all(&buffer) {
            Err(gone) if gone.kind() == ErrorKind::BrokenPipe => return Ok(()),
            done => done?,
        }
    }
    to.flush()
}

/// Writes it to a pipe, from a thread of its own.
pub(crate) fn feed(to: impl Write + Send + 'static, bytes: u64) -> JoinHandle<std::io::Result<()>> {
    thread::spawn(move || write(to, bytes))
}

/// Writes it to a file.
pub(crate) fn store(file: &Path, bytes: u64) -> anyhow::Result<()> {
    let free = rustix::fs::statvfs(file.parent().context("a file lies in a folder")?)?;
    let free = free.f_bavail * free.f_frsize;
    ensure!(free > bytes + bytes / 4, "`{}` has no room for {bytes} bytes", file.display());
    write(BufWriter::new(File::create(file)?), bytes).context("cannot write what is to be sent")
}

/// Reads to the end, from a thread of its own, and compares every byte.
pub(crate) fn check(
    from: impl Read + Send + 'static,
    bytes: u64,
) -> JoinHandle<anyhow::Result<()>> {
    thread::spawn(move || compare(from, bytes))
}

fn compare(mut from: impl Read, bytes: u64) -> anyhow::Result<()> {
    let (mut wanted, mut came) = (blank(), vec![0; PIECE]);
    for number in 0..pieces(bytes) {
        piece(number, &mut wanted);
        let at = number * PIECE as u64;
        from.read_exact(&mut came)
            .with_context(|| format!("it ends after byte {at} of {bytes}"))?;
        ensure!(came == wanted, "other bytes came than were sent, after byte {at}");
    }
    if from.read(&mut came)? > 0 {
        bail!("more than {bytes} bytes came");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(bytes: u64) -> Vec<u8> {
        let mut all = Vec::new();
        write(&mut all, bytes).expect("memory takes all");
        all
    }

    #[test]
    fn what_is_made_is_found_whole() {
        let all = made(3 * PIECE as u64);
        assert_eq!(all.len(), 3 * PIECE);
        compare(all.as_slice(), 3 * PIECE as u64).expect("nothing is missing");
    }

    #[test]
    fn what_is_cut_longer_swapped_or_changed_is_seen() {
        let (all, bytes) = (made(3 * PIECE as u64), 3 * PIECE as u64);
        let fails = |changed: &[u8]| compare(changed, bytes).is_err();
        assert!(fails(all.split_last().expect("it is long").1));
        assert!(fails(&[all.as_slice(), b"x"].concat()));
        let (first, rest) = all.split_at(PIECE);
        assert!(fails(&[rest, first].concat()));
        let mut changed = all.clone();
        *changed.last_mut().expect("it is long") ^= 1;
        assert!(fails(&changed));
    }
}
