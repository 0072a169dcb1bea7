//! The head of a file given back to the disk, where the platform can.

use std::fs::File;
use std::ops::Range;

/// Frees the disk of these bytes, which read as zeros afterwards, and writes `head` to the
/// beginning of them; the file is as long as before. Where that cannot be done, or the head does
/// not fit, the file is left as it is: nobody looks at these bytes.
#[cfg(target_os = "linux")]
pub(crate) fn punch(file: &File, bytes: Range<u64>, head: &[u8]) {
    use rustix::fs::FallocateFlags;
    use rustix::fs::fallocate;
    let how = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    let len = bytes.end.saturating_sub(bytes.start);
    if len > head.len() as u64 && fallocate(file, how, bytes.start, len).is_ok() {
        // If it fails, who adopts the file finds zeros and the rest.
        drop(std::os::unix::fs::FileExt::write_all_at(file, head, bytes.start));
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn punch(_file: &File, _bytes: Range<u64>, _head: &[u8]) {}
