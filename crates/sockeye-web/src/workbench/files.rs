//! Files that the page hands over, piece by piece: to be sent, or to be looked at. They have
//! no names on the disk, and are gone with the server, however it ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::{Deserialize, Serialize};

use crate::workbench::body::{answer, apart, read};
use crate::workbench::query::Query;
use crate::workbench::refusal::Refusal;

/// The largest file, in bytes.
const LARGEST: u64 = 1 << 30;

/// All of them, in bytes.
const TOGETHER: u64 = 4 << 30;

/// So many at once.
const MOST: usize = 64;

/// The longest name, in bytes.
const NAME: usize = 255;

/// What is copied at once, in bytes.
const PIECE: usize = 256 * 1024;

/// The files.
#[derive(Debug)]
pub struct Files {
    /// On which disk they are.
    folder: PathBuf,
    /// Guards who has how much; nothing is awaited under it.
    desk: Mutex<Desk>,
}

#[derive(Debug, Default)]
struct Desk {
    last: u64,
    all: BTreeMap<u64, Handed>,
}

/// A file as it was handed over.
#[derive(Clone, Debug)]
pub struct Handed {
    /// As the user's machine calls it: to be shown, never opened.
    pub name: String,
    /// In bytes, once it is whole.
    pub size: u64,
    /// Read by position: its own is nobody's.
    file: Arc<File>,
    /// What there is of it from its start, in bytes.
    have: u64,
}

impl Handed {
    /// Copies all of it. Blocks on the disk.
    pub fn copy_to(&self, mut to: File) -> io::Result<()> {
        let mut from = 0;
        loop {
            let piece = self.piece(from, PIECE)?;
            if piece.is_empty() {
                return Ok(());
            }
            to.write_all(&piece)?;
            from += piece.len() as u64;
        }
    }

    /// So many bytes of it from there on; fewer at its end. Blocks on the disk.
    pub fn piece(&self, from: u64, size: usize) -> io::Result<Vec<u8>> {
        let mut piece = vec![0; size];
        let mut have = 0;
        while let Some(rest) = piece.get_mut(have..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, from + have as u64) {
                Ok(0) => break,
                Ok(more) => have += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        piece.truncate(have);
        Ok(piece)
    }
}

impl Files {
    /// Files on the disk of that folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, desk: Mutex::default() }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file that is there whole.
    pub fn whole(&self, number: u64) -> Result<Handed, Refusal> {
        let handed = self.find(number)?;
        if handed.have < handed.size {
            let Handed { have, size, .. } = handed;
            return Err(Refusal::conflict(format!(
                "file {number} is not here yet: {have} of {size} bytes"
            )));
        }
        Ok(handed)
    }

    fn find(&self, number: u64) -> Result<Handed, Refusal> {
        let found = self.desk().all.get(&number).cloned();
        found.ok_or_else(|| Refusal::none(format!("there is no file {number}")))
    }

    fn begin(&self, name: String, size: u64) -> Result<u64, Refusal> {
        if size > LARGEST {
            return Err(Refusal::too_large("a file has at most 1 GiB").field("size"));
        }
        if name.len() > NAME {
            return Err(Refusal::usage(format!("a name has at most {NAME} bytes")).field("name"));
        }
        let cannot = |error: std::io::Error| Refusal::io("cannot take a file", &error);
        let file = Arc::new(tempfile::tempfile_in(&self.folder).map_err(cannot)?);
        let mut desk = self.desk();
        let taken: u64 = desk.all.values().map(|handed| handed.size).sum();
        if desk.all.len() >= MOST || taken + size > TOGETHER {
            let text = format!("all files together are at most {MOST}, and have at most 4 GiB");
            return Err(Refusal::too_large(text).hint("remove one first"));
        }
        desk.last += 1;
        let number = desk.last;
        desk.all.insert(number, Handed { name, size, file, have: 0 });
        Ok(number)
    }

