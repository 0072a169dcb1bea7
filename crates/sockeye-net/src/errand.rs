//! A child process that is sent on one errand: it has no input, both its outputs are taken
//! at the same time, and it ends within its limits, with all that it started.

use std::ffi::OsString;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

use crate::error::{NetError, Phase};
use crate::inherited;
use crate::keeper::Keeper;

/// How long what a child has started may keep its outputs open after its end.
const LINGER: Duration = Duration::from_secs(1);

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Errand {
    /// The program and its arguments; no shell.
    pub argv: Vec<String>,
    /// Its whole environment.
    pub environment: Vec<(OsString, OsString)>,
    /// How long it may take.
    pub within: Duration,
    /// The most bytes of each output.
    pub most: usize,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Status(ExitStatus),
    /// It took too long, and was ended.
    Late,
    /// It said too much, and was ended.
    TooMuch,
    /// Nobody waits for it any more: it was ended.
    Abandoned,
}

/// What it came back with.
#[derive(Debug)]
pub struct Outcome {
    /// Its stdout.
    pub stdout: Vec<u8>,
    /// Its stderr.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub end: End,
}

/// Runs it to its end, or until `gone` returns: then nobody wants it any more. Whatever is
/// left of its process group is ended with it.
pub async fn run(errand: &Errand, gone: impl Future<Output = ()>) -> Result<Outcome, NetError> {
    let fail = |error| {
        let address = format!("exec:{}", shell_words::join(&errand.argv));
        NetError::io(Phase::Open, address, error)
    };
    let (program, arguments) = errand
        .argv
        .split_first()
        .ok_or_else(|| fail(io::Error::new(io::ErrorKind::InvalidInput, "no program is named")))?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(errand.environment.iter().cloned());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    inherited::keep_back();
    let mut child = command.spawn().map_err(fail)?;
    let pipes = child.stdout.take().zip(child.stderr.take());
    let (mut output, mut errors) =
        pipes.ok_or_else(|| fail(io::Error::other("the child has no pipe")))?;
    let mut keeper = Keeper::of(child);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let whole = async {
        let most = errand.most;
        let taking = async {
            tokio::try_join!(
                gather(&mut output, &mut stdout, most),
                gather(&mut errors, &mut stderr, most)
            )
        };
        tokio::pin!(taking);
        // It may close its outputs before its end, or leave them to what it has started.
        tokio::select! {
            taken = &mut taking => match taken {
                Ok(_) => keeper.ended().await.map(End::Status),
                Err(too_much) => too_much,
            },
            status = keeper.ended() => match timeout(LINGER, taking).await {
                Ok(Err(too_much)) => too_much,
                Ok(Ok(_)) | Err(_) => status.map(End::Status),
            },
        }
    };
    let end = tokio::select! {
        end = timeout(errand.within, whole) => end.unwrap_or(Ok(End::Late)),
        () = gone => Ok(End::Abandoned),
    };
    keeper.end().await;
    Ok(Outcome { end: end.map_err(fail)?, stdout, stderr })
}

/// Reads to the end; what is in `all` stays there if it is cancelled.
async fn gather(
    pipe: &mut (impl AsyncRead + Unpin),
    all: &mut Vec<u8>,
    most: usize,
) -> Result<(), io::Result<End>> {
    while pipe.read_buf(all).await.map_err(Err)? > 0 {
        if all.len() > most {
            return Err(Ok(End::TooMuch));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn shell(script: &str, within: Duration) -> Outcome {
        let errand = Errand {
            argv: vec!["/bin/sh".into(), "-c".into(), script.into()],
            environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
            within,
            most: 8 << 20,
        };
        run(&errand, std::future::pending()).await.unwrap()
    }

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn takes_both_outputs_at_once_however_large() {
        let script = "head -c 200000 /dev/zero >&2; head -c 5000000 /dev/zero; \
                      head -c 200000 /dev/zero >&2";
        let outcome = shell(script, LONG).await;
        assert_eq!((outcome.stdout.len(), outcome.stderr.len()), (5_000_000, 400_000));
        assert!(matches!(outcome.end, End::Status(status) if status.success()));
    }

    #[tokio::test]
    async fn a_command_that_reads_its_input_finds_none() {
        assert_eq!(shell("cat; echo done", LONG).await.stdout, b"done\n");
    }

    #[tokio::test]
    async fn ends_what_takes_too_long_and_what_says_too_much() {
        let outcome = shell("trap '' TERM; echo on; sleep 1000", Duration::from_millis(300)).await;
        assert_eq!((outcome.end, outcome.stdout.as_slice()), (End::Late, b"on\n".as_slice()));
        assert_eq!(shell("yes", LONG).await.end, End::TooMuch);
    }

    #[tokio::test]
    async fn is_not_held_up_by_what_it_left_behind_and_ends_it() {
        let outcome = shell("sleep 1000 & echo $!", LONG).await;
        assert!(matches!(outcome.end, End::Status(_)));
        let left = String::from_utf8(outcome.stdout).unwrap();
        let file = format!("/proc/{}/stat", left.trim());
        // Ended, and maybe not yet waited for by whoever inherits it: looked at until it is.
        let ended = async {
            while std::fs::read_to_string(&file).is_ok_and(|stat| !stat.contains(") Z ")) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(LONG, ended).await.unwrap();
    }

    #[tokio::test]
    async fn nothing_of_ours_is_in_its_environment() {
        let outcome = shell("env", LONG).await;
        let text = String::from_utf8(outcome.stdout).unwrap();
        assert!(!text.contains("CARGO"), "{text}");
    }

    #[tokio::test]
    async fn no_descriptor_of_ours_is_open_in_it() {
        let given = rustix::io::dup(std::fs::File::open("/dev/null").unwrap()).unwrap();
        let script = format!("test -e /proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&given));
        let outcome = shell(&script, LONG).await;
        assert!(matches!(outcome.end, End::Status(status) if !status.success()));
    }

    #[tokio::test]
    async fn is_ended_once_nobody_waits_for_it() {
        let errand = Errand {
            argv: vec!["sleep".into(), "1000".into()],
            environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
            within: LONG,
            most: 10,
        };
        assert_eq!(run(&errand, async {}).await.unwrap().end, End::Abandoned);
    }
}
