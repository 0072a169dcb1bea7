//! The folder in which the tapes of runs lie, each with a note of what was opened: so that the
//! next life of a workbench has them again, however this one ends.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::workbench::draft::Draft;

/// So many runs of former lives are kept.
const MOST: usize = 100;

/// So much their tapes have together, in bytes.
const TOGETHER: u64 = 4 << 30;

/// What is known of a run beside its tape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What was opened.
    pub draft: Draft,
    /// Whether it came to its end.
    pub ended: bool,
}

/// What former lives have left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Their runs, by number.
    pub runs: Vec<(u64, Note)>,
    /// The highest number that is taken.
    pub last: u64,
}

/// The folder.
#[derive(Clone, Debug)]
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// That folder, made where it is missing, for its owner alone.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(Self { folder })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the tape of a run is.
    pub fn tape(&self, id: u64) -> PathBuf {
        self.folder.join(format!("{id}.tape"))
    }

    /// Writes down what is known of a run.
    pub fn note(&self, id: u64, note: &Note) -> io::Result<()> {
        let (path, new) = (self.noted(id), self.folder.join(format!("{id}.json.new")));
        let mut open = OpenOptions::new();
        let mut file = open.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        // Text is always JSON.
        file.write_all(&serde_json::to_vec(note).unwrap_or_default())?;
        std::fs::rename(new, path)
    }

    /// Takes a run away. Who reads its files at this moment reads on.
    pub fn erase(&self, id: u64) {
        // What is not there is away.
        drop(std::fs::remove_file(self.tape(id)));
        drop(std::fs::remove_file(self.noted(id)));
    }

    /// The runs of former lives, by number. The oldest beyond the limits are taken away. A tape
    /// without a note is left where it is: it may be worth something to somebody.
    pub fn left(&self) -> io::Result<Left> {
        let (mut left, mut last) = (Vec::new(), 0);
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let number = path.file_stem().and_then(|name| name.to_str()?.parse::<u64>().ok());
            let is_tape = path.extension().is_some_and(|ending| ending == "tape");
            let Some(id) = number.filter(|_| is_tape) else { continue };
            last = last.max(id);
            let noted = std::fs::read(self.noted(id)).ok();
            let note = noted.and_then(|noted| serde_json::from_slice(&noted).ok());
            left.extend(note.map(|note: Note| (id, note)));
        }
        left.sort_unstable_by_key(|(id, _)| *id);
        let mut size = 0;
        let kept = left.iter().rev().take(MOST).take_while(|(id, _)| {
            size += std::fs::metadata(self.tape(*id)).map_or(0, |about| about.len());
            size <= TOGETHER
        });
        let gone = left.len() - kept.count();
        for (id, _) in left.drain(..gone) {
            self.erase(id);
        }
        Ok(Left { runs: left, last })
    }

    fn noted(&self, id: u64) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_runs_of_former_lives_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(folder.path().join("runs")).unwrap();
        for id in 1..=MOST as u64 + 3 {
            std::fs::write(shelf.tape(id), "").unwrap();
            shelf.note(id, &Note { draft: Draft::default(), ended: id % 2 == 0 }).unwrap();
        }
        std::fs::write(shelf.tape(999), "without a note").unwrap();
        std::fs::write(shelf.folder().join("letter.txt"), "not ours").unwrap();
        let Left { runs: left, last } = shelf.left().unwrap();
        assert_eq!(last, 999);
        assert_eq!((left.len(), left.first().map(|(id, _)| *id)), (MOST, Some(4)));
        assert!(left.iter().all(|(id, note)| note.ended == (id % 2 == 0)));
        assert!(!shelf.tape(3).exists() && shelf.tape(999).exists());
        assert_eq!(shelf.left().unwrap().runs.len(), MOST);
    }
}
