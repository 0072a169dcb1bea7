//! What all parts of the workbench's server share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use tokio_util::sync::CancellationToken;

use crate::workbench::files::Files;
use crate::workbench::keepsakes::Keepsakes;
use crate::workbench::own::Own;
use crate::workbench::pass::Pass;
use crate::workbench::refusal::Refusal;
use crate::workbench::scope::Scope;
use crate::workbench::secret::unique;
use crate::workbench::watch::Board;

/// How the server is set.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What it is called.
    pub own: Own,
    /// The folder that all is kept in; none: nothing is kept.
    pub kept: Option<PathBuf>,
    /// Whether the page may start programs of this machine.
    pub exec: bool,
    /// The password, where there is one.
    pub login: Option<String>,
    /// Where files that the page hands over may lie without a name.
    pub scratch: PathBuf,
    /// What time it is.
    pub now: fn() -> SystemTime,
    /// Cancelled when the run is to end.
    pub stop: CancellationToken,
}

/// The server.
#[derive(Debug)]
pub struct House {
    /// How it is set.
    pub setting: Setting,
    /// What it is called.
    pub own: Arc<Own>,
    /// Who may come in.
    pub pass: Pass,
    /// What the page wants to be kept.
    pub keepsakes: Arc<Keepsakes>,
    /// What the page hands over.
    pub files: Arc<Files>,
    /// The pages that watch.
    pub board: Arc<Board>,
    /// Another one each time that a server is started, in hex.
    pub instance: String,
}

impl House {
    /// A house of that setting. The second is why its folder cannot be used, if it cannot:
    /// then nothing is kept.
    pub fn open(mut setting: Setting) -> Result<(Arc<Self>, Option<std::io::Error>), Refusal> {
        let tokens = setting.kept.as_ref().map(|kept| kept.join("tokens"));
        let (pass, failed) = Pass::new(setting.login.as_deref(), tokens, (setting.now)());
        if failed.is_some() {
            setting.kept = None;
        }
        let own = Arc::new(setting.own.clone());
        let house = Self {
            keepsakes: Arc::new(Keepsakes::open(setting.kept.as_deref())),
            files: Arc::new(Files::new(setting.scratch.clone())),
            board: Arc::default(),
            instance: unique()?,
            setting,
            own,
            pass,
        };
        Ok((Arc::new(house), failed))
    }

    /// What time it is.
    pub fn now(&self) -> SystemTime {
        (self.setting.now)()
    }

    /// A new link that lets in once, for so much.
    pub fn link(&self, scope: Scope) -> Result<String, Refusal> {
        let code = self.pass.code(scope, self.now())?;
        Ok(format!("{}/#{code}", self.own.home()))
    }
}
