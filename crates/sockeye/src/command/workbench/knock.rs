//! A second start of the workbench on the same folder: it knocks at the first one's door, a
//! socket in that folder, and is given a new link. Who can open the folder is its owner.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sockeye_web::workbench::house::House;
use sockeye_web::workbench::scope::Scope;
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;

/// How long the first one may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest link that is read, in bytes.
const LONGEST: u64 = 1024;

fn door(folder: &Path) -> PathBuf {
    folder.join("door")
}

/// Answers those who knock, each by a new link that may everything, until `stop`. The folder is
/// ours: its lock is held.
pub(super) fn answer(folder: &Path, house: Arc<House>, stop: CancellationToken) -> io::Result<()> {
    let path = door(folder);
    // What a workbench that was killed left behind.
    drop(std::fs::remove_file(&path));
    let listener = UnixListener::bind(&path)?;
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.cancelled() => break,
            };
            let Ok((mut caller, _)) = accepted else { break };
            let ours = rustix::process::geteuid().as_raw();
            let is_owner = caller.peer_cred().is_ok_and(|peer| peer.uid() == ours);
            if let Some(link) = is_owner.then(|| house.link(Scope::Act)).and_then(Result::ok) {
                // A line fits into any socket's empty buffer; who does not read has none.
                drop(caller.write_all(format!("{link}\n").as_bytes()).await);
            }
        }
        drop(std::fs::remove_file(&path));
    });
    Ok(())
}

/// A new link of the workbench that has the folder; none where it does not answer.
pub(super) fn ask(folder: &Path) -> Option<String> {
    let mut first = UnixStream::connect(door(folder)).ok()?;
    first.set_read_timeout(Some(PATIENCE)).ok()?;
    first.flush().ok()?;
    let mut text = String::new();
    first.take(LONGEST).read_to_string(&mut text).ok()?;
    let link = text.trim();
    link.starts_with("http").then(|| link.to_owned())
}
