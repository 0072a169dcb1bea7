//! A file that is there whole or not at all: written beside its place under another name,
//! for its owner only (0600), and put in its place at the end. What is in it is not known
//! here.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::BufWriter;
use std::io::ErrorKind;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::error::TapeError;

/// So many names are tried before the folder is given up.
const TRIES: u32 = 1000;

/// A file being written. Dropping it before [`Draft::place`] removes what was written.
#[derive(Debug)]
pub struct Draft {
    file: BufWriter<File>,
    aside: PathBuf,
    place: PathBuf,
    over: Over,
}

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// It stays: the new one is refused.
    Refused,
    /// It is replaced, if it is a regular file; by name, so that a link to it stays a link.
    Replaced,
}

impl Draft {
    /// Begins a file that is to be at `path`.
    pub fn begin(path: &Path, over: Over) -> Result<Self, TapeError> {
        let place = match fs::metadata(path) {
            Ok(about) if !about.is_file() => {
                return Err(TapeError::NoFile { path: path.to_owned() });
            }
            Ok(_) if over == Over::Refused => {
                return Err(TapeError::Taken { path: path.to_owned() });
            }
            Ok(_) => fs::canonicalize(path),
            Err(_) => Ok(path.to_owned()),
        };
        let made = place.and_then(|place| Ok((aside(&place)?, place)));
        let ((file, aside), place) =
            made.map_err(|source| TapeError::Make { path: path.to_owned(), source })?;
        Ok(Self { file: BufWriter::with_capacity(256 * 1024, file), aside, place, over })
    }

    /// Puts the file in its place, whole and on the disk. A file that has come there in the
    /// meantime stays unless it is to be replaced.
    pub fn place(mut self) -> Result<(), TapeError> {
        let put = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        put.and_then(|()| self.swap()).map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => TapeError::Taken { path: self.place.clone() },
            _ => TapeError::Put { path: self.place.clone(), source },
        })
    }

    fn swap(&self) -> io::Result<()> {
        if self.over == Over::Refused {
            match fs::hard_link(&self.aside, &self.place) {
                // Its other name is removed when it is dropped.
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error),
                // A file system without links: asked, then renamed.
                Err(_) if fs::symlink_metadata(&self.place).is_ok() => {
                    return Err(ErrorKind::AlreadyExists.into());
                }
                Err(_) => {}
            }
        }
        fs::rename(&self.aside, &self.place)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Once it is renamed there is nothing to remove.
        drop(fs::remove_file(&self.aside));
    }
}

/// A new file beside `place`.
fn aside(place: &Path) -> io::Result<(File, PathBuf)> {
    let name = place.file_name().ok_or(ErrorKind::InvalidInput)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    for count in 0..TRIES {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{count}", std::process::id()));
        let path = place.with_file_name(hidden);
        match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, path)),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::Draft;
    use super::Over;
    use crate::error::TapeError;
    use std::fs;
    use std::io::Write;
    use std::path::Path;

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }

    #[test]
    fn it_is_there_whole_or_not_at_all_and_its_owners_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.html");
        let mut draft = Draft::begin(&path, Over::Refused).unwrap();
        draft.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(draft);
        assert!(names(folder.path()).is_empty());
        let mut draft = Draft::begin(&path, Over::Refused).unwrap();
        draft.write_all(b"whole").unwrap();
        draft.place().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(folder.path()), ["a.html"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_is_there_stays_unless_it_is_to_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.html");
        let early = Draft::begin(&path, Over::Refused).unwrap();
        fs::write(&path, "precious").unwrap();
        assert!(matches!(early.place().unwrap_err(), TapeError::Taken { .. }));
        let refused = Draft::begin(&path, Over::Refused).unwrap_err();
        assert!(matches!(refused, TapeError::Taken { .. }));
        assert_eq!(fs::read(&path).unwrap(), b"precious");
        Draft::begin(&path, Over::Replaced).unwrap().place().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
        assert_eq!(names(folder.path()), ["a.html"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_or_a_folder_is_never_replaced_and_a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        for path in [Path::new("/dev/null"), folder.path()] {
            let refused = Draft::begin(path, Over::Replaced).unwrap_err();
            assert!(matches!(refused, TapeError::NoFile { .. }));
        }
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        Draft::begin(&link, Over::Replaced).unwrap().place().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"");
    }
}
