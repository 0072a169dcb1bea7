//! What the page wants to be kept for it: one JSON object, whatever it says. Two windows do not
//! overwrite each other unawares: a change names what it is a change of.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MATCH};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::server::BODY;
use crate::workbench::body::{answer, apart, read};
use crate::workbench::page::tag;
use crate::workbench::refusal::Refusal;

const EMPTY: &[u8] = b"{}";

/// The object.
#[derive(Debug)]
pub struct Keepsakes {
    /// Where it is kept, if it is.
    path: Option<PathBuf>,
    /// As it is kept. Guards the file too; nothing is awaited under it.
    content: Mutex<Vec<u8>>,
}

impl Keepsakes {
    /// What the folder has, or an empty object. A file that is none of ours is put aside.
    pub fn open(folder: Option<&Path>) -> Self {
        let path = folder.map(|folder| folder.join("keepsakes.json"));
        let content = path.as_deref().and_then(|path| match content(path) {
            Ok(Some(content)) => Some(content),
            Ok(None) => None,
            Err(_) => {
                // Where it cannot be put aside it is overwritten.
                drop(fs::rename(path, path.with_extension("broken")));
                None
            }
        });
        Self { path, content: Mutex::new(content.unwrap_or_else(|| EMPTY.to_vec())) }
    }

    fn content(&self) -> MutexGuard<'_, Vec<u8>> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts `new` in the place of what has the tag `of`; the new tag. Blocks on the disk.
    fn put(&self, new: Vec<u8>, of: &str) -> Result<String, Refusal> {
        let mut content = self.content();
        if of != "*" && of != tag(&content) {
            return Err(Refusal::changed());
        }
        if let Some(path) = &self.path {
            replace(path, &new).map_err(|error| Refusal::io("cannot keep it", &error))?;
        }
        *content = new;
        Ok(tag(&content))
    }
}

/// What is kept, if anything is; an error where it is no object of ours.
fn content(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut content = Vec::new();
    file.take(BODY as u64 + 1).read_to_end(&mut content)?;
    serde_json::from_slice::<Map<String, Value>>(&content)?;
    if content.len() > BODY {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Some(content))
}

/// Either the old one is there or the new one, whole, whenever the machine stops.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Its mode is 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// The questions and orders about it.
pub(super) fn routes(keepsakes: Arc<Keepsakes>) -> Router {
    Router::new().route("/api/keepsakes", get(show).put(put)).with_state(keepsakes)
}

/// `GET /api/keepsakes`.
async fn show(State(keepsakes): State<Arc<Keepsakes>>) -> Response {
    let content = keepsakes.content().clone();
    let tag = tag(&content);
    tagged(&tag, ([(CONTENT_TYPE, "application/json")], content).into_response())
}

#[derive(Serialize)]
struct Put {
    etag: String,
}

/// `PUT /api/keepsakes`.
async fn put(
    State(keepsakes): State<Arc<Keepsakes>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let of = headers.get(IF_MATCH).and_then(|of| of.to_str().ok()).map(str::to_owned);
    let of = of.ok_or_else(|| Refusal::usage("`If-Match` is to name what this is a change of"))?;
    read::<Map<String, Value>>(&body)?;
    let etag = apart(move || keepsakes.put(body.to_vec(), &of)).await?;
    Ok(tagged(&etag, answer(&Put { etag: etag.clone() })))
}

fn tagged(tag: &str, mut response: Response) -> Response {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_change_of_what_is_no_more_there_is_refused_and_the_rest_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let keepsakes = Keepsakes::open(Some(folder.path()));
        let first = tag(&keepsakes.content());
        let second = keepsakes.put(br#"{"a":1}"#.to_vec(), &first).expect("kept");
        let late = keepsakes.put(br#"{"b":2}"#.to_vec(), &first).unwrap_err();
        assert_eq!(late.status, 412);
        drop(keepsakes);
        let path = folder.path().join("keepsakes.json");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let again = Keepsakes::open(Some(folder.path()));
        assert_eq!(tag(&again.content()), second);
        assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 1);
    }

    #[test]
    fn a_file_that_is_no_object_is_put_aside() {
        for broken in ["", "{\"a\":", "[]", "\0\0", &" ".repeat(BODY + 1)] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("keepsakes.json");
            fs::write(&path, broken).expect("written");
            let keepsakes = Keepsakes::open(Some(folder.path()));
            assert_eq!(*keepsakes.content(), EMPTY);
            assert!(!path.exists() && path.with_extension("broken").exists());
        }
    }
}
