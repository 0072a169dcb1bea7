//! A folder that peers read from or write to, held by its handle: what is opened lies
//! beneath it, whatever links and renames happen meanwhile, and is an ordinary file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, FileType, FileTypeExt, OpenOptions, OpenOptionsExt};
use rustix::fs::{RenameFlags, fstatfs, renameat_with};
use rustix::io::Errno;
use rustix::process::Pid;
use sockeye_text::cause::plain;
use tokio::io::AsyncWriteExt;
use tokio::task::spawn_blocking;

/// File systems whose files the kernel makes up as they are read, and where a read may wait
/// or act: proc, sysfs, debugfs, tracefs (statfs(2)).
const MADE_UP: [u64; 4] = [0x9fa0, 0x6265_6572, 0x6462_6720, 0x7472_6163];

/// What the names of files begin with that are still being written.
const PART: &str = ".sockeye-";

/// The most parts that are told of.
const MOST_TOLD: usize = 10;

/// Numbers the files that are still being written.
static PARTS: AtomicU64 = AtomicU64::new(0);

/// Why a file is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// There is none of that name.
    #[error("no such file")]
    Missing,
    /// It is a folder, a pipe, a device …
    #[error("it is {0} and no ordinary file")]
    Kind(&'static str),
    /// Reported by the system; also where a link leads out of the folder.
    #[error("{}", plain(.0))]
    Io(io::Error),
}

impl From<io::Error> for ShareError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Io(error),
        }
    }
}

/// What happens to a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Present {
    /// It stays, and the new one is refused.
    Stays,
    /// It is replaced once the new one is whole.
    Replaced,
}

/// A folder, by its handle.
#[derive(Clone, Debug)]
pub struct Share {
    root: Arc<Dir>,
    path: PathBuf,
}

/// A file that is sent.
#[derive(Debug)]
pub struct Source {
    /// The file, at its start.
    pub file: tokio::fs::File,
    /// Its bytes when it was opened.
    pub size: u64,
    modified: Option<SystemTime>,
}

/// How a file has changed while it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its bytes are others, or fewer.
    Other,
    /// There are more of them.
    Grown,
}

impl Share {
    /// Opens the folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        let root = Dir::open_ambient_dir(path, ambient_authority())?;
        Ok(Self { root: Arc::new(root), path: path.to_owned() })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the name is kept for files that are still being written.
    pub fn keeps_back(name: &str) -> bool {
        name.starts_with(PART)
    }

    /// The parts of files that a run which was killed has left here, and their bytes: nobody on
    /// this machine writes to them any more.
    pub fn left_behind(&self) -> Vec<(String, u64)> {
        let Ok(entries) = self.root.entries() else {
            return Vec::new();
        };
        let left = entries.flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            is_orphan(&name).then(|| (name, entry.metadata().map_or(0, |meta| meta.len())))
        });
        left.take(MOST_TOLD).collect()
    }

    /// Opens an ordinary file beneath the folder. Never waits for a pipe or a device.
    pub async fn source(&self, name: PathBuf) -> Result<Source, ShareError> {
        let root = Arc::clone(&self.root);
        spawn_blocking(move || source(&root, &name)).await.map_err(io::Error::other)?
    }

    /// Whether something has that bare name.
    pub fn holds(&self, name: &str) -> bool {
        self.root.symlink_metadata(name).is_ok()
    }

    /// Begins a file that has no name of its own until it is whole.
    pub async fn landing(&self) -> io::Result<Landing> {
        let root = Arc::clone(&self.root);
        spawn_blocking(move || landing(root)).await.map_err(io::Error::other)?
    }
}

/// Whether the name is that of a part whose process is no more.
fn is_orphan(name: &str) -> bool {
    let middle = name.strip_prefix(PART).and_then(|rest| rest.strip_suffix(".part"));
    let numbers = middle.and_then(|middle| middle.split_once('-'));
    let Some((Ok(process), Ok(_))) =
        numbers.map(|(process, number)| (process.parse(), number.parse::<u64>()))
    else {
        return false;
    };
    Pid::from_raw(process).is_some_and(|process| {
        matches!(rustix::process::test_kill_process(process), Err(Errno::SRCH))
    })
}

