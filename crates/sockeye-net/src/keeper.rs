//! Who looks after a child process: waits for it, and ends its whole group (SIGTERM, then
//! SIGKILL) where the conversation ends before it.

use std::collections::BTreeSet;
use std::io;
use std::process::ExitStatus;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// How long a child may take to end after SIGTERM before its group gets SIGKILL.
const PATIENCE: Duration = Duration::from_secs(2);

/// The groups that live: an end at once takes them along.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Keeps a child that leads a process group of its own.
#[derive(Debug)]
pub struct Keeper {
    child: Child,
    group: Option<Pid>,
}

impl Keeper {
    /// Looks after a child.
    pub(crate) fn of(child: Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        groups().extend(id);
        Self { group: id.and_then(Pid::from_raw), child }
    }

    /// Waits until the child has ended by itself. Cancel-safe.
    pub async fn exit(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await;
        self.forget();
        status
    }

    /// The same, and [`Keeper::end`] still ends what it has left behind. Cancel-safe.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Whether the child has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.status().is_some()
    }

    /// How the child ended, if it has.
    pub fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Ends the child and all that it started, and waits until it is gone.
    pub async fn end(&mut self) {
        let Some(group) = self.group else { return };
        let _ended_already = kill_process_group(group, Signal::TERM);
        let _status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        // Whoever is left in the group had its SIGTERM as well.
        let _ended_already = kill_process_group(group, Signal::KILL);
        let _status = self.child.wait().await;
        self.forget();
    }

    fn forget(&mut self) {
        if let Some(group) = self.group.take() {
            groups().remove(&group.as_raw_nonzero().get());
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Reached only where nobody could wait: the run is being torn down.
        if let Some(group) = self.group {
            let _ended_already = kill_process_group(group, Signal::TERM);
        }
        self.forget();
    }
}

/// Ends every child's group without waiting: the run ends at once.
pub fn end_all_at_once() {
    for group in groups().iter().filter_map(|id| Pid::from_raw(*id)) {
        let _ended_already = kill_process_group(group, Signal::KILL);
    }
}

fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}
