//! The head of a file given back to the disk, where the platform can.

use std::fs::File;
use std::ops::Range;

/// Frees the disk of these bytes, which read as zeros afterwards; the file is as long as
/// before. Where that cannot be done the file is left as it is.
#[cfg(target_os = "linux")]
pub(crate) fn punch(file: &File, bytes: Range<u64>) {
    use rustix::fs::FallocateFlags;
    use rustix::fs::fallocate;
    let how = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    if let Some(len) = bytes.end.checked_sub(bytes.start).filter(|len| *len > 0) {
        // Not every file system can: the bytes then stay, and nobody looks at them.
        let _ = fallocate(file, how, bytes.start, len);
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn punch(_file: &File, _bytes: Range<u64>) {}
