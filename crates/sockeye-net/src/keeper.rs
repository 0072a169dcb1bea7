//! Who looks after a child process: waits for it, and ends its whole group (SIGTERM,
//! then SIGKILL) when the conversation is over.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// How long a child may take to end after SIGTERM before it gets SIGKILL.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps a child, and ends its whole group when dropped.
#[derive(Debug)]
pub struct Keeper {
    child: Option<Child>,
}

impl Keeper {
    /// Looks after a child that leads a process group of its own.
    pub(crate) fn of(child: Child) -> Self {
        Self { child: Some(child) }
    }

    /// Ends the child's group, and waits until the child is gone.
    pub async fn end(&mut self) {
        let Some(child) = &mut self.child else { return };
        if let Some(group) = group(child) {
            // The group may have ended by itself: then there is nobody to signal.
            let _ended_already = kill_process_group(group, Signal::TERM);
            if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
                let _ended_already = kill_process_group(group, Signal::KILL);
                drop(child.wait().await);
            }
        }
        self.child = None;
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Reached only where nobody could wait: the run is being torn down.
        if let Some(group) = self.child.as_ref().and_then(group) {
            let _ended_already = kill_process_group(group, Signal::TERM);
        }
    }
}

fn group(child: &Child) -> Option<Pid> {
    child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
}
