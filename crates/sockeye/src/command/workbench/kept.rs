//! The folder that the workbench keeps its things in, held by one workbench at a time.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use sockeye_workbench::journal::Journal;

use crate::command::workbench::knock;
use crate::failure::Failed;

/// So much of what the first one wrote is read, in bytes.
const SIGNED: u64 = 256;

/// The folder, ours until this is dropped.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) folder: PathBuf,
    lock: File,
}

impl Kept {
    /// Tells whoever comes second where we are.
    pub(super) fn sign(&mut self, home: &str) {
        // It helps, and nothing depends on it.
        drop(self.lock.set_len(0));
        drop(writeln!(self.lock, "{home} (process {})", std::process::id()));
    }
}

/// Opens the folder. One that cannot be used is told of, and nothing is kept then; one that
/// another workbench has is refused.
///
/// The one that has it is asked for a new link, which is told with the refusal.
pub(super) fn open(data: Option<&Path>, journal: &Journal) -> Result<Option<Kept>, Failed> {
    let env = |name| std::env::var_os(name).filter(|value: &_| !OsStr::is_empty(value));
    let found = data.map(Path::to_owned).or_else(|| {
        env("SOCKEYE_DATA").map(PathBuf::from).or_else(|| {
            let share = env("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
            let share = share.or_else(|| Some(PathBuf::from(env("HOME")?).join(".local/share")));
            share.map(|share| share.join("sockeye"))
        })
    });
    let Some(data) = found else {
        say_not_kept(journal, "there is no home ($HOME)");
        return Ok(None);
    };
    let folder = data.join("workbench");
    match lock(&folder) {
        Ok(Ok(lock)) => Ok(Some(Kept { folder, lock })),
        Ok(Err(first)) => {
            let link = knock::ask(&folder);
            if let Some(link) = &link {
                journal.link(link);
            }
            let that = if link.is_some() { "open the link above" } else { "use that one" };
            Err(Failed {
                code: "E-in-use".to_owned(),
                text: format!("another workbench has `{}`: {first}", folder.display()),
                hint: Some(format!("{that}, or give this one a folder of its own: --data DIR")),
            })
        }
        Err(error) => {
            let why = sockeye_text::cause::plain(&error);
            say_not_kept(journal, &format!("`{}`: {why}", folder.display()));
            Ok(None)
        }
    }
}

/// A run without state goes on, and says so.
pub(super) fn say_not_kept(journal: &Journal, why: &str) {
    journal.say(format!(
        "warning: nothing is kept after this run: {why}\nhint: give a folder that can be written \
         to: --data DIR"
    ));
}

/// The lock of the folder; the inner error is who has it.
fn lock(folder: &Path) -> io::Result<Result<File, String>> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut open = OpenOptions::new();
    let open = open.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = open.open(folder.join("lock"))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Ok(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let mut first = String::new();
            (&file).take(SIGNED).read_to_string(&mut first)?;
            Ok(Err(sockeye_text::safe::one_line(first.trim()).into_owned()))
        }
        Err(error) => Err(error.into()),
    }
}