    /// Takes a piece in; how much there is then. A piece that came already may come again.
    /// Blocks on the disk.
    fn put(&self, number: u64, off: u64, piece: &[u8]) -> Result<u64, Refusal> {
        let handed = self.find(number)?;
        let end = off.checked_add(piece.len() as u64).filter(|end| *end <= handed.size);
        let Some(end) = end else {
            return Err(Refusal::too_large("the piece goes beyond the file's end").field("off"));
        };
        if off > handed.have {
            let text = format!("pieces come in order: the next begins at {}", handed.have);
            return Err(Refusal::conflict(text).field("off"));
        }
        let written = handed.file.write_all_at(piece, off);
        written.map_err(|error| Refusal::io("cannot keep the piece", &error))?;
        let mut desk = self.desk();
        let handed = desk.all.get_mut(&number);
        let handed = handed.ok_or_else(|| Refusal::none(format!("there is no file {number}")))?;
        handed.have = handed.have.max(end);
        Ok(handed.have)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    size: u64,
}

#[derive(Serialize)]
struct Begun {
    file: u64,
}

#[derive(Serialize)]
struct Have {
    have: u64,
}

/// The orders about them.
pub(super) fn routes(files: Arc<Files>) -> Router {
    Router::new()
        .route("/api/files", post(begin))
        .route("/api/files/{k}", axum::routing::put(put).delete(remove))
        .with_state(files)
}

/// `POST /api/files`.
async fn begin(State(files): State<Arc<Files>>, body: Bytes) -> Result<Response, Refusal> {
    let New { name, size } = read(&body)?;
    let file = apart(move || files.begin(name, size)).await?;
    Ok((StatusCode::CREATED, answer(&Begun { file })).into_response())
}

/// `PUT /api/files/{k}`.
async fn put(
    State(files): State<Arc<Files>>,
    Path(number): Path<u64>,
    target: Uri,
    body: Bytes,
) -> Result<Response, Refusal> {
    let off = Query::of(&target).number("off")?;
    let off = off.ok_or_else(|| Refusal::usage("`off` is to say where it begins").field("off"))?;
    let have = apart(move || files.put(number, off, &body)).await?;
    Ok(answer(&Have { have }))
}

/// `DELETE /api/files/{k}`. Who reads it by now reads on.
async fn remove(
    State(files): State<Arc<Files>>,
    Path(number): Path<u64>,
) -> Result<Response, Refusal> {
    let removed = files.desk().all.remove(&number);
    removed.ok_or_else(|| Refusal::none(format!("there is no file {number}")))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status<T>(result: Result<T, Refusal>) -> u16 {
        result.map_or_else(|refusal| refusal.status.as_u16(), |_| 200)
    }

    #[test]
    fn pieces_come_in_order_and_a_file_is_there_once_it_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::new(folder.path().to_owned());
        let file = files.begin("a.bin".to_owned(), 8).expect("begun");
        assert_eq!(status(files.put(file, 4, b"5678")), 409);
        assert_eq!(files.put(file, 0, b"1234").expect("taken"), 4);
        assert_eq!(status(files.whole(file)), 409);
        assert_eq!(files.put(file, 0, b"1234").expect("taken"), 4);
        assert_eq!(status(files.put(file, 4, b"56789")), 413);
        assert_eq!(status(files.put(file, u64::MAX, b"5")), 413);
        assert_eq!(files.put(file, 4, b"5678").expect("taken"), 8);
        let mut bytes = [0; 8];
        files.whole(file).expect("whole").file.read_exact_at(&mut bytes, 0).expect("read");
        assert_eq!(&bytes, b"12345678");
        assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 0);
    }

    #[test]
    fn there_are_limits_to_one_and_to_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::new(folder.path().to_owned());
        let begin = |size| status(files.begin(String::new(), size));
        assert_eq!(begin(LARGEST + 1), 413);
        let taken: Vec<u16> = (0..5).map(|_| begin(LARGEST)).collect();
        assert_eq!(taken, [200, 200, 200, 200, 413]);
        assert_eq!((begin(0), begin(1)), (200, 413));
        assert_eq!(status(files.put(9, 0, b"")), 404);
    }
}
