//! A program that is started and stands for a while: a server under test. It has no input,
//! its stdout goes nowhere, and the end of its stderr is kept: it may say why it ended.

use std::collections::VecDeque;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::{ChildStderr, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::error::{NetError, Phase};
use crate::inherited;
use crate::keeper::Keeper;

/// How much of its stderr is kept, in bytes.
const KEPT: usize = 4 * 1024;

/// A started program, the leader of a process group.
#[derive(Debug)]
pub struct Program {
    keeper: Keeper,
    /// Guards the last words; nothing is awaited under it.
    said: Arc<Mutex<VecDeque<u8>>>,
    /// Reads them, until nobody has its stderr any more.
    listening: Option<JoinHandle<()>>,
}

impl Program {
    /// Starts it; no shell. Inside a runtime.
    pub fn start(argv: &[String]) -> Result<Self, NetError> {
        let fail = |error| {
            let address = format!("exec:{}", shell_words::join(argv));
            NetError::io(Phase::Open, address, error)
        };
        let nothing = || io::Error::new(io::ErrorKind::InvalidInput, "no program is named");
        let (program, arguments) = argv.split_first().ok_or_else(|| fail(nothing()))?;
        let mut command = Command::new(program);
        command.args(arguments).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        inherited::keep_back();
        let mut child = command.spawn().map_err(fail)?;
        let said = Arc::new(Mutex::new(VecDeque::new()));
        let listening =
            child.stderr.take().map(|stderr| tokio::spawn(listen(stderr, Arc::clone(&said))));
        Ok(Self { keeper: Keeper::of(child), said, listening })
    }

    /// How it ended, if it has.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.keeper.status()
    }

    /// Waits for the rest of its last words, once it has ended; not long, as what it has
    /// started may keep its stderr. Cancel-safe.
    pub async fn all_said(&mut self) {
        const LINGER: Duration = Duration::from_millis(500);
        if let Some(listening) = &mut self.listening
            && timeout(LINGER, listening).await.is_ok()
        {
            self.listening = None;
        }
    }

    /// The last that it said on stderr. All of it may not be here yet.
    pub fn said(&self) -> String {
        let bytes: Vec<u8> = words(&self.said).iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Ends it and all that it started, and waits until it is gone.
    pub async fn end(&mut self) {
        self.keeper.end().await;
    }
}

async fn listen(mut stderr: ChildStderr, said: Arc<Mutex<VecDeque<u8>>>) {
    let mut piece = vec![0; KEPT];
    while let Ok(count @ 1..) = stderr.read(&mut piece).await {
        let mut words = words(&said);
        words.extend(piece.iter().take(count));
        let more = words.len().saturating_sub(KEPT);
        words.drain(..more);
    }
}

fn words(said: &Mutex<VecDeque<u8>>) -> MutexGuard<'_, VecDeque<u8>> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::start(&["sh".to_owned(), "-c".to_owned(), script.to_owned()]).unwrap()
    }

    /// Looks until it is so; a test that waits in vain ends with the test's own limit.
    async fn until(mut is_so: impl FnMut() -> bool) {
        while !is_so() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn keeps_the_last_it_said_and_how_it_ended() {
        let mut program = shell("head -c 100000 /dev/zero >&2; echo the end >&2; exit 3");
        until(|| program.has_ended().is_some() && program.said().ends_with("the end\n")).await;
        assert_eq!(program.has_ended().and_then(|status| status.code()), Some(3));
        assert_eq!(program.said().len(), KEPT);
    }

    #[tokio::test]
    async fn ends_with_all_that_it_started() {
        let mut program = shell("sleep 1000 & echo $! >&2; wait");
        until(|| program.said().ends_with('\n')).await;
        let file = format!("/proc/{}/stat", program.said().trim());
        program.end().await;
        until(|| !std::fs::read_to_string(&file).is_ok_and(|stat| !stat.contains(") Z "))).await;
    }

    #[tokio::test]
    async fn what_cannot_be_started_is_named() {
        let error = Program::start(&["no-such-program".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("no-such-program"), "{error}");
        assert!(Program::start(&[]).is_err());
    }
}
