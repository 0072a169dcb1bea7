//! The writing side of a tape: an append-only file that ends with a whole line whatever
//! happens. It waits for the disk, and the talk waits for it; it never calls the clock.

use std::borrow::Cow;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use crate::error::TapeError;
use crate::event::Event;
use crate::event::What;
use crate::header::Header;
use crate::json;
use crate::log::Log;

/// What is written waits until there is this much of it, or for [`Recorder::flush`].
const BATCH: usize = 256 * 1024;

/// The most bytes of one read or write in one line: escapes make them three times as long
/// at most (a soft hyphen, two bytes, is `\u00ad`), base64 less, and a reader refuses
/// lines of more than 64 MiB.
const PIECE: usize = 16 * 1024 * 1024;

/// The writing side of a tape. Dropping it writes out what waits, but tells no error:
/// [`Recorder::flush`] first.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    log: Log<File>,
}

impl Recorder {
    /// Makes the file, for its owner only (0600), and writes the header to it. A file that
    /// has something in it is refused unless `overwrite`, and one that another recorder is
    /// writing is refused always. A file that is taken over becomes 0600 too.
    pub fn create(path: &Path, header: &Header, overwrite: bool) -> Result<Self, TapeError> {
        let failed = |source| TapeError::Create { path: path.to_owned(), source };
        let file = open(path).map_err(failed)?;
        Self::begin(path, file, header, overwrite)
    }

    /// The same into a file that is open for writing.
    pub(crate) fn begin(
        path: &Path,
        file: File,
        header: &Header,
        overwrite: bool,
    ) -> Result<Self, TapeError> {
        let failed = |source| TapeError::Create { path: path.to_owned(), source };
        let about = file.metadata().map_err(failed)?;
        if about.is_file() {
            if let Err(TryLockError::WouldBlock) = file.try_lock() {
                return Err(TapeError::Busy { path: path.to_owned() });
            }
            // Asked again under the lock: another recorder may just have ended.
            if file.metadata().map_err(failed)?.len() > 0 {
                if !overwrite {
                    return Err(TapeError::Exists { path: path.to_owned() });
                }
                file.set_len(0).map_err(failed)?;
            }
            keep_private(&file).map_err(failed)?;
        }
        let mut recorder = Self { path: path.to_owned(), log: Log::new(file) };
        recorder.log.put(|line| header.write(line));
        recorder.flush()?;
        Ok(recorder)
    }

    /// Goes on with a file that stands at the end of its `kept` bytes of whole lines.
    pub(crate) fn resume(path: &Path, file: File, kept: u64) -> Self {
        Self { path: path.to_owned(), log: Log::resumed(file, kept) }
    }

    /// Appends an event. It may wait in memory, up to 256 KiB of lines, for
    /// [`Recorder::flush`]. A read or write of more than 16 MiB becomes several events,
    /// with a note before them that says so.
    ///
    /// After an error the file ends with the last whole line that fitted, and every later
    /// call is refused ([`TapeError::Ended`]).
    pub fn record(&mut self, event: &Event<'_>) -> Result<(), TapeError> {
        self.record_each(event, &mut |_, _| {})
    }