fn source(root: &Dir, name: &Path) -> Result<Source, ShareError> {
    // Looked at before it is opened: to open a device may be to act on it.
    ordinary(root.metadata(name)?.file_type())?;
    let mut open = OpenOptions::new();
    let wait = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    open.read(true).custom_flags(i32::try_from(wait.bits()).unwrap_or_default());
    let file = root.open_with(name, &open)?.into_std();
    // It may be another one by now.
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(ShareError::Kind("something else by now"));
    }
    let system = fstatfs(&file).map_err(io::Error::from)?;
    if u64::try_from(system.f_type).is_ok_and(|kind| MADE_UP.contains(&kind)) {
        return Err(ShareError::Kind("made up by the kernel"));
    }
    Ok(Source {
        size: meta.len(),
        modified: meta.modified().ok(),
        file: tokio::fs::File::from_std(file),
    })
}

fn ordinary(kind: FileType) -> Result<(), ShareError> {
    let what = match kind {
        kind if kind.is_file() => return Ok(()),
        kind if kind.is_dir() => "a folder",
        kind if kind.is_fifo() => "a pipe",
        kind if kind.is_socket() => "a socket",
        kind if kind.is_char_device() || kind.is_block_device() => "a device",
        _ => "something else",
    };
    Err(ShareError::Kind(what))
}

impl Source {
    /// Opens a file of our own, where a person named it.
    pub async fn ours(path: &Path) -> Result<Self, ShareError> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // A link of our own may lead anywhere: the person who named it may read it.
        let whole = tokio::fs::canonicalize(path).await?;
        let (folder, name) = match (whole.parent(), whole.file_name()) {
            (Some(folder), Some(name)) => (folder.to_owned(), PathBuf::from(name)),
            _ => (folder.to_owned(), PathBuf::from(".")),
        };
        Share::open(&folder)?.source(name).await
    }

    /// Whether it is still as it was when it was opened.
    pub async fn changed(&self) -> io::Result<Option<Change>> {
        let meta = self.file.metadata().await?;
        Ok(if meta.len() > self.size {
            Some(Change::Grown)
        } else if meta.len() < self.size || meta.modified().ok() != self.modified {
            Some(Change::Other)
        } else {
            None
        })
    }
}

/// A file on its way to its name; removed unless it gets there.
#[derive(Debug)]
pub struct Landing {
    root: Arc<Dir>,
    part: String,
    file: tokio::fs::File,
    landed: bool,
}

