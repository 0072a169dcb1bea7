//! What a lesson stands on: both journals, a folder of its own that is gone with it, a secret
//! made for it, and the settings that both programs share.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sockeye_text::encoding::Encoding;
use sockeye_workbench::journal::Journal;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::catalogue::Program;
use crate::hmac_chat::{Digest, Secret};
use crate::lesson::error::LessonError;
use crate::lesson::notes::Notes;
use crate::lesson::step::{Side, Tongue};
use crate::preset::Choice;

/// The silence that ends a message which marks no end.
pub(super) const SETTLE: Duration = Duration::from_millis(50);
/// How long a program waits for an answer that need not come.
const SILENCE: Duration = Duration::from_secs(2);
/// The command lines that a server of commands runs; no others.
pub(super) const COMMANDS: [&str; 4] = ["echo hello", "date", "uname -s", "ls no-such-file"];
/// Where their programs lie.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// The files that a client can upload.
pub(super) const UPLOADS: [&str; 3] = ["letter.txt", "numbers.bin", "empty.txt"];

/// What whoever opens a lesson gives.
#[derive(Debug)]
pub struct Given {
    /// Where everything goes that happens at the server.
    pub server: Arc<Journal>,
    /// Where everything goes that happens at the client.
    pub client: Arc<Journal>,
    /// A folder in which the lesson makes one of its own.
    pub folder: PathBuf,
    /// The language of prepared texts.
    pub tongue: Tongue,
    /// Ends the lesson, and both programs.
    pub stop: CancellationToken,
}

/// What both sides stand on.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) program: Program,
    pub(super) given: Given,
    /// Cancelled by the lesson's end, which is a child of the giver's.
    pub(super) stop: CancellationToken,
    pub(super) notes: Arc<Notes>,
    secret: Vec<u8>,
    folder: Option<TempDir>,
}

impl Ground {
    /// Makes the folder and its files, where the program has to do with files, and a secret.
    pub(super) fn lay(program: Program, given: Given) -> Result<Self, LessonError> {
        let folder = match program {
            Program::Download | Program::Upload => Some(furnished(&given.folder)?),
            _ => None,
        };
        let mut secret = vec![0; 16];
        if aws_lc_rs::rand::fill(&mut secret).is_err() {
            return Err(LessonError::Text("this machine has no random bytes".to_owned()));
        }
        let stop = given.stop.child_token();
        let notes = Arc::new(Notes::new(program.row().transport, given.tongue));
        Ok(Self { program, given, stop, notes, secret, folder })
    }

    /// The journal of that side.
    pub(super) fn journal(&self, side: Side) -> &Arc<Journal> {
        match side {
            Side::Server => &self.given.server,
            Side::Client => &self.given.client,
        }
    }

    /// The folder of that side.
    pub(super) fn folder(&self, side: Side) -> PathBuf {
        let name = match side {
            Side::Server => "server",
            Side::Client => "client",
        };
        self.folder.as_ref().map(|folder| folder.path().join(name)).unwrap_or_default()
    }

    /// What both must know; `None` where there is none.
    pub(super) fn secret(&self) -> Option<Secret> {
        Secret::new(self.secret.clone(), Digest::Md5)
    }

    /// What somebody knows who has only guessed.
    pub(super) fn guess() -> Option<Secret> {
        Secret::new(b"guessed".to_vec(), Digest::Md5)
    }

    /// How texts are written.
    pub(super) fn encoding(&self) -> Encoding {
        let gbk = self.program == Program::Thanks;
        gbk.then(|| "gbk".parse().ok()).flatten().unwrap_or(Encoding::Auto)
    }

    /// What the presets want to know.
    pub(super) fn choice(&self) -> Choice {
        let waits = self.program == Program::UdpOnce;
        Choice {
            encoding: self.encoding(),
            settle: SETTLE,
            reply: None,
            greeting: None,
            idle_timeout: waits.then_some(SILENCE),
        }
    }
}

/// The whole environment of what a server of commands runs.
pub(super) fn environment() -> Vec<(OsString, OsString)> {
    [("PATH", PATH), ("LC_ALL", "C")].map(|(name, value)| (name.into(), value.into())).into()
}

fn furnished(within: &Path) -> Result<TempDir, LessonError> {
    let folder = tempfile::Builder::new().prefix("lesson-").tempdir_in(within)?;
    for side in ["server", "client"] {
        std::fs::create_dir(folder.path().join(side))?;
    }
    let poem: Vec<String> = (1..=60)
        .map(|line| format!("{line:02} and miles to go before this file is whole\n"))
        .collect();
    let poem = poem.concat();
    std::fs::write(folder.path().join("server").join("poem.txt"), poem)?;
    std::fs::write(folder.path().join("secret.txt"), "nobody downloads this\n")?;
    let client = folder.path().join("client");
    let [letter, numbers, empty] = UPLOADS;
    std::fs::write(client.join(letter), "Dear server, 你好. Yours, client.\n")?;
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(5000).collect();
    std::fs::write(client.join(numbers), bytes)?;
    std::fs::write(client.join(empty), "")?;
    Ok(folder)
}