    /// The same, and tells of each event that it becomes, with where in the file its line
    /// lies, before that line is written out.
    pub(crate) fn record_each(
        &mut self,
        event: &Event<'_>,
        told: &mut impl FnMut(&Event<'_>, Range<u64>),
    ) -> Result<(), TapeError> {
        if self.log.ended {
            return Err(TapeError::Ended { path: self.path.clone() });
        }
        match &event.what {
            What::In { bytes, .. } | What::Out { bytes, .. } if bytes.len() > PIECE => {
                self.record_pieces(event, bytes, told)
            }
            _ => self.append(event, told),
        }
    }

    /// Hands everything to the operating system.
    pub fn flush(&mut self) -> Result<(), TapeError> {
        if self.log.ended {
            return Err(TapeError::Ended { path: self.path.clone() });
        }
        let flushed = self.log.flush();
        flushed.map_err(|source| TapeError::Write { path: self.path.clone(), source })
    }

    /// The file, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes of whole lines have been handed to the operating system.
    pub(crate) fn written(&self) -> u64 {
        self.log.kept()
    }

    /// How many bytes wait for that.
    pub(crate) fn waiting(&self) -> usize {
        self.log.waiting()
    }

    /// Gives a last line that lacks its end, and was read all the same, its end.
    pub(crate) fn end_line(&mut self) {
        self.log.put(|line| line.push(b'\n'));
    }

    fn append(
        &mut self,
        event: &Event<'_>,
        told: &mut impl FnMut(&Event<'_>, Range<u64>),
    ) -> Result<(), TapeError> {
        let begin = self.log.end();
        self.log.put(|line| json::write(event, line));
        told(event, begin..self.log.end());
        if self.log.waiting() < BATCH { Ok(()) } else { self.flush() }
    }

    fn record_pieces(
        &mut self,
        event: &Event<'_>,
        bytes: &[u8],
        told: &mut impl FnMut(&Event<'_>, Range<u64>),
    ) -> Result<(), TapeError> {
        let text = format!("{} bytes at once, recorded in pieces of {PIECE}", bytes.len());
        self.append(&Event { t: event.t, c: event.c, what: What::Note { text } }, told)?;
        for piece in bytes.chunks(PIECE) {
            let bytes = Cow::Borrowed(piece);
            let what = match &event.what {
                What::Out { to, .. } => What::Out { bytes, to: to.clone() },
                What::In { from, .. } => What::In { bytes, from: from.clone() },
                _ => continue,
            };
            self.append(&Event { t: event.t, c: event.c, what }, told)?;
        }
        Ok(())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Whoever wants to know has called `flush`.
        drop(self.flush());
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A file that was there may have been readable by others: a tape has whatever was said,
/// passwords too.
#[cfg(unix)]
fn keep_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS: u32 = 0o077;
    let mut permissions = file.metadata()?.permissions();
    if permissions.mode() & OTHERS == 0 {
        return Ok(());
    }
    permissions.set_mode(0o600);
    file.set_permissions(permissions)
}

#[cfg(not(unix))]
fn keep_private(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::PIECE;
    use super::Recorder;
    use crate::error::TapeError;
    use crate::event::Event;
    use crate::event::What;
    use crate::header::Header;
    use crate::json;
    use proptest::prelude::any;
    use proptest::prelude::proptest;
    use std::borrow::Cow;
    use std::fs;
    use std::io::ErrorKind;
    use std::path::Path;
    use std::time::Duration;

    fn header() -> Header {
        Header { start: "2025-01-01T00:00:00Z".into(), argv: vec![], sockeye: "0.1.0".into() }
    }

    fn note(text: &str) -> Event<'static> {
        Event { t: Duration::ZERO, c: 1, what: What::Note { text: text.into() } }
    }

    fn lines(path: &Path) -> usize {
        let written = fs::read(path).unwrap();
        assert!(written.starts_with(b"{\"v\":1,"));
        assert_eq!(written.last(), Some(&b'\n'));
        written.split_inclusive(|&byte| byte == b'\n').count()
    }

    #[test]
    fn the_header_is_there_at_once_and_events_after_a_flush() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tape");
        let mut recorder = Recorder::create(&path, &header(), false).unwrap();
        assert_eq!(recorder.path(), path);
        assert_eq!(lines(&path), 1);
        recorder.record(&note("one")).unwrap();
        assert_eq!(lines(&path), 1);
        recorder.flush().unwrap();
        assert_eq!(lines(&path), 2);
        recorder.record(&note("two")).unwrap();
        drop(recorder);
        assert_eq!(lines(&path), 3);
    }

    #[test]
    fn no_more_than_a_batch_ever_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tape");
        let mut recorder = Recorder::create(&path, &header(), false).unwrap();
        let bytes = Cow::Owned(vec![0; 64 * 1024]);
        let event = Event { t: Duration::ZERO, c: 1, what: What::In { bytes, from: None } };
        for _ in 0..3 {
            recorder.record(&event).unwrap();
        }
        assert_eq!(lines(&path), 4);
    }

    #[test]
    fn refuses_a_file_with_something_in_it_unless_told_to_overwrite() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tape");
        fs::write(&path, "precious").unwrap();
        let refused = Recorder::create(&path, &header(), false).unwrap_err();
        assert!(matches!(refused, TapeError::Exists { .. }));
        assert_eq!(fs::read(&path).unwrap(), b"precious");
        drop(Recorder::create(&path, &header(), true).unwrap());
        assert_eq!(lines(&path), 1);
        fs::write(&path, "").unwrap();
        drop(Recorder::create(&path, &header(), false).unwrap());
        assert_eq!(lines(&path), 1);
    }

    #[test]
    fn two_recorders_never_write_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tape");
        let first = Recorder::create(&path, &header(), false).unwrap();
        let refused = Recorder::create(&path, &header(), true).unwrap_err();
        assert!(matches!(refused, TapeError::Busy { .. }));
        assert_eq!(lines(&path), 1);
        drop(first);
        drop(Recorder::create(&path, &header(), true).unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn a_tape_is_its_owners_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new.tape");
        drop(Recorder::create(&new, &header(), false).unwrap());
        let taken = folder.path().join("taken.tape");
        fs::write(&taken, "").unwrap();
        fs::set_permissions(&taken, fs::Permissions::from_mode(0o644)).unwrap();
        drop(Recorder::create(&taken, &header(), false).unwrap());
        for path in [new, taken] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_missing_folder_is_told_with_the_path() {
        let error = Recorder::create(Path::new("/nowhere/a.tape"), &header(), false).unwrap_err();
        assert!(error.to_string().starts_with("cannot create the tape `/nowhere/a.tape`: "));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_an_error_of_create_itself() {
        let error = Recorder::create(Path::new("/dev/full"), &header(), false).unwrap_err();
        let TapeError::Write { source, .. } = error else { panic!("{error}") };
        assert_eq!(source.kind(), ErrorKind::StorageFull);
    }

    #[test]
    fn a_giant_write_becomes_pieces_that_a_reader_takes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tape");
        let mut recorder = Recorder::create(&path, &header(), false).unwrap();
        let giant = vec![b'a'; 2 * PIECE + 1];
        let what = What::Out { bytes: Cow::Borrowed(&giant), to: None };
        recorder.record(&Event { t: Duration::ZERO, c: 1, what }).unwrap();
        drop(recorder);
        let tape = fs::read_to_string(&path).unwrap();
        let events: Vec<_> = tape.lines().skip(1).map(|line| json::parse(line).unwrap()).collect();
        assert!(matches!(&events[0].what, What::Note { .. }));
        let sizes: Vec<_> = events[1..]
            .iter()
            .map(|event| match &event.what {
                What::Out { bytes, to: None } => bytes.len(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(sizes, [PIECE, PIECE, 1]);
    }

    proptest! {
        #[test]
        fn what_is_recorded_is_what_json_writes(texts in any::<Vec<String>>()) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.tape");
            let mut recorder = Recorder::create(&path, &header(), false).unwrap();
            let mut expected = Vec::new();
            header().write(&mut expected);
            for text in &texts {
                recorder.record(&note(text)).unwrap();
                json::write(&note(text), &mut expected);
            }
            recorder.flush().unwrap();
            assert_eq!(fs::read(&path).unwrap(), expected);
        }
    }
}