fn landing(root: Arc<Dir>) -> io::Result<Landing> {
    let mut open = OpenOptions::new();
    open.write(true).create_new(true);
    loop {
        let number = PARTS.fetch_add(1, Ordering::Relaxed);
        let part = format!("{PART}{}-{number}.part", std::process::id());
        match root.open_with(&part, &open) {
            Ok(file) => {
                let file = tokio::fs::File::from_std(file.into_std());
                return Ok(Landing { root, part, file, landed: false });
            }
            // Left by a run that was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

impl Landing {
    /// Adds bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await
    }

    /// Brings it to disk and gives it its bare name.
    pub async fn land(mut self, name: &str, present: Present) -> io::Result<()> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let (root, part, name) = (Arc::clone(&self.root), self.part.clone(), name.to_owned());
        let renamed = spawn_blocking(move || {
            rename(&root, &part, &name, present)?;
            // The name is on disk once its folder is.
            root.open(".").and_then(|folder| folder.sync_all())
        });
        renamed.await.map_err(io::Error::other)??;
        self.landed = true;
        Ok(())
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if !self.landed {
            // It may have been removed by somebody else.
            drop(self.root.remove_file(&self.part));
        }
    }
}

fn rename(root: &Dir, part: &str, name: &str, present: Present) -> io::Result<()> {
    if present == Present::Replaced {
        return root.rename(part, root, name);
    }
    match renameat_with(root, part, root, name, RenameFlags::NOREPLACE) {
        // Not every file system has it: a second name, which is never put over a first.
        Err(Errno::INVAL | Errno::NOSYS) => {
            root.hard_link(part, root, name)?;
            root.remove_file(part)
        }
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn folder() -> (tempfile::TempDir, Share) {
        let folder = tempfile::tempdir().unwrap();
        let share = Share::open(folder.path()).unwrap();
        (folder, share)
    }

    #[tokio::test]
    async fn no_link_leads_out_of_the_folder() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        let (folder, share) = folder();
        std::fs::write(folder.path().join("inside"), "y").unwrap();
        symlink(outside.path(), folder.path().join("parent")).unwrap();
        symlink(outside.path().join("secret"), folder.path().join("leaf")).unwrap();
        symlink("../../../../../../etc/passwd", folder.path().join("up")).unwrap();
        symlink("inside", folder.path().join("within")).unwrap();
        for name in ["parent/secret", "leaf", "up", "../x"] {
            assert!(share.source(name.into()).await.is_err(), "{name}");
        }
        assert_eq!(share.source("within".into()).await.unwrap().size, 1);
    }

    #[tokio::test]
    async fn refuses_what_is_no_ordinary_file_and_waits_for_none() {
        let (folder, share) = folder();
        let fifo = folder.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        for name in ["pipe", "socket", "folder"] {
            let refused = share.source(name.into()).await;
            assert!(matches!(refused, Err(ShareError::Kind(_))), "{name}: {refused:?}");
        }
        let missing = share.source("nothing".into()).await;
        assert!(matches!(missing, Err(ShareError::Missing)));
        for (root, name) in [("/dev", "zero"), ("/proc", "self/status"), ("/proc", "kmsg")] {
            assert!(Share::open(Path::new(root)).unwrap().source(name.into()).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_file_gets_its_name_once_it_is_whole_and_replaces_nothing_unasked() {
        let (folder, share) = folder();
        let mut landing = share.landing().await.unwrap();
        landing.write(b"new").await.unwrap();
        assert!(!share.holds("a"));
        landing.land("a", Present::Stays).await.unwrap();
        assert_eq!(std::fs::read(folder.path().join("a")).unwrap(), b"new");
        let mode = std::fs::metadata(folder.path().join("a")).unwrap().permissions().mode();
        assert_eq!(mode & 0o7111, 0);

        let mut landing = share.landing().await.unwrap();
        landing.write(b"newer").await.unwrap();
        let refused = landing.land("a", Present::Stays).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        let mut landing = share.landing().await.unwrap();
        landing.write(b"newest").await.unwrap();
        landing.land("a", Present::Replaced).await.unwrap();
        assert_eq!(std::fs::read(folder.path().join("a")).unwrap(), b"newest");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_file_that_is_given_up_leaves_nothing() {
        let (folder, share) = folder();
        let mut landing = share.landing().await.unwrap();
        landing.write(b"half").await.unwrap();
        drop(landing);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn parts_that_a_killed_run_has_left_are_known_from_those_being_written() {
        let (folder, share) = folder();
        let _landing = share.landing().await.unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = format!("{PART}{}-3.part", child.id());
        child.wait().unwrap();
        for name in [gone.as_str(), ".sockeye-x-0.part", ".sockeye-1-0.part", "a.part"] {
            std::fs::write(folder.path().join(name), "half").unwrap();
        }
        assert_eq!(share.left_behind(), [(gone, 4)]);
    }

    #[tokio::test]
    async fn knows_whether_a_file_has_changed() {
        let (folder, share) = folder();
        let path = folder.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        let source = share.source("a".into()).await.unwrap();
        assert_eq!(source.changed().await.unwrap(), None);
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(3).unwrap();
        assert_eq!(source.changed().await.unwrap(), Some(Change::Other));
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(9).unwrap();
        assert_eq!(source.changed().await.unwrap(), Some(Change::Grown));
    }
}
